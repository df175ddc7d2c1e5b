"""Open questions by a language model: what the caption does not bear is rejected, nothing asked twice."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.training.textbooks.questions.invented import CAPTIONS, book_with, questions_of
from training.textbooks import questions
from training.textbooks.questions.language_model import LanguageModel
from vlm.errors import RemoteUnavailable
from vlm.remote.client import Client
from vlm.remote.retrying import Pace

RIGHT = {"kind": "diagnosis", "question": "What is the diagnosis?", "answer": "Psoriasis."}
ALSO_RIGHT = {"kind": "site", "question": "Where is the plaque?", "answer": "On the left forearm."}
UNSUPPORTED = {"kind": "next_step", "question": "How was it treated?", "answer": "With methotrexate."}
OTHER_DIAGNOSIS = {"kind": "diagnosis", "question": "Which disease is it?", "answer": "Eczema."}


class Scripted(ThreadingHTTPServer):
    """Answers with the replies in turn, the last one again and again; keeps what it was asked."""

    daemon_threads = True

    def __init__(self, replies):
        super().__init__(("127.0.0.1", 0), Handler)
        self.replies, self.asked = list(replies), []

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(body)
        replies = self.server.replies
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        status, text = reply if isinstance(reply, tuple) else (200, reply)
        answer = json.dumps({"choices": [{"message": {"role": "assistant", "content": text}}]}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args):
        pass


@pytest.fixture
def serving():
    started = []

    def start(*replies):
        server = Scripted(replies)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        started.append((server, thread))
        return server

    yield start
    for server, thread in started:
        server.shutdown()
        server.server_close()
        thread.join()


def model_of(server, attempts=3):
    client = Client(server.address, "", 5.0, Pace(attempts=2, first_s=0.01), concurrency=1)
    return LanguageModel(client, "small", attempts)


def written(book):
    return [one for one in questions_of(book) if one.source == "language_model"]


def test_right_answers_are_kept_and_unsupported_ones_rejected(tmp_path, serving):
    server = serving(json.dumps([RIGHT, UNSUPPORTED, OTHER_DIAGNOSIS, ALSO_RIGHT]))
    book = book_with(tmp_path, CAPTIONS[:1])
    questions.run(book, model_of(server))
    assert [one.answer for one in written(book)] == ["Psoriasis.", "On the left forearm."]
    by_template = {one.subset for one in questions_of(book) if one.source == "template" and not one.yes_no}
    assert by_template == {"C", "D"}
    assert "psoriasis" in json.dumps(server.asked[0]["messages"]).lower()


def test_a_fenced_reply_is_read(tmp_path, serving):
    book = book_with(tmp_path, CAPTIONS[:1])
    questions.run(book, model_of(serving(f"Here you are:\n```json\n{json.dumps([RIGHT])}\n```")))
    assert len(written(book)) == 1


def test_a_malformed_reply_is_asked_for_again_with_another_seed(tmp_path, serving):
    server = serving("I cannot do that.", '[{"question": "no answer"}]', json.dumps([RIGHT]))
    book = book_with(tmp_path, CAPTIONS[:1])
    questions.run(book, model_of(server))
    assert len(written(book)) == 1
    assert [body["seed"] for body in server.asked] == [0, 1, 2]


def test_attempts_are_bounded_and_templates_take_over(tmp_path, serving):
    server = serving("never a list")
    book = book_with(tmp_path, CAPTIONS[:1])
    questions.run(book, model_of(server))
    assert len(server.asked) == 3
    assert written(book) == []
    assert "diagnosis" in {one.kind for one in questions_of(book)}


def test_templates_take_over_where_nothing_holds(tmp_path, serving):
    book = book_with(tmp_path, CAPTIONS[:1])
    questions.run(book, model_of(serving(json.dumps([UNSUPPORTED]))))
    assert written(book) == []
    assert "diagnosis" in {one.kind for one in questions_of(book)}


def test_a_second_run_asks_nothing_and_writes_the_same(tmp_path, serving):
    server = serving("no list", json.dumps([RIGHT]))
    book = book_with(tmp_path, CAPTIONS[:4])
    questions.run(book, model_of(server))
    first, asked = book.file("questions.jsonl").read_bytes(), len(server.asked)
    questions.run(book, model_of(server))
    assert len(server.asked) == asked
    assert book.file("questions.jsonl").read_bytes() == first


def test_a_run_that_the_server_ended_goes_on_where_it_was(tmp_path, serving):
    server = serving(json.dumps([RIGHT]), (400, ""))
    book = book_with(tmp_path, CAPTIONS[:2])
    with pytest.raises(RemoteUnavailable):
        questions.run(book, model_of(server))
    assert not book.file("questions.jsonl").exists()

    server.replies = [json.dumps([])]
    server.asked.clear()
    questions.run(book, model_of(server))
    assert len(server.asked) == 3 - 2
    assert len(written(book)) == 1


def test_yes_and_no_of_the_model_are_balanced_too(tmp_path, serving):
    reply = [{"kind": "diagnosis", "question": "Is this psoriasis?", "answer": "Yes."}]
    book = book_with(tmp_path, CAPTIONS[:1] * 8)
    questions.run(book, model_of(serving(json.dumps(reply))))
    answers = [one.answer.strip(".") for one in questions_of(book) if one.yes_no]
    assert abs(answers.count("Yes") - answers.count("No")) <= 1
    assert written(book)
