"""`dermtriage train instruct`."""

from dermtriage.commands.train.stage import stage_command

command = stage_command("instruct")
