"""`dermtriage models shadow`."""

import click


@click.command()
@click.argument("ref", required=False)
@click.option("--off", is_flag=True, help="End the trial; what was read stays for `models compare`.")
def command(ref: str | None, off: bool) -> None:
    """Let REF read, beside the active model, the cases that are assessed from now on.

    It changes no level and no case. Workers read for it while no case waits;
    `dermtriage worker --queues shadow` does nothing else.
    """
    if (ref is None) != off:
        raise click.UsageError("give either REF or --off")

    from db.model_control import put_on_trial
    from dermtriage.commands.database import transaction
    from dermtriage.model_choice import checked_revision, for_all_workers
    from dermtriage.observability import configure_logging
    from dermtriage.settings import read
    from worker.broker import WakeUp
    from worker.names import TRIAL_TASK
    from worker.self_test import ModelBroken
    from worker.settings import WorkerSettings

    configure_logging()
    settings = read(WorkerSettings)
    chosen = for_all_workers(ref) if ref else None
    try:
        revision = checked_revision(chosen, settings) if chosen else None
    except ModelBroken as error:
        raise click.ClickException(f"{error}; nothing was changed") from None
    with transaction() as session:
        put_on_trial(session, chosen, revision)
    WakeUp(settings.broker_url, TRIAL_TASK)()
    click.echo(f"On trial: {chosen} ({revision[:12]})" if revision else "No model is on trial.")
