"""Print's traces go; what the caption says stays."""

import pytest

from training.textbooks.clean.tidying import tidied

CAPTIONS = [
    ("Fig. 3.2 (a) Well-\ndefined erythema-\ntous plaques", "Well-defined erythematous plaques"),
    ("A 45-year-\nold man with a no-\nticeable lesion.", "A 45-year-old man with a noticeable lesion."),
    (
        "Pre- and post-operative views of a 45-\nyear-old man.",
        "Pre- and post-operative views of a 45-year-old man.",
    ),
    ("Scaling of the ﬁnger and a ﬂat wart.", "Scaling of the finger and a flat wart."),
    ("Plaques [12, 13] of the knee [1–3].", "Plaques of the knee."),
    ("Plaques (Smith et al., 2003) of the knee.", "Plaques of the knee."),
    ("Plaques (Smith and Jones 1999; Lee, 2001, 2004b).", "Plaques."),
    ("Plaques of the toe.1,2", "Plaques of the toe."),
    ("A lesion of 3 mm² (see Fig. 4.8).", "A lesion of 3 mm²."),
    ("FIGURE 3-2. Psoriasis. Courtesy of Dr. J. K. Smith, M.D.", "Psoriasis."),
    ("Plate IV. Psoriasis (Reproduced with permission from Lee A, Dermatol Clin 2003;4:5).", "Psoriasis."),
    (
        "Lichen planus. Reproduced with permission from Smith (2003). (b) Histology.",
        "Lichen planus. (b) Histology.",
    ),
    ("Image courtesy of A. Example. Dermoscopy shows globules.", "Dermoscopy shows globules."),
    ("Figure 5 Naevus. © 2003 Example Press.", "Naevus."),
    ("Fig. 3.2 A 45-year-old woman", "A 45-year-old woman"),
    ("Figure 3-2 a-c. Lichen planus", "Lichen planus"),
    ("(b) Histology of the same lesion (H&E, ×100).", "Histology of the same lesion (H&E, ×100)."),
    ("  Eczema  ,   of the   hand . ", "Eczema, of the hand."),
    ("", ""),
]


@pytest.mark.parametrize(("printed", "clean"), CAPTIONS)
def test_captions_are_tidied(printed, clean):
    assert tidied(printed) == clean


@pytest.mark.parametrize(("printed", "clean"), CAPTIONS)
def test_tidying_twice_changes_nothing_more(printed, clean):
    assert tidied(clean) == clean
