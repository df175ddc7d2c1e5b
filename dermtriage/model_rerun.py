"""Assesses a stored case again and compares: on the same hardware the same result must come out."""

from uuid import UUID

from db.image_store import ImageStore
from db.model_usage import Stored, stored_assessment
from db.queue import Claim
from db.settings import DatabaseSettings
from dermtriage.commands.database import transaction
from dermtriage.settings import load_settings
from triage import Finding, Findings, decide, load_policy
from vlm import Model
from vlm.provenance_checks import TOLERANCE, Check, furthest
from worker.batches import Shown
from worker.loading import Loader

NAME = "stored case"


def check_case(model: Model, case_id: UUID) -> Check:
    """Level and text equal, probabilities within 1e-4; other weights or another policy are named first."""
    settings = load_settings()
    with transaction() as session:
        stored = stored_assessment(session, case_id)
        if stored is None:
            return Check(NAME, False, f"{case_id} has no assessment")
        session.expunge_all()
    if stored.version.revision != model.revision:
        return Check(NAME, False, f"read by {stored.version.revision[:12]}, this is {model.revision[:12]}")
    policy = load_policy(settings.front_door.policy_file)
    if stored.assessment.provenance.get("policy_version") != policy.label:
        return Check(
            NAME, False, f"decided by another policy than {policy.label}: set POLICY_FILE to that one"
        )
    shown = _shown(stored, settings.database, settings.worker.worker_longest_side)
    if shown is None:
        return Check(NAME, False, "a photograph or the clinical information can no longer be read")
    found = model.assess([shown.presentation])[0]
    level = decide(found, shown.presentation.clinical, policy).level
    return _compared(stored, found, level)


def _shown(stored: Stored, settings: DatabaseSettings, longest_side: int) -> Shown | None:
    loader = Loader(ImageStore(settings.image_store_url), longest_side)
    shown = loader.load(Claim(token=stored.assessment.id, cases=(stored.shown,), suspect=False)).shown
    return shown[0] if shown else None


def _compared(stored: Stored, found: Findings, level: str) -> Check:
    before = stored.assessment
    apart = furthest(found, Findings(findings=tuple(Finding(**finding) for finding in before.findings)))
    text = found.explanation == before.explanation
    passed = level == before.level and text and apart <= TOLERANCE
    said = f"level {before.level} then, {level} now; {'same' if text else 'another'} text; "
    return Check(NAME, passed, said + f"probabilities within {apart:.1e}")
