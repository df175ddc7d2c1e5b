"""`python -m dermtriage.bench [NAME ...]`: the same as `dermtriage bench`."""

from dermtriage.bench.command import command

if __name__ == "__main__":
    command()
