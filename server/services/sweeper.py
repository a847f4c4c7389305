"""Lets reservations lapse at their instant (rule 16) and clears yesterday's line; after downtime too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from server.domain.hours import day_of
from server.services.beat import Beat
from server.services.booking.ending import lapse
from server.services.moment import Moment
from server.store.answers import forget_before
from server.store.facts import NewFact, note
from server.store.queries import line
from server.store.queries import reservations as rows
from server.store.store import Store
from wire.vocabulary import FactType

_AT_ONCE = 200
_FORGET_EVERY_LOOKS = 600
_CLEAR_EVERY = timedelta(minutes=1)
ANSWERS_KEPT = timedelta(hours=48)
# So long after its hour nobody waits; a hall open around the clock keeps those who came before midnight.
LEFT_AFTER = timedelta(hours=12)


def sweep(session: Session, moment: Moment) -> int:
    """Let those lapse whose instant has passed, a bounded number at once; return how many.

    The place of a visit that stood stays taken: nobody could check in for its hour in time any more.
    """
    due = rows.due_to_lapse(session, moment.now, _AT_ONCE)
    if due:
        lapse(session, moment, due)
    return len(due)


def left_over(session: Session, moment: Moment) -> list[int]:
    """Find tickets of an earlier day that nobody called: their visitors went home.

    Numbers start anew each day (vocabulary.md, ticket_number), so a line may not hold two days.
    """
    found = []
    for branch in moment.office.branches.values():
        services = [service.id for service in branch.services.values()]
        counters = [counter.id for counter in branch.counters.values()]
        today = day_of(moment.now, branch.policy.zone)
        found += line.left_over(session, services, counters, today, moment.now - LEFT_AFTER)
    return found


def clear_lines(session: Session, moment: Moment, ticket_ids: list[int]) -> None:
    """Withdraw those of the tickets that still wait."""
    for row in line.withdraw(session, ticket_ids, moment.now):
        data = {"ticket": row.id, "number": row.number, "reason": "day_over"}
        data["hall"] = moment.office.halls[row.hall_id].code
        note(session, NewFact(FactType.TICKET_WITHDRAWN, moment.now, row.branch_id, data))


class Sweeper:
    """Sweeps beside the requests when something is due; a look that finds nothing due does not write."""

    def __init__(self, store: Store, moment: Callable[[], Moment]) -> None:
        self._store = store
        self._moment = moment
        self._looks = 0
        self._cleared_at: datetime | None = None
        self._beat = Beat("sweeper", self.look)

    def start(self) -> None:
        """Begin; what came due while the server was down lapses first."""
        self._beat.start()

    def stop(self) -> None:
        """End, after the sweep at hand."""
        self._beat.stop()

    def look(self) -> int:
        """Sweep all that is due now; return how many lapsed."""
        lapsed = 0
        moment = self._moment()
        due = self._store.read(rows.next_lapse)
        if due is not None and due < moment.now:
            while ended := self._store.write(lambda session: sweep(session, moment)):
                lapsed += ended
        if self._cleared_at is None or abs(moment.now - self._cleared_at) >= _CLEAR_EVERY:
            left = self._store.read(lambda session: left_over(session, moment))
            for first in range(0, len(left), _AT_ONCE):
                some = left[first : first + _AT_ONCE]
                self._store.write(partial(clear_lines, moment=moment, ticket_ids=some))
            self._cleared_at = moment.now
        if self._looks % _FORGET_EVERY_LOOKS == 0:
            # By the machine's own days: 48 h of answers are ample for every retry.
            self._store.write(lambda session: forget_before(session, moment.now - ANSWERS_KEPT))
        self._looks += 1
        return lapsed
