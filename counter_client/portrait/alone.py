"""A kiosk's own line in words: what the window shows while the server is away (ADR 0026)."""

from __future__ import annotations

from dataclasses import replace

from counter_client.alone import NO_ANSWER, UNANSWERED, AloneLine
from counter_client.portrait.card import running
from counter_client.portrait.faces import Button, ListFace, Pill, Row, TicketFace, WindowFace
from counter_client.portrait.lists import service_names
from counter_client.portrait.voice import SHORTCUTS, Voice, minutes_of
from counter_client.state import Desk, Key, Main, Panel
from terminal.texts import own_name
from wire.messages import LineNumber


def with_line(voice: Voice, desk: Desk, face: WindowFace) -> WindowFace:
    """Show a kiosk's line in place of the server's; behind a ticket in hand it is offered only."""
    line = desk.alone
    if line is None or desk.clerk is None:
        return face
    trouble = _trouble(voice, line)
    spoken = replace(face, said=trouble, tone="bad") if trouble else face
    if not line.told:
        return spoken
    kiosks = ", ".join(dict.fromkeys(voice.device(told.kiosk) for told in line.told.values()))
    if desk.current is not None and line.in_hand is None and not line.is_open:
        press, number = SHORTCUTS[Key.MAIN], desk.current.number
        return replace(face, attention=voice.say("alone.after", kiosk=kiosks, number=number, press=press))
    return replace(
        spoken,
        ticket=_ticket(voice, desk, line, kiosks),
        buttons=_buttons(voice, desk, line),
        list=_list(voice, desk, line),
        dialog=None,
        waiting=_waiting(voice, line),
    )


def _ticket(voice: Voice, desk: Desk, line: AloneLine, kiosks: str) -> TicketFace:
    title = "alone.title_back" if desk.connected else "alone.title"
    if line.in_hand is None:
        return TicketFace(
            caption=voice.say(title, kiosk=kiosks),
            headline=_waiting(voice, line),
            is_number=False,
            pill=Pill(voice.say("pill.free"), "free"),
            hint=_hint(voice, line),
        )
    address, number = line.in_hand
    called = voice.now - (number.called_at or voice.now)
    return TicketFace(
        caption=voice.say(title, kiosk=voice.device(line.told[address].kiosk)),
        headline=number.number,
        is_number=True,
        pill=Pill(voice.say("pill.called", time=running(called), count=1), "called"),
        waited=_since(voice, number),
        facts=(
            (voice.say("ticket.service"), service_names(desk).get(number.service, number.service)),
            (voice.say("ticket.language"), own_name(number.language)),
        ),
        note=voice.say("alone.aloud"),
    )


def _hint(voice: Voice, line: AloneLine) -> str:
    if line.waiting:
        return voice.say("alone.hint")
    return voice.say("alone.nobody") if line.heard else ""


def _trouble(voice: Voice, line: AloneLine) -> str:
    """Say what is wrong with a kiosk: of several, with the one whose number is in hand."""
    own, number = (line.in_hand[0], line.in_hand[1].number) if line.in_hand is not None else ("", "")
    address = own if own in line.troubles else next(iter(line.troubles), None)
    if address is None:
        return ""
    why = line.troubles[address]
    if line.is_stuck:
        why = "stuck"
    elif why in (NO_ANSWER, UNANSWERED):
        why = f"{why}_in_hand" if address == own else NO_ANSWER
    return voice.say(f"alone.{why}", kiosk=voice.device(line.name(address)), number=number)


def _since(voice: Voice, number: LineNumber) -> str:
    if number.appointment_at is not None:
        return voice.say("ticket.appointment", hour=voice.texts.hour(number.appointment_at))
    return voice.say("ticket.issued", hour=voice.texts.hour(number.at))


def _buttons(voice: Voice, desk: Desk, line: AloneLine) -> tuple[Button, ...]:
    main = Main.CALL_NEXT if line.calls else Main.FINISH
    can_act = desk.under_way is None and (not line.calls or line.head is not None)
    names = voice.say(f"main.{main.value}"), voice.say(f"main_short.{main.value}")
    buttons = [Button(Key.MAIN, *names, SHORTCUTS[Key.MAIN], can_act)]
    if line.is_stuck:
        names = voice.say("main.finish"), voice.say("main_short.finish")
        buttons.append(Button(Key.FINISH, *names, SHORTCUTS[Key.FINISH], True))
    if line.in_hand is not None:
        names = voice.say("key.no_show"), voice.say("key_short.no_show")
        buttons.append(Button(Key.NO_SHOW, *names, SHORTCUTS[Key.NO_SHOW], True))
    return tuple(buttons)


def _list(voice: Voice, desk: Desk, line: AloneLine) -> ListFace:
    names = service_names(desk)
    rows = tuple(
        Row(
            id=-place,  # of no ticket of the server
            number=each.number,
            detail=names.get(each.service, each.service),
            extra=line.told[address].kiosk if len(line.told) > 1 else "",
            wait=voice.say("minutes", minutes=minutes_of(voice.now - each.at)),
            late="",
        )
        for place, (address, each) in enumerate(line.waiting, start=1)
    )
    tabs = ((Panel.WAITING, voice.say("list.waiting", count=len(rows) if line.heard else "–")),)
    empty = "" if rows or not line.heard else voice.say("list.nobody_waiting")
    return ListFace(tabs=tabs, panel=Panel.WAITING, rows=rows, empty=empty, more="", hint="")


def _waiting(voice: Voice, line: AloneLine) -> str:
    count = len(line.waiting)
    if count:
        return voice.texts.say_count(voice.language, "idle.waiting", count)
    return voice.say("idle.nobody" if line.heard else "alone.not_known")
