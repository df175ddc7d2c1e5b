"""Whether a text affirms what it names, denies it, or only considers it. After NegEx (Chapman et al., 2001).

A cue reaches forwards or backwards within its clause, over a few words, up to a word that turns the sentence.
"""

import re
from typing import Literal

REACH = 9

_TURNS = (
    r"\bbut\b|\bhowever\b|\balthough\b|\byet\b|\bwhereas\b|\bwhile\b|;|:|[.?](?=\s|$)|"
    r"\binstead(?! of)\b|\bproved\b|\bproven\b|"
    r"\bturned out\b|\bconfirm\w*|\bhistolog\w+ (?:\w+ )?(?:show|reveal|prov|establish|demonstrat|"
    r"diagnos|was|is|of)\w*|"
    r"\bbiopsy (?:\w+ )?(?:show|reveal|prov|establish|demonstrat|was|is)\w*|\brather(?! than)\b|"
    r"\bturns out\b|"
    r"\bactually\b|\bin fact\b|\bfinal diagnosis\b|\bshow(?:s|ed|ing)\b|\breveal(?:s|ed|ing)\b|"
    r"\bestablish\w*|"
    r"\bwith (?=typical|clear|definite)|\barising\b|\bin (?:a|an|this|the) (?:patient|woman|man|boy|"
    r"girl|child|case)\b|,? ?\bwhich (?:is|was)\b"
)
_NOT = r"\bnot(?! (?:only|uncommon|unusual|infrequent|surprising|always|necessarily))\b"
_DENIES_AFTER_IT = re.compile(
    rf"(?:\bno(?! longer)\b|{_NOT}|\bwithout\b|\babsence of\b|\black(?:s|ing|ed)?(?: of)?\b|"
    rf"\bnegative for\b|\bfree (?:of|from)\b|"
    r"\bnever\b|\bneither\b|\bnor\b|\bexclud(?:e|es|ed|ing)\b|\brul(?:e|es|ed|ing) out\b|\bunlike\b|"
    r"\brather than\b|"
    r"\binstead of\b|\bas opposed to\b|\bin contrast (?:to|with)\b|\bcontrast(?:s|ing|ed)? with\b|"
    r"\bno evidence\b|\bnon ?$|"
    r"\bdistinguish\w* (?:\w+ )?from\b|\bdifferentiat\w+ (?:\w+ )?from\b|"
    r"\bdistinct(?:ion)? (?:\w+ )?from\b|\bdiffers? from\b|\bdenie[sd]\b)"
)
_CONSIDERS_AFTER_IT = re.compile(
    r"(?:\bmimic(?:s|ked|king)?(?: of)?\b(?! by)|\bresembl\w+|\bsimulat\w+|\breminiscent of\b|"
    r"\bsimilar to\b|\blook(?:s|ing|ed)? like\b|"
    r"\blike (?:that|those) of\b|\bconfused with\b|\bmistaken for\b|\bmisdiagnosed as\b|"
    r"\bmisinterpreted as\b|\bmisread as\b|"
    r"\bdifferential\b|\bclinically thought\b|\bthought to (?:be|represent)\b|\bbelieved to be\b|"
    r"\bclinical(?:ly)? (?:diagnos\w+|impression|suspicion|suggest\w+|consistent)\b|"
    r"\b(?:initially|first|previously|originally) (?:diagnosed|treated|taken|thought|regarded|"
    r"considered|interpreted|suspected)\b|"
    r"\bsuggest(?:s|ed|ing|ive)?\b|\bsuspicious\b|\bsuspected\b|\bsuspicion\b|\bpossibl[ey]\b|"
    r"\bprobabl[ey]\b|\bquestionable\b|\bpresumed\b|"
    r"\bconsider(?:s|ed|ing|ation)?\b|\bversus\b|\bvs\b|\bcompared? (?:this )?(?:with|to)\b|"
    r"\bhistory of\b|\bhad had\b|\brisk (?:of|for)\b|"
    r"\bpredispos\w+ to\b|\bprogress\w* (?:in)?to\b|\btransform\w* (?:in)?to\b|\bprecursors? (?:of|"
    r"to|lesions? of)\b|\bdevelop(?:s|ing)? into\b|"
    r"\bmay be\b|\bmight be\b|\bcould be\b|\breferred (?:as|for|with)\b|\btaken for\b|\bquery\b|"
    r"\bpseudo\b|\bpreviously called\b|"
    r"\bmother had\b|\bsister had\b|\bfather had\b|\bbrother had\b|\bfear of\b|"
    r"\bvaccin\w+ against\b|\bscreening for\b|\bprotects? from\b|\bcannot exclude\b)"
)
_AFTER = re.compile(
    r"^(?:[ ,]*(?:was|were|is|are|has been|have been|had been|being|could be|can be|must be|"
    r"should be)? ?(?:also |first |initially |clinically |therefore |then |at first |definitely )*"
    r"(?:rul(?:ed|ing) out|excluded|not (?:found|present|seen|confirmed|detected|identified|evident|"
    r"demonstrated)|absent|lacking|considered|suspected|unlikely|negative|"
    r"in the differential|a differential|misdiagnosed|the clinical (?:diagnosis|suspicion|"
    r"impression)|the (?:referral|initial|first|main differential) diagnosis|denied)"
    r"| (?:cannot|can not|could not|must) be (?:excluded|ruled out|considered|distinguished)"
    r"| (?:mimic|mimicker|simulator|like|phobia|free|naive|vaccination)\b|\?)"
)
_LATER = re.compile(
    r"\b(?:was|were|is|are|had been|has been|have been) (?:therefore |then |thus |both |"
    r"all )*(?:ruled out|excluded|suspected|considered|absent)\b"
    r"|\b(?:cannot|could not) be (?:excluded|ruled out)\b|\bwas the clinical diagnosis\b|"
    r"\bwere not (?:found|seen|present)\b"
)


Standing = Literal["affirmed", "considered", "denied"]


def standing(text: str, start: int, end: int) -> Standing:
    """What the folded text says of the diagnosis that it names from `start` to `end`."""
    before, after = _clause_before(text, start), _clause_after(text, end)
    told = _AFTER.match(after) or _told_later(after)
    if told:
        return "denied" if _IS_DENIAL.search(told.group()) else "considered"
    if _reaches(_CONSIDERS_AFTER_IT, before):
        return "considered"
    return "denied" if _reaches(_DENIES_AFTER_IT, before) else "affirmed"


def is_denied(text: str, start: int, end: int) -> bool:
    """True where the text says that it is not there, for what is seen rather than diagnosed."""
    before, after = _clause_before(text, start), _clause_after(text, end)
    if _LACKS.match(after):
        return True
    found = list(_DENIES_SIGHT.finditer(before))
    return bool(found) and not _LEAVES.search(before[found[-1].end() :])


# "No ulceration on the nose": the nose is there.
_LEAVES = re.compile(
    r"\w+ (?:on|in|at|to|with|by|for|from|during|after|before|despite|that|who|which|of (?:the|a|an))\b"
)
_LACKS = re.compile(
    r"^(?: \w+)?(?:,? (?:and|or) (?:the )?\w+(?: \w+)?|, \w+)*[ ,]*(?:was|were|is|are|remain(?:s|"
    r"ed)?|has been|have been) "
    r"(?:not\b|never\b|absent|lacking|excluded|ruled out|missing|spared|uninvolved|unaffected|unremarkable|"
    r"(?:free|clear|normal)(?= *(?:[.,;]|$)))"
)
_DENIES_SIGHT = re.compile(
    rf"(?:\bno(?! longer)\b|{_NOT}|\bwithout\b|\babsence of\b|\black(?:s|ing|ed)?(?: of)?\b|"
    rf"\bnegative for\b|\bfree (?:of|from)\b|"
    r"\bnever\b|\bneither\b|\bnor\b|\bunlike\b|\brather than\b|\binstead of\b|\bnon ?$|\bspar(?:es|"
    r"ed|ing)\b|\bdenie[sd]\b|\bexcept\b)"
)


def _clause_before(text: str, start: int) -> str:
    """What precedes, from the last turn of the sentence on."""
    last = 0
    for turn in re.finditer(_TURNS, text[:start]):
        # "Differential diagnosis: melanoma, naevus": the colon hands the cue on.
        if turn.group() == ":" and re.search(r"differential[\w ]*$", text[: turn.start()]):
            continue
        last = turn.end()
    return text[last:start]


def _clause_after(text: str, end: int) -> str:
    rest = text[end:]
    turn = re.search(r"\bbut\b|\bhowever\b|;|[.](?=\s|$)", rest)
    return rest[: turn.start()] if turn else rest


def _reaches(cue: re.Pattern[str], clause: str) -> bool:
    """True where a cue stands within reach; a list behind it ("no x, y or z") stretches the reach."""
    found = list(cue.finditer(clause))
    if not found:
        return False
    between = clause[found[-1].end() :]
    if cue is not _CONSIDERS_AFTER_IT and re.search(r"\w+ in (?:an? |this |the )?$", between):
        # "Without ulceration in melanoma" denies the ulceration.
        return False
    return (
        len(re.split(r",|\bor\b|\band\b", between)[-1].split()) <= REACH and len(between.split()) <= 3 * REACH
    )


_IS_DENIAL = re.compile(
    r"^(?!.*(?:cannot|could not|can not)).*(?:ruled|ruling|excluded|\bnot\b|absent|lacking|negative|denied)"
)


def _told_later(after: str) -> re.Match[str] | None:
    """What is said at the end of "x, y and z were ruled out", where only a list stands between."""
    found = _LATER.search(after)
    if not found:
        return None
    between = after[: found.start()]
    parted = re.search(r"\b(?:with|in|on|of|from|whose|that|who|shows?|has|is|was)\b", between)
    return None if parted else found
