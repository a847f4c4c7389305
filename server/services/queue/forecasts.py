"""When everybody who waits will be called: forecasts kept beside the writer, so that a check-in only looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy.orm import Session

from server.domain.queue.order import Lane, LineTicket, lane_of
from server.services.office.settings import BranchView, Office
from server.services.queue.day_forecasts import DayForecasts
from server.store.queries import forecast as rows

if TYPE_CHECKING:
    from server.services.queue.played_line import Experience

_LEARN_EVERY = timedelta(minutes=10)
_RENEW_AFTER = timedelta(seconds=5)


class Span(NamedTuple):
    """When somebody will be called: in three cases of five between the first and the last, in UTC."""

    earliest: datetime
    middle: datetime
    latest: datetime


class Joining(NamedTuple):
    """Somebody who joins the line now: for which service, booked for which hour, with priority or not."""

    service_id: int
    appointment_at: datetime | None
    priority: bool


@dataclass(frozen=True, slots=True)
class LineForecast:
    """The forecast of a branch's line; None is who is not called, since no counter is open for them."""

    waiting: Mapping[int, Span | None]
    joining: Mapping[Joining, Span | None]

    def of(self, ticket: LineTicket) -> Span | None:
        """Tell when a ticket is called; one that joined since the forecast is as who joined at that moment."""
        if ticket.id in self.waiting:
            return self.waiting[ticket.id]
        hour = ticket.appointment_at if lane_of(ticket) is Lane.BOOKED else None
        joined = Joining(ticket.service_id, hour, ticket.priority)
        anybody = Joining(ticket.service_id, None, ticket.priority)
        return self.joining.get(joined, self.joining.get(anybody))


class Forecasts:
    """Keeps the last forecast of each branch. Where nobody renews them (`beside`), each look makes its own."""

    def __init__(self) -> None:
        self._kept: Mapping[int, LineForecast] = {}
        self._experience: dict[int, Experience] = {}
        self._made: dict[int, datetime] = {}
        self._seen = 0
        self._stale: set[int] = set()
        self._looked: tuple[tuple[Office, int, int, datetime], LineForecast] | None = None
        self.days = DayForecasts(self.experience)
        self.beside = False

    def look(self, session: Session, office: Office, branch_id: int, now: datetime) -> LineForecast:
        """Return the forecast of a branch."""
        if self.beside and (kept := self._kept.get(branch_id)):
            return kept
        asked = office, branch_id, rows.newest_fact(session), now
        if self._looked is None or self._looked[0][0] is not office or self._looked[0][1:] != asked[1:]:
            self._looked = asked, self._make(session, office, branch_id, now)
        return self._looked[1]

    def renew(self, session: Session, office: Office, now: datetime) -> bool:
        """Make those that are missing, else the oldest that is due; say whether there was one.

        Due is the forecast of a branch to which something happened since, or that was made some seconds ago.
        """
        self._notice(session, office)
        if not (due := self._due(office, now)):
            return False
        made = {each: self._make(session, office, each, now) for each in due}
        kept = {each: self._kept[each] for each in office.branches if each in self._kept}
        self._kept = kept | made
        self._made |= dict.fromkeys(due, now)
        self._stale -= set(due)
        return True

    def _due(self, office: Office, now: datetime) -> list[int]:
        if missing := [each for each in office.branches if each not in self._kept]:
            return missing
        due = [
            each
            for each in office.branches
            if each in self._stale or abs(now - self._made[each]) >= _RENEW_AFTER
        ]
        return sorted(due, key=lambda each: self._made[each])[:1]

    def _notice(self, session: Session, office: Office) -> None:
        """Take note of the branches to which something happened; a fact of no branch is one of all."""
        newest = rows.newest_fact(session)
        if newest != self._seen:
            branches = rows.branches_of_facts(session, self._seen, newest)
            self._stale |= {each for each in office.branches if each in branches or None in branches}
            self._seen = newest

    def _make(self, session: Session, office: Office, branch_id: int, now: datetime) -> LineForecast:
        # Here and not above: a start of the server does not wait for numpy.
        from server.services.queue.played_line import make

        branch = office.branches[branch_id]
        return make(session, office, branch, self.experience(session, branch, now), now)

    def experience(self, session: Session, branch: BranchView, now: datetime) -> Experience:
        """Return what the last weeks taught a branch, learned some minutes ago at most."""
        from server.services.queue.played_line import learn

        experience = self._experience.get(branch.id)
        if experience is None or abs(now - experience.made_at) >= _LEARN_EVERY:
            experience = self._experience[branch.id] = learn(session, branch, now)
        return experience
