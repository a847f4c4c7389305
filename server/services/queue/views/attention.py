"""What a counter shows beside its work: calls for help of the hall, and messages of a supervisor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from server.services.context import Context
from server.services.office.settings import CounterView
from server.store.queries.shown import Beside
from server.store.tables import Steering, User
from wire.vocabulary import SteeringKind


@dataclass(frozen=True, slots=True)
class HelpShown:
    """A counter that calls for help since an instant, and who is coming."""

    counter: int
    called_at: datetime
    accepted_by: str | None


@dataclass(frozen=True, slots=True)
class MessageShown:
    """A message that was not read yet."""

    id: int
    text: str
    sent_at: datetime


def help_among(
    session: Session, context: Context, hall_id: int, going_on: Iterable[Steering]
) -> tuple[HelpShown, ...]:
    """List the calls for help of a hall among what goes on."""
    found = []
    for row in going_on:
        place = context.office.counters.get(row.counter_id or 0)
        if row.kind == SteeringKind.HELP and place is not None and place.hall_id == hall_id:
            helper = session.get(User, row.answered_by_id) if row.answered_by_id else None
            found.append(HelpShown(place.number, row.begins_at, helper.name if helper else None))
    return tuple(found)


def beside(
    context: Context, place: CounterView, going_on: Iterable[Beside]
) -> tuple[tuple[MessageShown, ...], tuple[HelpShown, ...]]:
    """List what the clerk of a counter has not read yet, and who calls for help in the hall, oldest first."""
    messages, calls = [], []
    for row in going_on:
        other = context.office.counters.get(row.counter_id or 0)
        if row.kind == SteeringKind.MESSAGE and row.counter_id == place.id:
            messages.append(MessageShown(row.id, (row.value or {}).get("text", ""), row.begins_at))
        elif row.kind == SteeringKind.HELP and other is not None and other.hall_id == place.hall_id:
            calls.append(HelpShown(other.number, row.begins_at, row.helper))
    return tuple(messages), tuple(calls)
