"""`dermtriage models verify`: is a model what it says, and does a stored result come out again?"""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import UUID

import click

if TYPE_CHECKING:
    from vlm.provenance_checks import Check


@click.command()
@click.argument("ref")
@click.option("--against", metavar="SHA256", help="The weights hash that it must have.")
@click.option("--case", "case_id", type=click.UUID, help="Assess this case again and compare.")
@click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda[:n].")
def command(ref: str, against: str | None, case_id: UUID | None, device: str) -> None:
    """Check the model REF: files, weights hash, keys, provenance, and reading alone and in a batch.

    Prints one line a check; exits 1 when one fails. `--case` needs database and image store.
    """
    failed = 0
    for check in _checks(ref, against, case_id, device):
        click.echo(f"{'ok  ' if check.passed else 'FAIL'}  {check.name:<14} {check.detail}")
        failed += not check.passed
    if failed:
        raise SystemExit(1)


def _checks(ref: str, against: str | None, case_id: UUID | None, device: str) -> "Iterator[Check]":
    from vlm import ModelError, load
    from vlm.provenance_checks import Check, check_files, check_hash, check_provenance, check_reading

    yield from check_files(ref)
    try:
        model = load(ref, device)
    except ModelError as error:
        yield Check("load", False, str(error))
        return
    yield check_hash(ref, model, against)
    yield check_provenance(model)
    yield check_reading(model)
    if case_id:
        from dermtriage.model_rerun import check_case

        yield check_case(model, case_id)
