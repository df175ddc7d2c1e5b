"""`dermtriage train projector`."""

from dermtriage.commands.train.stage import stage_command

command = stage_command("projector")
