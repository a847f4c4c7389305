"""A ticket whose number nobody saw: its visitor had left the kiosk before the server answered."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy.orm import Session

from server.services.context import Context, RuleBroken
from server.store.answers import AlreadyAnswered, Command, answer_of, keep
from server.store.facts import NewFact, note
from server.store.queries import tickets
from server.store.queries.access.principals import DeviceRow
from server.store.tables import Ticket
from wire.vocabulary import FactType, TicketStatus

CAN_BE_CALLED = frozenset({TicketStatus.WAITING, TicketStatus.CALLED, TicketStatus.PARKED})
_NOBODY_WAITS = (410, b"{}")


def not_handed_over(session: Session, context: Context, device: DeviceRow, command: Command) -> None:
    """Mark the ticket that a command of this kiosk brought, when its visitor left before the answer came.

    A ticket that was only shown again is in its visitor's hands already. Raises RuleBroken 503 as `brought` does.
    """
    row = brought(session, context, command)
    if row is None or row.status not in CAN_BE_CALLED or row.not_handed_over_at:
        return
    row.not_handed_over_at = context.now
    _note(session, context, device, row, FactType.TICKET_NOT_HANDED_OVER)


def brought(session: Session, context: Context, command: Command) -> Ticket | None:
    """Read and lock the ticket that a command issued; None where it was refused or only showed one again.

    A command that has not been carried out yet never will be: its key is taken. Raises RuleBroken 503 while the
    command is being carried out.
    """
    answered = answer_of(session, context.keys, command)
    if answered is None:
        try:
            keep(session, context.keys, command, _NOBODY_WAITS, context.now)
        except AlreadyAnswered:
            raise RuleBroken(503, "command_under_way") from None
        return None
    status, body = answered
    issued: dict[str, Any] = json.loads(body) if status in (200, 201) else {"repeat": True}
    return None if issued["repeat"] else tickets.ticket(session, issued["ticket"]["id"], locked=True)


def hand_over_late(session: Session, context: Context, device: DeviceRow, row: Ticket) -> bool:
    """Take the mark off a ticket whose code is shown again; tell whether there was one."""
    if row.not_handed_over_at is None:
        return False
    row.not_handed_over_at = None
    _note(session, context, device, row, FactType.TICKET_HANDED_OVER)
    return True


def _note(session: Session, context: Context, device: DeviceRow, row: Ticket, fact: FactType) -> None:
    hall = context.office.halls[row.hall_id].code
    data = {"ticket": row.id, "number": row.number, "device": device.id, "hall": hall}
    note(session, NewFact(fact, context.now, device.branch_id, data))
