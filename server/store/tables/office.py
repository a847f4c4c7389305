"""The office: branches, halls, services, counters, and how often its pages were opened."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from server.store.tables.root import Table, one_of
from server.store.types import Json
from wire.vocabulary import CounterState


class Branch(Table):
    __tablename__ = "branch"
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    policy: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Hall(Table):
    __tablename__ = "hall"
    __table_args__ = (UniqueConstraint("branch_id", "code"),)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    code: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(100))
    calls_since_priority: Mapped[int | None]
    archived: Mapped[bool] = mapped_column(default=False)


class Service(Table):
    __tablename__ = "service"
    __table_args__ = (
        UniqueConstraint("branch_id", "letter"),
        CheckConstraint("length(letter) = 1", name="letter"),
    )
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    letter: Mapped[str] = mapped_column(String(1))
    position: Mapped[int] = mapped_column(default=0)
    names: Mapped[dict[str, Any]]
    policy: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Counter(Table):
    __tablename__ = "counter"
    __table_args__ = (
        UniqueConstraint("branch_id", "number"),
        CheckConstraint("number BETWEEN 1 AND 999", name="number"),
        CheckConstraint(one_of("state", CounterState), name="state"),
    )
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default=CounterState.CLOSED)
    state_since: Mapped[datetime | None]
    clerk_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    archived: Mapped[bool] = mapped_column(default=False)
    strict_order: Mapped[bool] = mapped_column(default=False)


class CounterService(Table):
    """A counter serves a service, which has its place in the counter's order."""

    __tablename__ = "counter_service"
    __table_args__ = (UniqueConstraint("counter_id", "service_id"),)
    counter_id: Mapped[int] = mapped_column(ForeignKey("counter.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    position: Mapped[int] = mapped_column(default=0)


class Publisher(Table):
    """What the office states as the publisher of the pages; one row at most."""

    __tablename__ = "publisher"
    policy: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Publication(Table):
    """A version of a text of the office's own; it stays when the office's file names it no longer."""

    __tablename__ = "publication"
    __table_args__ = (UniqueConstraint("kind", "version"),)
    kind: Mapped[str] = mapped_column(String(10))
    version: Mapped[str] = mapped_column(String(20))
    policy: Mapped[dict[str, Any]]


class Template(Table):
    """What branches or services take over from a head office; the version counts its changes."""

    __tablename__ = "template"
    __table_args__ = (UniqueConstraint("kind", "code"),)
    kind: Mapped[str] = mapped_column(String(10))
    code: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(200))
    version: Mapped[int] = mapped_column(default=0)
    policy: Mapped[dict[str, Any]]


class OfficeChange(Table):
    """A change of what an office rules, with old and new, so that it can be looked at and taken back.

    `user_id` is None where a file was applied; `undone_by_id` is the change that took this one back.
    """

    __tablename__ = "office_change"
    at: Mapped[datetime] = mapped_column(index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"), index=True)
    subject: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(100))
    old: Mapped[dict[str, Any] | None] = mapped_column(Json)
    new: Mapped[dict[str, Any] | None] = mapped_column(Json)
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("office_change.id"))


class PlannedChange(Table):
    """A change of settings that is to be made on a day: `wanted` names things with their settings.

    `seen` is the digest of what the settings were when it was planned. `done_at`: it was made, or was given up
    for the `problem`; `user_id` is whose change it is.
    """

    __tablename__ = "planned_change"
    __table_args__ = (
        Index(
            "ix_planned_change_due",
            "day",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), index=True)
    day: Mapped[date] = mapped_column(Date)
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"))
    planned_at: Mapped[datetime]
    wanted: Mapped[list[Any]] = mapped_column(Json)
    seen: Mapped[str] = mapped_column(String(24))
    done_at: Mapped[datetime | None]
    problem: Mapped[str | None] = mapped_column(String(200))


class PageVisits(Table):
    """How often an information page was opened, as its foot says."""

    __tablename__ = "page_visits"
    __table_args__ = (UniqueConstraint("page"),)
    page: Mapped[str] = mapped_column(String(200))
    visits: Mapped[int] = mapped_column(default=0)
