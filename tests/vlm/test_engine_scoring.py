"""Packed answers, repeated caches and one full reading for each answer give the same scores."""

import itertools

import pytest
import torch

import vlm
from tests.vlm.drawn import clinical, photograph
from vlm.engine.assessor import Assessor
from vlm.engine.reading import read
from vlm.mpoxvlm.backend import MpoxVLMBackend


@torch.inference_mode()
@pytest.mark.parametrize("packed", [True, False], ids=["packed", "repeated"])
def test_scoring_behind_the_shared_prefix_equals_reading_each_answer_in_full(packed: bool) -> None:
    loaded = vlm.load(device="cpu")
    assert isinstance(loaded, Assessor)
    assert isinstance(loaded.backend, MpoxVLMBackend)
    backend, network = loaded.backend, loaded.backend.network
    backend.packs_answers = packed
    texts = (" mpox", " mpox or measles", " something else")
    backend.answers = [backend.vocabulary.encode(text) for text in texts]
    rows = [
        backend.rows([photograph(seed)], clinical(sex=sex))[0]
        for seed, sex in ((1, "female"), (2, "unknown"))
    ]
    scores = read(backend, rows).answers
    for number, row in enumerate(rows):
        expected = []
        for answer in backend.answers:
            whole = torch.tensor([row.ids + answer])
            logits = network(input_ids=whole, **row.pictures).logits[0].log_softmax(-1)
            steps = logits[-len(answer) - 1 : -1].gather(-1, torch.tensor(answer)[:, None])
            expected.append(float(steps.mean()))
        full = torch.tensor(expected).log_softmax(-1).tolist()
        assert scores[number].tolist() == pytest.approx(full, abs=1e-4)
    assert any(len(a) != len(b) for a, b in itertools.pairwise(backend.answers))
