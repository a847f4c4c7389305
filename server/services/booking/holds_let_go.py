"""Holds that are let go are limited, so that nobody blocks places cheaply (rule 6).

Counted for the account and for the person are holds that lapsed without their code or were cancelled.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from server.domain.booking.people import identity_of
from server.domain.guard.tries import TryPolicy, wait_until
from server.services.booking.unsealed import person_of
from server.services.context import Context
from server.services.guard import limits
from server.store.tables import Reservation

_KIND = "hold_let_go"
_FIRST_PAUSE = timedelta(minutes=30)
_DAY = timedelta(days=1)


def count(session: Session, context: Context, row: Reservation) -> None:
    """Count a hold that its owner let go."""
    person = person_of(session, context, row)
    born = person.get("birth_date")
    identity = identity_of(person["name"], date.fromisoformat(born), person["document"]) if born else None
    for who in _keys(row.account_id, identity.person if identity else None):
        limits.count_attempt(session, context, _KIND, who)


def paused_until(
    session: Session, context: Context, account_id: int | None, person: str | None, free: int
) -> datetime | None:
    """Return until when an account or a person has to wait for the next hold; None when they need not.

    After `free` holds within a day (⚙ holds_let_go) the pause is 30 minutes, and doubles with each further one.
    """
    policy = TryPolicy(free, longest=_DAY, within=_DAY, first=_FIRST_PAUSE)
    keys = list(_keys(account_id, person))
    if not keys:
        return None
    found = limits.attempts_of_either(session, context, _KIND, (keys[0], keys[-1]), policy.within)
    waits = (wait_until(count, last, policy) for count, last in found)
    until = max((each for each in waits if each is not None), default=None)
    return until if until is not None and until > context.now else None


def _keys(account_id: int | None, person: str | None) -> Iterator[str]:
    if account_id is not None:
        yield f"account:{account_id}"
    if person is not None:
        yield f"person:{person}"
