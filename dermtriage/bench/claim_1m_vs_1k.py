"""How long a claim takes with 1,000,000 queued cases, over with 1,000."""

from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from sqlalchemy import Engine, text

from db.migrate import upgrade
from db.queue import claim
from db.session import make_engine, make_sessions
from dermtriage.bench.cases import add_case, make_platform
from dermtriage.bench.shape import Goal, Measured, interleaved
from dermtriage.local.postgres import LocalPostgres

GOAL = Goal("at most", 1.5)

CLAIMS, SIZE, RUNS = 40, 16, 5

# Copies of one case with other ids, ranks and due times; the first of a range are the most urgent ones.
FILL = text("""
    INSERT INTO cases (id, platform_id, accepted_at, status, patient_ref, region, clinical, provisional_level,
        provisional_reasons, level, rank, due_at, flags, reasons, assess_state, round, attempts, batch_limit,
        review_from, counted, audit_seq, audit_head, blind, provisional_flags, provisional_due_at, language,
        known, awaits_reading, escalation_stage)
    SELECT gen_random_uuid(), platform_id, accepted_at, 'queued', patient_ref, region, clinical,
        provisional_level, provisional_reasons, level, n % 5, due_at + (n % 100000) * interval '1 second',
        flags, reasons, 'waiting', 0, 0, 0, review_from, counted, 0, '', false, '{}', provisional_due_at,
        language, false, false, 0
    FROM (SELECT * FROM cases LIMIT 1) AS one, generate_series(1, :count) AS n
""")


def measure() -> Measured:
    """The median time of claims that are committed; both queues are filled up again between runs."""
    with TemporaryDirectory(prefix="dermtriage-bench-") as folder:
        postgres = LocalPostgres(Path(folder) / "postgres", durable=True)
        try:
            postgres.start()
            small = _queue(postgres, "small", 1_000)
            large = _queue(postgres, "large", 1_000_000)
            _claims(small), _claims(large)
            few, many = interleaved(lambda: _claims(small), lambda: _claims(large), RUNS)
            small.dispose()
            large.dispose()
        finally:
            postgres.remove()
    return Measured(
        median(many) / median(few), {"ms_at_1m": median(many) * 1000, "ms_at_1k": median(few) * 1000}
    )


def _queue(postgres: LocalPostgres, name: str, depth: int) -> Engine:
    with postgres.connect() as connection:
        connection.execute(f"CREATE DATABASE {name}")
    upgrade(postgres.url_of(name))
    engine = make_engine(postgres.url_of(name))
    with make_sessions(engine).begin() as session:
        add_case(session, make_platform(session, "bench"), "0" * 64)
    _fill(engine, depth)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE cases"))
    return engine


def _fill(engine: Engine, count: int) -> None:
    with engine.begin() as connection:
        connection.execute(FILL, {"count": count})


def _claims(engine: Engine) -> float:
    """Seconds of the median claim; what was claimed is put back in number."""
    sessions = make_sessions(engine)
    took = []
    for _ in range(CLAIMS):
        started = perf_counter()
        with sessions.begin() as session:
            claimed = claim(session, owner="bench", size=SIZE, lease=timedelta(hours=1))
        took.append(perf_counter() - started)
        if claimed is None or len(claimed.cases) != SIZE:
            raise RuntimeError("the queue ran dry: the bench measured nothing")
    _fill(engine, CLAIMS * SIZE)
    return median(took)
