"""What a counter shows beside its work: calls for help of the hall, and messages of a supervisor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from server.services.context import Context
from server.services.office.settings import CounterView
from server.store.queries import steering
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


def calls_for_help(session: Session, context: Context, hall_id: int) -> tuple[HelpShown, ...]:
    """List the calls for help of a hall, the first one first."""
    branch_id = context.office.halls[hall_id].branch_id
    going_on = steering.going_on(session, SteeringKind.HELP, branch_id=branch_id)
    return help_among(session, context, hall_id, going_on)


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


def messages(session: Session, place: CounterView) -> tuple[MessageShown, ...]:
    """List what the clerk of a counter has not read yet."""
    rows = steering.going_on(session, SteeringKind.MESSAGE, counter_id=place.id)
    return tuple(MessageShown(row.id, (row.value or {}).get("text", ""), row.begins_at) for row in rows)
