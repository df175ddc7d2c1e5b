"""`dermtriage train clip`."""

from dermtriage.commands.train.stage import stage_command

command = stage_command("clip")
