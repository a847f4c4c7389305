"""The queue of a branch as everybody may know it: figures by service, nobody's data."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from server.domain.queue.check_in import Refuse
from server.services.context import Context, RuleBroken
from server.services.office.settings import BranchView, ServiceView
from server.services.queue.views.hall_reading import newcomer_minutes, served_at
from server.services.queue.views.shared import SharedViews
from server.services.queue.walk_in import decide
from server.services.statistics.published import held_percent
from server.store.queries import hall as rows

KEPT_FOR = timedelta(seconds=1)
"""A branch's figures are worked out at most so often, however many ask."""


@dataclass(frozen=True, slots=True)
class PublicLine:
    """Who waits for a service, and what a newcomer without a reservation has to expect.

    The minutes are told where such a newcomer gets a ticket and a counter is open for the service.
    """

    letter: str
    names: Mapping[str, str]
    waiting_booked: int
    waiting_walk_in: int
    counters_open: int
    walk_ins: bool
    last_called: str | None
    last_called_at: datetime | None
    wait_from_minutes: int | None
    wait_until_minutes: int | None

    @property
    def waiting(self) -> int:
        """Return how many wait."""
        return self.waiting_booked + self.waiting_walk_in


@dataclass(frozen=True, slots=True)
class PublicQueue:
    """A branch by its code and name, its lines, when they were so, and how many expected times held lately."""

    branch: str
    name: str
    at: datetime
    expected_times_held_percent: int | None
    services: tuple[PublicLine, ...]


def public_queue(session: Session, context: Context, views: SharedViews, code: str) -> PublicQueue:
    """Show the queue of a branch to everybody. Raises RuleBroken 404 where the office does not publish it."""
    branch = context.office.branch_named(code)
    if branch is None or branch.policy.archived:
        raise RuleBroken(404, "unknown_branch")
    if not branch.policy.public_queue:
        raise RuleBroken(404, "queue_not_public")
    return queue_of(session, context, views, branch)


def queue_of(session: Session, context: Context, views: SharedViews, branch: BranchView) -> PublicQueue:
    """Show the queue of a branch as it was a moment ago; all who ask in that time share it."""
    return views.get(
        session,
        context,
        ("public queue", branch.id),
        lambda: _read(session, context, views, branch),
        good_for=KEPT_FOR,
    )


def _read(session: Session, context: Context, views: SharedViews, branch: BranchView) -> PublicQueue:
    services = [each for each in branch.services.values() if not each.policy.archived]
    ids = [service.id for service in services]
    waiting = rows.waiting_by_origin(session, ids)
    called = rows.last_called(session, branch.id, branch.policy.business_day(context.now))
    counters = [counter.id for counter in branch.counters.values()]
    serving = list(served_at(context, rows.places(session, counters).values()).values())
    lines = tuple(
        _line(session, context, each, waiting.get(each.id, (0, 0)), serving, called.get(each.id))
        for each in services
    )
    held = held_percent(session, context, views, branch)
    return PublicQueue(branch.code, branch.name, context.now, held, lines)


def _line(
    session: Session,
    context: Context,
    service: ServiceView,
    waiting: tuple[int, int],
    serving: Sequence[Collection[int]],
    called: tuple[str, datetime] | None,
) -> PublicLine:
    gives_tickets = not isinstance(decide(session, context, service), Refuse)
    expected = newcomer_minutes(session, context, service) if gives_tickets else None
    number, called_at = called or (None, None)
    wait_from, wait_until = expected or (None, None)
    return PublicLine(
        letter=service.letter,
        names=service.names,
        waiting_booked=waiting[0],
        waiting_walk_in=waiting[1],
        counters_open=sum(service.id in ids for ids in serving),
        walk_ins=gives_tickets,
        last_called=number,
        last_called_at=called_at,
        wait_from_minutes=wait_from,
        wait_until_minutes=wait_until,
    )
