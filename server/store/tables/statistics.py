"""Sums of days: they name nobody, and stay when what they were made from is erased."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy import Table as PlainTable
from sqlalchemy.orm import Mapped, mapped_column

from server.domain.statistics.sums import COUNTER_MEASURES, MEASURES
from server.store.tables.root import Table
from server.store.types import Key


class SummedDay(Table):
    """A business day of a branch, and what its sums were made from.

    `made_at` is None while a day waits to be summed up for the first time; `is_due`: something happened since.
    `is_sample`: the history of a trial, made and not lived, so that no row of tickets stands behind it.
    """

    __tablename__ = "summed_day"
    __table_args__ = (
        UniqueConstraint("branch_id", "day"),
        Index("ix_summed_day_due", "is_due", "day"),
    )
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    day: Mapped[date] = mapped_column(Date)
    made_at: Mapped[datetime | None]
    is_due: Mapped[bool] = mapped_column(default=True)
    is_sample: Mapped[bool] = mapped_column(default=False)


class ReportMailing(Table):
    """The report of a month, named by its first day, went by mail: once a branch and month."""

    __tablename__ = "report_mailing"
    __table_args__ = (UniqueConstraint("branch_id", "month"),)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    month: Mapped[date] = mapped_column(Date)
    begun_at: Mapped[datetime]


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default="0")


# One column a measure, so that the database adds up a year by itself (server.domain.statistics.sums).
DAY_SUM = PlainTable(
    "day_sum",
    Table.metadata,
    Column("branch_id", Key, ForeignKey("branch.id"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("service_id", Key, ForeignKey("service.id"), primary_key=True),
    Column("hour", Integer, primary_key=True),
    Column("origin", String(10), primary_key=True),
    Column("kind", String(10), primary_key=True),
    Column("weekday", Integer, nullable=False),
    *(_count(name) for name in MEASURES),
)
COUNTER_SUM = PlainTable(
    "counter_sum",
    Table.metadata,
    Column("id", Key, primary_key=True),
    Column("branch_id", Key, ForeignKey("branch.id"), nullable=False),
    Column("day", Date, nullable=False),
    Column("counter_id", Key, ForeignKey("counter.id"), nullable=False),
    Column("clerk_id", Key, ForeignKey("staff_user.id")),
    *(_count(name) for name in COUNTER_MEASURES),
    Index("ix_counter_sum_day", "branch_id", "day"),
)
