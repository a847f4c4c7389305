"""Numbers that a kiosk gave while it was alone, as staff see them; a supervisor ends each conflict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from server.services.context import Context, RuleBroken, not_found
from server.services.office.settings import BranchView
from server.services.queue.issue import Given, NewTicket, issue
from server.store.facts import NewFact, note
from server.store.queries import offline as rows
from server.store.queries.access.principals import DeviceRow
from server.store.queries.offline import EntryShown
from server.store.tables import OfflineEntry
from wire.vocabulary import Conflict, DeviceRole, FactType

MOST = 500
# Whose visitor has no other number, and whose own is free.
_MAY_WAIT = frozenset({Conflict.CANCELLED, Conflict.NOT_ADMITTED, Conflict.UNKNOWN_RESERVATION})


class Resolution(StrEnum):
    """How a supervisor ends a conflict."""

    LET_WAIT = "let_wait"
    HAS_NUMBER = "has_number"
    NEW_TICKET = "new_ticket"
    LEFT = "left"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class OfflineShown:
    """What needs a decision, and what else came in on this business day."""

    conflicts: Sequence[EntryShown]
    others: Sequence[EntryShown]


def shown(session: Session, context: Context, branch: BranchView) -> OfflineShown:
    """List a branch's open conflicts, the oldest first, and the other entries of the day, the latest first."""
    since = branch.policy.business_day_began_at(context.now)
    found = rows.entries(session, branch.id, since, MOST)
    conflicts = [each for each in found if each.is_open]
    return OfflineShown(conflicts[::-1], [each for each in found if not each.is_open])


def may_wait(context: Context, branch: BranchView, row: OfflineEntry) -> bool:
    """Say whether a visitor may be let into the line with the number on the paper: on its own day only.

    Who was called at the kiosk's own line has been at a counter.
    """
    is_today = row.day == branch.policy.business_day(context.now)
    return is_today and row.called_at is None and row.conflict in _MAY_WAIT and row.letter in branch.services


def resolve(
    session: Session,
    context: Context,
    user_id: int,
    branch: BranchView,
    entry_id: int,
    resolution: Resolution,
) -> str:
    """End a conflict: let its visitor wait with the number on the paper, or say why not; return the number.

    Raises RuleBroken 404 for another branch's, 409 `resolved` for one that is ended, `may_not_wait`.
    """
    row = rows.entry(session, branch.id, entry_id)
    if row is None or row.conflict is None:
        raise not_found("entry")
    if row.resolved_at is not None:
        raise RuleBroken(409, "resolved")
    if resolution is Resolution.LET_WAIT:
        row.ticket_id = _let_wait(session, context, branch, row)
    row.resolution, row.resolved_at, row.resolved_by_id = resolution, context.now, user_id
    session.flush()
    hall = context.office.halls[row.hall_id].code
    data = {"entry": row.id, "number": row.number, "hall": hall, "user": user_id, "reason": str(resolution)}
    note(session, NewFact(FactType.OFFLINE_RESOLVED, context.now, branch.id, data))
    return row.number


def _let_wait(session: Session, context: Context, branch: BranchView, row: OfflineEntry) -> int:
    """Issue the ticket without its reservation: what became of that, staff know."""
    if not may_wait(context, branch, row):
        raise RuleBroken(409, "may_not_wait")
    service = branch.services[row.letter]
    given = Given(row.at, row.series, row.ordinal, row.number)
    newcomer = NewTicket(service.id, row.language, priority=row.priority, given=given)
    hall = context.office.halls[row.hall_id]
    # A kiosk that was revoked since then gave the number all the same.
    kiosk = DeviceRow(
        row.device_id, "", DeviceRole.KIOSK, branch.id, branch.code, hall.id, hall.code, None, None, {}, None
    )
    return issue(session, context, kiosk, newcomer).id
