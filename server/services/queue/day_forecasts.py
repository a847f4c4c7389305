"""How many will be waiting until closing: kept for the branches whose halls somebody looks at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy.orm import Session

from server.services.office.settings import BranchView, Office

if TYPE_CHECKING:
    from server.domain.queue.arrivals import Learned
    from server.services.queue.played_line import Experience

RENEW_AFTER = timedelta(minutes=1)
GOOD_FOR = timedelta(minutes=10)
_LOOKED_AT_FOR = timedelta(minutes=5)
_LEARN_EVERY = timedelta(hours=1)


class WillWait(NamedTuple):
    """How many wait at an instant: in eight cases of ten between the fewest and the most."""

    at: datetime
    fewest: int
    middle: int
    most: int


@dataclass(frozen=True, slots=True)
class DayForecast:
    """What comes of the day by the halls' ids.

    `days`: from how many past days it is known how many come. Halls have no curve where these are fewer than they
    must be, where no counter works, and when the day is over. `too_late_from`: by the services' ids, from when on
    newcomers will not be called before closing.
    """

    made_at: datetime
    days: int
    fewest_days: int
    is_over: bool = False
    halls: Mapping[int, tuple[WillWait, ...]] = field(default_factory=dict)
    too_late_from: Mapping[int, datetime] = field(default_factory=dict)


class DayForecasts:
    """Keeps the last forecast of each branch's day; `experience` is what its past visits taught."""

    def __init__(self, experience: Callable[[Session, BranchView, datetime], Experience]) -> None:
        self._experience = experience
        self._kept: dict[int, DayForecast] = {}
        self._looked: dict[int, datetime] = {}
        self._learned: dict[int, tuple[datetime, Learned]] = {}

    def look(
        self, session: Session, office: Office, branch_id: int, now: datetime, *, beside: bool
    ) -> DayForecast | None:
        """Return the forecast of a branch's day; None while it is worked out beside the server."""
        self._looked[branch_id] = now
        if not beside and self._is_due(branch_id, now):
            self._kept[branch_id] = self._make(session, office, branch_id, now)
        kept = self._kept.get(branch_id)
        return kept if kept is not None and abs(now - kept.made_at) < GOOD_FOR else None

    def renew(self, session: Session, office: Office, now: datetime) -> bool:
        """Make the one that is due for longest, if somebody looked at it of late; say whether there was one."""
        looked = [each for each, at in dict(self._looked).items() if abs(now - at) < _LOOKED_AT_FOR]
        due = [each for each in looked if each in office.branches and self._is_due(each, now)]
        if not due:
            return False
        branch_id = min(
            due, key=lambda each: self._kept[each].made_at.timestamp() if each in self._kept else 0
        )
        self._kept[branch_id] = self._make(session, office, branch_id, now)
        return True

    def _is_due(self, branch_id: int, now: datetime) -> bool:
        kept = self._kept.get(branch_id)
        return kept is None or abs(now - kept.made_at) >= RENEW_AFTER

    def _make(self, session: Session, office: Office, branch_id: int, now: datetime) -> DayForecast:
        # Here and not above: a start of the server does not wait for numpy.
        from server.services.queue.played_day import learn_arrivals, make

        branch = office.branches[branch_id]
        learned = self._learned.get(branch_id)
        if learned is None or abs(now - learned[0]) >= _LEARN_EVERY:
            learned = self._learned[branch_id] = now, learn_arrivals(session, branch, now)
        return make(session, office, branch, self._experience(session, branch, now), learned[1], now)
