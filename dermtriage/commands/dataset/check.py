"""`dermtriage dataset check`."""

from pathlib import Path

import click


@click.command()
@click.argument("manifest", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--images",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="What the column file is relative to; default: the manifest's folder.",
)
@click.option(
    "--no-near-duplicates", is_flag=True, help="Leave out the search for flipped or cropped copies."
)
def command(manifest: Path, images: Path | None, no_near_duplicates: bool) -> None:
    """Read every photograph of MANIFEST and say what is wrong.

    MANIFEST is a csv, a folder with manifest.csv, or a folder of such folders. Prints the counts of class by
    split. Exits 1 with all problems listed: files missing or broken, unknown classes, a group in two splits,
    and duplicates across splits by bytes or by what they show, also flipped, turned by quarters or cropped to
    at least 80 % of each side.
    """
    from training.manifest.errors import ManifestError
    from training.manifest.reading import examine
    from training.manifest.summary import summary

    found = examine(manifest, images, near_duplicates=not no_near_duplicates, progress=True)
    for line in summary(found.manifest):
        click.echo(line)
    if found.problems:
        raise ManifestError(manifest, found.problems)
    click.echo("no problems" if not no_near_duplicates else "no problems; near-duplicates were not searched")
