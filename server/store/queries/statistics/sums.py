"""The sums that are kept of each day: which days are due, their writing, and many days added up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from server.domain.statistics.figures import Row
from server.domain.statistics.sums import COUNTER_MEASURES, MEASURES, DeskSums, Sums
from server.store.tables import COUNTER_SUM, DAY_SUM, Setting, SummedDay, User

SEEN = "statistics_seen"
_INSERTS: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_BY = ("service_id", "weekday", "hour", "origin", "kind")
_OF_A_DAY = ("issued", "served", "in_target", "waits", "wait_seconds")


class DeskRow(NamedTuple):
    """A counter's sums of many days; with a clerk where these are kept."""

    counter_id: int
    clerk: str | None
    sums: Counter[str]


class Standing(NamedTuple):
    """How far the sums of a period are: when the last one was made, days still due, days of a made history."""

    made_at: datetime | None
    due: int
    samples: int


def seen(session: Session) -> int | None:
    """Return the number of the last fact that sums know of; None before the first look."""
    found = session.execute(select(Setting.value).where(Setting.name == SEEN)).scalar_one_or_none()
    return None if found is None else int(found)


def keep_seen(session: Session, feed_number: int) -> None:
    """Keep the number of the last fact that sums know of."""
    row = session.execute(select(Setting).where(Setting.name == SEEN)).scalar_one_or_none()
    if row is None:
        session.add(Setting(name=SEEN, value=str(feed_number)))
    else:
        row.value = str(feed_number)


def make_due(session: Session, days: Iterable[tuple[int, date]]) -> None:
    """Have days summed up anew; those of a made history stay as they were made."""
    new = _INSERTS[session.get_bind().dialect.name](SummedDay)
    rows = [
        {"branch_id": branch_id, "day": day, "is_due": True, "is_sample": False}
        for branch_id, day in sorted(days)
    ]
    if rows:
        statement = new.on_conflict_do_update(
            index_elements=["branch_id", "day"],
            set_={"is_due": True},
            where=SummedDay.is_sample.is_(False),
        )
        session.connection().execute(statement, rows)


def due(session: Session, most: int) -> list[tuple[int, date]]:
    """List days that are to be summed up, the latest first."""
    found = select(SummedDay.branch_id, SummedDay.day).where(SummedDay.is_due)
    return [(row[0], row[1]) for row in session.execute(found.order_by(SummedDay.day.desc()).limit(most))]


def write_day(
    session: Session, branch_id: int, day: date, sums: Sums, desks: DeskSums, made_at: datetime
) -> None:
    """Put a day's sums in the place of those that stand there."""
    for table in (DAY_SUM, COUNTER_SUM):
        session.execute(delete(table).where(table.c.branch_id == branch_id, table.c.day == day))
    write_sums(session, branch_id, day, sums, desks)
    session.execute(
        update(SummedDay)
        .where(SummedDay.branch_id == branch_id, SummedDay.day == day)
        .values(made_at=made_at, is_due=False)
        .execution_options(synchronize_session=False)
    )


def write_sums(session: Session, branch_id: int, day: date, sums: Sums, desks: DeskSums) -> None:
    """Write the sums of a day that has none."""
    of_day = {"branch_id": branch_id, "day": day}
    cells = [
        of_day | {"weekday": day.weekday()} | cell._asdict() | {name: int(counts[name]) for name in MEASURES}
        for cell, counts in sums.items()
    ]
    at_desks = [
        of_day | desk._asdict() | {name: int(counts[name]) for name in COUNTER_MEASURES}
        for desk, counts in desks.items()
    ]
    for table, rows in ((DAY_SUM, cells), (COUNTER_SUM, at_desks)):
        if rows:
            session.connection().execute(insert(table), rows)


def forget_clerks(session: Session, branch_ids: Collection[int]) -> None:
    """Take the clerks out of the sums of branches."""
    session.execute(
        update(COUNTER_SUM)
        .where(COUNTER_SUM.c.branch_id.in_(branch_ids), COUNTER_SUM.c.clerk_id.is_not(None))
        .values(clerk_id=None)
    )


def has_clerks(session: Session, branch_ids: Collection[int]) -> bool:
    """Say whether sums of branches name a clerk."""
    found = select(COUNTER_SUM.c.id).where(
        COUNTER_SUM.c.branch_id.in_(branch_ids), COUNTER_SUM.c.clerk_id.is_not(None)
    )
    return session.execute(found.limit(1)).first() is not None


def added_up(
    session: Session, branch_id: int, first: date, last: date, measures: tuple[str, ...] = MEASURES
) -> list[Row]:
    """Add the days of a period up, by service, weekday, hour, origin and kind."""
    by = [DAY_SUM.c[name] for name in _BY]
    sums = [func.sum(DAY_SUM.c[name]) for name in measures]
    found = select(*by, *sums).where(*_within(DAY_SUM, branch_id, first, last)).group_by(*by)
    return [
        Row(row[0], row[1], row[2], row[3], row[4], Counter(_counted(measures, tuple(row)[len(_BY) :])))
        for row in session.execute(found)
    ]


def by_day(
    session: Session, branch_id: int, first: date, last: date, kinds: Collection[str]
) -> list[tuple[date, int, Counter[str]]]:
    """Tell for each day and service how many tickets there were, how many waited within the target, how long."""
    by = (DAY_SUM.c.day, DAY_SUM.c.service_id)
    sums = [func.sum(DAY_SUM.c[name]) for name in _OF_A_DAY]
    found = select(*by, *sums).where(*_within(DAY_SUM, branch_id, first, last), DAY_SUM.c.kind.in_(kinds))
    return [
        (row[0], row[1], Counter(_counted(_OF_A_DAY, tuple(row)[2:])))
        for row in session.execute(found.group_by(*by).order_by(*by))
    ]


def promises(session: Session, branch_id: int, first: date, last: date) -> tuple[int, int]:
    """Count the expected times of a period, and those that held."""
    found = select(func.sum(DAY_SUM.c.promises), func.sum(DAY_SUM.c.promises_kept))
    row = session.execute(found.where(*_within(DAY_SUM, branch_id, first, last))).one()
    return int(row[0] or 0), int(row[1] or 0)


def at_counters(
    session: Session, branch_id: int, first: date, last: date, *, by_clerk: bool
) -> list[DeskRow]:
    """Add the days of a period up by counter, or by clerk as far as clerks are kept."""
    sums = [func.sum(COUNTER_SUM.c[name]) for name in COUNTER_MEASURES]
    by: list[Any] = [COUNTER_SUM.c.counter_id]
    found = select(*by, *sums)
    if by_clerk:
        by = [*by, User.name]
        found = select(*by, *sums).join(User, User.id == COUNTER_SUM.c.clerk_id)
    found = found.where(*_within(COUNTER_SUM, branch_id, first, last)).group_by(*by).order_by(*by)
    return [
        DeskRow(
            row[0], row[1] if by_clerk else None, Counter(_counted(COUNTER_MEASURES, tuple(row)[len(by) :]))
        )
        for row in session.execute(found)
    ]


def standing(session: Session, branch_id: int, first: date, last: date) -> Standing:
    """Tell how far the sums of a period are."""
    rows: Any = session.execute(
        select(SummedDay.made_at, SummedDay.is_due, SummedDay.is_sample).where(
            SummedDay.branch_id == branch_id, SummedDay.day >= first, SummedDay.day <= last
        )
    ).all()
    made = [row[0] for row in rows if row[0] is not None]
    never = sum(row[1] and row[0] is None for row in rows)
    return Standing(max(made, default=None), never, sum(row[2] for row in rows))


def _within(table: Any, branch_id: int, first: date, last: date) -> tuple[Any, ...]:
    return table.c.branch_id == branch_id, table.c.day >= first, table.c.day <= last


def _counted(names: tuple[str, ...], values: tuple[Any, ...]) -> dict[str, int]:
    return {name: int(value) for name, value in zip(names, values, strict=True) if value}
