"""Submissions a second through `dermtriage api` over those of the same work without HTTP and ORM.

Two gunicorn workers against two processes; a photograph of 150 kB each; PostgreSQL and files synced to disk.
"""

import secrets
from contextlib import ExitStack
from uuid import UUID

from db.session import make_engine, make_sessions
from dermtriage.bench.api import running_api, servers
from dermtriage.bench.cases import make_platform
from dermtriage.bench.intake_bare import BareProcesses
from dermtriage.bench.intake_client import requests_per_s
from dermtriage.bench.intake_requests import submissions
from dermtriage.bench.shape import Goal, Measured, interleaved, median_ratio
from web.credentials import create_api_key, create_clinician

GOAL = Goal("at least", 0.7)

RUNS, REQUESTS, WARM_UP = 5, 200, 40


def measure() -> Measured:
    """The median ratio of interleaved runs."""
    with ExitStack() as running:
        folder, postgres, redis = running.enter_context(servers())
        platform_id, api_key = _platform(postgres.url)
        images = (folder / "images").as_uri()
        port = running.enter_context(running_api(postgres.url, redis.url, images, folder))
        bare = BareProcesses(postgres.url, images, platform_id)
        running.callback(bare.close)
        made = submissions()
        requests_per_s(port, api_key, made.take(WARM_UP))
        bare.requests_per_s(made.take(WARM_UP))
        through, limit = interleaved(
            lambda: requests_per_s(port, api_key, made.take(REQUESTS)),
            lambda: bare.requests_per_s(made.take(REQUESTS)),
            RUNS,
        )
    figures = {"requests_per_s": sorted(through)[RUNS // 2], "limit_requests_per_s": sorted(limit)[RUNS // 2]}
    return Measured(median_ratio(through, limit), figures)


def _platform(database_url: str) -> tuple[UUID, str]:
    engine = make_engine(database_url, pool_size=1)
    with make_sessions(engine).begin() as session:
        platform_id = make_platform(session, "bench")
        api_key = create_api_key(session, platform_id, "bench", ["cases:write"])
        # Somebody may read the cases, as it should be: else each would be told to the administrators.
        create_clinician(session, "reader@bench.example", "Bench", secrets.token_urlsafe(12))
    engine.dispose()
    return platform_id, api_key
