"""The form of *What if*: what an address asks for, read with what is wrong in it, and written as an address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from datetime import time as Hour
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.domain.office import reading
from server.domain.office.policies import LONG_WAITS
from server.domain.queue.what_if_day import DeskChange
from server.services.office.settings import BranchView
from server.services.queue.what_if import (
    RULES,
    RULES_OF_A_SERVICE,
    Asked,
    CounterTried,
    Tried,
    own_rule,
)
from server.web.times import read_day

FEWEST_ROWS, MOST_ROWS = 2, 8
MOST_PERCENT = 200
WHAT = {
    DeskChange.ALSO: _l("also serves"),
    DeskChange.ONLY: _l("serves only"),
    DeskChange.OPEN: _l("is open"),
    DeskChange.CLOSED: _l("is closed"),
}
_BOUNDS = {
    "call_lead_minutes": (1, 24 * 60),
    "overdue_minutes": (1, 24 * 60),
    "maximum_wait_minutes": (1, 24 * 60),
    "priority_every": (1, 100),
}


@dataclass(slots=True)
class Form:
    """What an address says: the question, the words of its fields, and what is wrong by their names."""

    asked: Asked
    shown: str
    typed: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def is_asked(self) -> bool:
        """Say whether there is a day to play."""
        return self.asked.day is not None or self.asked.weekday is not None

    @property
    def rows(self) -> list[int]:
        """List the rows of counters that are shown: one more than are filled in."""
        filled = [n for n in range(1, MOST_ROWS + 1) if self.typed.get(f"counter{n}")]
        return list(range(1, min(max(FEWEST_ROWS, max(filled, default=0) + 1), MOST_ROWS) + 1))


def read_form(said: Mapping[str, str], branch: BranchView) -> Form:
    """Read what an address asks for."""
    typed = {name: value.strip() for name, value in said.items() if value.strip()}
    reader = _Reader(typed, branch)
    weekday = reader.weekday()
    day = reader.day() if weekday is None else None
    tried = Tried(reader.counters(), reader.opens(), reader.rules(), reader.arrivals())
    tried = replace(tried, own=reader.own(tried))
    shown = typed.get("shown", "")
    found = shown if shown in branch.services else ""
    return Form(Asked(day, weekday, tried), found, typed, reader.errors)


class _Reader:
    def __init__(self, typed: Mapping[str, str], branch: BranchView) -> None:
        self.typed, self.branch = typed, branch
        self.errors: dict[str, str] = {}

    def weekday(self) -> int | None:
        said = self.typed.get("weekday", "")
        return reading.WEEKDAYS.index(said) if said in reading.WEEKDAYS else None

    def day(self) -> date | None:
        said = self.typed.get("day")
        found = read_day(said) if said else None
        if said and found is None:
            self.errors["day"] = _("Enter a day such as 2026-11-23")
        return found

    def hour(self, name: str) -> Hour | None:
        said = self.typed.get(name)
        if not said:
            return None
        try:
            return Hour.fromisoformat(said.zfill(5)).replace(second=0, microsecond=0, tzinfo=None)
        except ValueError:
            self.errors[name] = _("Enter an hour such as 07:30")
            return None

    def number(self, name: str, least: int, most: int) -> int | None:
        said = self.typed.get(name)
        if not said:
            return None
        digits = said.removeprefix("+").replace("−", "-").removesuffix("%").strip()
        plain = digits.removeprefix("-")
        number = int(digits) if plain.isascii() and plain.isdecimal() and len(plain) < 6 else None
        if number is None or not least <= number <= most:
            self.errors[name] = _("Enter a whole number from %(least)s to %(most)s", least=least, most=most)
            return None
        return number

    def counters(self) -> tuple[CounterTried, ...]:
        found = []
        for n in range(1, MOST_ROWS + 1):
            said = self.typed.get(f"counter{n}", "")
            if not said:
                continue
            number = int(said) if said.isascii() and said.isdecimal() and len(said) < 4 else 0
            if number not in self.branch.counters:
                self.errors[f"counter{n}"] = _("There is no counter %(number)s here", number=said)
                continue
            what = self.typed.get(f"what{n}", "")
            kind = DeskChange(what) if what in tuple(DeskChange) else DeskChange.ALSO
            begins, ends = self.hour(f"from{n}"), self.hour(f"to{n}")
            if begins and ends and ends <= begins:
                self.errors[f"to{n}"] = _("The end must be later than the beginning")
            letters = self._letters(f"letters{n}")
            if kind in (DeskChange.ALSO, DeskChange.ONLY) and not letters:
                self.errors.setdefault(f"letters{n}", _("Enter the letters of services, such as L N"))
            found.append(CounterTried(number, kind, letters, begins, ends))
        return tuple(found)

    def _letters(self, name: str) -> tuple[str, ...]:
        said = [each for each in self.typed.get(name, "").upper() if each.isalpha()]
        unknown = sorted({each for each in said if each not in self.branch.services})
        if unknown:
            self.errors[name] = _("There is no service %(letter)s here", letter=unknown[0])
        return tuple(dict.fromkeys(each for each in said if each in self.branch.services))

    def opens(self) -> dict[str, Hour]:
        found = {letter: self.hour(f"opens.{letter}") for letter in self.branch.services}
        return {letter: hour for letter, hour in found.items() if hour is not None}

    def arrivals(self) -> dict[str, int]:
        found = {letter: self.number(f"more.{letter}", -100, MOST_PERCENT) for letter in self.branch.services}
        return {letter: percent for letter, percent in found.items() if percent}

    def rules(self) -> dict[str, Any]:
        """Read the calling rules that are other than those of now."""
        policy = self.branch.policy
        said = self._ruled("rule", RULES)
        return {name: value for name, value in said.items() if value != getattr(policy, name)}

    def own(self, tried: Tried) -> dict[str, dict[str, Any]]:
        """Read the calling rules of one service that are other than what it would have without them."""
        said, letter = self._ruled("own", RULES_OF_A_SERVICE), self.typed.get("own", "")
        if letter not in self.branch.services:
            if said or letter:
                self.errors["own"] = _("Choose the service whose rules these are")
            return {}
        found = {
            name: value for name, value in said.items() if value != own_rule(self.branch, letter, name, tried)
        }
        return {letter: found} if found else {}

    def _ruled(self, of: str, names: Sequence[str]) -> dict[str, Any]:
        """Read the rules that are filled in."""
        found: dict[str, Any] = {}
        for name in names:
            if name in _BOUNDS:
                found[name] = self.number(f"{of}.{name}", *_BOUNDS[name])
            else:
                word = self.typed.get(f"{of}.{name}")
                found[name] = word if word in LONG_WAITS else None
        return {name: value for name, value in found.items() if value is not None}
