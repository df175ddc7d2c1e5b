"""The states of a case in the matrix, each by the name of the function that makes it.

`SCENES` are the columns of the table in `tests.access.doors`; `BLIND` are more states in which somebody must
not know the AI result.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from db.ids import new_id, now
from db.models import Case
from tests.access.cases import Maker, Scene

Make = Callable[[Maker], tuple[Case, UUID | None, UUID | None]]
AMake = TypeVar("AMake", bound=Make)
SCENES: dict[str, Make] = {}
BLIND: dict[str, Make] = {}


def scene(make: AMake) -> AMake:
    """Give a state of the matrix its name: that of the function."""
    SCENES[make.__name__] = make
    return make


def blind_scene(make: AMake) -> AMake:
    """Another state in which somebody must not know the AI result, beside `held_blind`."""
    BLIND[make.__name__] = make
    return make


def make_scenes(maker: Maker) -> dict[str, Scene]:
    """All of them, by name."""
    made = {}
    for name, make in {**SCENES, **BLIND}.items():
        case, review_id, further_id = make(maker)
        made[name] = Scene(name, case.id, review_id or new_id(), further_id or new_id())
    return made


# What waits: nobody has read it.


@scene
def queued(maker: Maker) -> tuple[Case, None, None]:
    return maker.case("queued", assessed=False, assess_state="waiting"), None, None


@scene
def queued_long_ago(maker: Maker) -> tuple[Case, None, None]:
    waited = {"assess_state": "waiting", "review_from": now() - timedelta(hours=1)}
    return maker.case("queued", assessed=False, **waited), None, None


@scene
def assessing(maker: Maker) -> tuple[Case, None, None]:
    leased = {"assess_state": "leased", "lease_owner": "w", "lease_until": now() + timedelta(hours=1)}
    return maker.case("assessing", assessed=False, **leased), None, None


@scene
def awaiting_review(maker: Maker) -> tuple[Case, None, None]:
    return maker.case(), None, None


@scene
def failed(maker: Maker) -> tuple[Case, None, None]:
    return maker.case("failed", assessed=False, flags=["no_ai_result"]), None, None


@scene
def needs_retake(maker: Maker) -> tuple[Case, None, None]:
    return maker.case("needs_retake", assess_state="none"), None, None


@scene
def cancelled(maker: Maker) -> tuple[Case, None, None]:
    return maker.case("cancelled", assess_state="none", assessed=False), None, None


@scene
def awaits_reading(maker: Maker) -> tuple[Case, None, None]:
    return maker.case(awaits_reading=True), None, None


@scene
def known(maker: Maker) -> tuple[Case, None, None]:
    return maker.case(known=True, rank=3), None, None


@scene
def second_reading_waits(maker: Maker) -> tuple[Case, UUID, UUID]:
    case = maker.case()
    further = maker.asked_again(case, "second", maker.another)
    return case, further.review_id, further.id


@scene
def adjudication_waits(maker: Maker) -> tuple[Case, UUID, UUID]:
    case = maker.case()
    further = maker.asked_again(case, "adjudication", maker.another)
    return case, further.review_id, further.id


# In the person's own hands.


@scene
def held(maker: Maker) -> tuple[Case, UUID, None]:
    case = maker.case()
    return case, maker.claimed(case), None


@scene
def held_without_result(maker: Maker) -> tuple[Case, UUID, None]:
    case = maker.case("failed", assessed=False, flags=["no_ai_result"])
    return case, maker.claimed(case), None


@scene
def held_known(maker: Maker) -> tuple[Case, UUID, None]:
    case = maker.case(known=True, rank=3)
    return case, maker.claimed(case), None


@scene
def held_blind(maker: Maker) -> tuple[Case, UUID, None]:
    case = maker.case(blind=True)
    return case, maker.claimed(case), None


@scene
def held_revealed(maker: Maker) -> tuple[Case, UUID, None]:
    case = maker.case(blind=True)
    review_id = maker.claimed(case)
    own = {"blind_level": "routine", "blind_diagnosis": "other"}
    maker.send(maker.somebody, "POST", f"/v1/reviews/{review_id}/reveal", own)
    return case, review_id, None


@scene
def held_second_reading(maker: Maker) -> tuple[Case, UUID, UUID]:
    case = maker.case()
    further = maker.asked_again(case, "second", maker.another)
    return case, maker.taken(further, maker.somebody), further.id


@scene
def held_adjudication(maker: Maker) -> tuple[Case, UUID, UUID]:
    case = maker.case()
    further = maker.asked_again(case, "adjudication", maker.another)
    return case, maker.taken(further, maker.somebody), further.id


# In the person's hands no more.


@scene
def expired(maker: Maker) -> tuple[Case, UUID, None]:
    # Its lease ends in the trial: else the first look at the queue would give it back.
    return held(maker)


@scene
def released(maker: Maker) -> tuple[Case, UUID, None]:
    case, review_id, _ = held(maker)
    maker.send(maker.somebody, "POST", f"/v1/reviews/{review_id}/release")
    return case, review_id, None


@scene
def settling(maker: Maker) -> tuple[Case, UUID, None]:
    case, review_id, _ = held(maker)
    maker.decided(review_id)
    return case, review_id, None


@scene
def final(maker: Maker) -> tuple[Case, UUID, None]:
    case, review_id, _ = settling(maker)
    maker.settled(case)
    return case, review_id, None


@scene
def retake_asked(maker: Maker) -> tuple[Case, UUID, None]:
    case, review_id, _ = held(maker)
    maker.decided(review_id, verdict="retake", reason="sharper, please")
    maker.settled(case)
    return case, review_id, None


@scene
def cancelled_while_held(maker: Maker) -> tuple[Case, UUID, None]:
    case, review_id, _ = held(maker)
    key = maker.world.keys["clinic-online"]
    answer = maker.world.app.test_client().post(
        f"/v1/cases/{case.id}/cancel", headers={"Authorization": f"Bearer {key}"}
    )
    assert answer.status_code == 200, answer.text
    return case, review_id, None


# In another person's hands.


@scene
def others_held(maker: Maker) -> tuple[Case, UUID, None]:
    case = maker.case()
    return case, maker.claimed(case, maker.another), None


@scene
def others_settling(maker: Maker) -> tuple[Case, UUID, None]:
    case, review_id, _ = others_held(maker)
    maker.decided(review_id, maker.another)
    return case, review_id, None


@scene
def others_final(maker: Maker) -> tuple[Case, UUID, None]:
    case, review_id, _ = others_settling(maker)
    maker.settled(case)
    return case, review_id, None


# Read blind: nobody here has recorded their own reading yet, or it is asked of another.


@blind_scene
def blind_waiting(maker: Maker) -> tuple[Case, None, None]:
    return maker.case(blind=True), None, None


@blind_scene
def blind_released(maker: Maker) -> tuple[Case, UUID, None]:
    case, review_id, _ = held_blind(maker)
    maker.send(maker.somebody, "POST", f"/v1/reviews/{review_id}/release")
    return case, review_id, None


@blind_scene
def blind_in_others_hands(maker: Maker) -> tuple[Case, UUID, None]:
    case = maker.case(blind=True)
    return case, maker.claimed(case, maker.another), None


@blind_scene
def blind_second_reading_waits(maker: Maker) -> tuple[Case, UUID, UUID]:
    case = maker.case(blind=True)
    further = maker.asked_again(case, "second", maker.another)
    return case, further.review_id, further.id


@blind_scene
def blind_second_reading_held(maker: Maker) -> tuple[Case, UUID, UUID]:
    case = maker.case(blind=True)
    further = maker.asked_again(case, "second", maker.another)
    return case, maker.taken(further, maker.somebody), further.id
