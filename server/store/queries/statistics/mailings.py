"""Monthly reports that went by mail: each month of a branch once, and what became of the letters."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from server.store.tables import Message, ReportMailing, SummedDay

_INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
# As the index has it: SQLite takes an index of some rows only where the words are the same.
_IS_REPORT = text("kind = 'monthly_report'")


class MailedLetter(NamedTuple):
    """What became of a letter with a report."""

    month: str
    status: str
    problem: str | None
    made_at: datetime
    settled_at: datetime | None


def begin(session: Session, branch_id: int, month: date, now: datetime) -> bool:
    """Note that the report of a month goes by mail; False when that was noted before."""
    new = _INSERTS[session.get_bind().dialect.name](ReportMailing).values(
        branch_id=branch_id, month=month, begun_at=now
    )
    once = new.on_conflict_do_nothing(index_elements=["branch_id", "month"]).returning(ReportMailing.id)
    return session.execute(once).first() is not None


def is_begun(session: Session, branch_id: int, month: date) -> bool:
    """Say whether the report of a month went by mail already."""
    found = select(ReportMailing.id).filter_by(branch_id=branch_id, month=month)
    return session.execute(found).first() is not None


def is_known(session: Session, branch_id: int, until: date) -> bool:
    """Say whether anything happened at a branch up to a day."""
    found = select(SummedDay.id).where(SummedDay.branch_id == branch_id, SummedDay.day <= until)
    return session.execute(found.limit(1)).first() is not None


def is_summed_up(session: Session, branch_id: int, first: date, last: date) -> bool:
    """Say whether no day of a period is still to be summed up."""
    found = select(SummedDay.id).where(
        SummedDay.branch_id == branch_id, SummedDay.day.between(first, last), SummedDay.is_due
    )
    return session.execute(found.limit(1)).first() is None


def letters(session: Session, branch: str, most: int) -> list[MailedLetter]:
    """List the last letters with reports of a branch, by its code, the newest first."""
    month = Message.facts["month"].as_string()
    columns = (month, Message.status, Message.problem, Message.made_at, Message.settled_at)
    found = (
        select(*columns)
        .where(_IS_REPORT, Message.facts["branch"].as_string() == branch)
        .order_by(Message.id.desc())
        .limit(most)
    )
    return [MailedLetter(*row) for row in session.execute(found)]
