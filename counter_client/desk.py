"""PURE: the clerk's conversation with the office, `advance(desk, event) -> (desk, effects)`."""

from __future__ import annotations

from dataclasses import replace

from counter_client import commands, deltas, in_hand, refusals
from counter_client.events import (
    Answered,
    Chose,
    DeviceKnown,
    DeviceRefused,
    Effect,
    Enter,
    Event,
    FactHeard,
    GaveUp,
    Leave,
    LineSeen,
    LinkChanged,
    Look,
    Looked,
    LookRefused,
    Picked,
    Pressed,
    PrintEnded,
    PrintSlip,
    Refused,
    Scanned,
    Send,
    SignInTyped,
    TakesLong,
    Ticked,
    TimePassed,
    Withdrawn,
)
from counter_client.state import (
    ACTION_KEYS,
    PANELS,
    Ask,
    Command,
    Desk,
    Dialog,
    DialogKind,
    Key,
    Panel,
    Said,
    Tone,
    UnderWay,
    Verify,
)
from wire.codes import MalformedCode, parse_scan
from wire.messages import IssueAnswer, Message, Problem, SignInAnswer, SignInRequest, TicketAnswer
from wire.vocabulary import CallReason, CounterState, TicketAction

BURST_MS = 250
AFTER_TROUBLE_MS = 2000
SLOW = Said("slow", tone=Tone.PLAIN)
Step = tuple[Desk, tuple[Effect, ...]]


def advance(desk: Desk, event: Event) -> Step:
    """Take one event into the state; return it with what is to be done now.

    A press is dropped while a command is under way, and when it was made before (or within the
    settling time after) the ticket in hand changed: it was meant for the one before. The key that did
    something does not act again within its pause.
    """
    match event:
        case Pressed(key, at_ms):
            return _pressed(desk, key, at_ms)
        case Picked(ticket, at_ms):
            return _picked(desk, ticket, at_ms)
        case Withdrawn(ticket, at_ms):
            return _withdrawn(desk, ticket, at_ms)
        case Chose(place, at_ms, note):
            return _chose(desk, place, note, at_ms)
        case Scanned(text):
            return _scanned(desk, text)
        case Ticked(item):
            return _ticked(desk, item)
        case SignInTyped(login, password):
            return _sign_in(desk, login, password)
        case Looked() | LookRefused():
            return _looked(desk, event)
        case Answered() | Refused() | GaveUp():
            return _command_ended(desk, event)
        case FactHeard():
            return _heard(desk, event)
        case TimePassed():
            return _look(desk, 0)
        case TakesLong(serial):
            is_waiting = desk.under_way is not None and desk.under_way.serial == serial
            return (replace(desk, said=SLOW) if is_waiting else desk), ()
        case LinkChanged(connected):
            desk = replace(desk, connected=connected, fresh=desk.fresh and connected, looking=None)
            return _look(desk, 0) if connected else (desk, ())
        case DeviceKnown(device):
            known = desk.said is not None and desk.said.key == "device_revoked"
            return replace(desk, device=device, said=None if known else desk.said), ()
        case DeviceRefused():
            return _signed_out(desk, Said("device_revoked"))
        case PrintEnded(number, printed):
            told, tone = ("slip_printed", Tone.GOOD) if printed else ("slip_failed", Tone.BAD)
            return replace(desk, said=Said(told, {"number": number}, tone)), ()
        case LineSeen(line, at_ms, key):
            return in_hand.with_line(desk, line, key, at_ms), ()


# --- what the clerk does -----------------------------------------------------------------------------


def _pressed(desk: Desk, key: Key, at_ms: int) -> Step:
    if not desk.hears(key, at_ms):
        return desk.ignoring(key, at_ms), ()
    if key is Key.ESCAPE and desk.has_something_to_close:
        shut = replace(desk, dialog=None, verify=Verify.IDLE, panel=Panel.WAITING, changed_at_ms=at_ms)
        return shut, ()
    if desk.dialog is not None or key not in commands.offered(desk):
        return desk, ()
    if key in PANELS:
        shown = Panel.WAITING if desk.panel is PANELS[key] else PANELS[key]
        return replace(desk, panel=shown, said=None), ()
    if not desk.is_ready:
        return desk, ()
    if key is Key.ESCAPE:
        return _pressed(desk, Key.PUT_BACK, at_ms)
    dialog = commands.question(desk, key)
    if dialog is not None:
        return replace(desk, dialog=dialog, said=None), ()
    command = _command_of(desk, key)
    return (desk, ()) if command is None else _send(desk, command, key)


def _command_of(desk: Desk, key: Key) -> Command | None:
    snapshot, ticket = desk.snapshot, desk.current
    if snapshot is None:
        return None
    if key is Key.MAIN:
        return commands.main_command(desk)
    if key is Key.UNDO and desk.undoable is not None:
        return commands.undo(desk.undoable)
    if key is Key.PAUSE:
        state = CounterState.PAUSED if desk.is_open else CounterState.OPEN
        return commands.set_state(snapshot.number, state)
    if key is Key.CLOSE:
        return commands.set_state(snapshot.number, CounterState.CLOSED)
    if key in (Key.HELP, Key.ANSWER):
        return commands.attention(snapshot, key)
    if key is Key.SIGN_OUT:
        return Command(Ask.SIGN_OUT, "DELETE", "/api/v1/sessions/me")
    if ticket is not None and key in ACTION_KEYS:
        return commands.act(ticket.id, ACTION_KEYS[key])
    return None


def _picked(desk: Desk, ticket: int, at_ms: int) -> Step:
    row = next((row for row in desk.rows if row.id == ticket), None)
    if row is None or desk.dialog is not None or not desk.is_ready or desk.is_too_soon(at_ms):
        return desk, ()
    if desk.panel is Panel.FINISHED:
        return replace(desk, dialog=commands.reopening(row.id, row.number), said=None), ()
    if TicketAction.REINSTATE in row.actions:
        return _send(desk, commands.act(row.id, TicketAction.REINSTATE), None)
    if TicketAction.CALL not in row.actions:
        return desk, ()
    if desk.current is not None:
        return replace(desk, said=Said("finish_first", {"number": desk.current.number}, Tone.PLAIN)), ()
    if not desk.is_open:
        return replace(desk, said=Said("open_first", tone=Tone.PLAIN)), ()
    if desk.panel is Panel.PARKED:
        return _send(desk, commands.call(row.id, CallReason.WAS_PARKED), None)
    return replace(desk, dialog=commands.reasons(row.id, row.number), said=None), ()


def _withdrawn(desk: Desk, ticket: int, at_ms: int) -> Step:
    row = next((row for row in desk.rows if row.id == ticket), None)
    if row is None or desk.dialog is not None or not desk.is_ready or desk.is_too_soon(at_ms):
        return desk, ()
    if TicketAction.WITHDRAW not in row.actions:
        return desk, ()
    return replace(desk, dialog=commands.withdrawal(row.id, row.number), said=None), ()


def _chose(desk: Desk, place: int, note: str, at_ms: int) -> Step:
    dialog = desk.dialog
    if dialog is None or not desk.is_ready:
        return desk, ()
    if dialog.kind is DialogKind.ISSUED and dialog.issued is not None:
        shut = replace(desk, dialog=None, changed_at_ms=at_ms)
        return shut, (PrintSlip(dialog.issued),) if desk.can_print and place == 0 else ()
    if not 0 <= place < len(dialog.choices):
        return desk, ()
    choice = dialog.choices[place]
    if (following := commands.next_question(desk, dialog, choice)) is not None:
        return replace(desk, dialog=following), ()
    shut = replace(desk, dialog=None, changed_at_ms=at_ms)
    command = commands.answer_of(dialog, choice, note)
    return (shut, ()) if command is None else _send(shut, command, None)


def _scanned(desk: Desk, text: str) -> Step:
    ticket = desk.current
    if ticket is None or not desk.is_ready or Key.VERIFY not in commands.offered(desk) or not text.strip():
        return desk, ()
    try:
        parse_scan(text)
    except MalformedCode:
        return replace(desk, verify=Verify.MALFORMED, said=None), ()
    return _send(desk, commands.verify(ticket, text.strip()), Key.VERIFY)


def _ticked(desk: Desk, item: str) -> Step:
    """Tick at once and tell the server beside whatever is under way; the look that follows shows what it kept."""
    ticket = desk.current
    if ticket is None or desk.snapshot is None or not desk.connected or item not in ticket.checklist:
        return desk, ()
    desk = replace(in_hand.with_tick(desk, desk.snapshot, ticket, item), serial=desk.serial + 1, looking=None)
    looking, effects = _look(desk, BURST_MS)
    return looking, (Send(desk.serial, commands.check(desk.current or ticket)), *effects)


def _sign_in(desk: Desk, login: str, password: str) -> Step:
    if desk.clerk is not None or desk.under_way is not None or not login.strip() or not password:
        return desk, ()
    body = SignInRequest(login=login.strip()[:100], password=password[:200], take_over=desk.may_take_over)
    return _send(desk, Command(Ask.SIGN_IN, "POST", "/api/v1/sessions", body), None)


# --- what the server says ----------------------------------------------------------------------------


def _send(desk: Desk, command: Command, key: Key | None) -> Step:
    serial = desk.serial + 1
    busy = replace(desk, serial=serial, under_way=UnderWay(serial, command, key), said=None)
    return busy, (Send(serial, command),)


def _look(desk: Desk, delay_ms: int) -> Step:
    if desk.clerk is None or not desk.connected:
        return desk, ()
    if desk.looking is not None:
        return replace(desk, look_again=True), ()
    serial = desk.serial + 1
    return replace(desk, serial=serial, looking=serial, look_again=False), (Look(serial, delay_ms),)


def _heard(desk: Desk, event: FactHeard) -> Step:
    """Change the snapshot by the fact, or look again; a look under way is followed by another."""
    if desk.snapshot is None or desk.looking is not None:
        return _look(desk, BURST_MS)
    after = deltas.after_fact(desk.snapshot, event.number, event.fact, event.data)
    if after is not None:
        return in_hand.with_lists(desk, after), ()
    return _look(desk, 0 if event.data.counter == desk.snapshot.number else BURST_MS)


def _looked(desk: Desk, event: Looked | LookRefused) -> Step:
    if event.serial != desk.looking:
        return desk, ()
    again = desk.look_again
    desk = replace(desk, looking=None, look_again=False)
    if isinstance(event, LookRefused):
        if event.problem.status in (401, 403):
            return _session_ended(desk)
        return _look(desk, AFTER_TROUBLE_MS)
    desk = in_hand.with_snapshot(replace(desk, fresh=desk.connected), event.snapshot, event.at_ms)
    return _look(desk, BURST_MS) if again else (desk, ())


def _command_ended(desk: Desk, event: Answered | Refused | GaveUp) -> Step:
    under_way = desk.under_way
    if isinstance(event, GaveUp) and event.serial == desk.looking:
        return _look(replace(desk, looking=None), AFTER_TROUBLE_MS)
    if under_way is None or event.serial != under_way.serial:
        return desk, ()
    desk = replace(desk, under_way=None, said=None if desk.said == SLOW else desk.said)
    if isinstance(event, GaveUp):
        return _look(replace(desk, fresh=False, said=Said("not_sent")), 0)
    if isinstance(event, Refused):
        return _refused(desk, under_way.command, event.problem)
    if under_way.key is not None:
        desk = replace(desk, acted_key=under_way.key, acted_at_ms=event.at_ms)
    return _answered(desk, under_way.command, event.answer, event.at_ms)


def _answered(desk: Desk, command: Command, answer: Message | None, at_ms: int) -> Step:
    if isinstance(answer, SignInAnswer):
        return _signed_in(desk, answer)
    if command.ask is Ask.SIGN_OUT:
        return _signed_out(desk, None)
    if isinstance(answer, TicketAnswer):
        desk = in_hand.with_undo(in_hand.with_ticket(desk, answer.ticket, at_ms), command, answer)
    elif isinstance(answer, IssueAnswer):
        desk = replace(desk, dialog=Dialog(DialogKind.ISSUED, issued=answer.ticket))
    elif command.ask is Ask.CALL_NEXT:
        desk = replace(in_hand.with_current(desk, None, at_ms), said=Said("nobody_waits", tone=Tone.PLAIN))
    elif command.ask is Ask.VERIFY:
        desk = in_hand.verified(desk, command)
    elif command.ask is Ask.STATE:
        desk = replace(desk, changed_at_ms=at_ms)
    # What is on its way may have been read before this command counted: look anew.
    return _look(replace(desk, looking=None), 0)


def _refused(desk: Desk, command: Command, problem: Problem) -> Step:
    if command.ask is Ask.SIGN_IN:
        taken = desk.may_take_over or problem.reason == "counter_taken"
        return replace(desk, said=refusals.at_sign_in(problem), may_take_over=taken), ()
    if problem.status in (401, 403):
        return _session_ended(desk)
    if command.ask is Ask.VERIFY and problem.reason in ("mismatch", "malformed_code"):
        result = Verify.MISMATCH if problem.reason == "mismatch" else Verify.MALFORMED
        return replace(desk, verify=result), ()
    key = problem.reason if problem.reason in commands.REASONS else "unexpected"
    undoable = None if problem.reason == "undo_too_late" else desk.undoable
    return _look(replace(desk, undoable=undoable, said=Said(f"refused.{key}"), looking=None), 0)


def _signed_in(desk: Desk, answer: SignInAnswer) -> Step:
    left = ", ".join(answer.not_closed)
    said = Said("not_closed", {"numbers": left}, Tone.PLAIN) if left else None
    desk = replace(desk, clerk=answer.clerk, said=said, looking=None, fresh=False, may_take_over=False)
    looking, effects = _look(desk, 0)
    return looking, (Enter(answer.token, answer.counter), *effects)


def _session_ended(desk: Desk) -> Step:
    return _signed_out(desk, Said("session_ended"))


def _signed_out(desk: Desk, said: Said | None) -> Step:
    left = Desk(
        device=desk.device,
        connected=desk.connected,
        serial=desk.serial,
        can_print=desk.can_print,
        settle_ms=desk.settle_ms,
        key_pause_ms=desk.key_pause_ms,
        said=said,
    )
    return left, (Leave(),) if desk.clerk is not None else ()
