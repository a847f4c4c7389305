"""The states of a reservation in plain words."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from wire.vocabulary import ReservationStatus as Status


@dataclass(frozen=True, slots=True)
class Tag:
    """A word for a state, and the colour behind it."""

    text: object
    classes: str


_TAGS = {
    Status.HELD: Tag(_l("Not activated yet"), "govuk-tag--yellow"),
    Status.PENDING: Tag(_l("Waits for verification"), "govuk-tag--blue"),
    Status.BOOKED: Tag(_l("Booked"), "govuk-tag--green"),
    Status.CHECKED_IN: Tag(_l("Ticket taken"), "govuk-tag--green"),
    Status.LAPSED: Tag(_l("No longer valid"), "govuk-tag--grey"),
    Status.CANCELLED: Tag(_l("Cancelled"), "govuk-tag--grey"),
    Status.REJECTED: Tag(_l("Not accepted"), "govuk-tag--red"),
}
_TITLES = {
    Status.PENDING: _l("Your reservation waits for verification"),
    Status.BOOKED: _l("Your visit is booked"),
    Status.CHECKED_IN: _l("You have taken your ticket"),
    Status.LAPSED: _l("This reservation is no longer valid"),
    Status.CANCELLED: _l("This reservation was cancelled"),
    Status.REJECTED: _l("This reservation was not accepted"),
}
_WHY = {
    "not_activated": _l("The code was not entered in time, so others can book this hour again."),
    "wrong_codes": _l("A wrong code was entered five times, so others can book this hour again."),
    "unanswered": _l("The questions were not answered in time, so others can book this hour again."),
    "undecided": _l("The office could not finish the verification before the hour of the visit."),
}


def tag_of(status: Status) -> Tag:
    """Return the word for a state."""
    return _TAGS[status]


def title_of(status: Status) -> str:
    """Return the heading of a reservation's page."""
    return str(_TITLES[status])


def why_of(status: Status, reason: str | None) -> object:
    """Say why a reservation is over, where there is more to say than its state does."""
    if reason in _WHY:
        return _WHY[reason]
    if reason is not None and reason.startswith("removed:"):
        return _l("The office removed it. The letter that you got says why.")
    return _l("The time to take a ticket for it is over.") if status is Status.LAPSED else ""
