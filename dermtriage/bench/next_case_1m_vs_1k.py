"""How long "next case" takes a clinician with 1,000,000 cases and 200,000 waiting, over 1,000 and 200.

The claim is the product's own, committed, with its sweep of expired leases: every tenth lease ends at once,
so that the sweep has work. Claims of both databases take turns.
"""

from datetime import timedelta
from itertools import count
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from uuid import UUID

from sqlalchemy import text

from db.migrate import upgrade
from db.models import Clinician
from db.session import make_engine, make_sessions
from dermtriage.bench.cases import add_case, make_platform
from dermtriage.bench.shape import Goal, Measured
from dermtriage.local.postgres import LocalPostgres
from review.claims import claim_most_urgent

GOAL = Goal("at most", 1.5)

RUNS, CLAIMS, WARM_UP = 5, 100, 20
LEASE, ENDED = timedelta(minutes=15), timedelta(0)
READERS = 10

# Copies of one case: of five one waits, of those every tenth is read blind and every thousandth not claimable
# yet; levels and due times of all kinds, some of them past.
FILL = text("""
    INSERT INTO cases (id, platform_id, accepted_at, status, patient_ref, region, clinical, provisional_level,
        provisional_reasons, level, rank, due_at, flags, reasons, assess_state, round, attempts, batch_limit,
        review_from, counted, audit_seq, audit_head, blind, provisional_flags, provisional_due_at, language,
        known, awaits_reading, escalation_stage)
    SELECT gen_random_uuid(), platform_id, accepted_at,
        CASE WHEN n % 5 <> 0 THEN 'completed' WHEN n % 1000 = 0 THEN 'queued' ELSE 'awaiting_review' END,
        patient_ref, region, clinical, provisional_level, provisional_reasons, level, (n / 5) % 5,
        due_at + (n % 100000 - 100) * interval '1 minute', flags, reasons, 'done', 0, 0, 0,
        review_from + interval '1 day', counted, 0, '', n % 50 = 0, '{}', provisional_due_at, language, false,
        false, 0
    FROM (SELECT * FROM cases LIMIT 1) AS one, generate_series(1, :count) AS n
""")
# What the bench claimed waits again.
UNDO = text("""
    UPDATE cases SET status = 'awaiting_review', reviewer_id = NULL, review_token = NULL, review_until = NULL
    WHERE status = 'in_review'
""")


def measure() -> Measured:
    """The 95th percentile of the claims of all runs, on both sides."""
    with TemporaryDirectory(prefix="dermtriage-bench-") as folder:
        postgres = LocalPostgres(Path(folder) / "postgres", durable=True)
        try:
            postgres.start()
            small, large = Queue(postgres, "small", 1_000), Queue(postgres, "large", 1_000_000)
            for _ in range(RUNS):
                for number in range(WARM_UP + CLAIMS):
                    small.claim(counted=number >= WARM_UP)
                    large.claim(counted=number >= WARM_UP)
                small.fill_up()
                large.fill_up()
            small.close()
            large.close()
        finally:
            postgres.remove()
    (few_p50, few), (many_p50, many) = small.percentiles(), large.percentiles()
    figures = {"p95_ms_at_1m": many, "p95_ms_at_1k": few, "p50_ms_at_1m": many_p50, "p50_ms_at_1k": few_p50}
    return Measured(many / few, figures)


class Queue:
    """A database with its cases and readers, who claim in turn."""

    def __init__(self, postgres: LocalPostgres, name: str, cases: int) -> None:
        with postgres.connect() as connection:
            connection.execute(f"CREATE DATABASE {name}")
        upgrade(postgres.url_of(name))
        self._engine = make_engine(postgres.url_of(name))
        self._sessions = make_sessions(self._engine)
        self._readers = self._add_people(cases)
        self._numbers = count(1)
        self._took: list[float] = []
        self.fill_up()

    def claim(self, *, counted: bool) -> None:
        """The next case for the next reader. Raises RuntimeError when nothing waits."""
        number = next(self._numbers)
        started = perf_counter()
        review_id = claim_most_urgent(
            self._sessions, self._readers[number % READERS], ENDED if number % 10 == 0 else LEASE
        )
        took = perf_counter() - started
        if review_id is None:
            raise RuntimeError("the queue ran dry: the bench measured nothing")
        if counted:
            self._took.append(took)

    def fill_up(self) -> None:
        """Give all back, and let PostgreSQL tidy up: both sides start each run alike."""
        with self._engine.begin() as connection:
            connection.execute(UNDO)
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))

    def percentiles(self) -> tuple[float, float]:
        """The 50th and the 95th, in milliseconds."""
        of_hundred = quantiles(self._took, n=100)
        return of_hundred[49] * 1000, of_hundred[94] * 1000

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def _add_people(self, cases: int) -> list[UUID]:
        with self._sessions.begin() as session:
            add_case(session, make_platform(session, "bench"), "0" * 64)
            session.flush()
            session.execute(FILL, {"count": cases})
            people = [
                Clinician(email=f"{n}@bench", name="Reader", password_hash="", all_platforms=True)
                for n in range(READERS)
            ]
            session.add_all(people)
            session.flush()
            return [person.id for person in people]
