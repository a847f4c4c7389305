"""The life of a ticket: its number, and the one table of what may happen to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import NewType

from wire.vocabulary import TicketAction as Action
from wire.vocabulary import TicketStatus as Status

TicketId = NewType("TicketId", int)
"""Ids are given in the order of issue, so the smaller one came first."""

TRANSITIONS: Mapping[tuple[Status, Action], Status] = MappingProxyType(
    {
        (Status.WAITING, Action.CALL): Status.CALLED,
        (Status.WAITING, Action.WITHDRAW): Status.WITHDRAWN,
        (Status.CALLED, Action.RECALL): Status.CALLED,
        (Status.CALLED, Action.START): Status.SERVING,
        (Status.CALLED, Action.PUT_BACK): Status.WAITING,
        (Status.CALLED, Action.PARK): Status.PARKED,
        (Status.CALLED, Action.NO_SHOW): Status.NO_SHOW,
        (Status.CALLED, Action.TRANSFER): Status.WAITING,
        (Status.CALLED, Action.WITHDRAW): Status.WITHDRAWN,
        (Status.SERVING, Action.FINISH): Status.FINISHED,
        (Status.SERVING, Action.PARK): Status.PARKED,
        (Status.SERVING, Action.TRANSFER): Status.WAITING,
        (Status.PARKED, Action.CALL): Status.CALLED,
        (Status.PARKED, Action.WITHDRAW): Status.WITHDRAWN,
        (Status.NO_SHOW, Action.REINSTATE): Status.WAITING,
    }
)
"""Where an action leads (api.md, Transitions). What is not here is not allowed."""

_CALLING = frozenset({Action.CALL, Action.RECALL})
_LEAVING_THE_COUNTER = frozenset({Action.PUT_BACK, Action.PARK, Action.TRANSFER, Action.REINSTATE})


class Shown(StrEnum):
    """What a code that was checked in before brings its visitor: it follows what became of the ticket."""

    REPEAT = "repeat"
    BACK_IN_LINE = "back_in_line"
    NO_SHOW = "ticket_no_show"
    FINISHED = "ticket_finished"
    WITHDRAWN = "ticket_withdrawn"


def shown_again(
    status: Status, ended_at: datetime | None, now: datetime, grace: timedelta, *, came_back: bool
) -> Shown:
    """Decide what a code brings whose ticket exists already (rule 17).

    A visitor who missed the call is put back into the line once, within the grace after the no-show ⚙.
    """
    if status is Status.NO_SHOW:
        in_time = ended_at is not None and now - ended_at <= grace
        return Shown.BACK_IN_LINE if in_time and not came_back and grace else Shown.NO_SHOW
    return {Status.FINISHED: Shown.FINISHED, Status.WITHDRAWN: Shown.WITHDRAWN}.get(status, Shown.REPEAT)


class NotAllowed(Exception):
    """A step that a transition table does not have: a mistake of the caller, told with what is permitted."""

    def __init__(self, status: StrEnum, action: StrEnum, permitted: tuple[StrEnum, ...]) -> None:
        super().__init__(f"{action} is not allowed when {status}")
        self.status = status
        self.action = action
        self.permitted = permitted


@lru_cache(maxsize=256)
def permitted(status: Status, call_count: int, no_show_after_calls: int) -> tuple[Action, ...]:
    """List what a clerk may do now, in the table's order.

    A visitor is given up only after `no_show_after_calls` calls, the first one included (rule 23).
    """
    return tuple(
        action
        for (of, action) in TRANSITIONS
        if of is status and (action is not Action.NO_SHOW or call_count >= no_show_after_calls)
    )


def next_status(status: Status, action: Action, call_count: int, no_show_after_calls: int) -> Status:
    """Take one step of the table; raise NotAllowed when `permitted` does not list it."""
    allowed = permitted(status, call_count, no_show_after_calls)
    if action not in allowed:
        raise NotAllowed(status, action, allowed)
    return TRANSITIONS[status, action]


def calls_after(action: Action, call_count: int) -> int:
    """Count the calls of this round: a call or recall adds one, leaving the counter starts anew (rule 23)."""
    if action in _CALLING:
        return call_count + 1
    return 0 if action in _LEAVING_THE_COUNTER else call_count


def ticket_number(series: str, ordinal: int) -> str:
    """Write a number as people read and hear it: P001, P042, P1000 (vocabulary.md, ticket_number)."""
    return f"{series}{ordinal:03d}"
