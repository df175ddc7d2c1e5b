"""The command line. Each command lives in `dermtriage/commands/` and is imported only when it is called.

So `dermtriage --help` answers at once, and torch is imported only where a model runs.
"""

import click

from dermtriage.lazy_group import LazyGroup

COMMANDS = {
    "demo": "Start everything locally, with sample cases, until Ctrl-C.",
    "api": "Run the HTTP server: intake, review, surveillance, webhooks.",
    "worker": "Run a worker: it assesses queued cases and does the background work.",
    "scheduler": "Run the clock that wakes the workers for sweeps and deliveries.",
    "migrate": "Bring the database to the newest schema.",
    "platform": "Create platforms and their API keys.",
    "clinician": "Create and change the people who sign in.",
    "known-case": "Copy decided cases into the queue, to watch how well people read.",
    "submit": "Submit a case, or print an example of its clinical information.",
    "models": "Import, check, activate and compare models; pause and resume assessment.",
    "dataset": "Check manifests, make question-answer pairs, read textbooks.",
    "train": "Train a model, stage by stage; a run that was killed goes on where it was.",
    "evaluate": "Measure what a model is worth, with intervals and reports.",
    "audit": "Verify the audit trail; show or export the trail of one case.",
    "bench": "Measure the figures of docs/PERFORMANCE.md.",
}


@click.group(
    cls=LazyGroup,
    package="dermtriage.commands",
    table=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="dermtriage")
def group() -> None:
    """A triage queue for skin cases in telemedicine. Research demonstration, not for clinical use.

    Settings come from the environment; `docs/OPERATIONS.md` lists them.
    """


def main() -> None:
    """Run the command line; what a person can mend is said without a trace."""
    try:
        group()
    except Exception as error:
        if {kind.__name__ for kind in type(error).__mro__} & {
            "MissingSettings",
            "LocalServiceError",
            "PolicyError",
            "ModelError",
            "TextbookError",
            "EvaluationError",
            "TrainingError",
            "DataError",
            "ManifestError",
        }:
            raise SystemExit(f"dermtriage: {error}") from None
        raise
