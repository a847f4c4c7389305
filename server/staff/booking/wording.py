"""What the desks say in words: states, reasons, what happened, and why something cannot be done."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from server.domain.booking.phone_calls import CallResult
from server.services.booking.desk.verifying import Turn
from wire.vocabulary import FactType, Outcome, ReservationStatus, TicketStatus

STATES: Mapping[str, object] = {
    ReservationStatus.HELD: _l("held"),
    ReservationStatus.PENDING: _l("to be verified"),
    ReservationStatus.BOOKED: _l("booked"),
    ReservationStatus.CHECKED_IN: _l("has come"),
    ReservationStatus.LAPSED: _l("lapsed"),
    ReservationStatus.CANCELLED: _l("cancelled"),
    ReservationStatus.REJECTED: _l("rejected"),
}
TAGS: Mapping[str, str] = {
    ReservationStatus.PENDING: "staff-tag--warn",
    ReservationStatus.CHECKED_IN: "staff-tag--ok",
    ReservationStatus.LAPSED: "staff-tag--bad",
    ReservationStatus.REJECTED: "staff-tag--bad",
}
TICKETS: Mapping[str, object] = {
    TicketStatus.WAITING: _l("waiting"),
    TicketStatus.CALLED: _l("called"),
    TicketStatus.SERVING: _l("being served"),
    TicketStatus.PARKED: _l("parked"),
    TicketStatus.FINISHED: _l("finished"),
    TicketStatus.NO_SHOW: _l("did not come when called"),
    TicketStatus.WITHDRAWN: _l("withdrawn"),
}
OUTCOMES: Mapping[str, object] = {
    Outcome.SERVED: _l("served"),
    Outcome.WITHOUT_DOCUMENTS: _l("came without documents"),
    Outcome.WRONG_PERSON: _l("another person came"),
    Outcome.OTHER: _l("other"),
}
REASONS: Mapping[str, object] = {
    "visitor_asked": _l("The visitor asked for it"),
    "office_fault": _l("The office made a mistake"),
    "office_closed": _l("The office is closed that day"),
    "service_stopped": _l("The service was stopped for the day"),
    "wrong_service": _l("It is the wrong service"),
    "wrong_data": _l("The data are not right"),
    "not_reached": _l("The visitor could not be reached"),
    "automation": _l("A program made it"),
    "trade": _l("The place was traded"),
    "other": _l("Another reason"),
}
"""The words of reasons that are kept on record, as a colleague chooses them."""
EVIDENCE: Mapping[str, object] = {
    "too_fast": _l("filled in within 3 seconds"),
    "same_timing": _l("as fast as others to the hundredth of a second"),
    "many_accounts": _l("many accounts from one address"),
    "same_block": _l("many from one address"),
    "same_agent": _l("many from the same browser"),
}
CALLS: Mapping[str, object] = {
    CallResult.REACHED: _l("reached"),
    CallResult.NO_ANSWER: _l("no answer"),
    CallResult.CALL_BACK: _l("call back"),
}
TURNS: Mapping[str, object] = {
    Turn.ANSWERED: _l("answered, decide"),
    Turn.PHONE: _l("to be phoned"),
    Turn.ASKED: _l("waits for answers"),
}
DOCUMENTS: Mapping[str, object] = {
    "identity": _l("identity document"),
    "confirmation": _l("confirmation"),
    "payment": _l("proof of payment"),
    "photograph": _l("photograph"),
}
"""The usual words of a service's checklist; an office's own stand as they are."""
_HAPPENED: Mapping[str, object] = {
    FactType.RESERVATION_HELD: _l("Held on the web"),
    FactType.RESERVATION_BOOKED: _l("Booked"),
    FactType.RESERVATION_ACTIVATED: _l("Activated with the code"),
    FactType.RESERVATION_ACCEPTED: _l("Accepted"),
    FactType.RESERVATION_REJECTED: _l("Rejected"),
    FactType.RESERVATION_REMOVED: _l("Removed"),
    FactType.RESERVATION_CHECKED_IN: _l("Took a ticket"),
    FactType.RESERVATION_LAPSED: _l("Lapsed"),
    FactType.RESERVATION_CANCELLED: _l("Cancelled"),
    FactType.RESERVATION_REINSTATED: _l("Reinstated"),
    FactType.RESERVATION_CHANGED: _l("Contact corrected"),
    FactType.RESERVATION_MOVED: _l("Moved to another hour"),
    FactType.CODE_SENT_AGAIN: _l("Code sent again"),
    FactType.QUESTIONS_ASKED: _l("Questions sent"),
    FactType.QUESTIONS_ANSWERED: _l("Questions answered"),
    FactType.VISITOR_PHONED: _l("Phoned"),
    FactType.EVIDENCE_HELD: _l("Evidence kept"),
    FactType.CHECK_IN_REFUSED: _l("Check-in refused"),
    FactType.CHECK_IN_REPEATED: _l("Ticket printed again"),
    FactType.BOOKING_REFUSED: _l("Wrong code typed"),
    FactType.TICKET_ISSUED: _l("Ticket issued"),
    FactType.CONFIRMATION_VERIFIED: _l("Confirmation shown at the counter"),
    FactType.CONFIRMATION_MISMATCHED: _l("A confirmation that does not fit was shown"),
}
_REFUSED: Mapping[str, object] = {
    "not_allowed": _l("This cannot be done with a reservation in this state"),
    "too_late": _l("Nobody could take a ticket for this hour in time any more"),
    "day_over": _l("The day of this reservation is over"),
    "already_booked": _l("This person has another reservation for this service"),
    "email_used": _l("This e-mail address belongs to another reservation for this service"),
    "phone_used": _l("This telephone number belongs to another reservation for this service"),
    "no_contact": _l("No e-mail address and no telephone number is known"),
    "not_booked": _l("Only a booked visit can be moved"),
    "no_such_slot": _l("This hour cannot be booked"),
    "slot_full": _l("All places of this hour are taken"),
    "day_full": _l("The limit of this day is used up"),
    "not_released": _l("The places of this hour are not released yet"),
    "slow_down": _l("This was done three times today already"),
    "answered": _l("The questions were answered. Accept, reject, or ask again"),
    "no_questions": _l("This service has no questions"),
}


def happened(fact: str) -> object:
    """Say in words what a fact tells."""
    return _HAPPENED.get(fact, fact)


def reason(word: str | None) -> object:
    """Say a reason in words; a word of before, or of another program, stands as it is."""
    if not word:
        return ""
    known = word.removeprefix("removed:")
    return REASONS.get(known) or CALLS.get(known) or _OF_THE_SYSTEM.get(known) or _REFUSED.get(known) or known


WAYS: Mapping[str, object] = {
    "card": _l("opened it"),
    "booked": _l("booked it"),
    "code": _l("typed its code"),
    "email": _l("searched for an e-mail address"),
    "phone": _l("searched for a telephone number"),
    "name": _l("searched for a name"),
    "day": _l("saw the day's list"),
    "verification": _l("saw the list to be verified"),
}
"""How a colleague came to see a reservation."""
_OF_THE_SYSTEM: Mapping[str, object] = {
    "office_late": _l("the office itself was late"),
    "not_activated": _l("the code was not typed in time"),
    "unanswered": _l("the questions were not answered in time"),
    "undecided": _l("nobody decided in time"),
    "wrong_code": _l("not this code"),
}


def refused(word: str) -> object:
    """Say why something cannot be done."""
    return _REFUSED.get(word) or _l("This is not possible now")
