"""What visitors may do with their tickets from the phone: leave, pause once, come back, say *I am here*."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from server.domain.queue.tickets import NotAllowed
from wire.vocabulary import TicketStatus as Status


class VisitorStep(StrEnum):
    """A step of the visitor's own; the address uses the same words."""

    LEAVE = "leave"
    PAUSE = "pause"
    COME_BACK = "back"
    ANNOUNCE = "here"


TRANSITIONS: Mapping[tuple[Status, VisitorStep], Status] = MappingProxyType(
    {
        (Status.WAITING, VisitorStep.PAUSE): Status.PARKED,
        (Status.WAITING, VisitorStep.LEAVE): Status.WITHDRAWN,
        (Status.WAITING, VisitorStep.ANNOUNCE): Status.WAITING,
        (Status.CALLED, VisitorStep.ANNOUNCE): Status.CALLED,
        (Status.PARKED, VisitorStep.COME_BACK): Status.WAITING,
        (Status.PARKED, VisitorStep.LEAVE): Status.WITHDRAWN,
    }
)
"""Where a visitor's step leads. What is not here is not allowed."""


@dataclass(frozen=True, slots=True)
class Own:
    """What decides about a visitor's steps: the ticket's state and what happened to it.

    `paused_until`: when its pause ends or ended; None: it never had one. `called_at` is None for a ticket that
    stands in line or paused there. `announced_at`: when its visitor said that they are here.
    """

    status: Status
    called_at: datetime | None = None
    came_back_at: datetime | None = None
    paused_until: datetime | None = None
    announced_at: datetime | None = None

    @property
    def is_paused(self) -> bool:
        """Say whether it is set aside by its visitor: one that a clerk set aside was called before."""
        return self.status is Status.PARKED and self.called_at is None and self.paused_until is not None

    @property
    def is_announced(self) -> bool:
        """Say whether the visitor said that they are here since the call, or since they came back after one."""
        since = self.called_at or self.came_back_at
        return self.announced_at is not None and since is not None and self.announced_at >= since


@dataclass(frozen=True, slots=True)
class VisitorPolicy:
    """What a branch lets visitors do from the phone; a pause of no length: none is given."""

    pause: timedelta = timedelta(minutes=10)
    announce: bool = True


def offered(own: Own, policy: VisitorPolicy) -> tuple[VisitorStep, ...]:
    """List the steps that the visitor may take now, in the table's order.

    A pause is given once a ticket. Who was called, or came back after a missed call, may say that they are here.
    """
    allowed = {
        VisitorStep.PAUSE: bool(policy.pause) and own.paused_until is None,
        VisitorStep.COME_BACK: own.is_paused,
        VisitorStep.LEAVE: True,
        VisitorStep.ANNOUNCE: policy.announce
        and not own.is_announced
        and (own.called_at or own.came_back_at) is not None,
    }
    return tuple(step for status, step in TRANSITIONS if status is own.status and allowed[step])


def next_status(own: Own, step: VisitorStep, policy: VisitorPolicy) -> Status:
    """Take one step of the table; raise NotAllowed when `offered` does not list it."""
    allowed = offered(own, policy)
    if step not in allowed:
        raise NotAllowed(own.status, step, allowed)
    return TRANSITIONS[own.status, step]
