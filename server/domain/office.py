"""What an office rules, as frozen values: the settings of a branch and of a service, read from JSON.

Every setting has its default here (rules.md, the ⚙); a wrong key or value is told with its name.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from types import MappingProxyType
from typing import Annotated, Any, TypeVar, get_type_hints
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from server.domain.check_in import CheckInPolicy
from server.domain.hours import WeekHours, Window
from server.domain.line import CallPolicy
from server.domain.walk_in import WalkInOffer
from server.domain.wrong_codes import WrongCodePolicy
from wire.vocabulary import Outcome, Priority

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Value = TypeVar("Value")
Policy = TypeVar("Policy", "BranchPolicy", "ServicePolicy")


class SettingError(ValueError):
    """A setting that the office's file or form got wrong: an operator's mistake, told with its key."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(f"{key}: {problem}")
        self.key = key
        self.problem = problem


# --- how a value is read -----------------------------------------------------------------------------


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false is expected")
    return value


def _number(least: int, most: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError(f"a whole number from {least} to {most} is expected")
        return value

    return read


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text is expected")
    return value


def _word(value: Any) -> str:
    if re.fullmatch(r"[a-z][a-z0-9_]{0,39}", _text(value)) is None:
        raise ValueError("a word of small letters, digits and _ is expected")
    return str(value)


def _priority(value: Any) -> Priority:
    if value not in tuple(Priority):
        raise ValueError(f"one of {', '.join(Priority)} is expected")
    return Priority(value)


def _zone(value: Any) -> ZoneInfo:
    try:
        return ZoneInfo(_text(value))
    except (ZoneInfoNotFoundError, OSError, ValueError):
        raise ValueError("a time zone such as Europe/Warsaw is expected") from None


def _optional(read: Callable[[Any], Value]) -> Callable[[Any], Value | None]:
    return lambda value: None if value is None else read(value)


def _several(read: Callable[[Any], Value]) -> Callable[[Any], tuple[Value, ...]]:
    def read_all(value: Any) -> tuple[Value, ...]:
        if not isinstance(value, list | tuple):
            raise ValueError("a list is expected")
        return tuple(read(item) for item in value)

    return read_all


def _texts(value: Any) -> Mapping[str, str]:
    if not isinstance(value, Mapping):
        raise ValueError('texts by language are expected, such as {"pl": "...", "en": "..."}')
    return MappingProxyType({_word(language): _text(text) for language, text in value.items()})


def _window(value: Any) -> Window:
    try:
        opens, closes = re.findall(r"^([0-9:]{5})-([0-9:]{5})$", _text(value))[0]
        window = Window(time.fromisoformat(opens), time.fromisoformat(closes.replace("24:00", "00:00")))
    except (IndexError, ValueError):
        raise ValueError(f"{value!r} is no window such as 08:00-15:30") from None
    if window.opens >= window.closes != time.min:
        raise ValueError(f"{value!r} closes before it opens")
    return window


def _hours(value: Any) -> WeekHours:
    if not isinstance(value, Mapping) or not set(value) <= set(WEEKDAYS):
        raise ValueError('windows by weekday are expected, such as {"mon": ["08:00-15:30"]}')
    read = _several(_window)
    return WeekHours(MappingProxyType({WEEKDAYS.index(day): read(windows) for day, windows in value.items()}))


Flag = Annotated[bool, _flag]
Minutes = Annotated[int, _number(0, 24 * 60)]
Seconds = Annotated[int, _number(1, 60 * 60)]
Times = Annotated[int, _number(1, 100)]
Hours = Annotated[WeekHours | None, _optional(_hours)]
Words = Annotated[tuple[str, ...], _several(_word)]
Texts = Annotated[Mapping[str, str], _texts]

_WARSAW = ZoneInfo("Europe/Warsaw")


# --- the settings ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BranchPolicy:
    """The settings of a branch; minutes and seconds are whole numbers, hours None is around the clock."""

    zone: Annotated[ZoneInfo, _zone] = _WARSAW
    languages: Words = ("pl", "en")
    opening_hours: Hours = None
    check_in_lead_minutes: Minutes = 15
    check_in_earliest_minutes: Annotated[int | None, _optional(_number(1, 24 * 60))] = None
    ask_service_first: Flag = False
    call_lead_minutes: Minutes = 2
    overdue_minutes: Minutes = 10
    maximum_wait_minutes: Minutes = 45
    priority_every: Times = 2
    priority_classes: Annotated[tuple[Priority, ...], _several(_priority)] = tuple(Priority)
    no_show_after_calls: Times = 3
    outcomes: Words = tuple(Outcome)
    target_wait_minutes: Minutes = 15
    transfer_keeps_place: Flag = False
    wrong_code_tries: Times = 5
    wrong_code_pause_seconds: Seconds = 30
    wrong_code_longest_pause_seconds: Seconds = 300
    help_counter: Annotated[int | None, _optional(_number(1, 999))] = None
    portal_url: Annotated[str | None, _optional(_text)] = None
    notices: Texts = field(default_factory=dict)

    def check_in(self, now: datetime) -> CheckInPolicy:
        """Give the rules of checking in at `now` (rules 14 to 16).

        Closed is when nobody is served any more today: visitors come before the doors of the counters open.
        """
        closes_at = self.opening_hours.last_closing(now, self.zone) if self.opening_hours else None
        earliest = self.check_in_earliest_minutes
        return CheckInPolicy(
            zone=self.zone,
            lead=timedelta(minutes=self.check_in_lead_minutes),
            earliest=None if earliest is None else timedelta(minutes=earliest),
            is_open=self.opening_hours is None or (closes_at is not None and now < closes_at),
        )

    @property
    def calling(self) -> CallPolicy:
        """Give the rules of who is next."""
        return CallPolicy(
            lead=timedelta(minutes=self.call_lead_minutes),
            overdue=timedelta(minutes=self.overdue_minutes),
            maximum_wait=timedelta(minutes=self.maximum_wait_minutes),
            priority_every=self.priority_every,
        )

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
    """The settings of a service: rules 3 (prepare), 12 (verification), 18 (walk-ins), 23 (checklist)."""

    walk_in: Flag = False
    walk_in_hours: Hours = None
    walk_in_daily_limit: Annotated[int | None, _optional(_number(0, 100_000))] = None
    verification_required: Flag = False
    expected_service_minutes: Annotated[int, _number(1, 24 * 60)] = 10
    prepare: Texts = field(default_factory=dict)
    checklist: Annotated[tuple[str, ...], _several(_text)] = ()

    def walk_in_offer(self, branch: BranchPolicy) -> WalkInOffer:
        """Give what the service offers to visitors without a reservation at this branch."""
        return WalkInOffer(
            zone=branch.zone,
            offered=self.walk_in,
            opening_hours=branch.opening_hours,
            hours=self.walk_in_hours,
            daily_limit=self.walk_in_daily_limit,
        )


def branch_policy(settings: Mapping[str, Any]) -> BranchPolicy:
    """Read a branch's settings; raise SettingError naming the first key that is unknown or wrong."""
    policy = _read(BranchPolicy, settings)
    earliest = policy.check_in_earliest_minutes
    if earliest is not None and earliest <= policy.check_in_lead_minutes:
        raise SettingError("check_in_earliest_minutes", "must be more than check_in_lead_minutes")
    return policy


def service_policy(settings: Mapping[str, Any]) -> ServicePolicy:
    """Read a service's settings; raise SettingError naming the first key that is unknown or wrong."""
    return _read(ServicePolicy, settings)


def _read(of: type[Policy], settings: Mapping[str, Any]) -> Policy:
    kinds = get_type_hints(of, include_extras=True)
    values = {}
    for key, value in settings.items():
        if key not in kinds:
            near = difflib.get_close_matches(key, kinds, n=1)
            raise SettingError(key, "unknown setting" + (f"; did you mean {near[0]}?" if near else ""))
        (read,) = kinds[key].__metadata__
        try:
            values[key] = read(value)
        except ValueError as error:
            raise SettingError(key, str(error)) from None
    return of(**values)
