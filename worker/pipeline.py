"""The way of a batch through the worker: load, compute, commit, one after the other or overlapped.

Overlapped, the next batch is claimed and decoded while the model runs this one and the last one is
committed. That pays where the model leaves the CPU idle; on a CPU the threads would fight for the cores.
Cases that came back from a lost batch are never overlapped: an attempt counts only for a case that was alone
in the process.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

from db import queue
from db.session import SessionFactory
from vlm import Model, RemoteUnavailable
from worker import compute, metrics, self_test
from worker.batches import Batch, Result
from worker.commit import Committed, Committer
from worker.leases import Leases
from worker.loading import Loader

log = structlog.get_logger()

RETRY_COMMIT_SECONDS = 0.5


@dataclass(frozen=True)
class Pipeline:
    """Everything a worker process needs to assess cases; made once, when the model is loaded."""

    sessions: SessionFactory
    model: Model
    loader: Loader
    committer: Committer
    leases: Leases
    batch_size: int
    overlap: bool
    stopping: threading.Event = field(default_factory=threading.Event)
    # Set while another model is about to take this one's place: no claim, but what is in hand is finished.
    yielding: threading.Event = field(default_factory=threading.Event)
    # Set while the model's server is away: nothing is claimed before it reads a plain picture again.
    away: threading.Event = field(default_factory=threading.Event)

    def run(self) -> int:
        """Assess until no case waits, `stopping` or `yielding` is set; how many batches that were.

        Raises what claims and loads raise when the database or the image store cannot be reached,
        ModelBroken, and RemoteUnavailable. What was in hand then goes back to the queue.
        """
        if self.away.is_set():
            self_test.check(self.model)
            self.away.clear()
        try:
            return self._overlapped() if self.overlap else self._in_turn()
        finally:
            for token in self.leases.held():
                self._give_back(token)

    def _in_turn(self) -> int:
        batches = 0
        while batch := self.load():
            self.commit(self.compute(batch))
            batches += 1
        return batches

    def _overlapped(self) -> int:
        batches = 0
        with ThreadPoolExecutor(1, "load") as loader, ThreadPoolExecutor(1, "commit") as committer:
            while batch := self.load():
                if batch.suspect:
                    self.commit(self.compute(batch))
                    batches += 1
                else:
                    batches += self._stream(batch, loader, committer)
        return batches

    def _stream(self, first: Batch, loader: ThreadPoolExecutor, committer: ThreadPoolExecutor) -> int:
        """Batches free of suspicion, overlapped, until none follows; then nothing is in hand."""
        batches = 0
        batch: Batch | None = first
        committing: Future[None] | None = None
        while batch:
            loading = loader.submit(self.load, suspects=False)
            result = self.compute(batch)
            if committing:
                committing.result()
            committing = committer.submit(self.commit, result)
            batch = loading.result()
            batches += 1
        if committing:
            committing.result()
        return batches

    def load(self, *, suspects: bool = True) -> Batch | None:
        """Claim and load the next batch; None when there is none or the worker is to claim no more.

        Without `suspects` also None when a case comes next that once took its batch with it.
        """
        if self.stopping.is_set() or self.yielding.is_set():
            return None
        with metrics.stage("load"):
            with self.sessions.begin() as session:
                claimed = queue.claim(
                    session,
                    owner=self.committer.owner,
                    size=self.batch_size,
                    lease=self.leases.length,
                    suspects=suspects,
                )
            if claimed is None:
                return None
            self.leases.hold(claimed.token)
            return self.loader.load(claimed)

    def compute(self, batch: Batch) -> Result:
        """Show the batch to the model, unless the worker is stopping: then nothing comes of it."""
        if self.stopping.is_set():
            return Result(batch.token, given_back=True)
        metrics.batch_size.observe(len(batch))
        try:
            with metrics.stage("compute"):
                return compute.assess(self.model, batch)
        except RemoteUnavailable:
            self.away.set()
            # A case may have ended the server: like one that ends its worker it must not come back for ever.
            self._return(batch.token, self.committer.lose)
            raise

    def commit(self, result: Result) -> None:
        """Write the result, trying again while the database is away and the lease may still be ours."""
        if result.given_back:
            self._give_back(result.token)
            return
        try:
            with metrics.stage("commit"):
                committed = self._commit(result)
        finally:
            self.leases.let_go(result.token)
        metrics.count(committed)
        log.info(
            "batch_committed", assessed=committed.assessed, retried=committed.retried, failed=committed.failed
        )

    def _commit(self, result: Result) -> Committed:
        give_up = time.monotonic() + self.leases.length.total_seconds()
        while True:
            try:
                return self.committer.commit(result)
            except (OperationalError, InterfaceError) as error:
                if time.monotonic() > give_up:
                    raise
                log.warning("commit_delayed", error=type(error).__name__)
                time.sleep(RETRY_COMMIT_SECONDS)

    def _give_back(self, token: UUID) -> None:
        self._return(token, self.committer.give_back)

    def _return(self, token: UUID, write: Callable[[UUID], None]) -> None:
        try:
            write(token)
        except (OperationalError, InterfaceError) as error:
            log.warning("lease_left_to_end", error=type(error).__name__)
        finally:
            self.leases.let_go(token)


def overlaps(setting: str, model: Model) -> bool:
    """What `WORKER_OVERLAP` means for this model."""
    return setting == "on" or (setting == "auto" and not model.device.startswith("cpu"))
