"""The life of a reservation: the one table of what may happen to it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from server.domain.queue.tickets import NotAllowed
from wire.vocabulary import ReservationAction as Action
from wire.vocabulary import ReservationStatus as Status


class LapseReason(StrEnum):
    """Why a reservation lapsed before it stood; one that stood has no reason but that nobody came (rule 16)."""

    NOT_ACTIVATED = "not_activated"
    UNANSWERED = "unanswered"
    UNDECIDED = "undecided"


PLACE_COMES_BACK = frozenset({LapseReason.NOT_ACTIVATED, LapseReason.UNANSWERED})
"""Lapsed while its hour could still be reached (rules 6, 12): others may have the place, so it is for good."""

TRANSITIONS: Mapping[tuple[Status, Action], Status] = MappingProxyType(
    {
        (Status.HELD, Action.ACTIVATE): Status.BOOKED,
        (Status.HELD, Action.ASK): Status.PENDING,
        (Status.HELD, Action.LAPSE): Status.LAPSED,
        (Status.HELD, Action.CANCEL): Status.CANCELLED,
        (Status.PENDING, Action.ACCEPT): Status.BOOKED,
        (Status.PENDING, Action.REJECT): Status.REJECTED,
        (Status.PENDING, Action.LAPSE): Status.LAPSED,
        (Status.PENDING, Action.CANCEL): Status.CANCELLED,
        (Status.BOOKED, Action.CHECK_IN): Status.CHECKED_IN,
        (Status.BOOKED, Action.LAPSE): Status.LAPSED,
        (Status.BOOKED, Action.CANCEL): Status.CANCELLED,
        (Status.LAPSED, Action.REINSTATE): Status.BOOKED,
    }
)
"""Where an action leads (rules 6, 12, 14, 16). What is not here is not allowed."""


def permitted(status: Status) -> tuple[Action, ...]:
    """List what may happen to a reservation now, in the table's order."""
    return tuple(action for (of, action) in TRANSITIONS if of is status)


def next_status(status: Status, action: Action) -> Status:
    """Take one step of the table; raise NotAllowed when the table does not have it."""
    try:
        return TRANSITIONS[status, action]
    except KeyError:
        raise NotAllowed(status, action, permitted(status)) from None
