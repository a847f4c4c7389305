"""What of the log is special treatment: whatever decided that somebody is not called when they came in line."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from server.domain.queue.order import Lane
from wire.vocabulary import CallReason, FactType, Reopening, Urgency, Withdrawal


class Treatment(StrEnum):
    """Kinds of special treatment."""

    BY_HAND = "by_hand"
    SET_ASIDE = "set_aside"
    URGENT = "urgent"
    ORDINARY_AGAIN = "ordinary_again"
    REOPENED = "reopened"
    REINSTATED = "reinstated"
    PUT_BACK = "put_back"
    HANDED_OVER = "handed_over"
    RECALLED = "recalled"
    UNDONE = "undone"
    PRIORITY = "priority"
    CAME_BACK = "came_back"
    WITHDRAWN = "withdrawn"
    LET_IN_LATE = "let_in_late"


_BY_FACT: Mapping[str, Treatment] = {
    FactType.TICKET_MADE_URGENT: Treatment.URGENT,
    FactType.TICKET_MADE_ORDINARY: Treatment.ORDINARY_AGAIN,
    FactType.TICKET_REOPENED: Treatment.REOPENED,
    FactType.TICKET_REINSTATED: Treatment.REINSTATED,
    FactType.TICKET_PUT_BACK: Treatment.PUT_BACK,
    FactType.TICKET_TRANSFERRED: Treatment.HANDED_OVER,
    FactType.TICKET_RECALLED: Treatment.RECALLED,
    FactType.TICKET_UNDONE: Treatment.UNDONE,
    FactType.TICKET_CAME_BACK: Treatment.CAME_BACK,
    FactType.RESERVATION_REINSTATED: Treatment.LET_IN_LATE,
}
# A visitor who is called by hand, goes before all others or is taken out of the line, is so for one of these.
_REASONS: Mapping[Treatment, frozenset[str]] = {
    Treatment.BY_HAND: frozenset(map(str, CallReason)),
    Treatment.SET_ASIDE: frozenset(map(str, CallReason)),
    Treatment.URGENT: frozenset(map(str, Urgency)),
    Treatment.REOPENED: frozenset(map(str, Reopening)),
    Treatment.WITHDRAWN: frozenset(map(str, Withdrawal)) - {Withdrawal.DAY_OVER},
}


def treatment_of(type_: str, data: Mapping[str, Any]) -> Treatment | None:
    """Tell what special treatment a fact is; None for all that went by the line."""
    if type_ == FactType.TICKET_ISSUED:
        return Treatment.PRIORITY if data.get("lane") == Lane.PRIORITY else None
    if type_ == FactType.TICKET_WITHDRAWN:
        # Nobody decided about those who still wait when the office closes.
        return Treatment.WITHDRAWN if data.get("clerk") is not None else None
    if type_ != FactType.TICKET_CALLED:
        return _BY_FACT.get(type_)
    out_of_order = data.get("out_of_order")
    if out_of_order is None:
        return None
    return Treatment.BY_HAND if out_of_order else Treatment.SET_ASIDE


def lacks_reason(treatment: Treatment, reason: str | None) -> bool:
    """Say whether a decision that needs a reason has none of those that may be given."""
    if treatment is Treatment.LET_IN_LATE:
        return reason is None
    return treatment in _REASONS and reason not in _REASONS[treatment]
