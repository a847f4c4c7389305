"""The card of the ticket in hand, in words."""

from __future__ import annotations

from datetime import timedelta

from counter_client.commands import priority_names
from counter_client.portrait.faces import CheckLine, Pill, TicketFace, VerifyLine
from counter_client.portrait.lists import service_names
from counter_client.portrait.voice import Voice, minutes_of
from counter_client.state import Ask, Desk, Verify
from terminal.texts import own_name
from wire.codes import MalformedCode, parse_scan
from wire.messages import ReservationBeside, Ticket
from wire.vocabulary import CounterState, TicketStatus


def ticket_face(voice: Voice, desk: Desk) -> TicketFace:
    """Describe the ticket in hand, or what is to be done without one."""
    ticket, snapshot = desk.current, desk.snapshot
    if ticket is None or snapshot is None:
        return _idle(voice, desk)
    called = ticket.status is TicketStatus.CALLED
    return TicketFace(
        caption=_caption(voice, desk, called),
        headline=ticket.number,
        is_number=True,
        pill=_pill(voice, ticket),
        waited=_waited(voice, ticket),
        facts=_facts(voice, desk, ticket),
        note=_note(voice, ticket),
        verify=_verify(voice, desk, ticket.reservation) if ticket.reservation else None,
        checklist=tuple(
            CheckLine(item, _check(voice, ticket, item), item in ticket.checked) for item in ticket.checklist
        ),
        ticket=ticket.id,
    )


def _note(voice: Voice, ticket: Ticket) -> str:
    """Say what is noted of the ticket: by its visitor from the phone, and by clerks."""
    here = voice.say("list.announced") if ticket.announced else ""
    written = voice.say("ticket.note", note=ticket.note) if ticket.note else ""
    return " · ".join(part for part in (here, written) if part)


def _check(voice: Voice, ticket: Ticket, item: str) -> str:
    """Say what is to be checked: common words in the clerk's language, an office's own as they are."""
    known = voice.choose(f"checklist.{item}") if ticket.reservation else None
    return known or voice.choose(f"document.{item}") or item


def _caption(voice: Voice, desk: Desk, called: bool) -> str:
    caption = voice.say("ticket.called" if called else "ticket.serving")
    return caption if desk.is_open else f"{caption} · {voice.say('ticket.then_pause')}"


def _idle(voice: Voice, desk: Desk) -> TicketFace:
    snapshot = desk.snapshot
    state = snapshot.state if snapshot else CounterState.CLOSED
    if snapshot is None:
        headline, hint, tone = "…", voice.say("link.waiting"), "free"
    elif state is CounterState.OPEN:
        headline, tone = voice.waiting(snapshot), "free"
        hint = voice.say("idle.hint" if snapshot.waiting_total else "idle.nobody_hint")
    else:
        headline, hint = voice.say(f"idle.{state.value}"), voice.say(f"idle.{state.value}_hint")
        tone = state.value
    return TicketFace(
        caption=voice.say("ticket.none"),
        headline=headline,
        is_number=False,
        pill=Pill(voice.say(f"pill.{tone}") if snapshot else "", tone),
        hint=hint,
    )


def _pill(voice: Voice, ticket: Ticket) -> Pill:
    serving = ticket.status is TicketStatus.SERVING
    since = (ticket.started_at if serving else ticket.called_at) or voice.now
    time = running(voice.now - since)
    if serving:
        return Pill(voice.say("pill.serving", time=time), "serving")
    return Pill(voice.say("pill.called", time=time, count=ticket.call_count), "called")


def _waited(voice: Voice, ticket: Ticket) -> str:
    waited = minutes_of((ticket.called_at or voice.now) - ticket.queued_at)
    parts = [voice.say("ticket.waited", minutes=waited)]
    if ticket.appointment_at is not None:
        parts.append(voice.say("ticket.appointment", hour=voice.texts.hour(ticket.appointment_at)))
    else:
        parts.append(voice.say("ticket.issued", hour=voice.texts.hour(ticket.issued_at)))
    return " · ".join(parts)


def _facts(voice: Voice, desk: Desk, ticket: Ticket) -> tuple[tuple[str, str], ...]:
    beside = ticket.reservation
    # The ticket's own name of the service is in the visitor's language.
    service = service_names(desk).get(ticket.service.code, ticket.service.name)
    facts = [(voice.say("ticket.service"), service)]
    if beside is None:
        facts.append((voice.say("ticket.reservation"), voice.say("ticket.without")))
    else:
        facts += [
            (voice.say("ticket.applicant"), beside.applicant or "–"),
            (voice.say("ticket.reservation"), _code(voice, beside.code)),
            (voice.say("ticket.children"), _children(voice, beside)),
        ]
    facts.append((voice.say("ticket.language"), own_name(ticket.language)))
    if ticket.priority is not None:
        named = voice.named(f"priority.{ticket.priority}", dict(priority_names(desk, ticket.priority)))
        facts.append((voice.say("ticket.priority"), named))
    return tuple(facts)


def _children(voice: Voice, beside: ReservationBeside) -> str:
    if not beside.children:
        return voice.say("ticket.no_children")
    named = ", ".join(f"{child.name}, {child.birth_year}" for child in beside.children)
    return f"{len(beside.children)} ({named})"


def _verify(voice: Voice, desk: Desk, beside: ReservationBeside) -> VerifyLine:
    if beside.confirmation_verified:
        return VerifyLine("verified", voice.say("verify.verified"))
    if desk.under_way is not None and desk.under_way.command.ask is Ask.VERIFY:
        return VerifyLine("busy", voice.say("verify.busy"))
    if desk.verify is Verify.IDLE:
        return VerifyLine("ask", "")
    return VerifyLine(desk.verify.value, voice.say(f"verify.{desk.verify.value}"))


def running(length: timedelta) -> str:
    """Write how long something goes on, in minutes and seconds."""
    seconds = max(0, int(length.total_seconds()))
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60:02d}:{rest % 60:02d}"


def _code(voice: Voice, code: str | None) -> str:
    if code is None:
        return voice.say("ticket.code_erased")
    try:
        parsed = parse_scan(code)
    except MalformedCode:
        return code
    return getattr(parsed, "shown", code)
