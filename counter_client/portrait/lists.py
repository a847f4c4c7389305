"""The lists beside the ticket, in words."""

from __future__ import annotations

from counter_client.portrait.faces import ListFace, Row
from counter_client.portrait.voice import Voice, minutes_of
from counter_client.state import Desk, Panel
from wire.messages import WaitingTicket
from wire.vocabulary import TicketAction

PANEL_ACTIONS = {
    Panel.WAITING: TicketAction.CALL,
    Panel.PARKED: TicketAction.CALL,
    Panel.NO_SHOWS: TicketAction.REINSTATE,
}
"""What choosing a row does; opening a finished ticket again is no step of a clerk's table."""


def list_face(voice: Voice, desk: Desk) -> ListFace:
    """Describe the list that is shown, and how many stand in each."""
    snapshot, panel = desk.snapshot, desk.panel
    counts = {Panel.WAITING: 0, Panel.PARKED: 0, Panel.NO_SHOWS: 0}
    if snapshot is not None:
        counts = {
            Panel.WAITING: snapshot.waiting_total,
            Panel.PARKED: len(snapshot.parked),
            Panel.NO_SHOWS: len(snapshot.no_shows),
        }
        if snapshot.finished is not None:
            counts[Panel.FINISHED] = len(snapshot.finished)
    rows = tuple(_row(voice, row, desk) for row in desk.rows)
    left_out = counts.get(panel, 0) - len(rows)
    can_pick = bool(rows) and panel is Panel.FINISHED
    can_pick = can_pick or any(PANEL_ACTIONS.get(panel) in row.actions for row in desk.rows)
    return ListFace(
        tabs=tuple((one, voice.say(f"list.{one.value}", count=count)) for one, count in counts.items()),
        panel=panel,
        rows=rows,
        empty="" if rows or snapshot is None else voice.say(f"list.nobody_{panel.value}"),
        more=voice.say("list.more", count=left_out) if left_out > 0 and rows else "",
        hint=voice.say(f"list.pick_{panel.value}") if can_pick else "",
    )


def service_names(desk: Desk) -> dict[str, str]:
    """Name the branch's services in the office's language, by letter."""
    if desk.snapshot is None:
        return {}
    return {each.code: each.name for each in (*desk.snapshot.services, *desk.snapshot.transfer_services)}


def _row(voice: Voice, row: WaitingTicket, desk: Desk) -> Row:
    names = service_names(desk)
    at = row.appointment_at
    waited = minutes_of(voice.now - row.queued_at)
    late = (
        desk.panel is Panel.WAITING
        and desk.snapshot is not None
        # Whoever came before the hour of their visit begins to wait at that hour, as on the hall's page.
        and minutes_of(voice.now - max(row.queued_at, at or row.queued_at))
        > desk.snapshot.figures.target_wait_minutes
    )
    hour = voice.say("ticket.appointment", hour=voice.texts.hour(at)) if at else ""
    priority = voice.say("list.priority") if row.priority else ""
    paused = (
        voice.say("list.paused", hour=voice.texts.hour(row.paused_until))
        if row.paused_until is not None
        else ""
    )
    here = voice.say("list.announced") if row.announced else ""
    untold = voice.say("list.not_handed_over") if row.not_handed_over else ""
    return Row(
        id=row.id,
        number=row.number,
        detail=names.get(row.service, row.service),
        extra=" · ".join(part for part in (here, paused, untold, hour, priority, row.note or "") if part),
        wait=voice.say("minutes", minutes=waited),
        late=voice.say("list.late") if late else "",
    )
