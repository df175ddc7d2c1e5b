"""`dermtriage models activate`."""

import time
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import click

if TYPE_CHECKING:
    from db.models import ModelWorker

LOOK_SECONDS = 0.5


class Sought(NamedTuple):
    """What each worker is to report."""

    revision: str | None
    since: datetime


@click.command()
@click.argument("ref", required=False)
@click.option("--default", is_flag=True, help="Go back to each worker's own WORKER_MODEL_REF.")
@click.option("--skip-check", is_flag=True, help="Do not load it here first, for machines without the GPU.")
@click.option("--no-wait", is_flag=True, help="Do not wait until the workers have it.")
@click.option("--timeout", default=600.0, show_default=True, help="Seconds to wait for the workers.")
def command(ref: str | None, default: bool, skip_check: bool, no_wait: bool, timeout: float) -> None:
    """Let all workers exchange their model for REF, one after the other.

    REF is `bundled`, a folder that every worker can read, or `openai:URL#MODEL`. No case is lost or read
    twice. Exit status 1 when a worker could not load it or was late.
    """
    if (ref is None) != default:
        raise click.UsageError("give either REF or --default")

    from db.model_control import activate
    from db.model_workers import running
    from dermtriage.commands.database import transaction
    from dermtriage.model_choice import checked_revision, for_all_workers
    from dermtriage.observability import configure_logging
    from dermtriage.settings import read
    from worker.broker import WakeUp
    from worker.names import ACTIVATE_TASK
    from worker.self_test import ModelBroken
    from worker.settings import WorkerSettings

    configure_logging()
    settings = read(WorkerSettings)
    chosen = for_all_workers(ref) if ref else None
    try:
        revision = checked_revision(chosen, settings) if chosen and not skip_check else None
    except ModelBroken as error:
        raise click.ClickException(f"{error}; nothing was changed") from None
    with transaction() as session:
        since = activate(session, chosen, revision)
        workers = len(running(session))
    _log(chosen, revision)
    wake = WakeUp(settings.broker_url, ACTIVATE_TASK)
    for _ in range(workers):
        wake()
    if not no_wait:
        _wait(Sought(revision, since), timeout)


def _log(ref: str | None, revision: str | None) -> None:
    import structlog

    name = ref or "each worker's own"
    structlog.get_logger().info("model_activated", model=name, revision=(revision or "")[:12])


def _wait(sought: Sought, timeout: float) -> None:
    """Say of each worker when it has the model. Raises ClickException naming those that have it not."""
    from db.model_workers import running
    from dermtriage.commands.database import transaction

    end, told = time.monotonic() + timeout, set[str]()
    while True:
        with transaction() as session:
            serving = [worker for worker in running(session) if worker.ref]
        for worker in serving:
            if worker.owner not in told and _state(worker, sought) != "late":
                told.add(worker.owner)
                click.echo(f"{worker.owner}: {worker.fault or f'runs {worker.revision[:12]}'}")
        states = {worker.owner: _state(worker, sought) for worker in serving}
        late = [owner for owner, state in states.items() if state == "late"]
        if not late or time.monotonic() > end:
            break
        time.sleep(LOOK_SECONDS)
    if wrong := [f"{owner} ({state})" for owner, state in states.items() if state != "ready"]:
        raise click.ClickException(f"not on the model that is wanted: {', '.join(wrong)}")
    if serving:
        click.echo(f"Workers that run it: {len(serving)}.")
    else:
        click.echo("No worker runs; the next one starts with it.")


def _state(worker: "ModelWorker", sought: Sought) -> str:
    if worker.loaded_at < sought.since:
        return "late"
    if worker.fault and "active model:" in worker.fault:
        return "fault"
    return "ready" if sought.revision in (None, worker.revision) else "late"
