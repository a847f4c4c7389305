"""Why there is no ticket: which answers a visitor hears, their facts, and what can be done next."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from kiosk.visit.events import Press
from kiosk.visit.foreign import Foreign
from kiosk.visit.screens import Checking, Facts, Refused, Screen, TicketShown
from kiosk.visit.steps import plain
from kiosk.visit.surroundings import is_open
from wire.vocabulary import Refusal

MALFORMED = "malformed_code"
PAUSED = "paused"
NOT_KNOWN_HERE = "not_known_here"
# A text of several lines comes as several scans: the first tells what it was.
SAME_FOREIGN_SECONDS = 2.0


class Way(StrEnum):
    """What a visitor can do after a refusal; the value names the sentence on the button."""

    BOOK = "book"
    INFORMATION = "information"
    NEW_CODE = "new_code"
    HAVE_CODE = "have_code"
    MENU = "menu"


PRESS_OF = {
    Way.BOOK: Press.BOOKING_QR,
    Way.INFORMATION: Press.INFORMATION,
    Way.NEW_CODE: Press.RESERVATION,
    Way.HAVE_CODE: Press.RESERVATION,
    Way.MENU: Press.WALK_IN,
}

WAYS: dict[str, tuple[Way, ...]] = {
    Refusal.UNKNOWN_CODE: (Way.NEW_CODE, Way.INFORMATION),
    Refusal.CANCELLED: (Way.BOOK, Way.INFORMATION),
    Refusal.REJECTED: (Way.INFORMATION, Way.BOOK),
    Refusal.NOT_VERIFIED: (Way.INFORMATION,),
    Refusal.OTHER_BRANCH: (Way.BOOK, Way.INFORMATION),
    Refusal.OTHER_DAY: (Way.NEW_CODE, Way.BOOK, Way.INFORMATION),
    Refusal.TOO_EARLY: (Way.INFORMATION,),
    Refusal.TOO_LATE: (Way.BOOK, Way.INFORMATION),
    Refusal.LAPSED: (Way.BOOK, Way.INFORMATION),
    Refusal.OTHER_SERVICE: (Way.NEW_CODE, Way.INFORMATION),
    Refusal.TICKET_NO_SHOW: (Way.INFORMATION, Way.BOOK),
    Refusal.TICKET_FINISHED: (Way.BOOK, Way.INFORMATION),
    Refusal.TICKET_WITHDRAWN: (Way.INFORMATION, Way.BOOK),
    Refusal.SERVICE_STOPPED: (Way.BOOK, Way.INFORMATION),
    Refusal.CLOSED: (Way.BOOK, Way.MENU, Way.INFORMATION),
    Refusal.NOT_OFFERED: (Way.HAVE_CODE, Way.BOOK, Way.MENU),
    Refusal.LIMIT_REACHED: (Way.BOOK, Way.MENU, Way.INFORMATION),
    Refusal.UNLIKELY_TODAY: (Way.BOOK, Way.MENU, Way.INFORMATION),
    MALFORMED: (Way.NEW_CODE, Way.INFORMATION),
    PAUSED: (Way.MENU, Way.INFORMATION),
    NOT_KNOWN_HERE: (Way.NEW_CODE, Way.INFORMATION),
}

_INSTANTS = (
    *("appointment_at", "check_in_from", "check_in_until", "opens_at", "now"),
    *("called_at", "finished_at", "listed_at"),
)


def not_ours(over: Screen, kind: Foreign) -> Screen:
    """Say what kind of code was shown instead of ours; a ticket on the screen and a check go on undisturbed."""
    screen = plain(over)
    around = replace(screen.around, extensions=0)
    is_told = isinstance(screen, Refused) and screen.reason == MALFORMED
    is_its_rest = is_told and around.now_s - around.changed_s < SAME_FOREIGN_SECONDS
    if isinstance(screen, TicketShown | Checking) or (is_its_rest and kind is Foreign.OTHER):
        return over
    return Refused(around, MALFORMED, Facts(why=kind))


def ways_on(screen: Refused) -> tuple[Way, ...]:
    """Return what the visitor can really do here: only what this branch offers now, best first."""
    return tuple(way for way in WAYS[screen.reason] if _is_open(way, screen))


def _is_open(way: Way, screen: Refused) -> bool:
    around = screen.around
    if way is Way.BOOK:
        return around.office.portal_url is not None
    if way is Way.INFORMATION:
        offer = around.information_offer
        return offer is not None and offer.code != screen.service
    if way is Way.MENU:
        return any(is_open(offer) for offer in around.offers)
    return True


def read_facts(facts: dict[str, Any]) -> Facts:
    """Read the facts of a problem; what is not of the expected kind is left out."""
    instants = {name: instant_of(facts.get(name)) for name in _INSTANTS}
    branch, service = _word(facts.get("branch_name")), _word(facts.get("service"))
    number, why = _word(facts.get("number")), _word(facts.get("why"))
    day = _day(facts.get("date"))
    return Facts(**instants, day=day, branch=branch, service=service, number=number, why=why)


def instant_of(value: object) -> datetime | None:
    """Return an RFC 3339 instant as an aware datetime, or None if it is none."""
    if not isinstance(value, str):
        return None
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return None
    return instant if instant.tzinfo else None


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _word(value: object) -> str | None:
    return value if isinstance(value, str) else None
