"""How settings of the office are read from JSON or TOML: a wrong key or value is told with its name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields
from datetime import date, time
from types import MappingProxyType
from typing import Annotated, Any, TypeVar, get_type_hints
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from server.domain.office.hours import WeekHours, Window
from wire.vocabulary import Priority

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Value = TypeVar("Value")
Policy = TypeVar("Policy")


class SettingError(ValueError):
    """A setting that the office's file or form got wrong: an operator's mistake, told with its key."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(f"{key}: {problem}")
        self.key = key
        self.problem = problem


def flag(value: Any) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise ValueError("true or false is expected")
    return value


def number(least: int, most: int) -> Callable[[Any], int]:
    """Make the reader of a whole number within bounds."""

    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError(f"a whole number from {least} to {most} is expected")
        return value

    return read


def text(value: Any) -> str:
    """Read a text that is not blank."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text is expected")
    return value


def short(most: int) -> Callable[[Any], str]:
    """Make the reader of a text of so many characters at most."""

    def read(value: Any) -> str:
        if len(read_text := text(value)) > most:
            raise ValueError(f"at most {most} characters are expected")
        return read_text

    return read


def word(value: Any) -> str:
    """Read a word of small letters, digits and _."""
    if re.fullmatch(r"[a-z][a-z0-9_]{0,39}", text(value)) is None:
        raise ValueError("a word of small letters, digits and _ is expected")
    return str(value)


def letter(value: Any) -> str:
    """Read the letter of a service, A to Z."""
    if not isinstance(value, str) or len(value) != 1 or not "A" <= value <= "Z":
        raise ValueError("one letter from A to Z is expected")
    return value


def priority(value: Any) -> Priority:
    """Read a priority class."""
    if value not in tuple(Priority):
        raise ValueError(f"one of {', '.join(Priority)} is expected")
    return Priority(value)


def zone(value: Any) -> ZoneInfo:
    """Read the name of a time zone."""
    try:
        return ZoneInfo(text(value))
    except (ZoneInfoNotFoundError, OSError, ValueError):
        raise ValueError("a time zone such as Europe/Warsaw is expected") from None


def optional(read: Callable[[Any], Value]) -> Callable[[Any], Value | None]:
    """Make a reader that lets none pass."""
    return lambda value: None if value is None else read(value)


def several(read: Callable[[Any], Value]) -> Callable[[Any], tuple[Value, ...]]:
    """Make the reader of a list."""

    def read_all(value: Any) -> tuple[Value, ...]:
        if not isinstance(value, list | tuple):
            raise ValueError("a list is expected")
        return tuple(read(item) for item in value)

    return read_all


def texts(value: Any) -> Mapping[str, str]:
    """Read texts by language."""
    if not isinstance(value, Mapping):
        raise ValueError('texts by language are expected, such as {"pl": "...", "en": "..."}')
    return MappingProxyType({word(language): text(said) for language, said in value.items()})


def window(value: Any) -> Window:
    """Read a window such as 08:00-15:30."""
    try:
        opens, closes = re.findall(r"^([0-9:]{5})-([0-9:]{5})$", text(value))[0]
        made = Window(time.fromisoformat(opens), time.fromisoformat(closes.replace("24:00", "00:00")))
    except (IndexError, ValueError):
        raise ValueError(f"{value!r} is no window such as 08:00-15:30") from None
    if made.opens >= made.closes != time.min:
        raise ValueError(f"{value!r} closes before it opens")
    return made


def hours(value: Any) -> WeekHours:
    """Read windows by weekday."""
    if not isinstance(value, Mapping) or not set(value) <= set(WEEKDAYS):
        raise ValueError('windows by weekday are expected, such as {"mon": ["08:00-15:30"]}')
    read = several(window)
    return WeekHours(MappingProxyType({WEEKDAYS.index(day): read(windows) for day, windows in value.items()}))


def day(value: Any) -> date:
    """Read a day such as 2026-12-24, which TOML may have read already."""
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    try:
        # ISO 8601 knows 20261224 and 2026-W52-4 as well.
        return date.fromisoformat(text(value) if _DAY.fullmatch(text(value)) else "")
    except ValueError:
        raise ValueError(f"{value!r} is no day such as 2026-12-24") from None


def clock(value: Any) -> time:
    """Read an hour of the wall clock such as 08:00."""
    try:
        return time.fromisoformat(text(value)) if len(text(value)) == 5 else time.fromisoformat("")
    except ValueError:
        raise ValueError(f"{value!r} is no hour such as 08:00") from None


def one_of(*words: str) -> Callable[[Any], str]:
    """Make the reader of one of some words."""

    def read(value: Any) -> str:
        if value not in words:
            raise ValueError(f"one of {', '.join(words)} is expected")
        return str(value)

    return read


def table(of: type[Policy]) -> Callable[[Any], Policy]:
    """Make the reader of a table of settings."""

    def read(value: Any) -> Policy:
        if isinstance(value, of):
            return value
        if not isinstance(value, Mapping):
            raise ValueError("a table of settings is expected")
        return read_policy(of, value)

    return read


Flag = Annotated[bool, flag]
Minutes = Annotated[int, number(0, 24 * 60)]
Seconds = Annotated[int, number(1, 60 * 60)]
Times = Annotated[int, number(1, 100)]
Hours = Annotated[WeekHours | None, optional(hours)]
Words = Annotated[tuple[str, ...], several(word)]
Texts = Annotated[Mapping[str, str], texts]

Day = Annotated[date | None, optional(day)]
Clock = Annotated[time, clock]


def read_policy(of: type[Policy], settings: Mapping[str, Any]) -> Policy:
    """Read a table of settings; raise SettingError naming the first key that is unknown or wrong."""
    kinds = get_type_hints(of, include_extras=True)
    values = {}
    for key, value in settings.items():
        if key not in kinds:
            near = difflib.get_close_matches(key, kinds, n=1)
            raise SettingError(key, "unknown setting" + (f"; did you mean {near[0]}?" if near else ""))
        (read,) = kinds[key].__metadata__
        try:
            values[key] = read(value)
        except SettingError as error:
            raise SettingError(f"{key}.{error.key}", error.problem) from None
        except ValueError as error:
            raise SettingError(key, str(error)) from None
    missing = [
        each.name
        for each in fields(of)  # type: ignore[arg-type]
        if each.name not in values and _is_needed(each)
    ]
    if missing:
        raise SettingError(missing[0], "is missing")
    return of(**values)


def _is_needed(setting: Field[Any]) -> bool:
    return setting.default is MISSING and setting.default_factory is MISSING
