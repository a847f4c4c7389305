"""What of the log is special treatment: whatever decided that somebody is called otherwise than by the line."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from wire.vocabulary import CallReason, FactType, Reopening, Urgency


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


_BY_FACT: Mapping[str, Treatment] = {
    FactType.TICKET_MADE_URGENT: Treatment.URGENT,
    FactType.TICKET_MADE_ORDINARY: Treatment.ORDINARY_AGAIN,
    FactType.TICKET_REOPENED: Treatment.REOPENED,
    FactType.TICKET_REINSTATED: Treatment.REINSTATED,
    FactType.TICKET_PUT_BACK: Treatment.PUT_BACK,
    FactType.TICKET_TRANSFERRED: Treatment.HANDED_OVER,
    FactType.TICKET_RECALLED: Treatment.RECALLED,
    FactType.TICKET_UNDONE: Treatment.UNDONE,
}
# A visitor who is called by hand, or goes before all others, does so for one of these reasons.
_REASONS: Mapping[Treatment, frozenset[str]] = {
    Treatment.BY_HAND: frozenset(map(str, CallReason)),
    Treatment.SET_ASIDE: frozenset(map(str, CallReason)),
    Treatment.URGENT: frozenset(map(str, Urgency)),
    Treatment.REOPENED: frozenset(map(str, Reopening)),
}


def treatment_of(type_: str, data: Mapping[str, Any]) -> Treatment | None:
    """Tell what special treatment a fact is; None for all that went by the line."""
    if type_ != FactType.TICKET_CALLED:
        return _BY_FACT.get(type_)
    out_of_order = data.get("out_of_order")
    if out_of_order is None:
        return None
    return Treatment.BY_HAND if out_of_order else Treatment.SET_ASIDE


def lacks_reason(treatment: Treatment, reason: str | None) -> bool:
    """Say whether a decision that needs a reason has none of those that may be given."""
    return treatment in _REASONS and reason not in _REASONS[treatment]
