"""Questions about drawn pictures, and a WordNet of three words."""

import csv
import random
from collections.abc import Sequence
from pathlib import Path

from tests.vlm.drawn import photograph

QUESTIONS = [
    ("What does the image show?", "The image shows a digital mucous cyst."),
    ("Is the lesion raised above the skin surface?", "No, the lesion is flat against the skin surface."),
    ("What colour is the plaque?", "The plaque is pink."),
    ("Is it contagious?", "Yes."),
    ("How is it treated?", "No treatment is needed in most cases."),
]
MODALITIES = ("clinical", "dermoscopic", "pathological")


def pictures(folder: Path, count: int) -> Path:
    """`p0.png` and so on below the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        photograph(number, (96, 72)).save(folder / f"p{number}.png")
    return folder


def rows(count: int, images: int) -> list[dict[str, str]]:
    """Questions in turn; each picture is asked about several times."""
    return [
        {
            "id": f"q{number}",
            "image": f"p{number % images}.png",
            "question": QUESTIONS[number % len(QUESTIONS)][0],
            "answer": QUESTIONS[number % len(QUESTIONS)][1],
            "modality": MODALITIES[number % images % len(MODALITIES)],
        }
        for number in range(count)
    ]


def written(file: Path, given: Sequence[dict[str, str]]) -> Path:
    """The rows as a csv."""
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(given[0]))
        writer.writeheader()
        writer.writerows(given)
    return file


def answers(file: Path, given: Sequence[dict[str, str]], seed: int = 1) -> Path:
    """Invented answers: some words of the true one in another order, or others."""
    chance = random.Random(seed)
    told = []
    for row in given:
        words = row["answer"].split()
        chance.shuffle(words)
        kept = words[: chance.randint(1, len(words))]
        told.append({"id": row["id"], "prediction": " ".join([chance.choice(["Yes,", "No,", "A"]), *kept])})
    return written(file, told)


def wordnet(folder: Path) -> Path:
    """A WordNet in its own format: `cyst` and `bleb` are one meaning, `plaque` another.

    nltk looks for synonyms of stems, so these are words that are their own stems.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        "{} 08 n 02 cyst 0 bleb 0 000 | a small sac",
        "{} 08 n 01 plaque 0 000 | a raised patch",
    ]
    places, data = [], "  1 drawn for a test\n"
    for line in lines:
        places.append(f"{len(data):08d}")
        data += line.format(places[-1]) + "  \n"
    index = (
        "  1 drawn for a test\n"
        f"bleb n 1 0 1 0 {places[0]}  \ncyst n 1 0 1 0 {places[0]}  \nplaque n 1 0 1 0 {places[1]}  \n"
    )
    texts = {"data.noun": data, "index.noun": index}
    for name in ("adj", "adv", "verb"):
        texts |= {f"data.{name}": "  1 drawn for a test\n", f"index.{name}": "  1 drawn for a test\n"}
    for name in ("adj.exc", "adv.exc", "noun.exc", "verb.exc", "cntlist.rev", "index.sense"):
        texts[name] = ""
    texts["lexnames"] = "".join(f"{n:02d}\tlex{n}\t1\n" for n in range(45))
    for name, text in texts.items():
        (folder / name).write_text(text)
    return folder
