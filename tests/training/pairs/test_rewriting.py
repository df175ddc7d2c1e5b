"""A language model's words are kept only where they state what the template stated, no more and no less."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.training.manifest.pictures import drawn_set, write_manifest
from training.manifest.reading import read_manifest
from training.pairs.building import Pair, Source
from training.pairs.rewriting import faults, rewritten
from training.pairs.running import write_pairs
from training.textbooks.questions.language_model import LanguageModel
from vlm.errors import RemoteUnavailable
from vlm.remote.client import Client
from vlm.remote.retrying import Pace

Serving = Callable[[Callable[[str], str | None]], "Server"]


class Server(ThreadingHTTPServer):
    """Answers with what `saying` makes of the last message; None is a refusal."""

    daemon_threads = True

    def __init__(self, saying: Callable[[str], str | None]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.saying, self.asked = saying, 0

    def model(self) -> LanguageModel:
        url = f"http://127.0.0.1:{self.server_address[1]}/v1"
        return LanguageModel(Client(url, "", 5.0, Pace(attempts=1, first_s=0.01), concurrency=1), "small")


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked += 1
        said = self.server.saying(body["messages"][-1]["content"])
        answer = json.dumps({"choices": [{"message": {"role": "assistant", "content": said}}]}).encode()
        self.send_response(400 if said is None else 200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def serving() -> Iterator[Serving]:
    started = []

    def start(saying: Callable[[str], str | None]) -> Server:
        server = Server(saying)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        started.append((server, thread))
        return server

    yield start
    for server, thread in started:
        server.shutdown()
        server.server_close()
        thread.join()


def _pair(question: str, answer: str) -> Pair:
    source = Source(manifest="m.csv", file="a.jpg", line=2, sha256="0" * 64, template="t")
    return Pair(
        id="a.jpg#diagnosis", image="a.jpg", split="train", kind="diagnosis", question=question,
        answer=answer, simulated=False, textbook=False, source=source,
    )  # fmt: skip


GIVEN = "History: 58 years old; female; on the face; the lesion did not grow. What is suspected?"
SUSPECTED = _pair(GIVEN, "Suspected: basal cell carcinoma.")
STEP = _pair(
    "What should happen next?",
    "Urgent review by a clinician, within 4 hours. Reason: Mpox is suspected. A photograph supports "
    "suspected mpox at most: only a laboratory test, such as PCR, confirms it.",
)


@pytest.mark.parametrize(
    ("pair", "answer"),
    [
        (SUSPECTED, "Basal cell carcinoma is suspected."),
        (SUSPECTED, "The suspicion is basal cell carcinoma on the face."),
        (
            STEP,
            "A clinician should review it within 4 hours, as urgent: mpox is suspected. The photograph "
            "supports suspected mpox at most; only a laboratory test such as PCR confirms it.",
        ),
    ],
)
def test_the_same_in_other_words_holds(pair: Pair, answer: str) -> None:
    assert faults(answer, pair) == []


@pytest.mark.parametrize(
    ("pair", "answer"),
    [
        (SUSPECTED, "Basal cell carcinoma."),
        (SUSPECTED, "Suspected: melanoma."),
        (SUSPECTED, "Suspected: basal cell carcinoma with ulceration."),
        (SUSPECTED, "Suspected: basal cell carcinoma in a 70-year-old patient."),
        (SUSPECTED, "Suspected: basal cell carcinoma; the lesion bled."),
        (SUSPECTED, "Suspected: basal cell carcinoma of the back."),
        (SUSPECTED, ""),
        (STEP, "Mpox is confirmed; urgent review within 4 hours."),
        (STEP, STEP.answer.replace("4 hours", "24 hours")),
        (STEP, STEP.answer.replace("Urgent", "Routine")),
        (STEP, STEP.answer + " Give tecovirimat."),
    ],
)
def test_more_than_was_stated_or_less_is_rejected(pair: Pair, answer: str) -> None:
    assert faults(answer, pair)


def test_an_answer_that_holds_is_kept_with_its_model_and_another_is_not(
    serving: Serving, tmp_path: Path
) -> None:
    good = serving(lambda _: "Basal cell carcinoma is suspected.").model()
    kept = rewritten(SUSPECTED, good, tmp_path, 0)
    assert (kept.answer, kept.source.rewritten_by) == ("Basal cell carcinoma is suspected.", "small")

    bad = serving(lambda _: "It is melanoma.").model()
    assert rewritten(SUSPECTED, bad, tmp_path, 0) == SUSPECTED


def test_a_run_that_was_stopped_goes_on_and_writes_what_one_run_writes(
    serving: Serving, tmp_path: Path
) -> None:
    manifest = read_manifest(write_manifest(tmp_path, drawn_set(tmp_path, 3)), near_duplicates=False)

    def reworded(asked: str) -> str | None:
        answer = asked.partition("Answer: ")[2]
        return answer.replace("Suspected: ", "To be suspected: ").replace("It suggests", "This suggests")

    patience = [6]

    def failing(asked: str) -> str | None:
        patience[0] -= 1
        return reworded(asked) if patience[0] >= 0 else None

    whole = serving(reworded)
    write_pairs(manifest, tmp_path / "whole", model=whole.model())

    halting = serving(failing)
    with pytest.raises(RemoteUnavailable):
        write_pairs(manifest, tmp_path / "halting", model=halting.model())
    assert [file.name for file in (tmp_path / "halting").iterdir()] == ["language_model"]
    patience[0] = 1000
    asked_before = halting.asked
    write_pairs(manifest, tmp_path / "halting", model=halting.model())

    assert halting.asked - asked_before == whole.asked - 6
    for name in ("vqa_train.json", "vqa_val.json", "vqa_train.csv", "vqa_val.csv"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "halting" / name).read_bytes()
