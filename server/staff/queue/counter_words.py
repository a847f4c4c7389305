"""What the counter in the browser says: its keys, its choices, and what became of a step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.domain.office.outcomes import OutcomeKind
from server.domain.office.policies import BranchPolicy
from wire.vocabulary import CallReason, CounterState, Outcome, Priority, Reopening, Withdrawal

OUTCOMES = {
    Outcome.SERVED: _l("Served"),
    Outcome.WITHOUT_DOCUMENTS: _l("Documents were missing"),
    Outcome.WRONG_PERSON: _l("Another person came"),
    Outcome.OTHER: _l("Another outcome"),
}
REASONS = {
    CallReason.SUPERVISOR: _l("A supervisor's decision"),
    CallReason.HEALTH: _l("Poor health"),
    CallReason.CALLED_BEFORE: _l("Was called before and has come back"),
    CallReason.SAME_MATTER: _l("Same matter as the visitor before"),
    CallReason.OTHER: _l("Another reason"),
}
WAS_PARKED = CallReason.WAS_PARKED
WITHDRAWALS = {
    Withdrawal.VISITOR_LEFT: _l("The visitor has given up"),
    Withdrawal.TICKET_TWICE: _l("The visitor has another ticket"),
    Withdrawal.WRONG_SERVICE: _l("Wrong service"),
    Withdrawal.OTHER: _l("Another reason"),
}
REOPENINGS = {
    Reopening.BY_MISTAKE: _l("Finished by mistake"),
    Reopening.CAME_BACK: _l("The visitor has come back"),
    Reopening.NOT_DONE: _l("The matter is not settled"),
    Reopening.OTHER: _l("Another reason"),
}
PRIORITIES = {
    Priority.PREGNANCY: _l("Pregnancy"),
    Priority.DISABILITY: _l("Disability"),
    Priority.SMALL_CHILDREN: _l("With small children"),
    Priority.ELDERLY: _l("Elderly visitor"),
}
STATES = {
    CounterState.OPEN: _l("open"),
    CounterState.PAUSED: _l("on a break"),
    CounterState.CLOSED: _l("closed"),
}
CHECKLIST = {
    "identity": _l("Identity matches the reservation"),
    "confirmation": _l("Confirmation of the reservation shown"),
}
DOCUMENTS = {
    "identity": _l("Identity document"),
    "confirmation": _l("Confirmation of the reservation"),
    "payment": _l("Proof of payment"),
    "photograph": _l("Recent photograph"),
}
PARTS = {
    "roll": _l("paper roll"),
    "second_printer": _l("second printer"),
    "second_roll": _l("second paper roll"),
    "scanner": _l("scanner"),
    "clock": _l("clock"),
}
TROUBLES = {
    "low": _l("paper is running out"),
    "out": _l("out of paper"),
    "error": _l("reports an error"),
    "ending": _l("ends soon"),
    "lost": _l("not found"),
    "wrong": _l("wrong time"),
    "paper_out": _l("out of paper"),
    "cover_open": _l("the cover is open"),
    "offline": _l("is offline"),
    "no_answer": _l("does not answer"),
    "disconnected": _l("is disconnected"),
}
KEYS = (
    ("F8", _l("The main button: call, start, finish and call")),
    ("F9", _l("Call again")),
    ("F10", _l("Finish with another outcome")),
    ("F11", _l("Did not come")),
    ("F12", _l("Set the ticket aside")),
    ("Ctrl+F12", _l("Transfer to a service or a counter")),
    ("Esc", _l("Undo the call, close a question")),
    ("F7", _l("Confirmation of the reservation")),
    ("F6", _l("Tickets set aside")),
    ("F5", _l("Break, or back to work")),
    ("F4", _l("Issue a ticket to a visitor at the counter")),
    ("F3", _l("List of those who wait")),
    ("F2", _l("List of those who did not come")),
    ("Ctrl+F6", _l("List of finished tickets, for supervisors")),
    ("Ctrl+F11", _l("Withdraw the ticket")),
    ("Ctrl+Z", _l("Take the last step back")),
    ("Ctrl+F5", _l("Close the counter")),
    ("Ctrl+F1", _l("Sign out")),
    ("Ctrl+F8", _l("Call colleagues for help, or end the call")),
    ("Ctrl+F7", _l("Go and help, or mark a message as read")),
    ("Ctrl+M", _l("Small strip")),
    ("F1", _l("This list")),
)
DONE = {
    "done_start": _l("%(number)s: service has begun. Ctrl+Z takes this back."),
    "done_finish": _l("%(number)s: visit finished. Ctrl+Z takes this back."),
    "done_no-show": _l("%(number)s: marked as absent. Ctrl+Z takes this back."),
    "done_park": _l("%(number)s: ticket set aside. Ctrl+Z takes this back."),
    "done_transfer": _l("%(number)s: ticket passed on. Ctrl+Z takes this back."),
    "done_withdraw": _l("%(number)s: ticket withdrawn. Ctrl+Z takes this back."),
}
_SAID = {
    **DONE,
    "nobody_waits": _l("Nobody is waiting for your services."),
    "verified": _l("The confirmation matches the reservation."),
    "issued": _l("Ticket %(number)s was issued. Tell the visitor this number."),
    "not_closed": _l("These tickets were left open here when the day ended, and were closed: %(numbers)s"),
    "mismatch": _l("This confirms another reservation. Ask for the right one, or check who has come."),
    "malformed_code": _l(
        "This is not a reservation code. A code has nine digits. Check it and type it again."
    ),
    "not_allowed": _l("This is no longer possible: the ticket has changed. The page shows how it is now."),
    "key_reused": _l("This was done already. The page shows how it is now."),
    "counter_busy": _l("The counter already has ticket %(number)s. Finish it first."),
    "undo_too_late": _l("It is too late to take this back."),
    "day_over": _l("The day of this ticket is over. It cannot be opened again."),
    "not_offered": _l("This service does not take visitors without a reservation."),
    "closed": _l("The service is closed now."),
    "limit_reached": _l("All of today's tickets for this service have been given out."),
    "unlikely_today": _l("The line is so long that it can no longer be served today."),
    "not_found": _l("There is no such ticket at this counter."),
    "no_reservation": _l("This ticket has no reservation."),
    "counter_not_open": _l("The counter is not open. Open it (F5)."),
    "over_already": _l("This is over already. The page shows how it is now."),
    "help_accepted": _l("Somebody else is coming to help already."),
    "own_help": _l("This is your own call for help."),
    "choose": _l("Choose a ticket from the list first."),
    "service_not_yours": _l("You are not entered for this service: a colleague serves it."),
    "out_of_order_refused": _l("Only a supervisor calls somebody before the others here."),
    "reason_missing": _l("Choose a reason: it stays on record."),
    "transfer_target": _l("Choose where the visitor is to go."),
    "slow_down": _l("Too many tries. Wait a moment and try again."),
}
PLAIN = frozenset({*DONE, "nobody_waits", "not_closed", "issued"})
GOOD = frozenset({"verified"})


def said(key: str, facts: dict[str, str]) -> str:
    """Write what became of a step."""
    sentence = _SAID.get(key)
    if sentence is None:
        return _(
            "The server could not do this. Try again, and if that does not help, tell the administrator."
        )
    return str(sentence) % ({"number": "", "numbers": ""} | facts)


def tone(key: str) -> str:
    """Say how a sentence is coloured: good, plain or bad; the words carry it too."""
    return "good" if key in GOOD else "plain" if key in PLAIN else "bad"


def check(item: str, reservation: object) -> str:
    """Write a line of the checklist; without a reservation there is none to match."""
    return word(CHECKLIST, item) if reservation and item in CHECKLIST else document(item)


def document(item: str) -> str:
    """Write what a visitor brings; an office's own words stand as they are."""
    found = DOCUMENTS.get(item)
    return item if found is None else str(found)


def outcome(kind: OutcomeKind, language: str) -> str:
    """Name an outcome as the office does in a language, else as we do, else as the office does in any."""
    return _named(kind.names, OUTCOMES, kind.code, language)


def priority(policy: BranchPolicy, code: str, language: str) -> str:
    """Name a kind of priority that a ticket has, also one that the office does not have any more."""
    names = next((each.names for each in policy.priority_classes if each.code == code), {})
    return _named(names, PRIORITIES, code, language)


def _named(names: Mapping[str, str], ours: Mapping[Any, object], code: str, language: str) -> str:
    return names.get(language) or str(ours.get(code) or next(iter(names.values()), code))


def word(words: object, code: str) -> str:
    """Write a code in words; a code of the office's own stands as it is."""
    found = words.get(code) if isinstance(words, dict) else None
    return code.replace("_", " ") if found is None else str(found)
