"""The one table of who may open which clinicians' route. What does not stand here is refused, to everybody.

A route opens to a role here; which cases the person sees there is a matter of platforms, region and language
(`db.readers`), and of who holds the case.
"""

from typing import Literal, get_args

Role = Literal["clinician", "senior", "administrator", "auditor", "analyst"]
ROLES: tuple[Role, ...] = get_args(Role)

EVERYBODY = frozenset(ROLES)
READERS: frozenset[Role] = frozenset({"clinician", "senior"})
SENIORS: frozenset[Role] = frozenset({"senior"})
ADMINISTRATORS: frozenset[Role] = frozenset({"administrator"})
# Who watches how people and the model do, and what was done to a case.
WATCHERS: frozenset[Role] = frozenset({"senior", "administrator", "auditor"})
TRAIL: frozenset[Role] = frozenset({"administrator", "auditor"})

GRANTED: dict[str, frozenset[Role]] = {
    # Programs
    "reviews.end_session": EVERYBODY,
    "reviews.claim": READERS,
    "reviews.read": READERS,
    "reviews.photograph": READERS,
    "reviews.saliency": READERS,
    "reviews.release": READERS,
    "reviews.heartbeat": READERS,
    "reviews.skip": READERS,
    "reviews.colleagues": READERS,
    "reviews.hand_over": READERS,
    "reviews.decide": READERS,
    "reviews.draft": READERS,
    "reviews.read_draft": READERS,
    "reviews.reveal": READERS,
    "reviews.undo": READERS,
    "reviews.amend": READERS,
    "surveillance_api.counts": EVERYBODY,
    # Pages
    "review_pages.sign_out": EVERYBODY,
    "review_pages.home": EVERYBODY,
    "review_pages.code": EVERYBODY,
    "review_pages.enter_code": EVERYBODY,
    "review_pages.me": EVERYBODY,
    "review_pages.change_password": EVERYBODY,
    "review_pages.change_locale": EVERYBODY,
    "review_pages.second_factor": EVERYBODY,
    "review_pages.begin_second_factor": EVERYBODY,
    "review_pages.confirm_second_factor": EVERYBODY,
    "review_pages.people": ADMINISTRATORS,
    "review_pages.new_person": ADMINISTRATORS,
    "review_pages.add_person": ADMINISTRATORS,
    "review_pages.person": ADMINISTRATORS,
    "review_pages.change_person": ADMINISTRATORS,
    "review_pages.disable_person": ADMINISTRATORS,
    "review_pages.enable_person": ADMINISTRATORS,
    "review_pages.reset_second_factor": ADMINISTRATORS,
    "review_pages.reset_password": ADMINISTRATORS,
    "review_pages.queue": READERS,
    "review_pages.claim": READERS,
    "review_pages.case": READERS,
    "review_pages.decide": READERS,
    "review_pages.draft": READERS,
    "review_pages.release": READERS,
    "review_pages.heartbeat": READERS,
    "review_pages.skip": READERS,
    "review_pages.hand_over": READERS,
    "review_pages.views": READERS,
    "review_pages.notices": READERS | ADMINISTRATORS,
    "review_pages.end_notice": READERS | ADMINISTRATORS,
    "review_pages.image": READERS,
    "review_pages.saliency": READERS,
    "review_pages.reveal": READERS,
    "review_pages.undo": READERS,
    "review_pages.amend": READERS,
    "review_pages.amend_now": READERS,
    "review_pages.known_cases": ADMINISTRATORS,
    "review_pages.seed_known_case": ADMINISTRATORS,
    "review_pages.figures": READERS | WATCHERS,
    "review_pages.figures_csv": READERS | WATCHERS,
    "review_pages.trail": TRAIL,
    "review_pages.trail_export": TRAIL,
    "surveillance_pages.trends": EVERYBODY,
}

# Where a session that awaits its second factor is sent, and all that it may open until then.
AWAITED_AT = {"code": "review_pages.code", "enrolment": "review_pages.second_factor"}
OPEN_WHILE = {
    "code": frozenset({"review_pages.code", "review_pages.enter_code", "review_pages.sign_out"}),
    "enrolment": frozenset(
        {
            "review_pages.second_factor", "review_pages.begin_second_factor",
            "review_pages.confirm_second_factor", "review_pages.sign_out",
        }
    ),
}  # fmt: skip
# Parts of pages that ask for themselves anew by a clock (htmx names them); no proof that anybody sits there.
UNATTENDED = frozenset({"live"})


def may_open(role: str | None, endpoint: str) -> bool:
    """Whether the table opens this route to the role."""
    return role in GRANTED.get(endpoint, frozenset())
