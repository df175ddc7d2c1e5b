"""The claim: most urgent first, never twice, suspects in small company, nothing while the model is paused."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from db.ids import now
from db.model_control import set_paused
from db.models import Case, Image
from db.queue import Claim, claim, extend
from db.session import SessionFactory
from dermtriage.bench.claim_1m_vs_1k import FILL
from tests.factories import make_image
from tests.worker.conftest import PlaceCase

LEASE = timedelta(seconds=30)


def ids(claimed: Claim | None) -> set[UUID]:
    return {case.id for case in claimed.cases} if claimed else set()


def take(sessions: SessionFactory, size: int = 16) -> Claim | None:
    with sessions.begin() as session:
        return claim(session, owner="worker-1", size=size, lease=LEASE)


def test_the_most_urgent_then_the_one_due_first_is_claimed(
    sessions: SessionFactory, place_case: PlaceCase
) -> None:
    soon, later = now() + timedelta(hours=1), now() + timedelta(hours=2)
    routine = place_case(level="routine", due_at=soon)
    urgent_later = place_case(level="urgent", due_at=later)
    urgent_soon = place_case(level="urgent", due_at=soon)
    emergency = place_case(level="emergency", due_at=later)
    order = [emergency, urgent_soon, urgent_later, routine]
    assert [ids(take(sessions, size=1)) for _ in order] == [{case.id} for case in order]
    assert take(sessions) is None


def test_a_claim_marks_the_case_and_starts_a_lease(
    session: Session, sessions: SessionFactory, place_case: PlaceCase
) -> None:
    case, other = place_case(), place_case()
    claimed = take(sessions)
    session.refresh(case)
    assert claimed
    assert (case.status, case.assess_state, case.lease_owner) == ("assessing", "leased", "worker-1")
    assert (case.lease_token, case.lease_batch) == (claimed.token, 2)
    assert case.lease_until
    assert timedelta(seconds=25) < case.lease_until - now() <= LEASE
    assert ids(claimed) == {case.id, other.id}


def test_many_workers_at_once_never_claim_the_same_case(
    sessions: SessionFactory, place_case: PlaceCase
) -> None:
    placed = {place_case().id for _ in range(40)}

    def take_all(_: int) -> list[UUID]:
        taken: list[UUID] = []
        while claimed := take(sessions, size=3):
            taken += ids(claimed)
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [case_id for part in pool.map(take_all, range(4)) for case_id in part]
    # A row that another worker is just taking is passed over, so one more look may find a rest.
    taken += take_all(0)
    assert len(taken) == len(set(taken))
    assert set(taken) == placed


def test_a_case_that_a_clinician_holds_is_claimed_without_being_moved(
    session: Session, sessions: SessionFactory, place_case: PlaceCase
) -> None:
    case = place_case(status="in_review")
    assert ids(take(sessions)) == {case.id}
    session.refresh(case)
    assert (case.status, case.assess_state) == ("in_review", "leased")


def test_suspects_run_with_their_like_only_and_in_batches_of_their_limit(
    sessions: SessionFactory, place_case: PlaceCase
) -> None:
    suspects = {place_case(level="urgent", batch_limit=2).id for _ in range(3)}
    alone = place_case(level="urgent", batch_limit=1)
    clean = {place_case(level="routine").id for _ in range(3)}
    batches = [ids(take(sessions)) for _ in range(4)]
    assert [len(batch) for batch in batches] == [2, 1, 1, 3]
    assert batches[0] | batches[1] == suspects
    assert batches[2] == {alone.id}
    assert batches[3] == clean


def test_a_worker_with_cases_in_hand_gets_nothing_while_a_suspect_comes_next(
    sessions: SessionFactory, place_case: PlaceCase
) -> None:
    suspect = place_case(level="urgent", batch_limit=1)
    clean = place_case(level="routine")

    def take_clean() -> Claim | None:
        with sessions.begin() as session:
            return claim(session, owner="worker-1", size=16, lease=LEASE, suspects=False)

    assert take_clean() is None
    alone = take(sessions)
    assert alone
    assert alone.suspect
    assert ids(alone) == {suspect.id}
    assert ids(take_clean()) == {clean.id}


def test_nothing_is_claimed_while_the_model_is_paused(
    session: Session, sessions: SessionFactory, place_case: PlaceCase
) -> None:
    case = place_case()
    set_paused(session, True)
    session.commit()
    assert take(sessions) is None
    set_paused(session, False)
    session.commit()
    assert ids(take(sessions)) == {case.id}


def test_only_the_photographs_of_the_current_round_are_shown(
    session: Session, sessions: SessionFactory, place_case: PlaceCase
) -> None:
    case = place_case(round=1)
    make_image(session, case, sha256="b" * 64, position=1)
    session.add(
        Image(
            case_id=case.id,
            platform_id=case.platform_id,
            round=1,
            position=2,
            sha256="c" * 64,
            content_type="image/jpeg",
            size=1,
            width=1,
            height=1,
            orientation=6,
        )
    )
    session.commit()
    claimed = take(sessions)
    assert claimed
    assert [tuple(image) for image in claimed.cases[0].images] == [("c" * 64, 6)]


def test_a_heart_beat_extends_what_the_tokens_hold_and_nothing_else(
    session: Session, sessions: SessionFactory, place_case: PlaceCase
) -> None:
    place_case(), place_case()
    mine, other = take(sessions, size=1), take(sessions, size=1)
    assert mine
    assert other
    assert extend(session, [mine.token], timedelta(hours=1)) == 1
    session.commit()
    until = {
        case.lease_token: case.lease_until
        for case in session.query(Case).populate_existing()
        if case.lease_until
    }
    assert until[mine.token] > now() + timedelta(minutes=50)
    assert until[other.token] < now() + timedelta(minutes=1)


def test_a_claim_never_reads_the_whole_table(
    session: Session, sessions: SessionFactory, place_case: PlaceCase
) -> None:
    place_case()
    session.execute(FILL, {"count": 3000})
    session.commit()
    session.execute(text("ANALYZE cases"))
    session.commit()
    whole_reads = text("SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = 'cases'")
    # Prepared statements get another plan after the fifth call.
    for _ in range(12):
        with sessions.begin() as worker:
            before = worker.scalar(whole_reads)
            claimed = claim(worker, owner="worker-1", size=16, lease=LEASE)
            assert worker.scalar(whole_reads) == before
        assert len(ids(claimed)) == 16
