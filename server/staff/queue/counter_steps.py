"""What a clerk does at a counter in the browser: one address, one step a form, done once under the form's key."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from server.api import authentication
from server.domain.access.roles import Permission
from server.domain.queue.tickets import NotAllowed
from server.services import commands
from server.services.context import Context, RuleBroken
from server.services.queue import attention, calling, counters, handling, reopening, undoing, walk_in
from server.services.queue.check_in import Admitted
from server.services.queue.clerk import Clerk, ticket_for
from server.services.queue.views.ticket import TicketView
from server.services.store_types import ClerkRow, Session
from server.staff import branches
from server.staff.permissions import before_proof, needs, signs_in_at
from server.staff.queue import counter_desk, counter_words
from server.store.answers import Command
from server.web.pages import go
from server.web.request_context import request_context
from wire.codes import MalformedCode, parse_scan
from wire.vocabulary import CallReason, CounterState, Reopening, TicketAction, Withdrawal

pages = Blueprint("counter_steps", __name__)

_KEY = re.compile(r"[\x21-\x7e]{8,200}")
_LONGEST_NOTE = 200
_UNDOABLE = frozenset({"start", "finish", "no-show", "park", "transfer", "withdraw"})
# These are no steps with a ticket: what can be taken back is the step before them.
_ATTENTION = ("help", "help-end", "help-accept", "read")
_BESIDE = frozenset({"check", "verify", "issue", "open", "pause", "close", *_ATTENTION})
_OF_SUPERVISORS = frozenset({"reopen"})
# What another counter has in hand looks as if it were not there.
_SAID_AS = {"at_other_counter": "not_found", "unknown_document": "not_allowed"}


@dataclass(frozen=True, slots=True)
class Said:
    """What became of a step: the sentence by its key, and the ticket that it was done with."""

    key: str | None = None
    number: str = ""
    ticket: int | None = None


@dataclass(frozen=True, slots=True)
class At:
    """A step on its way: by whom, and what its form holds."""

    session: Session
    context: Context
    row: ClerkRow
    clerk: Clerk
    form: dict[str, list[str]]

    def text(self, name: str) -> str | None:
        """Return a field of the form; None for an empty one."""
        return self._first(name).strip()[:_LONGEST_NOTE] or None

    def number(self, name: str) -> int | None:
        """Return a field that is a number."""
        text = self._first(name)
        return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None

    def code(self, name: str, known: Any) -> str:
        """Return a field that is one of some codes. Raises RuleBroken 422 `reason_missing`."""
        text = self._first(name)
        if text not in [str(each) for each in known]:
            raise RuleBroken(422, "reason_missing")
        return text

    def all(self, name: str) -> list[str]:
        """Return all values of a field."""
        return self.form.get(name, [])

    def _first(self, name: str) -> str:
        return next(iter(self.all(name)), "")


Step = Callable[[At], Said]


@pages.post(branches.AT + "/counter/act")
@needs(Permission.SERVE)
@before_proof
@signs_in_at("counter_entry.sign_in")
def act() -> ResponseReturnValue:
    """Take one step; the same form sent twice acts once."""
    who = counter_desk.clerk()
    if who is None:
        return counter_desk.leave_page()
    step = request.form.get("step", "")
    key = request.form.get("key", "")
    if step not in STEPS or _KEY.fullmatch(key) is None:
        abort(400)
    if step in _OF_SUPERVISORS and not who.is_supervisor:
        abort(403)
    said = _run(who, step, key)
    number = str(said["number"])
    undoable = step in _UNDOABLE and said["key"] == f"done_{step}"
    if step not in _BESIDE:
        counter_desk.keep_undo(who, said["ticket"] if undoable else None, number)
    if step != "check":
        counter_desk.say(said["key"], number=number, ticket=str(said["ticket"] or ""))
    if request.headers.get("HX-Request"):
        return counter_desk.part(who)
    return go(
        "counter.strip" if request.form.get("strip") == "1" else "counter.show",
        list=request.form.get("list") or None,
    )


def _run(who: ClerkRow, step: str, key: str) -> dict[str, Any]:
    """Run a step as a command of the clerk's; a broken rule is an answer too."""
    runtime, context = authentication.runtime(), request_context()
    form = {name: values for name, values in request.form.lists() if name not in ("csrf_token", "key")}
    device = who.device
    place = context.office.staffed(device.counter_id or 0, who.clerk_id)
    clerk = Clerk(who.clerk_id, who.session_id, device.branch_id, device.hall, place, who.is_supervisor)
    body = json.dumps(form, sort_keys=True).encode()
    command = Command(f"clerk:{who.clerk_id}", f"POST {request.path} {step}", key, body)

    def work(session: Session) -> Said:
        try:
            return STEPS[step](At(session, context, who, clerk, form))
        except NotAllowed:
            raise RuleBroken(409, "not_allowed") from None

    try:
        _status, sent = commands.run(runtime.store, context, command, work, _rendered)
    except RuleBroken as reused:
        _status, sent = _rendered(reused)
    said: dict[str, Any] = json.loads(sent)
    return said


def _rendered(answer: Said | RuleBroken) -> tuple[int, bytes]:
    if isinstance(answer, RuleBroken):
        said = Said(_SAID_AS.get(answer.reason, answer.reason), str(answer.facts.get("number", "")))
        return answer.status, json.dumps({"key": said.key, "number": said.number, "ticket": None}).encode()
    told = {"key": answer.key, "number": answer.number, "ticket": answer.ticket}
    return 200, json.dumps(told).encode()


# --- the steps ---------------------------------------------------------------------------------------


def _with_ticket(step: str, use_case: Callable[..., TicketView], *names: str) -> Step:
    """Make the step of one action on one ticket; `names` are the fields that it takes."""

    def done(at: At) -> Said:
        ticket = at.number("ticket")
        if ticket is None:
            raise RuleBroken(422, "choose")
        given = {name: _FIELDS[name](at) for name in names}
        row = ticket_for(at.session, at.clerk, ticket)
        shown = use_case(at.session, at.context, at.clerk, row, **given)
        return Said(f"done_{step}" if step in _UNDOABLE else None, shown.number, shown.id)

    return done


def _target(at: At) -> tuple[str, str]:
    """Read where a ticket goes: `service:P` or `counter:7`."""
    kind, _, value = (at.text("to") or "").partition(":")
    return kind, value


def _counter(at: At) -> int | None:
    kind, value = _target(at)
    return int(value) if kind == "counter" and value.isascii() and value.isdigit() else None


def _service(at: At) -> str | None:
    kind, value = _target(at)
    return value if kind == "service" else None


def _outcome(at: At) -> str | None:
    return at.text("outcome")


_FIELDS: dict[str, Callable[[At], Any]] = {
    "outcome": _outcome,
    "reason": lambda at: CallReason(at.code("reason", CallReason)),
    "why": lambda at: Withdrawal(at.code("why", counter_words.WITHDRAWALS)),
    "again": lambda at: Reopening(at.code("again", Reopening)),
    "service": _service,
    "counter": _counter,
    "note": lambda at: at.text("note"),
    "missing": lambda at: at.all("missing"),
    "checked": lambda at: at.all("checked"),
}


def _call_next(at: At) -> Said:
    """Call whoever is next; a form that finishes a ticket finishes that one and no other."""
    ticket = at.number("ticket")
    finish = at.text("outcome") if ticket is not None else None
    called = calling.call_next(at.session, at.context, at.clerk, finish, ticket)
    return Said("nobody_waits") if called is None else Said(None, called.number, called.id)


def _verify(at: At) -> Said:
    ticket = at.number("ticket")
    try:
        code = parse_scan(at.text("code") or "")
    except MalformedCode:
        raise RuleBroken(422, "malformed_code") from None
    matches = ticket is not None and handling.verify_confirmation(
        at.session, at.context, at.clerk, ticket, code
    )
    return Said("verified" if matches else "mismatch")


def _issue(at: At) -> Said:
    asking = walk_in.Asking(at.text("service") or "", None, at.text("priority"), at.clerk.id)
    given = walk_in.issue_ticket(at.session, at.context, at.row.device, asking)
    if isinstance(given, Admitted):
        return Said("issued", given.ticket.number, given.ticket.id)
    return Said(str(given.reason))


def _state(state: CounterState) -> Step:
    def done(at: At) -> Said:
        counters.set_state(at.session, at.context, at.clerk, state)
        return Said()

    return done


def _attend(step: str) -> Step:
    """Make the step that calls for help, ends that, goes to help, or has read a message."""

    def done(at: At) -> Said:
        session, context, clerk = at.session, at.context, at.clerk
        branch = context.branch(clerk.branch_id)
        try:
            if step == "help":
                attention.call_help(session, context, clerk)
            elif step == "help-end":
                attention.end_help(session, context, clerk.id, branch, clerk.counter.number)
            elif step == "help-accept":
                attention.accept_help(session, context, clerk.id, branch, at.number("counter") or 0)
            else:
                attention.read_message(session, context, clerk, at.number("message") or 0)
        except RuleBroken as broken:
            if broken.status == 404:
                raise RuleBroken(409, "over_already") from None
            raise
        return Said()

    return done


def _withdraw(session: Session, context: Context, clerk: Clerk, row: Any, why: Withdrawal) -> TicketView:
    return handling.withdraw(session, context, clerk, row, why)


def _reopen(session: Session, context: Context, clerk: Clerk, row: Any, again: Reopening) -> TicketView:
    return reopening.reopen(session, context, clerk, row, again)


STEPS: dict[str, Step] = {
    "open": _state(CounterState.OPEN),
    "pause": _state(CounterState.PAUSED),
    "close": _state(CounterState.CLOSED),
    "call-next": _call_next,
    **{step: _attend(step) for step in _ATTENTION},
    "verify": _verify,
    "issue": _issue,
    "undo": _with_ticket("undo", undoing.undo),
    "reopen": _with_ticket("reopen", _reopen, "again"),
    TicketAction.CALL: _with_ticket("call", calling.call, "reason"),
    TicketAction.RECALL: _with_ticket("recall", calling.recall),
    TicketAction.START: _with_ticket("start", handling.start),
    "check": _with_ticket("check", handling.check, "checked"),
    TicketAction.FINISH: _with_ticket("finish", handling.finish, "outcome", "missing"),
    TicketAction.NO_SHOW: _with_ticket("no-show", handling.no_show),
    TicketAction.PARK: _with_ticket("park", handling.park, "note"),
    TicketAction.PUT_BACK: _with_ticket("put-back", handling.put_back),
    TicketAction.TRANSFER: _with_ticket("transfer", handling.transfer, "service", "counter", "note"),
    TicketAction.REINSTATE: _with_ticket("reinstate", handling.reinstate),
    TicketAction.WITHDRAW: _with_ticket("withdraw", _withdraw, "why"),
}
