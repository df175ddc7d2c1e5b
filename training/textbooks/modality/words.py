"""What a caption's words say of how the picture was made. "Proven by histology" says nothing of that."""

import re

from training.textbooks.records import MODALITIES, Modality

_WORDS: dict[Modality, re.Pattern[str]] = {
    "clinical": re.compile(
        r"\bclinical(?:ly)?\b(?! (?:diagnosis|suspicion|trial|impression))|\bphotograph|\bclose[- ]up\b|"
        r"\b(?:woman|man|boy|girl|patient|infant|child)\b|\b\d+[- ]year[- ]old\b",
        re.I,
    ),
    "dermoscopic": re.compile(
        r"\bder(?:mo|mato)scop\w*|\bepiluminescence\b|\btrichoscop\w*|\bpigment network\b|"
        r"\bblue[- ]white(?:ish)? veil\b|\bpolari[sz]ed\b|\bmilia-like cysts?\b",
        re.I,
    ),
    "pathological": re.compile(
        r"\bhisto\w*|\bpatholog\w*|\b(?:photo)?micrograph\w*|\bmicroscop\w*|\bh ?& ?e\b|\bha?ematoxylin\b|"
        r"\beosin\b|\bimmunohisto\w*|\bimmunofluorescen\w*|\bPAS\b|\bGiemsa\b|\bstain(?:ed|ing)?\b|"
        r"\bmagnification\b|(?<!\w)[x×] ?\d{2,4}\b|\b\d{2,4} ?×|\bS-?100\b|\bKi-?67\b|\bdermal nests?\b",
        re.I,
    ),
}
# The diagnosis was proven elsewhere: the picture shows the patient.
_ELSEWHERE = re.compile(
    r"\bhistolog\w+ (?:\w+ ){0,2}(?:confirm\w*|pro[vo]\w+|verif\w+|establish\w*)|"
    r"\b(?:confirmed|pro[vo]\w+|verified|established|diagnosed) (?:\w+ )?(?:by|on|at|with|in) "
    r"(?:\w+ )?(?:histo\w*|microscop\w*|patholog\w*|dermo\w*|dermato\w*)|"
    r"\b(?:before|see|without|no) (?:\w+ )?(?:histo\w*|dermo\w*|dermato\w*)",
    re.I,
)


def words_for(caption: str) -> tuple[int, ...]:
    """How many words speak for each modality, in the order of `MODALITIES`, at most 3 each."""
    plain = _ELSEWHERE.sub(" ", caption)
    return tuple(min(3, len(_WORDS[modality].findall(plain))) for modality in MODALITIES)
