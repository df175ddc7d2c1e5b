"""The table of expectations: for each clinicians' route how it is asked, and for which cases it opens.

Which roles may open a route stands in `web.grants` and nowhere else. A route about a case tells here in which
scenes it opens to a reader who may read the case (`opens`), in which it refuses because of the state
(`refuses`); in all other scenes there is nothing for this reader, as for a case that does not exist.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from tests.access.cases import Scene
from tests.access.scenes import SCENES

Names = frozenset[str]
Known = dict[str, str]
Body = Callable[[Scene, Known], dict[str, Any]]

HELD: Names = frozenset(name for name in SCENES if name.startswith("held"))
LEFT: Names = frozenset({"expired", "released", "cancelled_while_held"})
DECIDED: Names = frozenset({"settling", "final", "retake_asked"})
OWN = HELD | LEFT | DECIDED
ANY: Names = frozenset(SCENES)
UNREVEALED: Names = frozenset({"held_blind"})
WITHOUT_OVERLAY: Names = frozenset({"held_without_result"})
# What may be claimed by name: waiting cases and second readings, and one's own to hold it longer.
CLAIMABLE: Names = frozenset(
    {
        "queued_long_ago", "awaiting_review", "failed", "needs_retake", "known",
        "held", "held_without_result", "held_known", "held_blind", "held_revealed",
        "expired", "released", "retake_asked", "second_reading_waits", "held_second_reading",
    }
)  # fmt: skip
ADJUDICATIONS: Names = frozenset({"adjudication_waits", "held_adjudication"})
# Whose decision is final, so that it can be copied as a known case.
FINAL: Names = frozenset(
    {
        "final", "others_final", "second_reading_waits", "adjudication_waits",
        "held_second_reading", "held_adjudication",
    }
)  # fmt: skip
# Another person's final decision that a senior may correct, and those that they may not yet.
OTHERS_FINAL: Names = frozenset({"others_final", "second_reading_waits"})
OTHERS_NOT_YET: Names = frozenset({"others_settling", "adjudication_waits"})


@dataclass(frozen=True)
class Door:
    """How a route is asked. `case_in`: where the request names the case; `changes`: success leaves a mark.

    `shows`: where the form of an action opens, if not just where the action does. `reach_counts`: False for
    who watches over all cases. `succeeds`: the statuses with which a route about no case opens to a role.
    """

    methods: tuple[str, ...] = ("POST",)
    case_in: Literal["review", "address", "body", "query", "nothing"] = "review"
    body: Body = lambda scene, known: {}
    opens: Names = frozenset()
    refuses: Names = frozenset()
    shows: Names = frozenset()
    changes: bool = True
    reach_counts: bool = True
    seniors: "Door | None" = None
    arguments: dict[str, str] = field(default_factory=dict)
    succeeds: tuple[int, ...] = (200, 201, 204, 302)

    @property
    def about_a_case(self) -> bool:
        """True where the request names a case."""
        return self.case_in != "nothing"

    def opens_to(self, method: str) -> Names:
        """In which scenes the method succeeds."""
        return self.shows or self.opens if method == "GET" else self.opens


def _held(body: Body = lambda scene, known: {}, but: Names = frozenset()) -> Door:
    """An action that only the holder of a case may take."""
    return Door(body=body, opens=HELD - but, refuses=OWN - HELD | but)


def _seen(opens: Names, refuses: Names = frozenset(), **fields: Any) -> Door:
    """A look."""
    return Door(("GET",), opens=opens, refuses=refuses, changes=False, **fields)


def _apart(*methods: str, body: dict[str, Any] | None = None, **fields: Any) -> Door:
    """A route about no case."""
    sent = lambda scene, known: body or {}  # noqa: E731
    return Door(methods or ("POST",), "nothing", sent, changes=False, **fields)


def _person(body: dict[str, Any] | None = None, **fields: Any) -> Door:
    """An administrator's action on a person."""
    return _apart(body=body, arguments={"person_id": "colleague"}, **fields)


def _correction(method: str, **fields: Any) -> Door:
    """One's own final decision; a senior corrects others' too."""
    own = Door((method,), opens=frozenset({"final"}), refuses=OWN - {"final"}, **fields)
    seen = OTHERS_NOT_YET & {"adjudication_waits"} if method == "GET" else frozenset()
    others = replace(own, opens=own.opens | OTHERS_FINAL | seen, refuses=own.refuses | OTHERS_NOT_YET - seen)
    return replace(own, seniors=others)


def _claim(scene: Scene, known: Known) -> dict[str, Any]:
    return {"case_id": str(scene.case_id)}


def _skip(scene: Scene, known: Known) -> dict[str, Any]:
    return {"reason": "not my field"}


def _hand_over(scene: Scene, known: Known) -> dict[str, Any]:
    return {"to": known["colleague"]}


def _decide(scene: Scene, known: Known) -> dict[str, Any]:
    return {"verdict": "override", "level": "routine", "reason": "I know it"}


def _draft(scene: Scene, known: Known) -> dict[str, Any]:
    return {"form": "override", "fields": {"reason": "half a sentence"}}


def _reveal(scene: Scene, known: Known) -> dict[str, Any]:
    return {"blind_level": "routine", "blind_diagnosis": "other"}


def _amend(scene: Scene, known: Known) -> dict[str, Any]:
    return {"level": "urgent", "reason": "seen again"}


CLAIM = Door(
    case_in="body", body=_claim, opens=CLAIMABLE, refuses=ANY - CLAIMABLE,
    seniors=Door(
        case_in="body", body=_claim, opens=CLAIMABLE | ADJUDICATIONS, refuses=ANY - CLAIMABLE - ADJUDICATIONS
    ),
)  # fmt: skip
REVEAL = Door(body=_reveal, opens=UNREVEALED, refuses=OWN - UNREVEALED)
UNDO = Door(opens=frozenset({"settling"}), refuses=OWN - {"settling"})
PHOTOGRAPH = _seen(HELD, OWN - HELD)
OVERLAY = _seen(HELD - UNREVEALED - WITHOUT_OVERLAY, OWN - HELD | UNREVEALED)
PERSON = {"name": "Colleague", "role": "senior", "platforms": ["clinic-online"], "locale": "en"}

DOORS: dict[str, Door] = {
    # Programs
    "reviews.end_session": _apart("DELETE"),
    "reviews.claim": CLAIM,
    "reviews.read": _seen(OWN),
    "reviews.photograph": PHOTOGRAPH,
    "reviews.saliency": OVERLAY,
    "reviews.release": _held(),
    "reviews.heartbeat": _held(),
    "reviews.skip": _held(_skip),
    "reviews.colleagues": _seen(OWN),
    "reviews.hand_over": _held(_hand_over),
    "reviews.decide": _held(_decide, but=UNREVEALED),
    "reviews.draft": Door(("PUT",), body=_draft, opens=OWN - DECIDED, refuses=DECIDED),
    "reviews.read_draft": _seen(OWN),
    "reviews.reveal": REVEAL,
    "reviews.undo": UNDO,
    "reviews.amend": _correction("POST", body=_amend),
    "surveillance_api.counts": _apart("GET"),
    # Pages
    "review_pages.sign_out": _apart(),
    "review_pages.home": _apart("GET"),
    "review_pages.code": _apart("GET"),
    "review_pages.enter_code": _apart(body={"code": "123456"}),
    "review_pages.me": _apart("GET"),
    # The two new passwords differ, which is said only to who may open it.
    "review_pages.change_password": _apart(body={"password": "one", "again": "two"}, succeeds=(422,)),
    "review_pages.change_locale": _apart(body={"locale": "fr"}),
    "review_pages.second_factor": _apart("GET"),
    "review_pages.begin_second_factor": _apart(),
    "review_pages.confirm_second_factor": _apart(body={"code": "123456"}, succeeds=(401,)),
    "review_pages.people": _apart("GET"),
    "review_pages.new_person": _apart("GET"),
    "review_pages.add_person": _apart(body=PERSON | {"email": "new@example.org"}),
    "review_pages.person": replace(_person(), methods=("GET",)),
    "review_pages.change_person": _person(PERSON),
    "review_pages.disable_person": _person(),
    "review_pages.enable_person": _person(),
    "review_pages.reset_second_factor": _person(),
    "review_pages.reset_password": _person(),
    "review_pages.queue": _apart("GET"),
    "review_pages.claim": CLAIM,
    "review_pages.case": _seen(OWN),
    "review_pages.decide": _held(_decide, but=UNREVEALED),
    "review_pages.draft": Door(body=_decide, opens=OWN - DECIDED, refuses=DECIDED),
    "review_pages.release": _held(),
    "review_pages.heartbeat": _held(),
    "review_pages.skip": _held(_skip),
    "review_pages.hand_over": replace(_held(_hand_over), methods=("GET", "POST"), shows=OWN),
    "review_pages.views": _apart("POST", "DELETE", body={"name": "mine"}, succeeds=(302, 404)),
    "review_pages.notices": _apart("GET"),
    "review_pages.end_notice": _apart(),
    "review_pages.image": PHOTOGRAPH,
    "review_pages.saliency": OVERLAY,
    "review_pages.reveal": REVEAL,
    "review_pages.undo": UNDO,
    "review_pages.amend": _correction("GET", changes=False),
    "review_pages.amend_now": _correction("POST", body=_amend),
    "review_pages.known_cases": _apart("GET"),
    "review_pages.seed_known_case": Door(
        case_in="body", body=_claim, opens=FINAL, refuses=ANY - FINAL, reach_counts=False
    ),
    "review_pages.figures": _apart("GET"),
    "review_pages.figures_csv": _apart("GET"),
    "review_pages.trail": _seen(ANY, case_in="query", reach_counts=False),
    "review_pages.trail_export": _seen(ANY, case_in="address", reach_counts=False),
    "surveillance_pages.trends": _apart("GET"),
}

# What opens without any sign-in; static files beside these hold no data.
PUBLIC = {
    "home", "openapi_json", "openapi.doc_url", "openapi.openapi", "swagger.swagger",
    "swagger.oauth2-redirect", "health_api.healthz", "health_api.readyz", "health_api.metrics",
    "reviews.create_session", "review_pages.sign_in", "review_pages.sign_in_now",
}  # fmt: skip
