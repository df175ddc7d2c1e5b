"""Surveillance counts: kept up as cases move, holding nothing that leads back to a case."""

from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base


class SurveillanceCount(Base):
    """How many cases accepted in an ISO week (UTC, such as 2026-W07) stand for a condition and status."""

    __tablename__ = "surveillance_counts"

    week: Mapped[str] = mapped_column(primary_key=True)
    region: Mapped[str] = mapped_column(primary_key=True)
    condition: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
