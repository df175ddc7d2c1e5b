"""The table of expectations: for each clinicians' route how it is asked, and for which cases it opens.

Which roles may open a route stands in `web.grants` and nowhere else. A route about a case tells here in which
scenes it opens to a reader who may read the case (`opens`), in which it refuses because of the state
(`refuses`); in all other scenes there is nothing for this reader, as for a case that does not exist.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.access.cases import SCENES, Scene

HELD = frozenset(name for name in SCENES if name.startswith("held"))
LEFT = frozenset({"expired", "released", "cancelled_while_held"})
DECIDED = frozenset({"settling", "final", "retake_asked"})
OWN = HELD | LEFT | DECIDED
UNREVEALED = frozenset({"held_blind"})
WITHOUT_OVERLAY = frozenset({"held_without_result"})
# Cases that may be claimed by name: waiting ones, and one's own to hold it longer.
CLAIMABLE = frozenset(
    {
        "queued_long_ago", "awaiting_review", "failed", "needs_retake", "known",
        "held", "held_without_result", "held_known", "held_blind", "held_revealed",
        "expired", "released", "retake_asked",
    }
)  # fmt: skip
ANY: frozenset[str] = frozenset(SCENES)

Fields = dict[str, Any]


@dataclass(frozen=True)
class Door:
    """How a route is asked. `case_in`: where the request names the case; `changes`: success leaves a mark.

    `shows`: where the form of an action opens, if not just where the action does.
    """

    methods: tuple[str, ...] = ("POST",)
    case_in: Literal["review", "body", "query", "nothing"] = "review"
    body: Callable[[Scene, Fields], Fields] = lambda scene, known: {}
    opens: frozenset[str] = frozenset()
    refuses: frozenset[str] = frozenset()
    shows: frozenset[str] = frozenset()
    changes: bool = True
    arguments: Fields = field(default_factory=dict)
    # Only for routes about no case: further statuses with which one of these opens to a role.
    succeeds: tuple[int, ...] = (200, 201, 204, 302)

    def opens_to(self, method: str) -> frozenset[str]:
        """In which scenes the method succeeds."""
        return self.shows or self.opens if method == "GET" else self.opens

    @property
    def about_a_case(self) -> bool:
        """True where the request names a case."""
        return self.case_in != "nothing"


def _held(body: Callable[[Scene, Fields], Fields] = lambda scene, known: {}, *, but: frozenset[str] = frozenset()) -> Door:  # fmt: skip
    """An action that only the holder of a case may take."""
    return Door(body=body, opens=HELD - but, refuses=OWN - HELD | but)


def _seen(opens: frozenset[str], refuses: frozenset[str] = frozenset(), **fields: Any) -> Door:
    """A look."""
    return Door(("GET",), opens=opens, refuses=refuses, changes=False, **fields)


def _apart(**fields: Any) -> Door:
    """A route about no case."""
    return Door(**{"case_in": "nothing", "changes": False, **fields})


OVERRIDE = {"verdict": "override", "level": "routine", "reason": "I know it"}
DRAFT = {"form": "override", "fields": {"reason": "half a sentence"}}
DRAFT_FORM = {"verdict": "override", "reason": "half a sentence"}

DOORS: dict[str, Door] = {
    # Programs
    "reviews.end_session": _apart(methods=("DELETE",)),
    "reviews.claim": Door(
        case_in="body", body=lambda scene, known: {"case_id": str(scene.case_id)},
        opens=CLAIMABLE, refuses=ANY - CLAIMABLE,
    ),
    "reviews.read": _seen(OWN),
    "reviews.photograph": _seen(HELD, OWN - HELD),
    "reviews.saliency": _seen(HELD - UNREVEALED - WITHOUT_OVERLAY, OWN - HELD | UNREVEALED),
    "reviews.release": _held(),
    "reviews.heartbeat": _held(),
    "reviews.skip": _held(lambda scene, known: {"reason": "not my field"}),
    "reviews.colleagues": _seen(OWN),
    "reviews.hand_over": _held(lambda scene, known: {"to": known["colleague"]}),
    "reviews.decide": _held(lambda scene, known: OVERRIDE, but=UNREVEALED),
    "reviews.draft": Door(
        ("PUT",), body=lambda scene, known: DRAFT, opens=OWN - DECIDED, refuses=DECIDED
    ),
    "reviews.read_draft": _seen(OWN),
    "surveillance_api.counts": _apart(methods=("GET",)),
    # Pages
    "review_pages.sign_out": _apart(),
    "review_pages.queue": _apart(methods=("GET",)),
    "review_pages.claim": Door(
        case_in="body", body=lambda scene, known: {"case_id": str(scene.case_id)},
        opens=CLAIMABLE, refuses=ANY - CLAIMABLE,
    ),
    "review_pages.case": _seen(OWN),
    "review_pages.decide": _held(lambda scene, known: OVERRIDE, but=UNREVEALED),
    "review_pages.draft": Door(
        body=lambda scene, known: DRAFT_FORM, opens=OWN - DECIDED, refuses=DECIDED
    ),
    "review_pages.release": _held(),
    "review_pages.heartbeat": _held(),
    "review_pages.skip": _held(lambda scene, known: {"reason": "not my field"}),
    "review_pages.hand_over": Door(
        ("GET", "POST"), body=lambda scene, known: {"to": known["colleague"]}, opens=HELD, refuses=OWN - HELD,
        shows=OWN,
    ),
    "review_pages.views": _apart(methods=("POST", "DELETE"), body=lambda scene, known: {"name": "mine"}, succeeds=(302, 404)),
    "review_pages.notices": _apart(methods=("GET",)),
    "review_pages.end_notice": _apart(),
    "review_pages.image": _seen(HELD, OWN - HELD),
    "review_pages.saliency": _seen(HELD - UNREVEALED - WITHOUT_OVERLAY, OWN - HELD | UNREVEALED),
    "surveillance_pages.trends": _apart(methods=("GET",)),
}  # fmt: skip

# What opens without any sign-in; static files beside these hold no data.
PUBLIC = {
    "home", "openapi_json", "openapi.doc_url", "openapi.openapi", "swagger.swagger",
    "swagger.oauth2-redirect", "health_api.healthz", "health_api.readyz", "health_api.metrics",
    "reviews.create_session", "review_pages.sign_in", "review_pages.sign_in_now",
}  # fmt: skip
