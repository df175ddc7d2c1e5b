"""`dermtriage train classifier`."""

from dermtriage.commands.train.stage import stage_command

command = stage_command("classifier")
