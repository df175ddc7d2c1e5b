"""Which scores are computed with which options, and what is left out for want of a file."""

from evaluation.vqa.options import Options
from evaluation.vqa.scoring import CorpusBleu, Meteor, Plain, Rouge, Scorer


def scorers(options: Options) -> list[Scorer]:
    """In the variant that is asked for; METEOR and BERTScore only with their files."""
    chosen: list[Scorer] = [Rouge()]
    if options.variant == "seed":
        from evaluation.vqa.seed_scoring import SeedScoring

        chosen.append(SeedScoring())
    else:
        chosen += [CorpusBleu(), Plain()]
    if options.wordnet:
        chosen.append(Meteor(options.wordnet))
    if options.encoder:
        from evaluation.vqa.bert_score import BertScore

        chosen.append(BertScore(options.encoder, options.encoder_layer, options.device))
    return chosen


def left_out(options: Options) -> dict[str, str]:
    """Each score that is not there, with what it would need."""
    missing = {}
    if not options.wordnet:
        missing["meteor"] = "left out: it needs WordNet, given by --wordnet; nothing is downloaded"
    if not options.encoder:
        missing["bertscore"] = (
            "left out: it needs an encoder's folder, given by --bertscore-encoder; nothing is downloaded"
        )
    return missing
