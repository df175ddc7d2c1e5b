"""`dermtriage dataset textbooks`."""

import os
from pathlib import Path

import click

from training.textbooks.run.stages import STEPS

KEY = "DERMTRIAGE_LANGUAGE_MODEL_KEY"


@click.command()
@click.argument("src_dir", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="The run's folder."
)
@click.option("--step", type=click.Choice(STEPS), default=None, help="Do this step alone, done or not.")
@click.option(
    "--from", "first", type=click.Choice(STEPS), default=None, help="Do this and all later ones anew."
)
@click.option(
    "--checked",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="A csv that a check sheet saved; may be given several times. It is kept for later runs.",
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    default=os.cpu_count() or 1,
    show_default="one a core",
    help="Processes that read pages and look at pictures.",
)
@click.option("--language-model", metavar="URL", help="OpenAI-compatible server to write open questions.")
@click.option("--model", metavar="NAME", help="The language model's name there.")
@click.option("--without-hugging-face", is_flag=True, help="Leave out the folder for `datasets`.")
def command(
    src_dir: Path,
    out: Path,
    step: str | None,
    first: str | None,
    checked: tuple[Path, ...],
    workers: int,
    language_model: str | None,
    model: str | None,
    without_hugging_face: bool,
) -> None:
    """Turn the PDFs in SRC_DIR into image-text pairs and questions.

    Steps: extract, align, modality, clean, filter, questions, export. What is done is not done again, so a
    run that was stopped goes on where it was. Then open the sheets in OUT/check, and give what they save by
    --checked. Titles and licences: sources.csv (file,title,licence) beside the books. The language model's
    key: DERMTRIAGE_LANGUAGE_MODEL_KEY.
    """
    from training.alone import alone_in
    from training.textbooks.checked import keep_checked
    from training.textbooks.parallel import Workers
    from training.textbooks.questions.language_model import LanguageModel
    from training.textbooks.run.options import Options
    from training.textbooks.run.running import run
    from training.textbooks.sources import books_of, sources_of

    if step and first:
        raise click.UsageError("--step does one step alone, --from one and all after it: give one of them")
    if bool(language_model) != bool(model):
        raise click.UsageError("--language-model and --model go together")
    asked = None
    if language_model and model:
        asked = LanguageModel.at(language_model, model, key=os.environ.get(KEY, ""))
    books, faults, notes = books_of(src_dir, out)
    with alone_in(out), Workers(workers) as working:
        for line in (*faults, *notes):
            click.echo(line)
        options = Options(
            out,
            working,
            keep_checked(out / "checked.csv", checked),
            sources_of(src_dir, books),
            asked,
            not without_hugging_face,
            step or "",
            first or "",
        )
        outcome = run(books, options, click.echo)
    click.echo(f"{outcome.done} of {outcome.books} books done" + _failed(outcome.faults))
    if outcome.faults or faults:
        raise SystemExit(1)


def _failed(faults: dict[str, str]) -> str:
    return "; not: " + ", ".join(sorted(faults)) if faults else ""
