"""What `dermtriage models show` says: of the models that run, and of one model by its reference."""

from dataclasses import asdict
from typing import Any


def facts_of_running() -> dict[str, Any]:
    """What is wanted, what each worker has loaded, and every version seen. Imports no torch."""
    from db.model_control import wanted
    from db.model_usage import versions_seen
    from db.model_workers import running
    from dermtriage.commands.database import transaction

    with transaction() as session:
        choice = wanted(session)
        workers = [
            {
                "worker": worker.owner,
                "reference": worker.ref,
                "revision": worker.revision[:12],
                "device": worker.device,
                "shadow": (worker.shadow_revision or "")[:12] or None,
                "fault": worker.fault,
            }
            for worker in running(session)
        ]
        versions = [
            {
                "reference": seen.ref,
                "revision": seen.revision[:12],
                "first loaded": f"{seen.first_loaded_at:%Y-%m-%d %H:%M}",
                "assessments": seen.assessments,
                "in the shadow": seen.shadow_assessments,
            }
            for seen in versions_seen(session)
        ]
    return {
        "active": choice.active.ref or "each worker's own WORKER_MODEL_REF",
        "active_revision": choice.active.revision,
        "active_since": choice.active.since,
        "shadow": choice.shadow.ref,
        "shadow_revision": choice.shadow.revision,
        "shadow_since": choice.shadow.since,
        "paused": choice.paused,
        "workers": workers,
        "versions": versions,
    }


def facts_of_model(ref: str, device: str) -> dict[str, Any]:
    """Provenance, number of parameters and files of a model that is loaded for it. Raises `ModelError`."""
    from vlm import load
    from vlm.provenance_checks import folder_of
    from vlm.provenance_files import files_of

    model, folder = load(ref, device), folder_of(ref)
    return {
        "reference": ref,
        "revision": model.revision,
        "parameters": _parameters(model),
        **model.provenance,
        "files": [asdict(file) for file in files_of(folder)] if folder else [],
    }


def _parameters(model: Any) -> int | None:
    """Weights of the network; None for a model that has none here."""
    network = getattr(getattr(model, "backend", model), "network", None)
    return None if network is None else sum(part.numel() for part in network.parameters())
