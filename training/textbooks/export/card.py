"""The data card: what is in the export, from where, under which licence, and what was left out."""

from collections import Counter
from collections.abc import Iterable

from training.textbooks.export.rows import Row
from training.textbooks.export.splits import SHARES
from training.textbooks.records import MODALITIES

NOT_STATED = "not stated: ask the publisher before you share anything"
MOST_LABELS = 60


class Counts:
    """What the card tells, counted row by row."""

    def __init__(self) -> None:
        self.fit = 0
        self.modalities: Counter[tuple[str, str]] = Counter()
        self.labels: Counter[str] = Counter()
        self.subsets: Counter[tuple[str, str]] = Counter()
        self.reasons: Counter[str] = Counter()
        self.checked = 0
        self.sources: dict[str, tuple[str, str]] = {}
        self.of_source: Counter[str] = Counter()

    def add(self, row: Row) -> None:
        """Count one pair."""
        self.sources[row.pair.book] = (row.source.title, row.source.licence)
        if not row.is_fit:
            self.reasons.update({reason.split(":")[0] for reason in row.screened.reasons} or {"no_caption"})
            return
        self.fit += 1
        self.checked += row.guess.checked is not None
        self.of_source[row.pair.book] += 1
        self.modalities[row.guess.settled, row.place.split] += 1
        self.labels[row.label or "none named"] += 1
        self.subsets.update((question.subset, row.place.split) for question in row.questions)


def card(counts: Counts) -> str:
    """The card as Markdown, with the head that Hugging Face reads."""
    parts = [
        "---\ntask_categories: [visual-question-answering, image-to-text]\nlanguage: en\n"
        "tags: [dermatology, medical]\nlicense: other\n---\n",
        "# Image-text pairs and questions from dermatology books\n",
        f"{counts.fit} pictures with their captions, made by `dermtriage dataset textbooks`. For research. "
        "No medical device; no answer here was checked by a clinician unless the makers say so. Modality "
        f"checked by a person: {counts.checked} of {counts.fit}; the others are a model's guess.\n",
        "## Pictures by modality and split\n",
        _table(("modality", *SHARES), _by_split(MODALITIES, counts.modalities)),
        "## Questions by subset and split\n",
        _table(("subset", *SHARES), _by_split(("C", "O", "D"), counts.subsets)),
        "C: captions. O: open questions. D: age and sex. Answers state what the caption states, no more.\n",
        "## Pictures by label\n",
        "The most specific diagnosis that the caption affirms.\n",
        _table(("label", "pictures"), _labels(counts.labels)),
        "## Sources and licences\n",
        "Each book's licence holds for its pictures and text. A right to read a book is not a right to "
        "publish its parts.\n",
        _table(("book", "title", "licence", "pictures"), _sources(counts)),
        "## Left out\n",
        "Pairs with a reason against them are in `pairs.csv`, without their pictures.\n",
        _table(("reason", "pairs"), sorted(counts.reasons.items())),
        "## Splits\n",
        "Panels of one figure and near-duplicates, across books too, are one group and in one split. With "
        "five books or more a whole book is in one split, but for groups that reach into another book.\n",
        "## Limits\n",
        "Captions say little of skin tone, and books show light skin more often than dark. The search for "
        "faces and identifying marks misses some: look at the pictures before you share them.\n",
    ]
    return "\n".join(parts)


def _by_split(names: Iterable[str], counts: Counter[tuple[str, str]]) -> list[tuple[object, ...]]:
    return [(name, *(counts[name, split] for split in SHARES)) for name in names]


def _labels(labels: Counter[str]) -> list[tuple[object, ...]]:
    ordered = sorted(labels.items(), key=lambda named: (-named[1], named[0]))
    shown: list[tuple[object, ...]] = list(ordered[:MOST_LABELS])
    if rest := ordered[MOST_LABELS:]:
        shown.append((f"{len(rest)} others", sum(count for _, count in rest)))
    return shown


def _sources(counts: Counts) -> list[tuple[object, ...]]:
    return [
        (book, title, licence or NOT_STATED, counts.of_source[book])
        for book, (title, licence) in sorted(counts.sources.items())
    ]


def _table(head: tuple[str, ...], body: Iterable[tuple[object, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *body]
    return "\n".join("| " + " | ".join(_cell(value) for value in line) + " |" for line in lines) + "\n"


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")
