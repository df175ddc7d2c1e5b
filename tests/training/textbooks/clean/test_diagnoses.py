"""Labels are affirmed where the caption says so, and excluded where it denies or only considers them."""

import pytest

from training.textbooks.clean.diagnoses import diagnoses_in
from training.textbooks.clean.labels import are_akin, labels, wider
from triage.findings import CONDITION_NAMES

CAPTIONS = [
    ("Superficial spreading melanoma on the back.", ("superficial spreading melanoma",), ()),
    ("A nevus and a haemangioma.", ("naevus", "haemangioma"), ()),
    ("BCC of the nose.", ("basal cell carcinoma",), ()),
    ("No evidence of melanoma.", (), ("melanoma",)),
    ("This is not melanoma but a blue nevus.", ("blue naevus",), ("melanoma",)),
    ("Seborrheic keratosis mimicking melanoma.", ("seborrhoeic keratosis",), ("melanoma",)),
    ("Lesion resembling a wart: squamous cell carcinoma.", ("squamous cell carcinoma",), ("wart",)),
    (
        "Clinically thought to be basal cell carcinoma; histology showed a trichoepithelioma.",
        ("trichoepithelioma",),
        ("basal cell carcinoma",),
    ),
    (
        "Differential diagnosis includes psoriasis, eczema and scabies.",
        (),
        ("psoriasis", "eczema", "scabies"),
    ),
    ("Differential diagnosis: psoriasis, lichen planus.", (), ("psoriasis", "lichen planus")),
    ("Melanoma, naevus and wart were excluded.", (), ("melanoma", "naevus", "wart")),
    ("Melanoma was ruled out; dysplastic naevus.", ("dysplastic naevus",), ("melanoma",)),
    ("Naevi of the back; melanoma could not be excluded.", ("naevus",), ("melanoma",)),
    ("Not only psoriasis but also tinea pedis.", ("tinea pedis", "psoriasis"), ()),
    ("Psoriasis-like plaques of secondary syphilis.", ("syphilis",), ("psoriasis",)),
    ("Melanoma without ulceration.", ("melanoma",), ()),
    ("Nodule without ulceration in melanoma.", ("melanoma",), ()),
    (
        "Initially diagnosed as eczema, the plaque proved to be Bowen's disease.",
        ("Bowen disease",),
        ("eczema",),
    ),
    ("Histology excluded melanoma and confirmed a Spitz nevus.", ("Spitz naevus",), ("melanoma",)),
    ("Psoriasis with surrounding normal skin.", ("psoriasis",), ()),
    ("Normal skin of the forearm.", ("healthy skin",), ()),
    ("Erythema of the palms.", (), ()),
]


@pytest.mark.parametrize(("caption", "affirmed", "excluded"), CAPTIONS)
def test_labels_are_affirmed_or_excluded(caption, affirmed, excluded):
    found = diagnoses_in(caption)
    assert (found.affirmed, found.excluded) == (affirmed, excluded)


def test_the_conditions_of_triage_are_labels():
    assert set(CONDITION_NAMES.values()) <= set(labels())


def test_every_wider_label_is_a_label():
    for name in labels():
        assert set(wider(name)) <= set(labels())


def test_a_kind_of_melanoma_is_akin_to_it_and_to_no_naevus():
    assert are_akin("nodular melanoma", "melanoma")
    assert not are_akin("melanoma", "naevus")
