"""The same work as intake's without HTTP framework and ORM, in processes of its own.

Multipart parse, JSON, metadata stripped and the picture decoded to prove it whole, file written and synced,
plain INSERTs of the same five rows, one commit a case.
"""

import json
from collections.abc import Sequence
from datetime import timedelta
from io import BytesIO
from multiprocessing import get_context
from multiprocessing.connection import Connection
from time import perf_counter
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb
from werkzeug.formparser import MultiPartParser

from db.ids import new_id, now
from db.image_store import ImageStore
from dermtriage.bench.intake_requests import BOUNDARY, Submission
from intake.photographs import Photograph, read_photograph

PROCESSES = 2
MOST_PIXELS = 50_000_000

CASE = """
    INSERT INTO cases (id, platform_id, accepted_at, status, patient_ref, region, clinical, provisional_level,
        provisional_reasons, level, rank, due_at, flags, reasons, assess_state, round, attempts, batch_limit,
        review_from, counted, audit_seq, audit_head, blind, provisional_flags, provisional_due_at, language,
        known, awaits_reading, escalation_stage)
    VALUES (%s, %s, %s, 'queued', %s, %s, %s, 'routine', %s, 'routine', 3, %s, '{}', %s, 'waiting', 0, 0, 0,
        %s, '[]', 1, %s, false, '{}', now(), 'en', false, false, 0)
"""
IMAGE = """
    INSERT INTO images (id, case_id, platform_id, round, position, sha256, content_type, size, width, height,
        orientation, created_at) VALUES (%s, %s, %s, 0, 0, %s, %s, %s, %s, %s, %s, %s)
"""
AUDIT = """
    INSERT INTO audit_entries (case_id, seq, at, actor, action, old_status, new_status, detail, hash)
    VALUES (%s, 1, %s, 'bench', 'case.accepted', '', 'queued', '', %s)
"""
EVENT = """
    INSERT INTO events (id, platform_id, case_id, type, payload, created_at, available_at)
    VALUES (%s, %s, %s, 'case.accepted', %s, %s, %s)
"""
KEY = """
    INSERT INTO idempotency_keys (platform_id, key, request_sha256, case_id, response, created_at)
    VALUES (%s, %s, %s, %s, %s, %s)
"""
REASONS = [{"rule": "default.routine", "text": "No rule asks for more than a routine review."}]


class BareProcesses:
    """Two processes that wait for work."""

    def __init__(self, database_url: str, store_url: str, platform_id: UUID) -> None:
        # Spawned, not forked: nothing of this process's connections comes along.
        context = get_context("spawn")
        pipes = [context.Pipe() for _ in range(PROCESSES)]
        self._ends = [near for near, _ in pipes]
        self._processes = [
            context.Process(target=_serve, args=(far, database_url, store_url, platform_id), daemon=True)
            for _, far in pipes
        ]
        for process in self._processes:
            process.start()

    def requests_per_s(self, work: Sequence[Submission]) -> float:
        """Both work through their halves at once; what counts is the time until the last has ended."""
        for number, end in enumerate(self._ends):
            end.send(work[number::PROCESSES])
        for end in self._ends:
            end.recv()
        started = perf_counter()
        for end in self._ends:
            end.send("begin")
        for end in self._ends:
            end.recv()
        return len(work) / (perf_counter() - started)

    def close(self) -> None:
        """End both."""
        for end, process in zip(self._ends, self._processes, strict=True):
            end.send(None)
            process.join()


def _serve(end: Connection, database_url: str, store_url: str, platform_id: UUID) -> None:
    store = ImageStore(store_url)
    with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
        while (work := end.recv()) is not None:
            end.send("ready")
            end.recv()
            for submission in work:
                _accept(submission, connection, store, platform_id)
            end.send("done")


def _accept(
    submission: Submission, connection: psycopg.Connection, store: ImageStore, platform_id: UUID
) -> None:
    parser = MultiPartParser(stream_factory=lambda *_, **__: BytesIO())
    form, files = parser.parse(BytesIO(submission.body), BOUNDARY, len(submission.body))
    clinical = json.loads(form["case"])
    photograph = read_photograph(files["images"].stream.read(), MOST_PIXELS)
    store.put(platform_id, photograph.sha256, photograph.data)
    _insert(connection, platform_id, clinical, photograph)
    connection.commit()


def _insert(
    connection: psycopg.Connection, platform_id: UUID, clinical: dict[str, str], photograph: Photograph
) -> None:
    case_id, at, digest = new_id(), now(), b"0" * 32
    reasons = Jsonb(REASONS)
    due, review_from = at + timedelta(days=7), at + timedelta(days=1)
    case = (case_id, platform_id, at, clinical["patient_ref"], clinical["region"], Jsonb(clinical), reasons)
    connection.execute(CASE, (*case, due, reasons, review_from, digest))
    described = (photograph.sha256, photograph.content_type, len(photograph.data))
    size = (photograph.width, photograph.height, photograph.orientation)
    connection.execute(IMAGE, (new_id(), case_id, platform_id, *described, *size, at))
    connection.execute(AUDIT, (case_id, at, digest))
    payload = {"case_id": str(case_id), "level": "routine"}
    connection.execute(EVENT, (new_id(), platform_id, case_id, Jsonb(payload), at, at))
    answer = Jsonb({**payload, "reasons": REASONS})
    connection.execute(KEY, (platform_id, str(new_id()), digest, case_id, answer, at))
