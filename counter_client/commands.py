"""PURE: the requests that a clerk's keys stand for, and the questions that come before some of them."""

from __future__ import annotations

from dataclasses import replace

from counter_client.state import (
    ACTION_KEYS,
    Ask,
    Choice,
    Command,
    Desk,
    Dialog,
    DialogKind,
    Key,
    Main,
)
from wire.messages import (
    CallNextRequest,
    CallRequest,
    CheckRequest,
    CounterSnapshot,
    CounterStateRequest,
    FinishRequest,
    HelpCall,
    IssueRequest,
    Message,
    NothingMore,
    ReopenRequest,
    ServiceName,
    Ticket,
    TransferRequest,
    VerifyRequest,
    WithdrawRequest,
)
from wire.vocabulary import (
    CallReason,
    CounterState,
    Outcome,
    Reopening,
    TicketAction,
    TicketStatus,
    Withdrawal,
)

GO_ON = "finish"
NO_PRIORITY = "none"
KEEP = "no"
REASONS = frozenset(
    {
        "not_allowed",
        "counter_busy",
        "service_not_yours",
        "out_of_order_refused",
        "undo_too_late",
        "day_over",
        "counter_not_open",
        "archived",
        "at_other_counter",
        "no_reservation",
        "not_offered",
        "closed",
        "limit_reached",
        "unlikely_today",
        "slow_down",
        "help_accepted",
    }
)


def act(ticket: int, action: TicketAction, body: Message | None = None) -> Command:
    """Make the request of one action on one ticket, bound to that ticket's id."""
    path = f"/api/v1/tickets/{ticket}/{action.value}"
    return Command(Ask.ACT, "POST", path, body or NothingMore(), ticket)


def undo(ticket: int) -> Command:
    """Make the request that takes back the last step with a ticket."""
    return Command(Ask.ACT, "POST", f"/api/v1/tickets/{ticket}/undo", NothingMore(), ticket)


def call(ticket: int, reason: CallReason) -> Command:
    """Make the request that calls a ticket out of its order, with the reason for the record (rules.md 25)."""
    return act(ticket, TicketAction.CALL, CallRequest(reason=reason))


def verify(ticket: Ticket, code: str) -> Command:
    """Make the request that compares a confirmation with the ticket's reservation (rules.md 23)."""
    path = f"/api/v1/tickets/{ticket.id}/verify-confirmation"
    return Command(Ask.VERIFY, "POST", path, VerifyRequest(code=code), ticket.id)


def check(ticket: Ticket) -> Command:
    """Make the request that keeps what is ticked of the checklist."""
    path = f"/api/v1/tickets/{ticket.id}/check"
    return Command(Ask.CHECK, "POST", path, CheckRequest(checked=ticket.checked), ticket.id)


def set_state(number: int, state: CounterState) -> Command:
    """Make the request that opens, pauses or closes the counter."""
    return Command(Ask.STATE, "POST", f"/api/v1/counters/{number}/state", CounterStateRequest(state=state))


def issue(service: str, priority: str) -> Command:
    """Make the request for a walk-in ticket, with a priority class or `none` (rules.md 24)."""
    given = None if priority == NO_PRIORITY else priority
    return Command(Ask.ISSUE, "POST", "/api/v1/tickets", IssueRequest(service=service, priority=given))


def usual_outcome(desk: Desk) -> str:
    """Return the outcome of the one-key finish: `served`, or the office's first one."""
    outcomes = desk.snapshot.outcomes if desk.snapshot else []
    return Outcome.SERVED.value if Outcome.SERVED in outcomes or not outcomes else outcomes[0]


def main_of(desk: Desk) -> Main | None:
    """Tell what the main key does now; None where the server permits none of its meanings."""
    ticket = desk.current
    if desk.snapshot is None:
        return None
    if ticket is None:
        return Main.CALL_NEXT if desk.is_open else Main.OPEN
    if ticket.status is TicketStatus.CALLED and TicketAction.START in ticket.actions:
        return Main.START
    if TicketAction.FINISH in ticket.actions:
        return Main.FINISH_AND_NEXT if desk.is_open else Main.FINISH
    return None


def offered(desk: Desk) -> frozenset[Key]:
    """List the keys that stand for something the server permits now (the buttons that are shown)."""
    snapshot, ticket = desk.snapshot, desk.current
    if desk.clerk is None or snapshot is None:
        return frozenset()
    keys = {Key.PARKED, Key.WAITING, Key.NO_SHOWS, Key.ISSUE, Key.KEYS, Key.ESCAPE, Key.HELP}
    if attention(snapshot, Key.ANSWER) is not None:
        keys.add(Key.ANSWER)
    if desk.undoable is not None:
        keys.add(Key.UNDO)
    if snapshot.finished is not None:
        keys.add(Key.FINISHED)
    if main_of(desk) is not None:
        keys.add(Key.MAIN)
    keys.add(Key.PAUSE)
    if ticket is None:
        keys.add(Key.SIGN_OUT)
        if snapshot.state is not CounterState.CLOSED:
            keys.add(Key.CLOSE)
        return frozenset(keys)
    keys |= {key for key, action in ACTION_KEYS.items() if action in ticket.actions}
    if ticket.reservation is not None and not ticket.reservation.confirmation_verified:
        keys.add(Key.VERIFY)
    return frozenset(keys)


def attention(snapshot: CounterSnapshot, key: Key) -> Command | None:
    """Make the request that calls for help or ends the call; or that answers, a call first, then a message."""
    own = f"/api/v1/counters/{snapshot.number}"
    if key is Key.HELP:
        calls = any(call.counter == snapshot.number for call in snapshot.help)
        return Command(Ask.STATE, "POST", f"{own}/help/end" if calls else f"{own}/help", NothingMore())
    call = unanswered(snapshot)
    if call is not None:
        return Command(Ask.STATE, "POST", f"/api/v1/counters/{call.counter}/help/accept", NothingMore())
    if snapshot.messages:
        return Command(Ask.STATE, "POST", f"{own}/messages/{snapshot.messages[0].id}/read", NothingMore())
    return None


def unanswered(snapshot: CounterSnapshot) -> HelpCall | None:
    """Return the first counter besides this one that calls for help, and to which nobody is coming."""
    others = (call for call in snapshot.help if call.counter != snapshot.number)
    return next((call for call in others if call.accepted_by is None), None)


def main_command(desk: Desk) -> Command | None:
    """Make the request of the main key."""
    ticket, snapshot, main = desk.current, desk.snapshot, main_of(desk)
    if snapshot is None or main is None:
        return None
    call_next = f"/api/v1/counters/{snapshot.number}/call-next"
    if main is Main.OPEN:
        return set_state(snapshot.number, CounterState.OPEN)
    if main is Main.CALL_NEXT:
        return Command(Ask.CALL_NEXT, "POST", call_next, CallNextRequest())
    if ticket is None:
        return None
    if main is Main.START:
        return act(ticket.id, TicketAction.START)
    if main is Main.FINISH:
        return act(ticket.id, TicketAction.FINISH, FinishRequest(outcome=usual_outcome(desk)))
    body = CallNextRequest(finish_current=usual_outcome(desk))
    return Command(Ask.CALL_NEXT, "POST", call_next, body, ticket.id)


def question(desk: Desk, key: Key) -> Dialog | None:
    """Make the dialog that a key opens; None for keys that act at once."""
    snapshot, ticket = desk.snapshot, desk.current
    if snapshot is None:
        return None
    if key is Key.ISSUE:
        lines = tuple(_service(name) for name in _all_services(desk))
        return Dialog(DialogKind.ISSUE_SERVICE, lines)
    if key is Key.KEYS:
        return Dialog(DialogKind.KEYS)
    if ticket is None:
        return None
    if key is Key.FINISH:
        outcomes = tuple(
            Choice("outcome", outcome, names=names_of(snapshot, outcome)) for outcome in snapshot.outcomes
        )
        return Dialog(DialogKind.OUTCOME, outcomes, ticket.id, ticket.number)
    if key is Key.TRANSFER:
        return Dialog(DialogKind.TRANSFER, _places(desk), ticket.id, ticket.number)
    if key is Key.WITHDRAW:
        return withdrawal(ticket.id, ticket.number)
    return None


def next_question(desk: Desk, dialog: Dialog, choice: Choice) -> Dialog | None:
    """Make the question that a chosen line leads to; None where the line is an answer."""
    if dialog.kind is DialogKind.ISSUE_SERVICE:
        return priorities(desk, choice.value)
    if dialog.kind is DialogKind.MISSING and choice.kind == "document":
        return replace(dialog, picked=dialog.picked ^ {choice.value})
    is_without = dialog.kind is DialogKind.OUTCOME and asks_missing(desk, choice.value)
    ticket = desk.current
    if not is_without or ticket is None or not ticket.checklist:
        return None
    return missing(ticket, choice.value)


def names_of(snapshot: CounterSnapshot, outcome: str) -> tuple[tuple[str, str], ...]:
    """Return what the office calls an outcome, by language."""
    found = next((each.names for each in snapshot.outcome_kinds if each.code == outcome), {})
    return tuple(found.items())


def asks_missing(desk: Desk, outcome: str) -> bool:
    """Say whether an outcome asks what was missing."""
    kinds = desk.snapshot.outcome_kinds if desk.snapshot else []
    return any(each.asks_missing for each in kinds if each.code == outcome)


def missing(ticket: Ticket, outcome: str) -> Dialog:
    """Make the question which documents were missing; whoever ticked some has the others proposed."""
    documents = tuple(Choice("document", word) for word in ticket.checklist)
    proposed = frozenset(ticket.checklist) - frozenset(ticket.checked) if ticket.checked else frozenset()
    lines = (*documents, Choice("confirm", GO_ON))
    return Dialog(
        DialogKind.MISSING, lines, ticket.id, ticket.number, outcome=outcome, picked=frozenset(proposed)
    )


def withdrawal(ticket: int, number: str) -> Dialog:
    """Make the question why a ticket is withdrawn, or whether it is kept."""
    reasons = (reason for reason in Withdrawal if reason is not Withdrawal.DAY_OVER)
    lines = tuple(Choice("withdrawal", reason.value) for reason in reasons)
    return Dialog(DialogKind.WITHDRAW, (*lines, Choice("confirm", KEEP)), ticket, number)


def reopening(ticket: int, number: str) -> Dialog:
    """Make the question why a finished ticket is opened again."""
    lines = tuple(Choice("reopening", reason.value) for reason in Reopening)
    return Dialog(DialogKind.REOPEN, lines, ticket, number)


def reopen(ticket: int, reason: Reopening) -> Command:
    """Make the request that opens a finished ticket again."""
    path = f"/api/v1/tickets/{ticket}/reopen"
    return Command(Ask.ACT, "POST", path, ReopenRequest(reason=reason), ticket)


def reasons(ticket: int, number: str) -> Dialog:
    """Make the question why a ticket is called out of its order (rules.md 25)."""
    lines = tuple(Choice("reason", reason.value) for reason in CallReason if reason != CallReason.WAS_PARKED)
    return Dialog(DialogKind.REASON, lines, ticket, number)


def priorities(desk: Desk, service: str) -> Dialog:
    """Make the question for the priority class of a walk-in ticket (rules.md 24)."""
    offered = desk.device.settings.priority_classes if desk.device else []
    kinds = (Choice("priority", code, names=priority_names(desk, code)) for code in offered)
    return Dialog(DialogKind.ISSUE_PRIORITY, (Choice("priority", NO_PRIORITY), *kinds), service=service)


def priority_names(desk: Desk, code: str) -> tuple[tuple[str, str], ...]:
    """Return what the office calls a kind of priority, by language."""
    kinds = desk.device.settings.priority_kinds if desk.device else []
    return tuple(next((each.names for each in kinds if each.code == code), {}).items())


def answer_of(dialog: Dialog, choice: Choice, note: str) -> Command | None:
    """Make the request that a chosen line of a dialog stands for; None where it asks nothing."""
    if dialog.kind is DialogKind.ISSUE_PRIORITY and dialog.service is not None:
        return issue(dialog.service, choice.value)
    if dialog.ticket is None:
        return None
    if dialog.kind is DialogKind.OUTCOME:
        return act(dialog.ticket, TicketAction.FINISH, FinishRequest(outcome=choice.value))
    if dialog.kind is DialogKind.MISSING and dialog.outcome is not None:
        absent = [each.value for each in dialog.choices if each.value in dialog.picked]
        ended = FinishRequest(outcome=dialog.outcome, missing=absent)
        return act(dialog.ticket, TicketAction.FINISH, ended)
    if dialog.kind is DialogKind.REASON:
        return call(dialog.ticket, CallReason(choice.value))
    if dialog.kind is DialogKind.REOPEN:
        return reopen(dialog.ticket, Reopening(choice.value))
    if dialog.kind is DialogKind.TRANSFER:
        told = note.strip()[:200] or None
        if choice.kind == "counter":
            body = TransferRequest(counter=int(choice.value), note=told)
        else:
            body = TransferRequest(service=choice.value, note=told)
        return act(dialog.ticket, TicketAction.TRANSFER, body)
    if dialog.kind is DialogKind.WITHDRAW and choice.value != KEEP:
        why = WithdrawRequest.model_validate({"reason": choice.value})
        return act(dialog.ticket, TicketAction.WITHDRAW, why)
    return None


def _service(name: ServiceName) -> Choice:
    return Choice("service", name.code, name.name)


def _all_services(desk: Desk) -> list[ServiceName]:
    if desk.snapshot is None:
        return []
    named = {s.code: s for s in (*desk.snapshot.services, *desk.snapshot.transfer_services)}
    return list(named.values())


def _places(desk: Desk) -> tuple[Choice, ...]:
    if desk.snapshot is None:
        return ()
    now = desk.current.service.code if desk.current else None
    services = tuple(_service(name) for name in desk.snapshot.transfer_services if name.code != now)
    counters = tuple(
        Choice("counter", str(counter.number), counter.state.value)
        for counter in desk.snapshot.transfer_counters
    )
    return services + counters
