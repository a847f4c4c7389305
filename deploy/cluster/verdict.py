"""Holds what people were told against what the database has: what was lost, doubled or left out, and who waited.

Not a part of the programs: plain rows of SQL, and answers as `people` kept them.
"""

from __future__ import annotations

import math
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import psycopg

from deploy.cluster.people import Answered

_SEALED_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Row:
    """A ticket as the database has it."""

    id: int
    branch_id: int
    day: str
    series: str
    ordinal: int
    number: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What is in the database: tickets, for each call in the log its ticket's id, and how much is not sealed."""

    tickets: Sequence[Row]
    calls: Sequence[int]
    unsealed: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What went wrong, as names; all empty where nothing did."""

    acknowledged: int
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    not_shown: list[str] = field(default_factory=list)
    shown_twice: list[str] = field(default_factory=list)
    unsealed: int = 0

    @property
    def is_clean(self) -> bool:
        """Say whether nothing went wrong."""
        wrong = (self.lost, self.doubled, self.missing, self.not_shown, self.shown_twice)
        return not any(wrong) and self.unsealed == 0


def judge(answered: Iterable[Answered], kept: Kept, shown: Sequence[int]) -> Verdict:
    """Compare the answers with the database, and the board's calls with both.

    Lost: acknowledged and not there. Doubled: one number for two people, a ticket called twice. Missing: a number
    of a day's series that nobody has, though a later one was given.
    """
    answered = list(answered)
    issued = [each for each in answered if each.is_ticket]
    called = [each for each in answered if each.is_call]
    there = {each.id: each.number for each in kept.tickets}
    lost = [each.number for each in issued if there.get(each.ticket_id) != each.number]
    lost += [f"call of {each.number}" for each in called if each.ticket_id not in set(kept.calls)]
    given = Counter((each.number, each.ticket_id) for each in issued)
    numbers = Counter(number for number, _ in given)
    doubled = [number for number, count in numbers.items() if count > 1]
    doubled += [number for (number, _), count in given.items() if count > 1]
    rows = Counter((each.branch_id, each.day, each.number) for each in kept.tickets)
    doubled += [key[2] for key, count in rows.items() if count > 1]
    for calls in (Counter(each.ticket_id for each in called), Counter(kept.calls)):
        doubled += [f"call of {there.get(each, each)}" for each, count in calls.items() if count > 1]
    on_board = Counter(shown)
    return Verdict(
        acknowledged=len(answered),
        lost=sorted(set(lost)),
        doubled=sorted(set(doubled)),
        missing=_gaps(kept.tickets),
        not_shown=sorted({each.number for each in called if each.ticket_id not in on_board}),
        shown_twice=sorted(str(there.get(each, each)) for each, count in on_board.items() if count > 1),
        unsealed=kept.unsealed,
    )


def read_kept(conninfo: str) -> Kept:
    """Read the database once every fact is sealed, or after half a minute; `conninfo` is libpq's."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        until = time.monotonic() + _SEALED_SECONDS
        while (unsealed := _unsealed(connection)) and time.monotonic() < until:
            time.sleep(0.2)
        rows = connection.execute(
            "SELECT id, branch_id, day::text, series, ordinal, number FROM ticket"
        ).fetchall()
        calls = connection.execute(
            "SELECT (data->>'ticket')::int FROM fact WHERE type = 'ticket.called' ORDER BY id"
        ).fetchall()
    return Kept([Row(*row) for row in rows], [row[0] for row in calls], unsealed)


def longest_pause(answered: Iterable[Answered], since: float) -> float:
    """Return for how many seconds at most nobody got an answer, from an instant on."""
    ends = sorted(each.ended for each in answered if each.ended > since)
    return max((later - earlier for earlier, later in pairwise([since, *ends])), default=math.inf)


def share(values: Iterable[float], percent: float) -> float:
    """Return the value that so many per cent of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def _gaps(tickets: Iterable[Row]) -> list[str]:
    series: dict[tuple[int, str, str], set[int]] = defaultdict(set)
    for each in tickets:
        series[each.branch_id, each.day, each.series].add(each.ordinal)
    return sorted(
        f"{name}{ordinal:03}"
        for (_, _, name), ordinals in series.items()
        for ordinal in set(range(1, max(ordinals) + 1)) - ordinals
    )


def _unsealed(connection: psycopg.Connection[tuple[int]]) -> int:
    row = connection.execute("SELECT count(*) FROM fact WHERE feed_number IS NULL").fetchone()
    assert row is not None
    return int(row[0])
