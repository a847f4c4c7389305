"""Whose booking it is: an account's, or a guest's, known by the browser or by the link to a reservation."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy.orm import Session

from server.services.context import Context, not_found
from server.store.prepared import Place
from server.store.queries.booking import drafts as rows
from server.store.tables import Reservation


@dataclass(frozen=True, slots=True)
class Owner:
    """Who books or asks: an account, a browser by its secret, the holder of a reservation's link, or all three.

    What is made belongs to the account, where there is one.
    """

    account_id: int | None = None
    browser: str | None = None
    link: str | None = None

    @property
    def browser_hash(self) -> bytes | None:
        """Return the hash of the browser's secret."""
        if not self.browser:
            return None
        return hashlib.sha256(self.browser.encode()).digest()


def own(
    session: Session, context: Context, owner: Owner, reservation_id: int, *, locked: bool = False
) -> Reservation:
    """Read a reservation of the owner. Raises RuleBroken 404 for another's, which looks the same as none."""
    return _let_in(session, context, owner, rows.reservation(session, reservation_id, locked=locked))


def look_at_own(place: Place, context: Context, owner: Owner, reservation_id: int) -> Reservation:
    """Read a reservation of the owner by hot statements, only to look. Raises RuleBroken as `own`."""
    return _let_in(place, context, owner, rows.look_at(place, reservation_id))


def reservation_of_link(context: Context, token: str) -> int:
    """Return the reservation that a guest's link leads to. Raises RuleBroken 404 for any other text."""
    reservation_id = context.keys.visit_of(token)
    if reservation_id is None:
        raise not_found("reservation")
    return reservation_id


def _let_in(place: Place, context: Context, owner: Owner, row: Reservation | None) -> Reservation:
    if row is None or not _is_own(place, context, owner, row):
        raise not_found("reservation")
    return row


def _is_own(place: Place, context: Context, owner: Owner, row: Reservation) -> bool:
    if row.account_id is not None or row.integrator_id is not None:
        return row.account_id is not None and row.account_id == owner.account_id
    if owner.link is not None and context.keys.visit_of(owner.link) == row.id:
        return True
    return owner.browser_hash is not None and rows.was_made_by(place, row.id, owner.browser_hash)
