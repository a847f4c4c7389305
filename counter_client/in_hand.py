"""PURE: what changes on the desk when the ticket in hand does."""

from __future__ import annotations

from dataclasses import replace

from counter_client.alone import AloneLine
from counter_client.state import IN_HAND, Command, Desk, DialogKind, Key, Panel, Said, Tone, Verify
from wire.messages import CounterSnapshot, Ticket, TicketAnswer, WaitingTicket
from wire.vocabulary import TicketAction

UNDOABLE = frozenset({"start", "finish", "no-show", "park", "transfer", "withdraw"})


def with_snapshot(desk: Desk, snapshot: CounterSnapshot, at_ms: int) -> Desk:
    """Show a new snapshot."""
    before = desk.snapshot
    ticket = before.current if before else None
    desk = _settled(replace(desk, snapshot=snapshot), ticket, at_ms)
    if before is not None and before.state is not snapshot.state:
        desk = replace(desk, changed_at_ms=at_ms)
    return desk


def with_tick(desk: Desk, snapshot: CounterSnapshot, ticket: Ticket, item: str) -> Desk:
    """Tick an item of the checklist of the ticket in hand, or take the tick away."""
    checked = [word for word in ticket.checklist if (word in ticket.checked) is not (word == item)]
    current = ticket.model_copy(update={"checked": checked})
    return replace(desk, snapshot=snapshot.model_copy(update={"current": current}))


def with_lists(desk: Desk, snapshot: CounterSnapshot) -> Desk:
    """Show lists that a fact changed; a question about a ticket that left them is no longer asked."""
    desk = replace(desk, snapshot=snapshot)
    return desk if _still_asks(desk) else replace(desk, dialog=None)


def with_ticket(desk: Desk, ticket: Ticket, at_ms: int) -> Desk:
    """Take a ticket from an answer into the hand, or out of it; one that was never in it changes nothing."""
    current = desk.current
    if ticket.status in IN_HAND:
        return with_current(desk, ticket, at_ms)
    return with_current(desk, None, at_ms) if current and current.id == ticket.id else desk


def with_current(desk: Desk, ticket: Ticket | None, at_ms: int) -> Desk:
    """Put a ticket, or none, into the hand; a ticket in hand stands in no list."""
    if desk.snapshot is None:
        return desk
    taken = ticket.id if ticket else None
    waiting = [row for row in desk.snapshot.waiting if row.id != taken]
    changes = {
        "current": ticket,
        "waiting": waiting,
        "waiting_total": desk.snapshot.waiting_total - len(desk.snapshot.waiting) + len(waiting),
        "parked": [row for row in desk.snapshot.parked if row.id != taken],
    }
    snapshot = desk.snapshot.model_copy(update=changes)
    return _settled(replace(desk, snapshot=snapshot), desk.current, at_ms)


def with_line(desk: Desk, line: AloneLine | None, key: Key | None, at_ms: int) -> Desk:
    """Show the kiosks' lines; what is called there is in hand too, and `key` is what was pressed for it.

    Numbers that are left there are told of, and one that went to the server. What was said before the cut stays
    if it was of a trouble, until something is done.
    """
    before = desk.alone
    is_new = before is None and line is not None
    if key is not None or (is_new and desk.said is not None and desk.said.tone is not Tone.BAD):
        desk = replace(desk, said=None)
    if before is None or line is None:
        is_another = before is not line
    else:
        views = [(each.in_hand, each.is_open, each.is_stuck) for each in (before, line)]
        is_another = views[0] != views[1]
    if is_another:
        desk = replace(desk, changed_at_ms=at_ms)
    if key is not None:
        desk = replace(desk, acted_key=key, acted_at_ms=at_ms)
    if before is not None and key is None and desk.clerk is not None:
        desk = replace(desk, said=_of_lost(before, line) or desk.said)
    return replace(desk, alone=line)


def _of_lost(before: AloneLine, line: AloneLine | None) -> Said | None:
    """Tell which numbers are in hand no more though nobody pressed a key."""
    if line is None:
        left = ", ".join(number.number for _, number in before.all_in_hand)
        return Said("line_left", {"numbers": left}) if left else None
    stay = {(at, number.number) for at, number in line.all_in_hand}
    sent = [(at, number.number) for at, number in before.all_in_hand if (at, number.number) not in stay]
    if not sent:
        return None
    return Said("line_sent", {"number": sent[0][1], "kiosk": before.name(sent[0][0])}, Tone.PLAIN)


def _settled(desk: Desk, before: Ticket | None, at_ms: int) -> Desk:
    """Mark the instant when another ticket, or the same in another state, came into view."""
    now = desk.current
    if (before and (before.id, before.status)) != (now and (now.id, now.status)):
        same = before is not None and now is not None and before.id == now.id
        verify = desk.verify if same else Verify.IDLE
        panel = desk.panel if same else Panel.WAITING
        desk = replace(desk, changed_at_ms=at_ms, verify=verify, panel=panel)
    return desk if _still_asks(desk) else replace(desk, dialog=None)


def _still_asks(desk: Desk) -> bool:
    dialog, now = desk.dialog, desk.current
    if dialog is None or dialog.ticket is None:
        return True
    if dialog.kind is DialogKind.REOPEN:
        finished = (desk.snapshot.finished if desk.snapshot else None) or []
        return any(row.id == dialog.ticket for row in finished)
    needed = {
        DialogKind.OUTCOME: TicketAction.FINISH,
        DialogKind.MISSING: TicketAction.FINISH,
        DialogKind.TRANSFER: TicketAction.TRANSFER,
        DialogKind.WITHDRAW: TicketAction.WITHDRAW,
        DialogKind.REASON: TicketAction.CALL,
    }[dialog.kind]
    if dialog.kind is DialogKind.REASON and now is not None:
        return False
    in_sight: list[WaitingTicket | Ticket] = [now] if now else []
    if desk.snapshot is not None:
        in_sight += [*desk.snapshot.waiting, *desk.snapshot.parked]
    return any(ticket.id == dialog.ticket and needed in ticket.actions for ticket in in_sight)


def verified(desk: Desk, command: Command) -> Desk:
    """Note that the confirmation belongs to the ticket that it was asked for, if that is still in hand."""
    ticket = desk.current
    if desk.snapshot is None or ticket is None or ticket.id != command.ticket or ticket.reservation is None:
        return desk
    beside = ticket.reservation.model_copy(update={"confirmation_verified": True})
    shown = ticket.model_copy(update={"reservation": beside})
    snapshot = desk.snapshot.model_copy(update={"current": shown})
    return replace(desk, snapshot=snapshot, verify=Verify.IDLE, said=Said("verified", tone=Tone.GOOD))


def with_undo(desk: Desk, command: Command, answer: TicketAnswer) -> Desk:
    """Keep what can be taken back now, and say so; any other step ends it."""
    step = command.path.rpartition("/")[2]
    if step not in UNDOABLE:
        return replace(desk, undoable=None)
    said = Said(f"undo.{step}", {"number": answer.ticket.number}, Tone.PLAIN)
    return replace(desk, undoable=answer.ticket.id, said=said)
