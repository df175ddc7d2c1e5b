"""The SQL of the queues' figures: cheap with a million cases queued.

Every count reads a partial index and stops at `MOST_COUNTED` rows; every age reads one row.
"""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

MOST_COUNTED = 10_000

WAITS_FOR_CLINICIAN = "status IN ('awaiting_review', 'failed', 'needs_retake')"
WITHOUT_MODEL = "status IN ('queued', 'assessing')"


def _count(condition: str) -> str:
    return f"(SELECT count(*) FROM (SELECT 1 FROM cases WHERE {condition} LIMIT {MOST_COUNTED}) AS counted)"  # noqa: S608


def _age(condition: str) -> str:
    # In the order of the index: the case that is due first, which is the oldest of its level.
    return (
        "coalesce(extract(epoch FROM now() - (SELECT accepted_at FROM cases "  # noqa: S608
        f"WHERE {condition} ORDER BY rank, due_at, id LIMIT 1)), 0)"
    )


def _at_rank(condition: str) -> str:
    return f"{condition} AND rank = ranks.rank"


BY_RANK = text(f"""
    SELECT ranks.rank,
        {_count(_at_rank("assess_state = 'waiting'"))} AS waiting,
        {_age(_at_rank("assess_state = 'waiting'"))} AS waiting_age,
        {_count(_at_rank(WAITS_FOR_CLINICIAN))} AS review,
        {_age(_at_rank(WAITS_FOR_CLINICIAN))} AS review_age,
        {_count(_at_rank(WAITS_FOR_CLINICIAN) + " AND due_at < now()")}
        + {_count(_at_rank(WITHOUT_MODEL) + " AND due_at < now()")}
        + {_count(_at_rank("status = 'in_review'") + " AND due_at < now()")} AS overdue
    FROM generate_series(0, 4) AS ranks (rank)
""")  # noqa: S608 - made of constants

SINGLE = text(f"""
    SELECT {_count("assess_state = 'leased'")} AS assessing,
        {_count("status = 'in_review'")} AS in_review,
        coalesce((SELECT paused::int FROM model_control), 0) AS paused,
        (SELECT count(*) FROM
            (SELECT 1 FROM dispatches WHERE state = 'pending' LIMIT {MOST_COUNTED}) AS counted
        ) AS pending_deliveries
""")  # noqa: S608 - made of constants


@dataclass(frozen=True)
class QueueFigures:
    """Figures by rank (0 is the most urgent) and single ones. Ages in seconds, 0 where nothing waits."""

    by_rank: dict[int, dict[str, float]]
    single: dict[str, float]


def read_queue_figures(session: Session) -> QueueFigures:
    """All figures, in two statements that give up after two seconds rather than burden the database."""
    session.execute(text("SET LOCAL statement_timeout = '2s'"))
    # Before a table is analysed the planner would read it whole rather than stop in the middle of an index.
    session.execute(text("SET LOCAL enable_seqscan = off"))
    session.execute(text("SET LOCAL enable_bitmapscan = off"))
    by_rank = {row["rank"]: _as_floats(row) for row in session.execute(BY_RANK).mappings()}
    return QueueFigures(by_rank, _as_floats(session.execute(SINGLE).mappings().one()))


def _as_floats(row: object) -> dict[str, float]:
    return {key: float(value) for key, value in dict(row).items()}  # type: ignore[call-overload]
