"""`dermtriage dataset pairs`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from training.textbooks.questions.language_model import LanguageModel


@click.command()
@click.argument("manifest", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Where files go."
)
@click.option(
    "--images",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="What the column file is relative to; default: the manifest's folder.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Another seed chooses other wordings.")
@click.option(
    "--simulated", is_flag=True, help="Draw clinical information where a row has none, and mark these pairs."
)
@click.option(
    "--rewrite",
    metavar="URL#MODEL",
    help="Let a model of an OpenAI-compatible server reword the answers; its key is VLM_REMOTE_KEY.",
)
@click.option(
    "--no-near-duplicates", is_flag=True, help="Leave out the search for flipped or cropped copies."
)
def command(
    manifest: Path,
    out: Path,
    images: Path | None,
    seed: int,
    simulated: bool,
    rewrite: str | None,
    no_near_duplicates: bool,
) -> None:
    """Make question-answer pairs from the photographs and clinical information of MANIFEST.

    Checks MANIFEST as `dataset check` does, then writes vqa_SPLIT.json (LLaVA's conversations) and
    vqa_SPLIT.csv for each split. States only what a row gives; morphology is a textbook's and called so.
    A run that was stopped while a model rewords goes on without asking again.
    """
    model = _model(rewrite) if rewrite else None

    from training.manifest.reading import read_manifest
    from training.pairs.running import write_pairs

    checked = read_manifest(manifest, images, near_duplicates=not no_near_duplicates, progress=True)
    written = write_pairs(checked, out, seed=seed, simulate=simulated, model=model, progress=True)
    for kind, count in written.kinds.items():
        click.echo(f"{kind:<16}{count:>8}")
    click.echo(f"{'simulated':<16}{written.simulated:>8}")
    click.echo(f"{'rewritten':<16}{written.rewritten:>8}")
    for file in written.files:
        click.echo(str(file))


def _model(reference: str) -> "LanguageModel":
    from training.textbooks.questions.language_model import LanguageModel
    from vlm.settings import VlmSettings

    url, _, name = reference.rpartition("#")
    if not url.startswith(("http://", "https://")) or not name:
        raise click.BadParameter(
            "write URL#MODEL, such as http://localhost:8000/v1#NAME", param_hint="--rewrite"
        )
    settings = VlmSettings()
    return LanguageModel.at(
        url,
        name,
        key=settings.vlm_remote_key.get_secret_value(),
        timeout_s=settings.vlm_remote_timeout_seconds,
    )
