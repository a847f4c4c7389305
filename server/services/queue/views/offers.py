"""What a branch offers at the kiosk now: services, whether they give walk-in tickets, and the wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from server.domain.queue.check_in import Refuse
from server.services.context import Context
from server.services.queue.walk_in import decide, expected_wait
from server.store.queries import queue as line_rows
from wire.vocabulary import Refusal


@dataclass(frozen=True, slots=True)
class Offer:
    """A service as the menu shows it; `refusal` says why no ticket is given now."""

    service: str
    names: Mapping[str, str]
    refusal: Refusal | None
    opens_at: datetime | None
    waiting: int
    wait_minutes: int | None


def offers(session: Session, context: Context, branch_id: int) -> list[Offer]:
    """List the branch's services in their set order."""
    branch = context.branch(branch_id)
    waiting = line_rows.waiting_by_service(session, [each.id for each in branch.services.values()])
    shown = []
    for service in branch.services.values():
        count = waiting.get(service.id, 0)
        decision = decide(session, context, service)
        refusal = decision.reason if isinstance(decision, Refuse) else None
        wait = expected_wait(session, context, service)
        hours = service.policy.walk_in_hours or branch.policy.hours
        opens_at = (
            hours.next_opening(context.now, branch.policy.zone)
            if hours is not None and refusal is Refusal.CLOSED
            else None
        )
        minutes = None if wait is None else round(wait.total_seconds() / 60)
        shown.append(Offer(service.letter, service.names, refusal, opens_at, count, minutes))
    return shown
