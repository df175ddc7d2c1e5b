"""Which cases a person may read: by the platforms granted, the licence's regions, and languages."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Uuid, any_, bindparam, exists, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from db.models import Case, Clinician, PlatformGrant

READING_ROLES = ("clinician", "senior")


class Reader(NamedTuple):
    """A person who claims cases. `platforms` None: all. An empty `regions` or `languages` sets no limit."""

    id: UUID
    role: str
    platforms: frozenset[UUID] | None
    regions: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


def reader_of(session: Session, clinician_id: UUID) -> Reader:
    """The reader as they are now: grants count from the moment they are given or taken."""
    row = session.execute(
        select(
            Clinician.role, Clinician.all_platforms, Clinician.regions, Clinician.languages,
            select(func.array_agg(PlatformGrant.platform_id))
            .where(PlatformGrant.clinician_id == Clinician.id)
            .scalar_subquery()
            .label("granted"),
        ).where(Clinician.id == clinician_id, Clinician.disabled_at.is_(None))
    ).one()  # fmt: skip
    platforms = None if row.all_platforms else frozenset(row.granted or ())
    return Reader(clinician_id, row.role, platforms, tuple(row.regions), tuple(row.languages))


def may_read(reader: Reader) -> tuple[ColumnElement[bool], ...]:
    """The conditions on a case that this reader may claim it, whatever its state."""
    conditions: list[ColumnElement[bool]] = []
    if reader.platforms is not None:
        conditions.append(Case.platform_id.in_(sorted(reader.platforms)))
    if reader.regions:
        parts = [Case.region.startswith(f"{region}-") for region in reader.regions]
        conditions.append(or_(Case.region.in_(reader.regions), *parts))
    if reader.languages:
        conditions.append(Case.language.in_(reader.languages))
    return tuple(conditions)


def who_may_read(
    session: Session, platform_id: UUID, region: str, language: str
) -> Sequence[Row[UUID, str, str]]:
    """Everyone who may claim a case of this platform, region and language: id, name, role; by name."""
    reads = _reads(literal(platform_id), literal(region), literal(language))
    chosen = select(Clinician.id, Clinician.name, Clinician.role).where(*reads)
    return session.execute(chosen.order_by(Clinician.name, Clinician.id)).all()


def somebody_reads(
    platform_id: ColumnElement[UUID] | InstrumentedAttribute[UUID],
    region: ColumnElement[str] | InstrumentedAttribute[str],
    language: ColumnElement[str] | InstrumentedAttribute[str],
) -> ColumnElement[bool]:
    """The condition that anyone who reads cases may claim one of this platform, region and language."""
    return exists().where(*_reads(platform_id, region, language)).correlate_except(Clinician)


def _reads(
    platform_id: ColumnElement[UUID] | InstrumentedAttribute[UUID],
    region: ColumnElement[str] | InstrumentedAttribute[str],
    language: ColumnElement[str] | InstrumentedAttribute[str],
) -> tuple[ColumnElement[bool], ...]:
    granted = exists().where(
        PlatformGrant.clinician_id == Clinician.id, PlatformGrant.platform_id == platform_id
    )
    covers = or_(
        region == any_(Clinician.regions), func.split_part(region, "-", 1) == any_(Clinician.regions)
    )
    return (
        Clinician.disabled_at.is_(None),
        Clinician.role.in_(READING_ROLES),
        or_(Clinician.all_platforms, granted.correlate_except(PlatformGrant)),
        or_(func.cardinality(Clinician.regions) == 0, covers),
        or_(func.cardinality(Clinician.languages) == 0, language == any_(Clinician.languages)),
    )


# Asked for every case that is accepted, so it is put together once.
_SOMEBODY_READS = select(
    somebody_reads(bindparam("platform_id", type_=Uuid()), bindparam("region"), bindparam("language"))
)


def somebody_may_read(session: Session, platform_id: UUID, region: str, language: str) -> bool:
    """Whether anyone who reads cases may claim one of this platform, region and language."""
    asked = {"platform_id": platform_id, "region": region, "language": language}
    return session.scalar(_SOMEBODY_READS, asked) or False
