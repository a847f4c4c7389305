"""How a draw decides, as functions that anybody can repeat: list, seed, order and places (rule 10)."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

ANY = "any"
MOST_PREFERENCES = 10
MOST_SIGNS_OF_NUMBER = 100
# Of the letters and digits, those that nobody mistakes for another one.
LINE_SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LINE_LENGTH = 12
_PREFERENCE = re.compile(
    r"(any|\d{4}-\d\d-\d\d)(?: ((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d|24:00))?"
)


class UnknownPreference(ValueError):
    """A wish that the draw cannot read, or for a day that it does not cover."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a draw gives, fixed when its window closes.

    `places` are hours of the branch's clock with their offset (`2026-12-07T08:30+01:00`), in the order of time,
    with how many visits each has; `day_limits` are the days that have fewer visits than their hours together;
    `number` says by language which later number decides, and is empty where none does.
    """

    places: tuple[tuple[str, int], ...] = ()
    day_limits: Mapping[str, int] = field(default_factory=dict)
    number: Mapping[str, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Tell how many visits the draw gives at most."""
        by_day: dict[str, int] = {}
        for at, count in self.places:
            by_day[at[:10]] = by_day.get(at[:10], 0) + count
        return sum(min(count, self.day_limits.get(day, count)) for day, count in by_day.items())

    def as_json(self) -> dict[str, Any]:
        """Write the terms as they are kept and published."""
        return {
            "places": [list(each) for each in self.places],
            "day_limits": dict(self.day_limits),
            "number": dict(self.number),
        }

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Terms:
        """Read terms as they are kept."""
        places = tuple((str(at), int(count)) for at, count in kept["places"])
        return cls(places, dict(kept["day_limits"]), dict(kept["number"]))


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a draw's list: who, by a public id, and what suits them, dearest first."""

    public_id: str
    preferences: tuple[str, ...]


def read_preferences(wishes: Sequence[str], first: date, last: date) -> tuple[str, ...]:
    """Read wishes such as `2026-12-07 08:00-12:00`, `any 12:00-24:00` or `any`; a repeated one counts once.

    Raises UnknownPreference for one that cannot be read or that no day from the first to the last can meet,
    and when there is none or there are more than MOST_PREFERENCES.
    """
    found = tuple(dict.fromkeys(wishes))
    if not 1 <= len(found) <= MOST_PREFERENCES:
        raise UnknownPreference("how many")
    for wish in found:
        parts = _PREFERENCE.fullmatch(wish)
        if parts is None or (parts[2] is not None and parts[2] >= parts[3]):
            raise UnknownPreference(wish)
        if parts[1] != ANY and not first <= _day(parts[1]) <= last:
            raise UnknownPreference(wish)
    return found


def are_wishes(typed: Sequence[object], first: date, last: date) -> bool:
    """Say whether what somebody typed can be read as wishes."""
    try:
        return bool(read_preferences([str(each) for each in typed], first, last))
    except UnknownPreference:
        return False


def last_wished_day(wishes: Iterable[str], last: date) -> date:
    """Return the last day that can meet one of some wishes; the draw's last where there is none."""
    return max((last_day_of(wish, last) for wish in wishes), default=last)


def last_day_of(preference: str, last: date) -> date:
    """Return the last day that can meet a wish: its own, or the draw's last for one that takes any day."""
    day = preference.partition(" ")[0]
    return last if day == ANY else _day(day)


def suits(preference: str, at: str) -> bool:
    """Say whether an hour as in Terms meets a wish; the end of the hours wished for is not part of them."""
    day, _, hours = preference.partition(" ")
    begins, _, ends = (hours or "00:00-24:00").partition("-")
    return day in (ANY, at[:10]) and begins <= at[11:16] < ends


def list_text(draw: str, secret_hash: bytes, terms: Terms, entries: Iterable[Entry]) -> bytes:
    """Write the list in its one form: JSON without spaces, keys and lines sorted, as UTF-8.

    It names the draw, the hash of its secret and its terms, so that none of them can be exchanged later.
    """
    lines = [[each.public_id, list(each.preferences)] for each in entries]
    body = {
        "draw": draw,
        "secret_hash": secret_hash.hex(),
        "terms": terms.as_json(),
        "applications": sorted(lines),
    }
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def line_text(draw: str, first: int, last: int) -> bytes:
    """Write what binds the numbers of a line (after `first`, up to `last`) to the hour that draws their order."""
    return f"line {draw} {first} {last}".encode()


def hash_of(told: bytes) -> bytes:
    """Return SHA-256: told early, it binds the office to what it tells later."""
    return hashlib.sha256(told).digest()


def seed_of(secret: bytes, list_hash: bytes, public_number: str) -> bytes:
    """Return SHA-256(secret ‖ list hash ‖ number): known to nobody before the last of the three."""
    return hash_of(secret + list_hash + public_number.encode())


def order_of(seed: bytes, public_ids: Iterable[str]) -> list[str]:
    """Put the lines in order of HMAC-SHA-256(seed, public id), smallest first."""
    return sorted(public_ids, key=lambda each: hmac.digest(seed, each.encode(), "sha256"))


def give(order: Iterable[Entry], terms: Terms) -> dict[str, str]:
    """Give each in turn the earliest free hour of the first of their wishes that has one: public id to hour."""
    free, days = dict(terms.places), dict(terms.day_limits)
    suiting: dict[str, list[str]] = {}
    given: dict[str, str] = {}
    for entry in order:
        for wish in entry.preferences:
            at = _first_free(_hours(suiting, wish, terms), free, days)
            if at is not None:
                given[entry.public_id] = at
                free[at] -= 1
                if at[:10] in days:
                    days[at[:10]] -= 1
                break
    return given


def _hours(suiting: dict[str, list[str]], wish: str, terms: Terms) -> list[str]:
    """Return the hours that may still be free for a wish, the next one last."""
    if wish not in suiting:
        suiting[wish] = [at for at, _ in reversed(terms.places) if suits(wish, at)]
    return suiting[wish]


def _first_free(hours: list[str], free: Mapping[str, int], days: Mapping[str, int]) -> str | None:
    """Find the next free hour; what is used up is never looked at again, for nothing comes back in a draw."""
    while hours and (free[hours[-1]] < 1 or days.get(hours[-1][:10], 1) < 1):
        hours.pop()
    return hours[-1] if hours else None


def read_line(typed: str) -> str:
    """Read a public id as people type it: any case, with or without dashes and spaces."""
    return "".join(sign for sign in typed.upper() if sign in LINE_SIGNS)[: LINE_LENGTH + 1]


def shown_line(public_id: str) -> str:
    """Write a public id in groups of four."""
    return "-".join(public_id[place : place + 4] for place in range(0, len(public_id), 4))


def days_of(first: date, last: date) -> list[date]:
    """List the days from the first to the last."""
    return [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UnknownPreference(text) from None
