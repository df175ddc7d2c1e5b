"""Whatever the counts and the filter: only cells come out, small ones without their number, never a sum."""

from typing import cast

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from db.models import SurveillanceCount
from surveillance.cells import STATUSES, CellKey, Filter, published_cells
from surveillance.weeks import weeks_from_to
from triage import CONDITIONS

WEEKS = weeks_from_to("2026-W01", "2026-W04")
REGIONS = ["DE-BE", "FR-75", "GB-LND"]

keys = st.builds(
    CellKey,
    st.sampled_from(WEEKS),
    st.sampled_from(REGIONS),
    st.sampled_from(CONDITIONS[:3]),
    st.sampled_from(STATUSES),
)
tables = st.dictionaries(keys, st.integers(0, 30), max_size=20)
filters = st.builds(
    Filter,
    st.none() | st.sampled_from(WEEKS),
    st.none() | st.sampled_from(WEEKS),
    st.none() | st.sampled_from(REGIONS),
    st.none() | st.sampled_from(CONDITIONS[:3]),
    st.none() | st.sampled_from(STATUSES),
)


def _is_chosen(key: CellKey, chosen: Filter) -> bool:
    return (
        (chosen.week_from is None or key.week >= chosen.week_from)
        and (chosen.week_to is None or key.week <= chosen.week_to)
        and chosen.region in (None, key.region)
        and chosen.condition in (None, key.condition)
        and chosen.status in (None, key.status)
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=tables, chosen=filters, suppress_up_to=st.integers(1, 15))
def test_only_cells_are_published_and_small_ones_only_as_small(
    session: Session, table: dict[CellKey, int], chosen: Filter, suppress_up_to: int
) -> None:
    session.execute(delete(SurveillanceCount))
    if table:
        session.execute(
            insert(SurveillanceCount), [{**key._asdict(), "count": count} for key, count in table.items()]
        )

    cells = published_cells(session, suppress_up_to, chosen)

    expected = sorted(key for key, count in table.items() if count and _is_chosen(key, chosen))
    assert [cell.key for cell in cells] == expected
    for cell in cells:
        true_count = table[cell.key]
        assert cell.suppressed == (true_count <= suppress_up_to)
        assert cell.count == (None if cell.suppressed else true_count)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=tables, chosen=filters, data=st.data())
def test_another_table_with_other_small_counts_looks_the_same(
    session: Session, table: dict[CellKey, int], chosen: Filter, data: st.DataObject
) -> None:
    """Nothing that is published depends on how large a small count is: so nobody can derive it."""
    disguised = {
        key: data.draw(st.integers(1, 10)) if 1 <= count <= 10 else count for key, count in table.items()
    }
    assert _published(session, table, chosen) == _published(session, disguised, chosen)


def _published(session: Session, table: dict[CellKey, int], chosen: Filter) -> object:
    session.execute(delete(SurveillanceCount))
    if table:
        rows = [{**key._asdict(), "count": count} for key, count in table.items()]
        session.execute(insert(SurveillanceCount), cast(list[dict[str, object]], rows))
    return published_cells(session, 10, chosen)
