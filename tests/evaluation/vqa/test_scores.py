"""Scores against the libraries' own results for whole corpora, and against examples worked out by hand."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers as hf
from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu
from sacrebleu.metrics.bleu import BLEU

from evaluation.errors import EvaluationError
from evaluation.vqa.bert_score import BertScore
from evaluation.vqa.scoring import COUNTS, CorpusBleu, Meteor, Pair, Plain, Rouge, bleu_of
from evaluation.vqa.seed_scoring import SeedScoring
from tests.evaluation.vqa.drawn import wordnet

PAIRS = [
    Pair("What is it?", "The image shows a pink plaque on the skin.", "the image shows a red plaque on skin"),
    Pair("What is it?", "A digital mucous cyst.", "a digital mucous cyst"),
    Pair("Is it raised?", "No, the lesion is flat.", "Normal skin, yes."),
    Pair("Is it raised?", "Yes, it is.", "Yes, clearly."),
    Pair("Why?", "Because of the sun.", ""),
]


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_bleu_of_summed_counts_is_sacrebleu_s_of_the_corpus(order: int) -> None:
    sums = np.sum([scores[COUNTS] for scores in CorpusBleu()(PAIRS)], axis=0).tolist()
    reference = BLEU(lowercase=True, max_ngram_order=order)
    whole = reference.corpus_score([p.answer for p in PAIRS], [[p.reference for p in PAIRS]])
    assert bleu_of(sums, order) == pytest.approx(whole.score / 100, abs=1e-12)
    assert 0 < bleu_of(sums, order) < 1


def test_bleu_by_hand() -> None:
    # The second "the" is once too many: 2 of 3 words, 1 of 2 pairs; as long as the reference.
    [scores] = CorpusBleu()([Pair("?", "the cat sat", "the the cat")])
    assert bleu_of(scores[COUNTS], 1) == pytest.approx(2 / 3)
    assert bleu_of(scores[COUNTS], 2) == pytest.approx(math.sqrt(2 / 3 * 1 / 2))
    # Two words against four: brevity costs exp(1 - 4 / 2).
    [short] = CorpusBleu()([Pair("?", "a pink flat plaque", "a pink")])
    assert bleu_of(short[COUNTS], 1) == pytest.approx(math.exp(-1))


def test_rouge_by_hand() -> None:
    [scores] = Rouge()([Pair("?", "the pink plaque is flat", "the plaque is pink")])
    # 4 shared words of 5 and 4; pairs: "plaque is" alone of 4 and 3; longest in order: the plaque is.
    assert scores["rouge_1"] == pytest.approx(2 * (4 / 4) * (4 / 5) / (4 / 4 + 4 / 5))
    assert scores["rouge_2"] == pytest.approx(2 * (1 / 3) * (1 / 4) / (1 / 3 + 1 / 4))
    assert scores["rouge_l"] == pytest.approx(2 * (3 / 4) * (3 / 5) / (3 / 4 + 3 / 5))


def test_meteor_by_hand(tmp_path: Path) -> None:
    meteor = Meteor(wordnet(tmp_path / "dict"))
    same, synonym, stem, other = meteor(
        [
            Pair("?", "a small cyst", "a small cyst"),
            Pair("?", "a small cyst", "a small bleb"),
            Pair("?", "two cysts", "two cyst"),
            Pair("?", "a small cyst", "a small plaque"),
        ]
    )
    # All words in one run: the penalty is 0.5 * (1 / matches) ** 3.
    assert same["meteor"] == pytest.approx(1 - 0.5 / 27)
    assert synonym["meteor"] == pytest.approx(1 - 0.5 / 27)
    assert stem["meteor"] == pytest.approx(1 - 0.5 / 8)
    assert other["meteor"] == pytest.approx(2 / 3 * (1 - 0.5 / 8))


def test_a_folder_that_is_no_wordnet_is_named(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match=r"has no lexnames.*--wordnet"):
        Meteor(tmp_path)
    (wordnet(tmp_path) / "index.verb").unlink()
    with pytest.raises(EvaluationError, match=r"has no index\.verb"):
        Meteor(tmp_path)


def test_open_and_closed_questions_have_scores_of_their_own() -> None:
    scores = Plain()(PAIRS)
    assert [s["yes_no"] for s in scores] == [None, None, 0.0, 1.0, None]
    assert [s["token_recall"] for s in scores] == [7 / 9, 1.0, None, None, 0.0]
    assert [s["exact_match"] for s in scores] == [0.0, 1.0, 0.0, 0.0, 0.0]


def test_the_seed_s_variant_is_nltk_s_sentence_bleu() -> None:
    scores = SeedScoring()(PAIRS)
    reference = ["the", "image", "shows", "a", "pink", "plaque", "on", "the", "skin"]
    answer = ["the", "image", "shows", "a", "red", "plaque", "on", "skin"]
    # 7 of 8 words, brevity exp(1 - 9 / 8); 4 of 7 pairs.
    assert scores[0]["bleu_1"] == pytest.approx(7 / 8 * math.exp(-1 / 8))
    assert scores[0]["bleu_2"] == pytest.approx(4 / 7 * math.exp(-1 / 8))
    unsmoothed = SmoothingFunction().method0
    for order, weights in enumerate([(1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0)], start=1):
        expected = sentence_bleu([reference], answer, weights, smoothing_function=unsmoothed)
        assert scores[0][f"bleu_{order}"] == pytest.approx(expected)


def test_the_seed_s_variant_keeps_the_seed_s_ways() -> None:
    scores = SeedScoring()(PAIRS)
    # "no" is found in "normal": right there, and wrong in ours.
    assert (scores[2]["yes_no"], Plain()(PAIRS)[2]["yes_no"]) == (1.0, 0.0)
    [repeated] = SeedScoring()([Pair("?", "the cyst on a finger", "the the the")])
    assert repeated["token_recall"] == pytest.approx(3 / (3 + 4))
    assert repeated["exact_match"] == pytest.approx(1 / 3)


def test_empty_answers_score_nothing(tmp_path: Path) -> None:
    empty = [Pair("Why?", "Because of the sun.", ""), Pair("Is it?", "Yes.", "")]
    scorers = [Rouge(), Plain(), SeedScoring(), Meteor(wordnet(tmp_path / "dict"))]
    for scorer in scorers:
        for scores in scorer(empty):
            assert {value for value in scores.values() if value is not None} <= {0}


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of random weights that knows some words."""
    folder = tmp_path_factory.mktemp("encoder")
    known = sorted({word for p in PAIRS for word in p.reference.lower().replace(".", " .").split()})
    (folder / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *known]))
    tokenizer = hf.BertTokenizer(vocab=str(folder / "vocab.txt"))
    tokenizer.save_pretrained(folder)
    torch.manual_seed(3)
    config = hf.BertConfig(
        vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=64, initializer_range=0.5,
    )  # fmt: skip
    hf.BertModel(config).save_pretrained(folder)
    return folder


def by_hand(folder: Path, pair: Pair, layer: int) -> tuple[float, float, float]:
    """The paper's sums over one pair, text by text and token by token."""
    tokenizer: Any = hf.AutoTokenizer.from_pretrained(folder)
    network: Any = hf.AutoModel.from_pretrained(folder).eval()

    def states(text: str) -> list[Any]:
        with torch.no_grad():
            found = network(**tokenizer([text], return_tensors="pt"), output_hidden_states=True)
        return [one / one.norm() for one in found.hidden_states[layer][0]]

    reference, answer = states(pair.reference), states(pair.answer)
    precision = float(np.mean([max(float(a @ r) for r in reference) for a in answer[1:-1]]))
    recall = float(np.mean([max(float(a @ r) for a in answer) for r in reference[1:-1]]))
    return precision, recall, 2 * precision * recall / (precision + recall)


@pytest.mark.parametrize("layer", [1, None])
def test_bert_score_is_the_paper_s(encoder: Path, layer: int | None) -> None:
    found = BertScore(encoder, layer, "cpu")(PAIRS)
    for pair, scores in zip(PAIRS[:4], found, strict=False):
        expected = by_hand(encoder, pair, layer or 2)
        assert tuple(scores.values()) == pytest.approx(expected, abs=1e-5)
    assert found[4]["bert_f1"] == 0.0


def test_bert_score_of_the_same_text_is_one_and_company_changes_nothing(encoder: Path) -> None:
    score = BertScore(encoder, None, "cpu")
    [same] = score([Pair("?", "a pink plaque", "a pink plaque")])
    assert same["bert_f1"] == pytest.approx(1.0, abs=1e-5)
    together = [scores["bert_f1"] for scores in score(PAIRS)]
    assert [score([pair])[0]["bert_f1"] for pair in PAIRS] == pytest.approx(together, abs=1e-5)


def test_an_encoder_s_folder_is_checked(encoder: Path, tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match=r"no config\.json"):
        BertScore(tmp_path, None, "cpu")
    with pytest.raises(EvaluationError, match="has 2 layers"):
        BertScore(encoder, 3, "cpu")
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(EvaluationError, match="no encoder that can be read"):
        BertScore(tmp_path, None, "cpu")
