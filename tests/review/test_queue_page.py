"""The page of the queue: what it lists, counts and hides, its filters and views, and who is told of what."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from db import queue_lists
from db.holdings import held
from db.ids import now
from db.models import Case, Clinician, KnownCase, Notice, Platform, Review, SavedView
from db.notice_lists import notices_for
from db.overdue import escalate
from db.queue_filters import Filters
from db.queue_lists import first_waiting, waiting_by_level
from db.session import SessionFactory
from review.claims import claim_case
from tests.factories import make_case, make_platform
from tests.review.conftest import LEASE
from tests.review.queueing import Window, add_further, add_person, as_reader

Waiting = Callable[..., Case]


@pytest.fixture
def window(app: Flask, session: Session, reader: Clinician) -> Window:
    return Window(app.test_client(), session, reader)


def listed(session: Session, reader: Clinician, *platforms: Platform, **filters: Any) -> list[UUID]:
    """The cases that the reader's list shows, in its order."""
    found = first_waiting(session, as_reader(reader, *platforms), now(), Filters(**filters), 50)
    return [row.case_id for row in found]


def blind(waiting: Waiting, **fields: Any) -> Case:
    """A blind case that intake took for routine and the model for an emergency, late by the model's time."""
    hidden = {
        "blind": True, "provisional_level": "routine", "flags": ["models_disagree", "red_flag"],
        "provisional_flags": ["incomplete_information"], "due_at": now() - timedelta(hours=1),
        "provisional_due_at": now() + timedelta(days=3),
    }  # fmt: skip
    return waiting("mpox", "emergency", **{**hidden, **fields})


def test_the_list_shows_a_blind_case_by_what_intake_knew(
    session: Session, reader: Clinician, waiting: Waiting
) -> None:
    urgent, case = waiting(), blind(waiting)
    later = waiting("nev", "routine", due_at=now() + timedelta(days=4))
    found = first_waiting(session, as_reader(reader), now(), Filters(), 50)
    assert [row.case_id for row in found] == [urgent.id, case.id, later.id]
    row = found[1]
    assert (row.level, row.due_at, row.flags) == (
        "routine", case.provisional_due_at, ["incomplete_information"],
    )  # fmt: skip


def test_a_blind_case_whose_model_failed_looks_like_any_other(
    session: Session, reader: Clinician, waiting: Waiting, platform: Platform
) -> None:
    blind(waiting, status="failed", assess_state="failed")
    make_case(session, platform, status="awaiting_review", blind=True)
    rows = first_waiting(session, as_reader(reader), now(), Filters(), 50)
    assert {(row.status, row.has_ai_result) for row in rows} == {("awaiting_review", True)}


def test_counts_show_a_blind_case_by_what_intake_knew(
    session: Session, reader: Clinician, waiting: Waiting, platform: Platform
) -> None:
    blind(waiting), waiting("nev", "routine", due_at=now() - timedelta(hours=1)), waiting()
    make_case(session, platform, level="self_care", review_from=now())
    make_case(session, platform, level="urgent", review_from=now() + timedelta(hours=1))
    counts = waiting_by_level(session, as_reader(reader), now())
    assert counts == [("urgent", 1, 0, False), ("routine", 2, 1, False), ("self_care", 1, 0, False)]


def test_the_pages_text_holds_nothing_that_the_model_found_in_a_blind_case(
    window: Window, waiting: Waiting, sessions: SessionFactory, reader: Clinician, session: Session
) -> None:
    case = blind(waiting)
    with sessions.begin() as sweep:
        escalate(sweep, now(), 0.5)
    waits = window.open()
    claim_case(sessions, reader.id, LEASE, case.id)
    mine = window.open()
    others = Window(window.client.application.test_client(), session, add_person(session)).open()
    for text in (waits, mine, others):
        assert str(case.id)[-8:] in text
        assert "level-routine" in text
        for found in ("level-emergency", "flag-models_disagree", "flag-red_flag", 'class="late"', " late."):
            assert found not in text, found
    assert "You hold" in mine
    assert "Dr Reader until" in others


def test_you_hold_shows_the_level_in_force_after_the_reveal_to_you_alone(
    session: Session, sessions: SessionFactory, reader: Clinician, waiting: Waiting, other_reader: Clinician
) -> None:
    case = blind(waiting)
    review_id = claim_case(sessions, reader.id, LEASE, case.id)

    def shown(person: Clinician) -> tuple[str, Any]:
        (row,) = held(session, as_reader(person), now())
        return row.level, row.due_at

    assert shown(reader) == ("routine", case.provisional_due_at)
    session.get_one(Review, review_id).revealed_at = now()
    session.commit()
    assert shown(reader) == ("emergency", case.due_at)
    assert shown(other_reader) == ("routine", case.provisional_due_at)


def test_a_known_case_is_found_by_the_platform_that_it_was_copied_from(
    session: Session, reader: Clinician, waiting: Waiting, platform: Platform
) -> None:
    source, copies = waiting(status="completed"), make_platform(session, "known cases")
    standing = {"known": True, "level": "routine", "status": "awaiting_review"}
    copy = make_case(session, copies, **standing)
    session.add(KnownCase(case_id=copy.id, source_case_id=source.id, level="routine", seeded_by=reader.id))
    session.commit()
    elsewhere = make_platform(session, "elsewhere")
    assert listed(session, reader, platform=platform.id) == [copy.id]
    assert listed(session, reader, platform=elsewhere.id) == []


def test_a_second_reading_of_a_blind_case_is_shown_by_what_intake_knew(
    session: Session, reader: Clinician, other_reader: Clinician, waiting: Waiting
) -> None:
    case = blind(waiting, status="completed")
    add_further(session, case, other_reader, rank=0, due_at=now())
    (row,) = first_waiting(session, as_reader(reader), now(), Filters(), 50)
    assert (row.kind, row.level, row.rank, row.due_at) == ("second", "routine", 3, case.provisional_due_at)


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"level": "urgent"}, ["urgent", "french"]),
        ({"level": "emergency"}, []),
        ({"lateness": "late"}, ["late"]),
        ({"lateness": "soon"}, ["urgent"]),
        ({"lateness": "later"}, ["french", "blind", "no result"]),
        ({"flag": "low_confidence"}, ["late"]),
        ({"flag": "models_disagree"}, []),
        ({"flag": "incomplete_information"}, ["blind"]),
        ({"region": "BE"}, ["late"]),
        ({"region": "BE-BRU"}, ["late"]),
        ({"region": "B"}, []),
        ({"language": "fr"}, ["french"]),
        ({"no_ai_result": True}, ["no result"]),
        ({"further": True}, ["second"]),
        ({"level": "urgent", "lateness": "soon"}, ["urgent"]),
    ],
)
def test_filters_go_by_what_is_shown(
    session: Session, reader: Clinician, other_reader: Clinician, waiting: Waiting, platform: Platform,
    filters: dict[str, Any], names: list[str],
) -> None:  # fmt: skip
    at = now()
    cases = {
        "urgent": waiting("mpox", "urgent", due_at=at + timedelta(minutes=30)),
        "french": waiting("mpox", "urgent", due_at=at + timedelta(hours=2), language="fr"),
        "late": waiting(
            "nev", "priority", due_at=at - timedelta(minutes=1), flags=["low_confidence"], region="BE-BRU"
        ),
        "blind": blind(waiting),
        "no result": make_case(
            session, platform, level="self_care", status="failed", due_at=at + timedelta(days=9)
        ),
        "second": waiting("nev", "self_care", status="completed", due_at=at + timedelta(minutes=61)),
    }
    add_further(session, cases["second"], other_reader)
    found = listed(session, reader, **filters)
    assert [name for name, case in cases.items() if case.id in found and name != "second"] == [
        name for name in names if name != "second"
    ]
    assert ("second" in names) <= (cases["second"].id in found)
    if filters.get("further"):
        assert found == [cases["second"].id]


def test_the_filter_of_platforms_and_what_may_not_be_read(
    session: Session, reader: Clinician, waiting: Waiting
) -> None:
    elsewhere = make_platform(session, "elsewhere")
    here, there = waiting(), make_case(session, elsewhere, status="awaiting_review")
    assert listed(session, reader, platform=elsewhere.id) == [there.id]
    stranger = add_person(session, granted=(elsewhere,))
    assert listed(session, stranger, elsewhere) == [there.id]
    assert listed(session, stranger, elsewhere, platform=here.platform_id) == []
    counts = waiting_by_level(session, as_reader(stranger, elsewhere), now())
    assert [(count.level, count.waiting) for count in counts] == [("routine", 1)]


def test_who_holds_what_is_shown_of_readable_cases_only(
    session: Session, sessions: SessionFactory, waiting: Waiting, reader: Clinician, other_reader: Clinician
) -> None:
    case = waiting()
    claim_case(sessions, other_reader.id, LEASE, case.id)
    (row,) = held(session, as_reader(reader), now())
    assert (row.case_id, row.name, row.clinician_id) == (case.id, "Dr Reader", other_reader.id)
    assert held(session, as_reader(add_person(session, regions=["DE"])), now()) == []
    assert held(session, as_reader(reader), now() + 2 * LEASE) == []


def test_counts_end_at_their_bound(
    session: Session, reader: Clinician, waiting: Waiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_lists, "COUNTED", 3)
    for _ in range(4):
        waiting()
    waiting("nev", "routine")
    counts = waiting_by_level(session, as_reader(reader), now())
    assert counts == [("urgent", 3, 0, True), ("routine", 1, 0, False)]


def test_the_page_filters_by_its_address_and_keeps_views(
    window: Window, waiting: Waiting, session: Session, other_reader: Clinician, app: Flask
) -> None:
    urgent, routine = waiting(), waiting("nev", "routine")
    text = window.open("/review/?level=routine&lateness=nonsense&platform=x&region=%00")
    assert str(routine.id) in text
    assert str(urgent.id) not in text
    assert "Saved as My routine." in window.send("/review/views", level="routine", name="My routine").text
    window.send("/review/views", level="urgent", name="My routine")
    view = session.scalars(select(SavedView)).one()
    assert (view.name, view.filters) == ("My routine", {"level": "urgent"})
    (address,) = re.findall(r'href="([^"]*)">My routine<', window.open())
    assert str(routine.id) not in window.open(address)

    other = Window(app.test_client(), session, other_reader)
    assert "My routine" not in other.open()
    other.send("/review/views", delete=str(view.id))
    assert session.scalars(select(SavedView)).all() == [view]
    window.send("/review/views", delete=str(view.id))
    assert session.scalars(select(SavedView)).all() == []


def test_a_view_needs_a_name(window: Window, waiting: Waiting, session: Session) -> None:
    waiting()
    window.open("/review/?level=urgent")
    assert "Give the view a name." in window.send("/review/views", level="urgent", name=" ").text
    assert session.scalars(select(SavedView)).all() == []


def test_nothing_that_fits_is_said(window: Window, waiting: Waiting) -> None:
    waiting()
    assert "No case waits that fits these filters." in window.open("/review/?level=self_care")


def test_a_second_reading_can_be_claimed_from_the_list(
    window: Window, waiting: Waiting, session: Session, other_reader: Clinician
) -> None:
    further = add_further(session, waiting(status="completed"), other_reader)
    text = window.open()
    assert f'name="further_id" value="{further.id}"' in text
    window.send("/review/claim", further_id=str(further.id))
    session.refresh(further)
    assert further.state == "held"
    assert "second reading</span>" in window.open()


def told(session: Session, person: Clinician, *platforms: Platform) -> list[tuple[UUID | None, int]]:
    """The notices that the person's page shows: case and stage."""
    return [(row.case_id, row.stage) for row in notices_for(session, as_reader(person, *platforms), now())]


def test_each_role_hears_of_its_stage(
    session: Session, waiting: Waiting, reader: Clinician, sessions: SessionFactory
) -> None:
    case = waiting(accepted_at=now() - timedelta(days=3), due_at=now() - timedelta(days=2))
    senior = add_person(session, role="senior")
    administrator = add_person(session, role="administrator")
    stranger = add_person(session, role="senior", granted=())
    with sessions.begin() as sweep:
        escalate(sweep, now(), 0.5)
    assert told(session, reader) == [(case.id, 1)]
    assert told(session, senior) == [(case.id, 2)]
    assert told(session, administrator) == [(case.id, 3)]
    assert told(session, stranger) == []
    claim_case(sessions, reader.id, LEASE, case.id)
    assert told(session, senior) == told(session, administrator) == []


def test_readers_hear_of_a_blind_case_by_its_shown_due_time(
    session: Session, waiting: Waiting, reader: Clinician, sessions: SessionFactory
) -> None:
    accepted = {"accepted_at": now() - timedelta(days=3)}
    hidden = blind(waiting, **accepted)
    late = blind(waiting, provisional_due_at=now() - timedelta(days=1), **accepted)
    with sessions.begin() as sweep:
        escalate(sweep, now(), 0.5)
    assert told(session, reader) == [(late.id, 1)]
    (notice,) = notices_for(session, as_reader(reader), now())
    assert (notice.level, notice.due_at, notice.detail) == ("routine", late.provisional_due_at, "")
    administrator = add_person(session, role="administrator")
    with sessions.begin() as sweep:
        escalate(sweep, now() + timedelta(days=5), 0.5)
    assert {case_id for case_id, _ in told(session, administrator)} == {hidden.id, late.id}


def test_the_page_of_notices_ends_one(
    app: Flask, session: Session, waiting: Waiting, sessions: SessionFactory
) -> None:
    case = waiting(accepted_at=now() - timedelta(days=3), due_at=now() - timedelta(days=2))
    with sessions.begin() as sweep:
        escalate(sweep, now(), 0.5)
    administrator = Window(app.test_client(), session, add_person(session, role="administrator"))
    text = administrator.open("/review/notices")
    assert str(case.id)[-8:] in text
    assert "2 d late. Clinicians and seniors were told." in text
    notice = session.scalars(select(Notice).where(Notice.role == "administrator")).one()
    ended = administrator.send(f"/review/notices/{notice.id}/end")
    assert "The notice has ended." in ended.text
    assert "Nothing that your role must hear of." in ended.text


def test_the_strip_of_the_queue_claims_the_late_case(
    window: Window, session: Session, waiting: Waiting, sessions: SessionFactory
) -> None:
    case = waiting(accepted_at=now() - timedelta(days=3), due_at=now() - timedelta(days=2))
    with sessions.begin() as sweep:
        escalate(sweep, now(), 0.5)
    assert "Overdue and other notices" in window.open()
    window.send("/review/claim", case_id=str(case.id))
    session.refresh(case)
    assert case.status == "in_review"
    assert "Overdue and other notices" not in window.open()
