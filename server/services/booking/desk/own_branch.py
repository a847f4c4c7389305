"""What every step of the desk begins with: a reservation of one's own branch, and that it was looked at."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from server.services.context import Context, not_found
from server.store.facts import NewFact, note
from server.store.queries.booking import desk as rows
from server.store.tables import Reservation
from wire.vocabulary import FactType


def row_at(session: Session, branch_id: int, reservation_id: int, *, locked: bool = False) -> Reservation:
    """Read a reservation of a branch. Raises RuleBroken 404 for another's, which looks the same as none."""
    row = rows.at_branch(session, branch_id, reservation_id, locked=locked)
    if row is None:
        raise not_found("reservation")
    return row


def looked_at(
    session: Session, context: Context, branch_id: int, by: int, reservation_ids: Sequence[int], way: str
) -> None:
    """Note whose data a colleague saw, and by what way they were found; never what was typed."""
    if reservation_ids:
        data = {"user": by, "reservations": list(reservation_ids), "way": way}
        note(session, NewFact(FactType.RESERVATION_LOOKED_AT, context.now, branch_id, data))
