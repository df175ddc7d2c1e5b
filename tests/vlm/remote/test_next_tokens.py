"""Where a server tells only its likeliest next tokens, answers are walked token by token."""

import math
from typing import Any

import pytest

import vlm
from tests.vlm.remote.brain import Brain, brain
from tests.vlm.remote.conftest import Connect
from tests.vlm.remote.server import Server
from tests.vlm.remote.test_remote_findings import _softmax, in_order, prompt_ids, shown
from vlm.prompting import instruction
from vlm.remote import scoring
from vlm.remote.protocol import Unreadable
from vlm.remote.scoring import NextTokenScoring

ONLY_NEXT = frozenset({"logprobs", "continue"})


def walked(mind: Brain, case: vlm.Presentation, likeliest: int) -> list[float]:
    """Probabilities by the network itself: along each answer by the longest piece among the likeliest."""
    scores = []
    for answer in instruction.answers():
        left, counted = answer, []
        while left:
            said = instruction.lead() + answer[: len(answer) - len(left)]
            listed = mind.logprobs(prompt_ids(mind, case, said), case.images[0])[-1].topk(likeliest)
            pieces = {str(mind.tokenizer.decode([id])): n for n, id in enumerate(listed.indices.tolist())}
            longest = max((piece for piece in pieces if left.startswith(piece)), key=len, default="")
            counted.append(float(listed.values[pieces[longest] if longest else -1]))
            left = left[len(longest) :] if longest else ""
        scores.append(sum(counted) / len(counted))
    return _softmax(scores)


@pytest.mark.parametrize("likeliest", [20, 200])
def test_findings_are_those_of_a_walk_along_the_answers_tokens(
    connect: Connect, server: Server, monkeypatch: pytest.MonkeyPatch, likeliest: int
) -> None:
    monkeypatch.setattr(scoring, "ALTERNATIVES", likeliest)
    server.offers = ONLY_NEXT
    case = shown(1)
    model = connect()
    (findings,) = model.assess([case])
    assert isinstance(model.scoring, NextTokenScoring)
    assert in_order(findings) == pytest.approx(walked(brain(), case, likeliest), abs=1e-5)


def test_with_every_token_listed_both_ways_agree(
    connect: Connect, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = shown(2)
    exact = connect().assess([case])[0]
    monkeypatch.setattr(scoring, "ALTERNATIVES", len(brain().tokenizer))
    server.offers = ONLY_NEXT
    assert in_order(connect().assess([case])[0]) == pytest.approx(in_order(exact), abs=1e-5)


def test_provenance_says_which_way_was_taken(connect: Connect, server: Server) -> None:
    exact = connect().provenance["scoring"]
    server.offers = ONLY_NEXT
    assert "top_logprobs" in str(connect().provenance["scoring"])
    assert "prompt_logprobs" in str(exact)


def scores(lists: dict[str, dict[str, float]], *answers: str) -> list[float]:
    """Scores behind the lead `L` of a server that lists these tokens behind these words; asked once each."""
    asked: list[str] = []

    def ask(said: str, tokens: int, **more: Any) -> Any:
        assert said not in asked, "the same words were asked twice"
        asked.append(said)
        listed = [{"token": token, "logprob": value} for token, value in lists[said].items()]
        return {"choices": [{"message": {}, "logprobs": {"content": [{"top_logprobs": listed}]}}]}

    (task,) = NextTokenScoring("L", answers).tasks()
    return task(ask)


def test_shared_beginnings_are_asked_once_and_each_answer_is_a_mean() -> None:
    lists = {"L": {" a": -1.0, " b": -2.0}, "L a": {"x": -3.0, "y": -5.0}}
    assert scores(lists, " ax", " ay", " b") == [-2, -3, -2]


def test_an_answer_that_leaves_the_list_counts_with_its_least() -> None:
    lists = {"L": {" a": -1.0, " c": -4.0}, "L a": {"q": -2.0, "r": -6.0}}
    assert scores(lists, " ax", " b") == [-3.5, -4]


def test_the_longest_piece_is_taken_though_a_shorter_one_is_likelier() -> None:
    assert scores({"L": {" m": -0.1, " mpox": -3.0, "": -0.05}}, " mpox") == [-3]


def test_where_no_space_is_listed_a_piece_begins_a_word_without_one() -> None:
    assert scores({"L": {"mpox": -1.0, "mel": -0.5}}, " mpox") == [-1]
    assert scores({"L": {"x": -9.0, "": -1.0}}, " mpox") == [-9]


def test_where_spaces_are_listed_a_piece_without_one_begins_no_word() -> None:
    lists = {"L": {"mpox": -1.0, " mp": -2.0}, "L mp": {"ox": -4.0}}
    assert scores(lists, " mpox") == [-3]


@pytest.mark.parametrize("value", [math.inf, math.nan, 0.5])
def test_what_is_no_log_probability_is_no_score(value: float) -> None:
    with pytest.raises(Unreadable, match="not of the protocol"):
        scores({"L": {" a": value}}, " a")
