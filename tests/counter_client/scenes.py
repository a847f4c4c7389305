"""The states of the window that the looks are tested in."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from counter_client import commands
from counter_client.alone import MOST_FAILED, NO_ANSWER, UNANSWERED, AloneLine
from counter_client.state import Choice, Desk, Dialog, DialogKind, Key, Panel, Said, Tone, UnderWay, Verify
from tests.counter_client import samples
from wire.messages import LineNumber, LineRefusal, LineTold, Ticket
from wire.vocabulary import CounterState, Priority, TicketStatus


def at_work(current: Ticket | None = None, **changes: object) -> Desk:
    """Make a desk that is signed in, in touch and up to date."""
    return Desk(
        device=samples.device(),
        clerk=samples.CLERK,
        snapshot=samples.snapshot(current, **changes),
        connected=True,
        fresh=True,
    )


def asking(desk: Desk, key: Key) -> Desk:
    """Open the dialog of a key."""
    return replace(desk, dialog=commands.question(desk, key))


def alone(desk: Desk, in_hand: str | None, waiting: int = 3, trouble: str = "", told: bool = True) -> Desk:
    """Take the server away: a kiosk tells its own line, or what is wrong with it."""

    def number(of: str, minutes: int) -> LineNumber:
        at = samples.NOW - timedelta(minutes=minutes)
        called = samples.NOW - timedelta(seconds=40) if of == in_hand else None
        return LineNumber(number=of, service="N", language="uk", at=at, called_at=called)

    line = LineTold(
        key="a-wish-of-a-clerk",
        kiosk="Kiosk 1",
        waiting=[number(f"NX{10 + place}", 9 - place) for place in range(waiting)],
        in_hand=number(in_hand, 12) if in_hand else None,
    )
    address = "http://kiosk-1:8765"
    lines = AloneLine({address: line} if told else {}, troubles={address: trouble} if trouble else {})
    return replace(desk, connected=False, fresh=False, alone=lines)


def stuck() -> Desk:
    """Let a kiosk be silent with a number in hand, and another one answer."""
    first, second = alone(at_work(), "NX03", trouble=NO_ANSWER), alone(at_work(), None)
    assert first.alone is not None
    assert second.alone is not None
    (silent,), (other,) = first.alone.told, second.alone.told.values()
    told = {**first.alone.told, "http://kiosk-2:8765": other.model_copy(update={"kiosk": "Kiosk 2"})}
    return replace(first, alone=replace(first.alone, told=told, in_vain={silent: MOST_FAILED}))


def scenes() -> dict[str, Desk]:
    """Name every state that a clerk can see."""
    called = samples.ticket()
    given_up = samples.ticket(
        call_count=3, service=samples.PERMIT, note="dokumenty w tłumaczeniu przysięgłym"
    )
    serving = samples.ticket(TicketStatus.SERVING)
    verified = samples.ticket(
        TicketStatus.SERVING, reservation=samples.beside(verified=True), checked=["identity"]
    )
    walk_in = samples.ticket(
        TicketStatus.SERVING, reservation=None, appointment_at=None, priority=Priority.SMALL_CHILDREN
    )
    at_called, at_serving = at_work(called), at_work(serving)
    verifying = UnderWay(1, commands.verify(called, samples.RIGHT_CODE), Key.VERIFY)
    empty = at_work(waiting=[], waiting_total=0, parked=[], no_shows=[])
    supervised = at_work(
        finished=[samples.row(29, "P", 70, actions=[]), samples.row(28, "N", 80, actions=[])]
    )
    issued = samples.ticket(TicketStatus.WAITING, 47)
    troubles = [samples.trouble(), samples.trouble("scanner", "gone")]
    return {
        "signed_out": Desk(device=samples.device(), connected=True),
        "signed_out_starting": Desk(),
        "signed_out_refused": Desk(device=samples.device(), connected=True, said=Said("sign_in_refused")),
        "signed_out_revoked": Desk(device=samples.device(), connected=True, said=Said("device_revoked")),
        "session_ended": Desk(device=samples.device(), connected=True, said=Said("session_ended")),
        "loading": replace(at_work(), snapshot=None, fresh=False),
        "idle_nobody": replace(empty, said=Said("nobody_waits", tone=Tone.PLAIN)),
        "idle_many": at_work(),
        "called": at_called,
        "called_third_time": at_work(given_up),
        "serving": at_work(verified),
        "serving_walk_in": at_work(walk_in),
        "verify_empty": at_called,
        "verify_busy": replace(at_called, under_way=verifying),
        "verify_mismatch": replace(at_called, verify=Verify.MISMATCH),
        "verify_malformed": replace(at_called, verify=Verify.MALFORMED),
        "verify_verified": replace(at_work(verified), said=Said("verified", tone=Tone.GOOD)),
        "outcome": asking(at_serving, Key.FINISH),
        "missing": replace(at_serving, dialog=commands.missing(serving, "without_documents")),
        "missing_proposed": replace(
            at_work(verified), dialog=commands.missing(verified, "without_documents")
        ),
        "transfer": asking(at_serving, Key.TRANSFER),
        "withdraw": asking(at_called, Key.WITHDRAW),
        "reason": replace(at_work(), dialog=commands.reasons(33, "N033")),
        "issue_service": asking(at_work(), Key.ISSUE),
        "issue_priority": replace(at_work(), dialog=commands.priorities(at_work(), "P")),
        "issued": replace(
            at_work(), can_print=True, dialog=Dialog(DialogKind.ISSUED, (Choice("x", "x"),), issued=issued)
        ),
        "keys": asking(at_work(), Key.KEYS),
        "parked": replace(at_work(), panel=Panel.PARKED),
        "no_shows": replace(at_work(), panel=Panel.NO_SHOWS),
        "finished": replace(supervised, panel=Panel.FINISHED),
        "finished_none": replace(at_work(finished=[]), panel=Panel.FINISHED),
        "reopen": replace(supervised, panel=Panel.FINISHED, dialog=commands.reopening(29, "P029")),
        "paused": at_work(state=CounterState.PAUSED),
        "paused_serving": at_work(serving, state=CounterState.PAUSED),
        "closed": at_work(state=CounterState.CLOSED),
        "offline": replace(at_called, connected=False, fresh=False, said=Said("not_sent")),
        "refused": replace(at_called, said=Said("refused.unexpected")),
        "trouble": at_work(called, troubles=troubles),
        "alone": alone(at_work(), None),
        "alone_nobody": alone(at_work(), None, waiting=0),
        "alone_called": alone(at_work(), "NX03"),
        "alone_no_answer": alone(at_work(), None, trouble=NO_ANSWER),
        "alone_no_answer_in_hand": alone(at_work(), "NX03", trouble=NO_ANSWER),
        "alone_unanswered_in_hand": alone(at_work(), "NX03", trouble=UNANSWERED),
        "alone_stuck": stuck(),
        "alone_not_saved": alone(at_work(), None, trouble=LineRefusal.JOURNAL_FAILED),
        **{
            f"alone_{each}": alone(at_work(), None, trouble=each, told=False)
            for each in LineRefusal
            if each is not LineRefusal.JOURNAL_FAILED
        },
        "alone_back": replace(alone(at_work(), "NX03"), connected=True),
        "alone_not_sent": replace(alone(at_work(), None), said=Said("not_sent")),
        "alone_after": alone(at_called, None),
        "line_sent": replace(
            at_work(), said=Said("line_sent", {"number": "NX03", "kiosk": "Kiosk 1"}, Tone.PLAIN)
        ),
        "line_left": replace(at_work(), said=Said("line_left", {"numbers": "NX03, NY01"})),
    }
