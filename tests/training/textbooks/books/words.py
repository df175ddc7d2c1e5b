"""Plain sentences that sound like a textbook, without meaning; and captions."""

import random

_NOUNS = [
    "lesion",
    "plaque",
    "papule",
    "macule",
    "margin",
    "vesicle",
    "ulcer",
    "scale",
    "crust",
    "nodule",
    "pattern",
    "network",
    "globule",
    "vessel",
    "epidermis",
    "dermis",
    "infiltrate",
    "granuloma",
    "keratinocyte",
    "melanocyte",
    "follicle",
    "biopsy",
]
_ADJECTIVES = [
    "sharp",
    "pale",
    "red",
    "brown",
    "grouped",
    "solitary",
    "dense",
    "sparse",
    "irregular",
    "symmetric",
    "firm",
    "soft",
    "dark",
    "dull",
    "scaly",
]
_VERBS = [
    "extends",
    "spreads",
    "resolves",
    "recurs",
    "persists",
    "appears",
    "fades",
    "enlarges",
    "heals",
    "bleeds",
]
_SITES = ["forearm", "cheek", "trunk", "scalp", "knee", "shin", "palm", "sole", "neck", "back"]
_NAMES = (
    "psoriasis",
    "melanoma",
    "basal cell carcinoma",
    "lichen planus",
    "atopic dermatitis",
    "tinea corporis",
)
VIEWS = {
    "clinical": "Clinical photograph",
    "dermoscopic": "Dermoscopy",
    "pathological": "Histology, haematoxylin and eosin",
}


def sentence(chance: random.Random) -> str:
    """Eight to twenty words."""
    parts = [
        f"the {chance.choice(_ADJECTIVES)} {chance.choice(_NOUNS)} {chance.choice(_VERBS)}",
        f"on the {chance.choice(_SITES)}",
        f"while the {chance.choice(_NOUNS)} {chance.choice(_VERBS)} with {chance.choice(_ADJECTIVES)} edges",
        f"and a {chance.choice(_ADJECTIVES)} {chance.choice(_NOUNS)} follows",
    ]
    text = " ".join(parts[: chance.randint(2, 4)])
    return text[0].upper() + text[1:] + "."


def paragraph(chance: random.Random, references: list[str]) -> str:
    """Four to eight sentences, some of which speak of figures as body text does."""
    said = [sentence(chance) for _ in range(chance.randint(4, 8))]
    for reference in references:
        phrase = chance.choice(
            [
                f"{reference} shows a {chance.choice(_NOUNS)} that {chance.choice(_VERBS)} slowly.",
                f"This is typical (see {reference}) of the {chance.choice(_NOUNS)}.",
                f"As {reference} and the text above make clear, "
                f"the {chance.choice(_NOUNS)} {chance.choice(_VERBS)}.",
            ]
        )
        said.insert(chance.randint(0, len(said)), phrase)
    return " ".join(said)


def caption(chance: random.Random, modality: str) -> str:
    """One to three sentences on a picture."""
    head = f"{VIEWS[modality]} of {chance.choice(_NAMES)} on the {chance.choice(_SITES)}."
    return " ".join([head, *(sentence(chance) for _ in range(chance.randint(0, 2)))])


def part(chance: random.Random) -> str:
    """What is said of one panel."""
    return f"{chance.choice(_ADJECTIVES).capitalize()} {chance.choice(_NOUNS)} of the {chance.choice(_SITES)}"
