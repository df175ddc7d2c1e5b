"""The worker's pipeline against its model in a bare loop. Both decode photographs, one keeps cases."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from time import perf_counter
from uuid import UUID

from db.image_store import ImageStore
from db.migrate import upgrade
from db.session import make_engine, make_sessions
from dermtriage.bench.cases import add_case, draw_photographs, make_platform, store_photographs
from dermtriage.bench.shape import Measured, interleaved, median_ratio
from dermtriage.local.postgres import LocalPostgres
from triage import Clinical, example_clinical, load_policy
from vlm import Model, Presentation
from worker.loading import decode
from worker.making import Surroundings, make_pipeline
from worker.pipeline import Pipeline
from worker.settings import WorkerSettings


def compare(model_ref: str, *, cases: int, batch: int, overlap: str, runs: int = 5) -> Measured:
    """Cases a second through the pipeline to the last commit, over cases a second in the bare loop."""
    files = draw_photographs(20)
    with _pipeline(model_ref, batch, overlap) as (pipeline, store):
        bench = _Bench(pipeline, store, files, cases, batch)
        bench.warm_up()
        through, bare = interleaved(bench.through_pipeline, bench.in_bare_loop, runs)
    return Measured(
        median_ratio(through, bare),
        {
            "cases": cases,
            "batch": batch,
            "pipeline_cases_per_s": sorted(through)[runs // 2],
            "limit_cases_per_s": sorted(bare)[runs // 2],
        },
    )


class _Bench:
    def __init__(
        self, pipeline: Pipeline, store: ImageStore, files: list[bytes], cases: int, batch: int
    ) -> None:
        self.pipeline, self.files, self.cases, self.batch = pipeline, files, cases, batch
        with pipeline.sessions.begin() as session:
            self.platform: UUID = make_platform(session, "bench")
        self.stored = store_photographs(store, self.platform, files)

    def warm_up(self) -> None:
        """Both sides once, unmeasured: first statements are compiled, first pages of the model touched."""
        self._queue(self.batch)
        self.pipeline.run()
        _assess_bare(self.pipeline.model, self.files[: self.batch], self.batch)

    def through_pipeline(self) -> float:
        """Cases a second from the queue to the last commit."""
        self._queue(self.cases)
        started = perf_counter()
        self.pipeline.run()
        return self.cases / (perf_counter() - started)

    def in_bare_loop(self) -> float:
        """Cases a second of the model, the files being in memory."""
        files = [self.files[n % len(self.files)] for n in range(self.cases)]
        started = perf_counter()
        _assess_bare(self.pipeline.model, files, self.batch)
        return self.cases / (perf_counter() - started)

    def _queue(self, count: int) -> None:
        with self.pipeline.sessions.begin() as session:
            for n in range(count):
                add_case(session, self.platform, self.stored[n % len(self.stored)])


def _assess_bare(model: Model, files: list[bytes], batch: int) -> None:
    clinical = Clinical.model_validate(example_clinical())
    for start in range(0, len(files), batch):
        images = [decode(data, 1, longest_side=2048) for data in files[start : start + batch]]
        model.assess([Presentation((image,), clinical) for image in images])


@contextmanager
def _pipeline(model_ref: str, batch: int, overlap: str) -> Iterator[tuple[Pipeline, ImageStore]]:
    """A pipeline on a durable PostgreSQL of its own."""
    settings = WorkerSettings.model_validate(
        {"worker_model_ref": model_ref, "worker_batch_size": batch, "worker_overlap": overlap}
    )
    with TemporaryDirectory(prefix="dermtriage-bench-") as folder:
        postgres = LocalPostgres(Path(folder) / "postgres", durable=True)
        try:
            postgres.start()
            upgrade(postgres.url)
            engine = make_engine(postgres.url)
            store = ImageStore((Path(folder) / "images").as_uri())
            around = Surroundings(make_sessions(engine), store, load_policy(), settings)
            pipeline = make_pipeline(around, Event())
            pipeline.leases.start()
            yield pipeline, store
            pipeline.leases.stop()
            engine.dispose()
        finally:
            postgres.remove()
