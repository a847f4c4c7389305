"""What a kiosk may do while the server does not answer: its letter, how long, and which visits it has to know."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta

from server.domain.office.hours import day_of, start_of_day
from server.domain.queue.check_in import CheckInPolicy
from wire.vocabulary import Conflict, Refusal

LETTERS = "XYZWVUSRQJTNMLKHGFEDCBAP"
"""A kiosk's letter behind the service's; I and O are left out, they read like digits."""
_STEP = timedelta(minutes=15)
OLDEST = timedelta(days=7)
"""An entry that says to be older has a clock that was never set."""
_CONFLICTS = {
    Refusal.CANCELLED: Conflict.CANCELLED,
    Refusal.REJECTED: Conflict.CANCELLED,
    Refusal.OTHER_BRANCH: Conflict.UNKNOWN_RESERVATION,
}


def next_letter(taken: Collection[str], spare: Iterable[str] = ()) -> str | None:
    """Give the first letter that no kiosk of the branch has had, else one of `spare`; None when there is none."""
    return next((letter for letter in LETTERS if letter not in taken), None) or next(iter(spare), None)


def valid_until(now: datetime, hours: int) -> datetime:
    """Tell until when a list made now may be used: its hours, up to the next quarter of an hour.

    So a list that changes in nothing else is the same one for some minutes.
    """
    until = now + timedelta(hours=hours)
    return until + (datetime.min.replace(tzinfo=until.tzinfo) - until) % _STEP


def last_hour(until: datetime, policy: CheckInPolicy) -> datetime:
    """Tell the latest hour of a visit whose visitor may be admitted by `until` (rule 14)."""
    if policy.earliest is not None:
        return until + policy.earliest
    return start_of_day(day_of(until, policy.zone) + timedelta(days=1), policy.zone) + policy.lead


def counted_at(said: datetime, now: datetime) -> datetime:
    """Give the time of an entry that counts: never one ahead, and none that no kiosk can mean.

    A clock that is wrong may bring a visitor behind others, not before people who came earlier today.
    """
    said = said.astimezone(UTC)
    return now if said > now or now - said > OLDEST else said


def conflict_of(refusal: Refusal) -> Conflict:
    """Name the conflict of a visit that the rules do not admit as of the time of an entry."""
    return _CONFLICTS.get(refusal, Conflict.NOT_ADMITTED)
