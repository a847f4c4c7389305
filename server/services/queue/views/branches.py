"""All branches at a glance, for a head office: each hall as its own overview shows it, summed up by branch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from server.domain.office.hours import day_of
from server.services.booking.slots.planning import office_days
from server.services.context import Context
from server.services.office.settings import BranchView
from server.services.queue.views import hall_reading
from server.services.queue.views.hall import Alarm, AlarmKind, HallOverview, ServiceShown
from server.store.queries.booking import verifications


@dataclass(frozen=True, slots=True)
class BranchAtAGlance:
    """A branch now; `next_change_at` is when it closes, or opens next (None: it does neither)."""

    branch: BranchView
    halls: tuple[HallOverview, ...]
    is_open: bool
    next_change_at: datetime | None
    to_verify: int
    now: datetime

    @property
    def services(self) -> Sequence[ServiceShown]:
        """List its services: one that is served in two halls has one line of people."""
        return list({each.letter: each for hall in self.halls for each in hall.services}.values())

    @property
    def alarms(self) -> Sequence[Alarm]:
        """List what wants attention, what two halls say alike once."""
        return list(dict.fromkeys(alarm for hall in self.halls for alarm in hall.alarms))

    @property
    def booked(self) -> int:
        """Return how many booked visitors wait."""
        return sum(each.booked for each in self.services)

    @property
    def walk_in(self) -> int:
        """Return how many wait without a reservation."""
        return sum(each.walk_in for each in self.services)

    @property
    def priority(self) -> int:
        """Return how many wait who go before others."""
        return sum(each.priority for each in self.services)

    @property
    def waiting(self) -> int:
        """Return how many wait."""
        return self.booked + self.walk_in + self.priority

    @property
    def longest(self) -> ServiceShown | None:
        """Return the service where somebody has waited longest; None while nobody waits."""
        found = [each for each in self.services if each.longest_minutes is not None]
        return max(found, key=lambda each: each.longest_minutes or 0, default=None)

    @property
    def newcomer(self) -> ServiceShown | None:
        """Return the service that gives tickets now where a newcomer would wait longest; None: none gives any."""
        found = [each for each in self.services if each.refusal is None and each.newcomer_minutes]
        return max(found, key=lambda each: (each.newcomer_minutes or (0, 0))[1], default=None)

    @property
    def open_counters(self) -> int:
        """Return at how many counters somebody works."""
        return sum(hall.open_counters for hall in self.halls)

    @property
    def counters(self) -> int:
        """Return how many counters there are."""
        return sum(len(hall.counters) for hall in self.halls)

    @property
    def devices_away(self) -> int:
        """Return how many kiosks and boards give no sign of life."""
        return sum(alarm.kind is AlarmKind.DEVICE_AWAY for alarm in self.alarms)

    @property
    def is_in_trouble(self) -> bool:
        """Say whether something stops people or their tickets."""
        return any(alarm.is_grave for alarm in self.alarms)


@dataclass(frozen=True, slots=True)
class AllBranches:
    """Some branches as of a place in the feed."""

    branches: tuple[BranchAtAGlance, ...]
    as_of: int
    now: datetime

    def sum_of(self, name: str) -> int:
        """Sum up a figure of all branches."""
        return sum(int(getattr(each, name)) for each in self.branches)

    @property
    def longest(self) -> int | None:
        """Return the longest wait of all in minutes; None while nobody waits."""
        found = [each.longest.longest_minutes or 0 for each in self.branches if each.longest is not None]
        return max(found, default=None)

    @property
    def alarms(self) -> int:
        """Return how many things want attention."""
        return sum(len(each.alarms) for each in self.branches)


def all_branches(session: Session, context: Context, branches: Sequence[BranchView]) -> AllBranches:
    """Show some branches; what is put away of them is left out."""
    halls = [hall for branch in branches for hall in branch.halls.values() if not hall.archived]
    shown = hall_reading.overviews(session, context, halls)
    to_verify = verifications.count_for_office(session, [branch.id for branch in branches], context.now)
    by_branch: dict[int, list[HallOverview]] = {branch.id: [] for branch in branches}
    for hall, view in zip(halls, shown, strict=True):
        by_branch[hall.branch_id].append(view)
    found = tuple(
        BranchAtAGlance(
            branch,
            tuple(by_branch[branch.id]),
            *_open_until(branch, context.now),
            to_verify.get(branch.id, 0),
            context.now,
        )
        for branch in branches
    )
    return AllBranches(found, shown[0].as_of if shown else 0, context.now)


def _open_until(branch: BranchView, now: datetime) -> tuple[bool, datetime | None]:
    """Say whether a branch is open by its own clock, and when that changes as far as its hours tell."""
    policy = branch.policy
    today = day_of(now, policy.zone)
    is_off = office_days(policy, today, today).is_closed(today)
    if policy.hours is None or is_off:
        return not is_off, None
    if policy.hours.is_open(now, policy.zone):
        return True, policy.closes_at(now)
    return False, policy.hours.next_opening(now, policy.zone)
