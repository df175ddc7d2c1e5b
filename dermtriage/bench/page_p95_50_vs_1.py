"""How long clinicians wait for their pages when 50 work at once, over one who works alone.

Each of the 50 does one thing every 5 seconds: open the queue, claim the most urgent case, open it, decide
it. The one does the same at twice a second. `dermtriage api` answers with two gunicorn workers. Afterwards
the database must hold each case in the hands of one person, and each decision that was answered for.
"""

from contextlib import ExitStack
from statistics import quantiles

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from db.models import Review
from db.session import SessionFactory, make_engine, make_sessions
from dermtriage.bench.api import running_api, servers
from dermtriage.bench.cases import add_case, make_platform
from dermtriage.bench.clinicians import Working, add_clinicians, work
from dermtriage.bench.shape import Goal, Measured

GOAL = Goal("at most", 5)

ROUNDS, PEOPLE = 2, 50
MANY_SECONDS, MANY_PAUSE = 30.0, 5.0
ONE_SECONDS, ONE_PAUSE = 12.0, 0.5
CASES = 20_000

FILL = text("""
    INSERT INTO cases (id, platform_id, accepted_at, status, patient_ref, region, clinical, provisional_level,
        provisional_reasons, level, rank, due_at, flags, reasons, assess_state, round, attempts, batch_limit,
        review_from, counted, audit_seq, audit_head, blind, provisional_flags, provisional_due_at, language,
        known, awaits_reading, escalation_stage)
    SELECT gen_random_uuid(), platform_id, accepted_at, 'awaiting_review', patient_ref, region, clinical,
        provisional_level, provisional_reasons, level, rank, due_at + n * interval '1 second', flags, reasons,
        'failed', 0, 0, 0, review_from, counted, 0, '', false, '{}', provisional_due_at, language, false,
        false, 0
    FROM (SELECT * FROM cases LIMIT 1) AS one, generate_series(1, :count) AS n
""")


def measure() -> Measured:
    """The 95th percentile over all actions of each side; both work in turns."""
    with ExitStack() as running:
        folder, postgres, redis = running.enter_context(servers())
        engine = make_engine(postgres.url)
        running.callback(engine.dispose)
        sessions = make_sessions(engine)
        with sessions.begin() as session:
            _fill(session)
            cookies = add_clinicians(session, PEOPLE)
        port = running.enter_context(
            running_api(postgres.url, redis.url, (folder / "images").as_uri(), folder)
        )
        work(port, cookies[:4], seconds=2.0, pause=0.1)
        one, many = Working(), Working()
        for _ in range(ROUNDS):
            one += work(port, cookies[:1], seconds=ONE_SECONDS, pause=ONE_PAUSE)
            many += work(port, cookies, seconds=MANY_SECONDS, pause=MANY_PAUSE)
        check(sessions, [*one.decided, *many.decided])
    few, lots = _p95(one.took), _p95(many.took)
    figures = {"p95_ms_of_50": lots, "p95_ms_of_1": few, "actions_of_50": len(many.took)}
    return Measured(lots / few, figures)


def check(sessions: SessionFactory, answered: list[str]) -> None:
    """Raises RuntimeError when two people had one case, or a decision is lost that was answered for."""
    with sessions() as session:
        twice = session.scalar(
            select(func.count()).select_from(
                select(Review.case_id)
                .where(Review.kind == "first")
                .group_by(Review.case_id)
                .having(func.count() > 1)
                .subquery()
            )
        )
        stored = {
            str(review_id)
            for review_id in session.scalars(select(Review.id).where(Review.decided_at.is_not(None)))
        }
    if twice:
        raise RuntimeError(f"{twice} cases came into two people's hands")
    if lost := set(answered) - stored:
        raise RuntimeError(f"{len(lost)} of {len(answered)} decisions were lost")


def _fill(session: Session) -> None:
    add_case(session, make_platform(session, "bench"), "0" * 64)
    session.flush()
    session.execute(FILL, {"count": CASES})


def _p95(took: list[float]) -> float:
    return quantiles(took, n=100)[94] * 1000
