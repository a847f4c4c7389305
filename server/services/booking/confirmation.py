"""A visit with all that its owner's page tells of it, read at once."""

from __future__ import annotations

from dataclasses import dataclass

from server.services.booking.moving import can_move
from server.services.booking.owners import Owner, look_at_own
from server.services.booking.progress import Progress, progress_of
from server.services.booking.unsealed import opened
from server.services.booking.visits import shown
from server.services.context import Context
from server.services.ports import Visit
from server.store.prepared import Place


@dataclass(frozen=True, slots=True)
class Confirmation:
    """How far a reservation is, what it shows, and whether its owner can move it."""

    far: Progress
    visit: Visit
    can_move: bool


def confirmation(
    place: Place, context: Context, owner: Owner, reservation_id: int, language: str
) -> Confirmation:
    """Read a reservation for its owner, in a language. Raises RuleBroken 404 for another's."""
    row = look_at_own(place, context, owner, reservation_id)
    person, codes = opened(place, context, row)
    return Confirmation(
        progress_of(place, context, row, person),
        shown(context, row, language, person, codes),
        can_move(context, row),
    )
