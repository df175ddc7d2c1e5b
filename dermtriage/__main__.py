"""`python -m dermtriage`, the same as the command `dermtriage`."""

from dermtriage.cli import main

main()
