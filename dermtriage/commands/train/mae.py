"""`dermtriage train mae`."""

from dermtriage.commands.train.stage import stage_command

command = stage_command("mae")
