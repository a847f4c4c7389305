"""What an office rules, as frozen values: the settings of a branch and of a service, read from JSON.

Every setting has its default here (rules.md, the ⚙); a wrong key or value is told with its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from server.domain.audit.cosignatures import witness_line
from server.domain.booking.policy import BookingPolicy, Closure, InformationPolicy
from server.domain.messages.addresses import mail_address
from server.domain.messages.wording import Wording, own_wordings
from server.domain.office import outcomes, priorities
from server.domain.office.differences import marks
from server.domain.office.hours import Period, WeekHours, Window, business_day, instant
from server.domain.office.listed import listed
from server.domain.office.notices import Notice
from server.domain.office.outcomes import OutcomeKind
from server.domain.office.priorities import PriorityKind
from server.domain.office.reading import (
    Clock,
    Flag,
    Hours,
    Minutes,
    Seconds,
    SettingError,
    Texts,
    Times,
    Week,
    Words,
    code,
    day,
    letter,
    number,
    one_of,
    optional,
    read_policy,
    several,
    short,
    table,
    table_or_word,
    text,
    zone,
)
from server.domain.office.slip import SlipPolicy
from server.domain.queue.check_in import CheckInPolicy
from server.domain.queue.order import CallPolicy
from server.domain.queue.visitor_steps import VisitorPolicy
from server.domain.queue.walk_in import WalkInOffer
from server.domain.queue.wrong_codes import WrongCodePolicy

LONG_WAITS = ("first", "alarm", "both")
"""What a wait of ⚙ maximum_wait_minutes brings: the visitor is called first, staff are told, or both."""
OwnMinutes = Annotated[int | None, optional(number(0, 24 * 60))]
_AN_OUTCOME = table_or_word(OutcomeKind, outcomes.of_word)
_A_PRIORITY = table_or_word(PriorityKind, priorities.of_word)
_MIDNIGHT = time(0, 0)
_ALL_DAY = MappingProxyType({day: (Window(_MIDNIGHT, _MIDNIGHT),) for day in range(7)})
_WARSAW = ZoneInfo("Europe/Warsaw")
Template = Annotated[str | None, optional(code)]
Own = Annotated[frozenset[str], marks]


@dataclass(frozen=True, slots=True)
class OpeningPeriod:
    """Days from the first to the last with hours of their own, such as a summer's; none: closed."""

    first: Annotated[date, day]
    last: Annotated[date, day]
    hours: Week
    why: Texts = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise SettingError("last", "is before the first day")


@dataclass(frozen=True, slots=True)
class BranchPolicy:
    """The settings of a branch; minutes and seconds are whole numbers, hours None is around the clock."""

    zone: Annotated[ZoneInfo, zone] = _WARSAW
    languages: Words = ("pl", "en")
    day_starts_at: Clock = _MIDNIGHT
    left_in_hand_minutes: Minutes = 60
    opening_hours: Hours = None
    left_at_closing: Annotated[str, one_of("serve", "until")] = "serve"
    left_at_closing_minutes: Annotated[int, number(0, 720)] = 30
    opening_periods: Annotated[tuple[OpeningPeriod, ...], several(table(OpeningPeriod))] = ()
    check_in_lead_minutes: Minutes = 15
    delay_grace_minutes: Annotated[int, number(0, 240)] = 0
    check_in_earliest_minutes: Annotated[int | None, optional(number(1, 24 * 60))] = None
    ask_service_first: Flag = False
    call_lead_minutes: Minutes = 2
    overdue_minutes: Minutes = 10
    maximum_wait_minutes: Minutes = 45
    after_maximum_wait: Annotated[str, one_of(*LONG_WAITS)] = "first"
    priority_every: Times = 2
    priority_classes: Annotated[tuple[PriorityKind, ...], several(_A_PRIORITY)] = priorities.USUAL
    language_head_start_minutes: Annotated[int, number(0, 120)] = 0
    out_of_order: Annotated[str, one_of("clerks", "supervisors")] = "clerks"
    no_show_after_calls: Times = 3
    outcomes: Annotated[tuple[OutcomeKind, ...], several(_AN_OUTCOME)] = outcomes.USUAL
    target_wait_minutes: Minutes = 15
    statistics_by_clerk: Flag = False
    report_mail_to: Annotated[tuple[str, ...], listed(mail_address, 20)] = ()
    report_mail_day: Annotated[int, number(1, 28)] = 1
    office_language: Annotated[str, one_of("pl", "en", "uk", "ru")] = "pl"
    transfer_keeps_place: Flag = False
    slip: Annotated[SlipPolicy, table(SlipPolicy)] = field(default_factory=SlipPolicy)
    board_shows_not_handed_over: Flag = True
    board_shows_checkpoint: Flag = True
    witnesses: Annotated[tuple[str, ...], several(witness_line)] = ()
    no_show_grace_minutes: Minutes = 10
    phone_pause_minutes: Annotated[int, number(0, 60)] = 10
    phone_announces: Flag = True
    paperless_tickets: Flag = False
    offline_hours: Annotated[int, number(0, 24)] = 8
    undo_seconds: Seconds = 10
    wrong_code_tries: Times = 5
    wrong_code_pause_seconds: Seconds = 30
    wrong_code_longest_pause_seconds: Seconds = 300
    help_counter: Annotated[int | None, optional(number(1, 999))] = None
    information_service: Annotated[str | None, optional(letter)] = None
    letters_like_digits: Flag = False
    public_queue: Flag = True
    public_expected_times: Flag = False
    feedback: Flag = False
    portal_url: Annotated[str | None, optional(text)] = None
    notices: Texts = field(default_factory=dict)
    timed_notices: Annotated[tuple[Notice, ...], several(table(Notice))] = ()
    address: Texts = field(default_factory=dict)
    map_url: Annotated[str | None, optional(text)] = None
    phone: Annotated[str | None, optional(text)] = None
    email: Annotated[str | None, optional(text)] = None
    sms_name: Annotated[str | None, optional(short(20))] = None
    messages: Annotated[Mapping[str, Mapping[str, Wording]], own_wordings] = field(default_factory=dict)
    public_holidays: Annotated[str, one_of("PL", "none")] = "PL"
    closures: Annotated[tuple[Closure, ...], several(table(Closure))] = ()
    booking_countries: Annotated[tuple[str, ...], several(text)] = ("PL",)
    erase_after_days: Annotated[int, number(1, 3650)] = 14
    evidence_hold_days: Annotated[int, number(1, 3650)] = 90
    archived: Flag = False
    template: Template = None
    own: Own = frozenset()

    def check_in(self, now: datetime) -> CheckInPolicy:
        """Give the rules of checking in at `now` (rules 14 to 16).

        Closed is when nobody is served any more today: visitors come before the doors of the counters open.
        """
        closes_at = self.closes_at(now)
        earliest = self.check_in_earliest_minutes
        return CheckInPolicy(
            zone=self.zone,
            lead=timedelta(minutes=self.check_in_lead_minutes),
            earliest=None if earliest is None else timedelta(minutes=earliest),
            is_open=self.hours is None or (closes_at is not None and now < closes_at),
        )

    @property
    def hours(self) -> WeekHours | None:
        """Give the opening hours with the periods that have their own; None is around the clock."""
        if not self.opening_periods:
            return self.opening_hours
        week = _ALL_DAY if self.opening_hours is None else self.opening_hours.windows
        periods = tuple(Period(each.first, each.last, each.hours.windows) for each in self.opening_periods)
        return WeekHours(week, periods)

    def closes_at(self, now: datetime) -> datetime | None:
        """Tell when the business day of `now` ends for visitors; None around the clock and on a closed day."""
        hours = self.hours
        return hours.last_closing(now, self.zone, self.day_starts_at) if hours else None

    def business_day(self, at: datetime) -> date:
        """Tell the day of ticket numbers and figures at an instant (rule 17a)."""
        return business_day(at, self.zone, self.day_starts_at)

    def business_day_began_at(self, at: datetime) -> datetime:
        """Tell when the business day of an instant began, in UTC."""
        return instant(self.business_day(at), self.day_starts_at, self.zone)

    def business_day_ends_at(self, at: datetime) -> datetime:
        """Tell when the business day of an instant ends, in UTC."""
        return instant(self.business_day(at) + timedelta(days=1), self.day_starts_at, self.zone)

    def wall(self, at: datetime) -> datetime:
        """Return what the branch's clock shows at an instant, without its zone."""
        return at.astimezone(self.zone).replace(tzinfo=None)

    def notices_on(self, at: datetime) -> tuple[Notice, ...]:
        """List the notices whose hours it is."""
        wall = self.wall(at)
        return tuple(each for each in self.timed_notices if each.is_on(wall))

    @property
    def calling(self) -> CallPolicy:
        """Give the rules of who is next."""
        return CallPolicy(
            lead=timedelta(minutes=self.call_lead_minutes),
            overdue=timedelta(minutes=self.overdue_minutes),
            maximum_wait=timedelta(minutes=self.maximum_wait_minutes),
            priority_every=self.priority_every,
            long_wait_first=self.after_maximum_wait != "alarm",
        )

    @property
    def for_visitors(self) -> VisitorPolicy:
        """Give what visitors may do with their tickets from the phone."""
        return VisitorPolicy(timedelta(minutes=self.phone_pause_minutes), self.phone_announces)

    def priorities_of(self, *, by_clerk: bool) -> tuple[PriorityKind, ...]:
        """List the kinds of priority that are offered at the kiosk, or that a clerk may give."""
        return tuple(
            each for each in self.priority_classes if not each.archived and (by_clerk or not each.staff_only)
        )

    @property
    def outcome_codes(self) -> tuple[str, ...]:
        """List the outcomes by their codes, in the order in which they are offered."""
        return tuple(each.code for each in self.outcomes)

    @property
    def wrong_codes(self) -> WrongCodePolicy:
        """Give the rules of the pause after wrong codes."""
        return WrongCodePolicy(
            tries=self.wrong_code_tries,
            first_pause=timedelta(seconds=self.wrong_code_pause_seconds),
            longest_pause=timedelta(seconds=self.wrong_code_longest_pause_seconds),
        )


@dataclass(frozen=True, slots=True)
class ServicePolicy:
    """The settings of a service: rules 3 (prepare), 12 (verification), 18 (walk-ins), 23 (checklist).

    What it leaves open of checking in and of who is next is as at the branch.
    """

    walk_in: Flag = False
    walk_in_hours: Hours = None
    walk_in_daily_limit: Annotated[int | None, optional(number(0, 100_000))] = None
    verification_required: Flag = False
    expected_service_minutes: Annotated[int, number(1, 24 * 60)] = 10
    check_in_lead_minutes: OwnMinutes = None
    check_in_earliest_minutes: Annotated[int | None, optional(number(1, 24 * 60))] = None
    call_lead_minutes: OwnMinutes = None
    overdue_minutes: OwnMinutes = None
    maximum_wait_minutes: OwnMinutes = None
    after_maximum_wait: Annotated[str | None, optional(one_of(*LONG_WAITS))] = None
    target_wait_minutes: OwnMinutes = None
    prepare: Texts = field(default_factory=dict)
    checklist: Annotated[tuple[str, ...], several(text)] = ()
    information: Annotated[InformationPolicy, table(InformationPolicy)] = field(
        default_factory=InformationPolicy
    )
    booking: Annotated[BookingPolicy, table(BookingPolicy)] = field(default_factory=BookingPolicy)
    archived: Flag = False
    template: Template = None
    own: Own = frozenset()

    def check_in(self, branch: BranchPolicy, now: datetime) -> CheckInPolicy:
        """Give the rules of checking in for the service at `now`.

        An earliest of the branch that its own shortest time leaves no room for does not count.
        """
        at = self._at(branch, "check_in_lead_minutes", "check_in_earliest_minutes")
        policy = at.check_in(now)
        has_room = policy.earliest is None or policy.earliest > policy.lead
        return policy if has_room else replace(policy, earliest=None)

    def calling(self, branch: BranchPolicy) -> CallPolicy:
        """Give the rules of who is next in the service's line."""
        names = ("call_lead_minutes", "overdue_minutes", "maximum_wait_minutes", "after_maximum_wait")
        return self._at(branch, *names).calling

    def _at(self, branch: BranchPolicy, *names: str) -> BranchPolicy:
        own = {name: value for name in names if (value := getattr(self, name)) is not None}
        return replace(branch, **own) if own else branch

    def long_wait_alarm(self, branch: BranchPolicy) -> int | None:
        """Tell after how many minutes of waiting staff are told; None where they are not."""
        if (self.after_maximum_wait or branch.after_maximum_wait) == "first":
            return None
        own = self.maximum_wait_minutes
        return branch.maximum_wait_minutes if own is None else own

    def target_minutes(self, branch: BranchPolicy) -> int:
        """Tell within how many minutes its visitors should be called."""
        own = self.target_wait_minutes
        return branch.target_wait_minutes if own is None else own

    @property
    def closed(self) -> ServicePolicy:
        """Return the same without what lets new visitors in: neither booking nor tickets without one."""
        return replace(self, walk_in=False, booking=replace(self.booking, slots=()))

    def walk_in_offer(self, branch: BranchPolicy) -> WalkInOffer:
        """Give what the service offers to visitors without a reservation at this branch."""
        return WalkInOffer(
            zone=branch.zone,
            offered=self.walk_in,
            opening_hours=branch.hours,
            day_starts_at=branch.day_starts_at,
            hours=self.walk_in_hours,
            daily_limit=self.walk_in_daily_limit,
        )


def branch_policy(settings: Mapping[str, Any]) -> BranchPolicy:
    """Read a branch's settings; raise SettingError naming the first key that is unknown or wrong."""
    policy = read_policy(BranchPolicy, settings)
    earliest = policy.check_in_earliest_minutes
    if earliest is not None and earliest <= policy.check_in_lead_minutes:
        raise SettingError("check_in_earliest_minutes", "must be more than check_in_lead_minutes")
    by_day = sorted(policy.opening_periods, key=lambda period: period.first)
    if any(later.first <= earlier.last for earlier, later in pairwise(by_day)):
        raise SettingError("opening_periods", "two periods have a day in common")
    if len(set(policy.outcome_codes)) < len(policy.outcomes):
        raise SettingError("outcomes", "each may stand there once")
    if len({each.code for each in policy.priority_classes}) < len(policy.priority_classes):
        raise SettingError("priority_classes", "each may stand there once")
    return policy


def service_policy(settings: Mapping[str, Any]) -> ServicePolicy:
    """Read a service's settings; raise SettingError naming the first key that is unknown or wrong."""
    policy = read_policy(ServicePolicy, settings)
    lead, earliest = policy.check_in_lead_minutes, policy.check_in_earliest_minutes
    if lead is not None and earliest is not None and earliest <= lead:
        raise SettingError("check_in_earliest_minutes", "must be more than check_in_lead_minutes")
    return policy
