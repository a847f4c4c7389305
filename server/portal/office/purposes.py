"""Why each kind of data is kept, and how long, in words: for the page of privacy and the copy of one's data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from flask_babel import lazy_gettext as _l


@dataclass(frozen=True, slots=True)
class Purpose:
    """A field's name as people read it, why it is asked for, and until when it is kept."""

    what: object
    why: object
    kept: object


_ACCOUNT = _l("as long as you have the account")
_VISIT = _l("until it is erased after the visit")

# By the purposes of server.domain.privacy.purposes, which says which field and which column has which.
PURPOSES: Mapping[str, Purpose] = MappingProxyType(
    {
        "email": Purpose(
            _l("E-mail address"),
            _l("To know you again when you log in, and to send you codes, confirmations and reminders"),
            _ACCOUNT,
        ),
        "password": Purpose(
            _l("Password"),
            _l("So that nobody else can use your account; we keep only a trace of it"),
            _ACCOUNT,
        ),
        "language": Purpose(_l("Language"), _l("To write to you in the language you chose"), _ACCOUNT),
        "name": Purpose(
            _l("First name and surname"),
            _l("The visit is for this person; the clerk compares the identity document"),
            _VISIT,
        ),
        "birth_date": Purpose(
            _l("Date of birth"),
            _l("To tell people of the same name apart, so that each has one visit"),
            _VISIT,
        ),
        "document": Purpose(
            _l("Number of the identity document"),
            _l("So that nobody books many visits, or for somebody else"),
            _VISIT,
        ),
        "phone": Purpose(
            _l("Telephone number"),
            _l("To send you the code and reminders by SMS, and to call you about the visit"),
            _VISIT,
        ),
        "children": Purpose(
            _l("Names and years of birth of children"),
            _l("So that the clerk is ready for all who come with you"),
            _VISIT,
        ),
        "legal_stay_until": Purpose(
            _l("Until when your stay is legal, and why"),
            _l("To warn you if the visit would be too late"),
            _VISIT,
        ),
        "answers": Purpose(
            _l("Answers to the questions before the visit"),
            _l("So that the office can prepare your matter"),
            _VISIT,
        ),
        "visits": Purpose(
            _l("Which visits you booked, with their codes"),
            _l("So that you find them again, and the kiosk knows them"),
            _VISIT,
        ),
        "applications": Purpose(
            _l("Days and hours that you asked for in a draw"),
            _l("To draw, and so that everybody can check the draw; the list has no names"),
            _l("your name until some days after those of the draw, the line in the list as long as the draw"),
        ),
        "messages": Purpose(
            _l("Which messages we sent you, and when"),
            _l("So that none is lost, and none is sent twice"),
            _l("to whom and what: until it is sent; that it was sent: with the visit"),
        ),
        "feedback": Purpose(
            _l("What you wrote about your visit"),
            _l("So that the office learns what to do better; you need not write anything"),
            _VISIT,
        ),
        "sessions": Purpose(
            _l("Browsers in which you logged in"),
            _l("So that you see whether somebody else uses your account"),
            _l("some days after the session has ended"),
        ),
        "traces": Purpose(
            _l("Part of your network address, kind of browser, times"),
            _l("To find bookings made by programs and trade in places"),
            _l("with the reservation; for a removed one longer, as evidence"),
        ),
    }
)


def purposes() -> tuple[Purpose, ...]:
    """Return all, in the order of the page."""
    return tuple(PURPOSES.values())
