"""How settings of the office are read from JSON or TOML: a wrong key or value is told with its name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from datetime import date, datetime, time
from types import MappingProxyType
from typing import Annotated, Any, Generic, TypeVar, get_type_hints
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from server.domain.office.hours import WeekHours, Window

_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}")
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


@dataclass(frozen=True, slots=True)
class Number:
    """The reader of a whole number within bounds."""

    least: int
    most: int

    def __call__(self, value: Any) -> int:
        """Read a number."""
        if isinstance(value, bool) or not isinstance(value, int) or not self.least <= value <= self.most:
            raise ValueError(f"a whole number from {self.least} to {self.most} is expected")
        return value


def number(least: int, most: int) -> Number:
    """Make the reader of a whole number within bounds."""
    return Number(least, most)


def text(value: Any) -> str:
    """Read a text that is not blank."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text is expected")
    return value


@dataclass(frozen=True, slots=True)
class Short:
    """The reader of a text of so many characters at most."""

    most: int

    def __call__(self, value: Any) -> str:
        """Read a text."""
        if len(read_text := text(value)) > self.most:
            raise ValueError(f"at most {self.most} characters are expected")
        return read_text


def short(most: int) -> Short:
    """Make the reader of a text of so many characters at most."""
    return Short(most)


def word(value: Any) -> str:
    """Read a word of small letters, digits and _."""
    if re.fullmatch(r"[a-z][a-z0-9_]{0,39}", text(value)) is None:
        raise ValueError("a word of small letters, digits and _ is expected")
    return str(value)


def code(value: Any) -> str:
    """Read a code of letters, digits, - and _."""
    if re.fullmatch(r"[A-Za-z0-9_-]{1,40}", text(value)) is None:
        raise ValueError("a word of letters, digits, - and _ is expected")
    return str(value)


def letter(value: Any) -> str:
    """Read the letter of a service, A to Z."""
    if not isinstance(value, str) or len(value) != 1 or not "A" <= value <= "Z":
        raise ValueError("one letter from A to Z is expected")
    return value


def zone(value: Any) -> ZoneInfo:
    """Read the name of a time zone."""
    try:
        return ZoneInfo(text(value))
    except (ZoneInfoNotFoundError, OSError, ValueError):
        raise ValueError("a time zone such as Europe/Warsaw is expected") from None


@dataclass(frozen=True, slots=True)
class Optional(Generic[Value]):
    """A reader that lets none pass."""

    read: Callable[[Any], Value]

    def __call__(self, value: Any) -> Value | None:
        """Read a value, or none."""
        return None if value is None else self.read(value)


def optional(read: Callable[[Any], Value]) -> Optional[Value]:
    """Make a reader that lets none pass."""
    return Optional(read)


@dataclass(frozen=True, slots=True)
class Several(Generic[Value]):
    """The reader of a list."""

    read: Callable[[Any], Value]

    def __call__(self, value: Any) -> tuple[Value, ...]:
        """Read each item of a list."""
        if not isinstance(value, list | tuple):
            raise ValueError("a list is expected")
        return tuple(self.read(item) for item in value)


def several(read: Callable[[Any], Value]) -> Several[Value]:
    """Make the reader of a list."""
    return Several(read)


def texts(value: Any) -> Mapping[str, str]:
    """Read texts by language."""
    if not isinstance(value, Mapping):
        raise ValueError('texts by language are expected, such as {"pl": "...", "en": "..."}')
    return MappingProxyType({word(language): text(said) for language, said in value.items()})


@dataclass(frozen=True, slots=True)
class ShortTexts:
    """The reader of texts by language of so many characters at most, each."""

    most: int

    def __call__(self, value: Any) -> Mapping[str, str]:
        """Read texts."""
        found = texts(value)
        if any(len(each) > self.most for each in found.values()):
            raise ValueError(f"at most {self.most} characters are expected")
        return found


def short_texts(most: int) -> ShortTexts:
    """Make the reader of texts by language of so many characters at most."""
    return ShortTexts(most)


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
        said = text(value)
        # A moment that TOML had read is kept as text; ISO 8601 knows 20261224 and 2026-W52-4 as well.
        said = said[:10] if _MOMENT.fullmatch(said) else said
        return date.fromisoformat(said if _DAY.fullmatch(said) else "")
    except ValueError:
        raise ValueError(f"{value!r} is no day such as 2026-12-24") from None


def moment(value: Any) -> datetime:
    """Read an hour of a day by the wall clock such as 2026-12-24T08:00, which TOML may have read already."""
    try:
        found = value if isinstance(value, datetime) else _moment(text(value))
    except ValueError:
        raise ValueError(f"{value!r} is no hour of a day such as 2026-12-24T08:00") from None
    if found.tzinfo is not None:
        raise ValueError("an hour by the branch's clock is expected, without an offset")
    return found.replace(second=0, microsecond=0)


def _moment(said: str) -> datetime:
    return datetime.fromisoformat(said if _MOMENT.fullmatch(said) else "")


def clock(value: Any) -> time:
    """Read an hour of the wall clock such as 08:00."""
    try:
        return time.fromisoformat(text(value)) if len(text(value)) == 5 else time.fromisoformat("")
    except ValueError:
        raise ValueError(f"{value!r} is no hour such as 08:00") from None


@dataclass(frozen=True, slots=True)
class OneOf:
    """The reader of one of some words."""

    words: tuple[str, ...]

    def __call__(self, value: Any) -> str:
        """Read a word."""
        if value not in self.words:
            raise ValueError(f"one of {', '.join(self.words)} is expected")
        return str(value)


def one_of(*words: str) -> OneOf:
    """Make the reader of one of some words."""
    return OneOf(words)


@dataclass(frozen=True, slots=True)
class Nested(Generic[Policy]):
    """The reader of a table of settings."""

    of: type[Policy]

    def __call__(self, value: Any) -> Policy:
        """Read a table."""
        if isinstance(value, self.of):
            return value
        if not isinstance(value, Mapping):
            raise ValueError("a table of settings is expected")
        return read_policy(self.of, value)


@dataclass(frozen=True, slots=True)
class NestedOrWord(Nested[Policy]):
    """The reader of a table of settings, or of a word that stands for one."""

    of_word: Callable[[str], Policy]

    def __call__(self, value: Any) -> Policy:
        """Read a table or a word."""
        return self.of_word(value) if isinstance(value, str) else Nested.__call__(self, value)


def table_or_word(of: type[Policy], of_word: Callable[[str], Policy]) -> NestedOrWord[Policy]:
    """Make the reader of a table of settings, or of a word that stands for one."""
    return NestedOrWord(of, of_word)


def table(of: type[Policy]) -> Nested[Policy]:
    """Make the reader of a table of settings."""
    return Nested(of)


Flag = Annotated[bool, flag]
Minutes = Annotated[int, number(0, 24 * 60)]
Seconds = Annotated[int, number(1, 60 * 60)]
Times = Annotated[int, number(1, 100)]
Week = Annotated[WeekHours, hours]
Hours = Annotated[WeekHours | None, optional(hours)]
Words = Annotated[tuple[str, ...], several(word)]
Texts = Annotated[Mapping[str, str], texts]

Day = Annotated[date | None, optional(day)]
Clock = Annotated[time, clock]


_found: dict[type[Any], Mapping[str, Callable[[Any], Any]]] = {}


def readers(of: type[Any]) -> Mapping[str, Callable[[Any], Any]]:
    """Return the reader of each setting of a policy, in the order of its fields; found out once."""
    if of not in _found:
        kinds = get_type_hints(of, include_extras=True).items()
        _found[of] = {name: kind.__metadata__[0] for name, kind in kinds if hasattr(kind, "__metadata__")}
    return _found[of]


def read_policy(of: type[Policy], settings: Mapping[str, Any]) -> Policy:
    """Read a table of settings; raise SettingError naming the first key that is unknown or wrong."""
    kinds = readers(of)
    values = {}
    for key, value in settings.items():
        if key not in kinds:
            near = difflib.get_close_matches(key, kinds, n=1)
            raise SettingError(key, "unknown setting" + (f"; did you mean {near[0]}?" if near else ""))
        try:
            values[key] = kinds[key](value)
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
