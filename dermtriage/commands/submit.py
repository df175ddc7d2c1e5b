"""`dermtriage submit`: one case from the command line, or an example of its clinical information."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from dermtriage.submission import Platform

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("photos", metavar="PHOTO...", nargs=-1, type=FILE)
@click.option("--clinical", type=FILE, help="JSON file with the clinical information; --example prints one.")
@click.option("--wait", is_flag=True, help="Wait until the model is done, and show the result.")
@click.option("--timeout", default=600.0, show_default=True, help="Seconds to wait at most.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print the body of GET /v1/cases/{id}, and nothing else."
)
@click.option("--url", help="Where to; DERMTRIAGE_URL or the demo's when not given.")
@click.option("--api-key", help="DERMTRIAGE_API_KEY or the demo's when not given (others may see options).")
@click.option("--idempotency-key", help="Send again what was sent under this key; a new one when not given.")
@click.option("--example", is_flag=True, help="Print a valid example of clinical information and stop.")
@click.option("--red-flag", help="With --example: the red-flag question to answer yes, such as eye.")
def command(
    photos: tuple[Path, ...],
    clinical: Path | None,
    wait: bool,
    timeout: float,
    as_json: bool,
    url: str | None,
    api_key: str | None,
    idempotency_key: str | None,
    example: bool,
    red_flag: str | None,
) -> None:
    """Submit the photographs PHOTO... with --clinical FILE.json.

    Exit status: 0 accepted (with --wait: a result is there), 1 refused, 2 wrong use, 3 no answer in time.
    """
    if example:
        _print_example(red_flag)
        return
    if not photos or clinical is None or red_flag:
        raise click.UsageError(
            "Give photographs and --clinical FILE.json, or --example [--red-flag NAME] for such a file."
        )
    from dermtriage.submission import Platform, SubmissionError, find_access

    try:
        platform = Platform(*find_access(url, api_key))
        try:
            _submit(platform, photos, clinical, idempotency_key, timeout if wait else None, as_json)
        finally:
            platform.close()
    except SubmissionError as error:
        click.echo(f"dermtriage: {error}", err=True)
        raise SystemExit(error.exit_code) from None


def _print_example(red_flag: str | None) -> None:
    from triage import example_clinical

    try:
        click.echo(json.dumps(example_clinical(red_flag), indent=2))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--red-flag") from None


def _submit(
    platform: "Platform",
    photos: tuple[Path, ...],
    clinical: Path,
    key: str | None,
    seconds: float | None,
    as_json: bool,
) -> None:
    from db.ids import new_id
    from dermtriage.submission_text import accepted_in_words, case_in_words

    answer = platform.submit(clinical.read_bytes(), photos, key or str(new_id()))
    # With --json only JSON may go to the output; the first answer matters to the person all the same.
    click.echo(accepted_in_words(answer), err=as_json)
    if seconds is not None:
        case = platform.wait(answer["id"], seconds, _Progress())
    elif as_json:
        case = platform.case(answer["id"])
    else:
        return
    click.echo(json.dumps(case, indent=2) if as_json else case_in_words(case))


class _Progress:
    """Says each new status once, on the error output."""

    def __init__(self) -> None:
        self.last = ""

    def __call__(self, status: str) -> None:
        if status != self.last:
            click.echo(f"... {status}", err=True)
        self.last = status
