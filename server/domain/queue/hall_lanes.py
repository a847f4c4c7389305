"""The lanes in which a simulation has its people, and what orders them there."""

from __future__ import annotations

from server.domain.queue.hall_model import Person
from server.domain.queue.order import Lane

KINDS = (Lane.URGENT, Lane.PRIORITY, Lane.BOOKED, Lane.WALK_IN)


def _kind(person: Person) -> Lane:
    if person.urgent_since is not None:
        return Lane.URGENT
    if person.priority:
        return Lane.PRIORITY
    return Lane.WALK_IN if person.appointment_at is None else Lane.BOOKED


LaneOf = tuple[int, bool, int, str, int]


def lane_of(person: Person, by_language: bool) -> LaneOf:
    """Tell where somebody waits: kind of lane, booked or not, service, language where it counts, own counter."""
    own = -1 if person.counter is None else person.counter
    language = person.language if by_language else ""
    return KINDS.index(_kind(person)), person.appointment_at is None, person.service, language, own


def order_in_lane(person: Person) -> float:
    """Return what orders people inside a lane."""
    kind = _kind(person)
    if kind is Lane.URGENT:
        return float(person.urgent_since or 0.0)
    if kind is Lane.BOOKED:
        return float(person.appointment_at or 0.0)
    return person.queued_at
