"""All figures of a window, by group: a reader's kind of readings, a model version, a subgroup or week."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.orm import Session

from db.models import Clinician, ModelVersion
from review.figures.figure import Figure, rate, spread
from review.figures.finals import final_decisions, performance
from review.figures.kappa import Pairs, agreed, kappa
from review.figures.readings import KINDS, readings
from review.figures.sums import Key, counts_of, pairs_of
from review.figures.window import Window

Scope = tuple[ColumnElement[bool], ...]


class Group(NamedTuple):
    """The figures of one group. `section`: `reader`, `model`, or the name of a subgroup or `week`."""

    section: str
    id: str
    label: str
    kind: str
    decided: int
    figures: Mapping[str, Figure]


def reading_groups(session: Session, window: Window, scope: Scope = ()) -> list[Group]:
    """The readers' figures by kind of reading, then the model versions'."""
    read = readings(window, scope)
    counts, pairs = counts_of(session, read), pairs_of(session, read)
    labels = {"reader": _names(session, counts), "model": model_names(session)}
    groups = [
        Group(key.by, key.id, labels[key.by].get(key.id, key.id), key.kind, row.decided, figures)
        for key, row in counts.items()
        for figures in [dict(_figures(row, pairs.get(key, {})))]
    ]
    return sorted(groups, key=lambda it: (it.section != "reader", it.label, it.id, KINDS.index(it.kind)))


def performance_groups(session: Session, window: Window, at: datetime, scope: Scope = ()) -> list[Group]:
    """The AI result against final decisions: overall, by week and model, by subgroup."""
    models = model_names(session)
    return [
        Group(
            row.dimension,
            row.value,
            models.get(row.value, row.value) if row.dimension == "model" else row.value,
            "final",
            row.n,
            {
                "level_agreement": rate(row.same_level, row.n),
                "less_urgent": rate(row.less_urgent, row.n),
                "more_urgent": rate(row.more_urgent, row.n),
                "diagnosis_agreement": rate(row.same_diagnosis, row.diagnosed),
            },
        )
        for row in performance(session, final_decisions(window, scope, at))
    ]


def model_names(session: Session) -> dict[str, str]:
    """Each model version's reference with the start of its weights hash, by its id."""
    versions = session.execute(select(ModelVersion.id, ModelVersion.ref, ModelVersion.revision))
    return {str(row.id): f"{row.ref} {row.revision[:12]}" for row in versions}


def _names(session: Session, keys: Iterable[Key]) -> dict[str, str]:
    ids = {UUID(key.id) for key in keys if key.by == "reader"}
    people = session.execute(select(Clinician.id, Clinician.name).where(Clinician.id.in_(ids)))
    return {str(row.id): row.name for row in people}


def _figures(row: Row[Any], pairs: Mapping[str, Pairs]) -> Iterator[tuple[str, Figure]]:
    for aspect in ("level", "diagnosis", "blind_level", "blind_diagnosis"):
        found = pairs.get(aspect, {})
        yield f"{aspect}_agreement", _agreement(found)
        yield f"{aspect}_kappa", kappa(found)
    yield "override_rate", rate(row.overridden, row.compared)
    yield "overturned_correct", rate(row.overturned, row.ai_right)
    yield "followed_wrong", rate(row.followed, row.ai_wrong)
    yield "corrected_wrong", rate(row.corrected, row.ai_wrong)
    yield "known_level", _agreement(pairs.get("known_level", {}))
    yield "known_diagnosis", _agreement(pairs.get("known_diagnosis", {}))
    yield "time_on_case_seconds", spread(row.seconds, row.decided)
    yield "late", rate(row.late, row.timed)
    yield "delay_seconds", spread(row.late_by, row.late)


def _agreement(pairs: Pairs) -> Figure:
    return rate(agreed(pairs), sum(pairs.values()))
