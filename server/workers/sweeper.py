"""Lets reservations lapse at their instant (rule 16), clears yesterday's line and closes deserted counters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from server.domain.queue.check_in import check_in_until
from server.services.booking.ending import lapse
from server.services.context import Context
from server.services.queue.closing_time import left, send_home
from server.services.queue.day_end import end_day, is_due
from server.services.queue.delays import grace
from server.services.queue.deserted import leave
from server.services.queue.visitor import end_pauses, pauses_are_over
from server.store.answers import forget_before
from server.store.queries import queue
from server.store.queries.access import clerk_sessions
from server.store.queries.booking import reservations as rows
from server.store.store import Store
from server.workers.periodic import PeriodicThread
from wire.vocabulary import ReservationStatus

_AT_ONCE = 200
_FORGET_EVERY_LOOKS = 600
_CLEAR_EVERY = timedelta(minutes=1)
ANSWERS_KEPT = timedelta(hours=48)
# So long after its hour nobody waits; a hall open around the clock keeps those who came before midnight.
LEFT_AFTER = timedelta(hours=12)


def sweep(session: Session, context: Context) -> int:
    """Let those lapse whose instant has passed, a bounded number at once; return how many.

    The place of a visit that stood stays taken: nobody could check in for its hour in time any more.
    """
    due = [
        each
        for each in rows.due_to_lapse(session, context.now, _AT_ONCE)
        if not _kept(session, context, each)
    ]
    if due:
        lapse(session, context, due)
    return len(due)


def _kept(session: Session, context: Context, due: rows.DueLapse) -> bool:
    """Let a reservation stand longer while the office is late itself (⚙ delay_grace_minutes); say whether."""
    policy = context.branch(due.branch_id).policy
    if not policy.delay_grace_minutes or due.status != ReservationStatus.BOOKED:
        return False
    late = grace(session, context, context.office.services[due.service_id])
    until = check_in_until(due.appointment_at, context.check_in(due.service_id)) + late
    if until < context.now:
        return False
    rows.keep_until(session, due.id, until)
    return True


def left_over(session: Session, context: Context) -> list[int]:
    """Find tickets of an earlier day that nobody called: their visitors went home.

    Numbers start anew each day (vocabulary.md, ticket_number), so a line may not hold two days.
    """
    found = []
    for branch in context.office.branches.values():
        services = [service.id for service in branch.services.values()]
        counters = [counter.id for counter in branch.counters.values()]
        today = branch.policy.business_day(context.now)
        found += queue.left_over(session, services, counters, today, context.now - LEFT_AFTER)
    return found


def close_deserted(session: Session, context: Context) -> int:
    """Close the counters whose clerk's session is over, and return how many."""
    counters = clerk_sessions.deserted(session, context.now)
    for row in counters:
        leave(session, context, context.office.counters[row.id], row.clerk_id)
    return len(counters)


class Sweeper:
    """Sweeps beside the requests when something is due; a look that finds nothing due does not write."""

    def __init__(
        self, store: Store, context: Callable[[], Context], leads: Callable[[], bool] = lambda: True
    ) -> None:
        self._store, self._context, self._leads = store, context, leads
        self._looks = 0
        self._cleared_at: datetime | None = None
        self._thread = PeriodicThread("sweeper", self.look)

    def start(self) -> None:
        """Begin; what came due while the server was down lapses first."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the sweep at hand."""
        self._thread.stop()

    def look(self) -> int:
        """Sweep all that is due now, where this server leads; return how many lapsed."""
        if not self._leads():
            return 0
        lapsed = 0
        context = self._context()
        due = self._store.read(rows.next_lapse)
        if due is not None and due < context.now:
            while ended := self._store.write(lambda session: sweep(session, context)):
                lapsed += ended
        # Before counters whose clerk is gone: what a day left in hand is ended as what it was.
        if self._store.read(lambda session: is_due(session, context)):
            self._store.write(lambda session: end_day(session, context))
        if self._store.read(lambda session: bool(clerk_sessions.deserted(session, context.now))):
            self._store.write(lambda session: close_deserted(session, context))
        if self._store.read(lambda session: pauses_are_over(session, context)):
            self._store.write(lambda session: end_pauses(session, context))
        if late := self._store.read(lambda session: left(session, context)):
            self._store.write(partial(send_home, context=context, ticket_ids=late))
        if self._cleared_at is None or abs(context.now - self._cleared_at) >= _CLEAR_EVERY:
            old = self._store.read(lambda session: left_over(session, context))
            for first in range(0, len(old), _AT_ONCE):
                some = old[first : first + _AT_ONCE]
                self._store.write(partial(send_home, context=context, ticket_ids=some))
            self._cleared_at = context.now
        if self._looks % _FORGET_EVERY_LOOKS == 0:
            # By the machine's own days: 48 h of answers are ample for every retry.
            self._store.write(lambda session: forget_before(session, context.now - ANSWERS_KEPT))
        self._looks += 1
        return lapsed
