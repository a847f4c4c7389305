"""Measures whether a bot gains anything by its speed: simulated draws and waiting rooms, and a control."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bench.table import Row
from server.domain.release import draw as rules
from server.domain.release.draw import Entry, Terms

DRAWS = 10_000
_PLACES = 20
# Of each kind so many apply; what is drawn is too little for a fifth of them.
_KINDS = {"bot, 1 ms": 25, "early": 25, "in the middle": 25, "late": 25}
# Chi-square with three degrees of freedom is passed once in a hundred thousand (Abramowitz and Stegun, 26.8).
_LIMIT = 25.9
_DAY = "2026-12-07"


@dataclass
class Wins:
    """How often each kind of applicant won, of how many."""

    rounds: int
    won: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_KINDS, 0))

    def share(self, kind: str) -> float:
        """Return which share of the places went to a kind."""
        return self.won[kind] / (self.rounds * _PLACES)

    @property
    def chi_square(self) -> float:
        """Compare with an even share, for drawing without putting back.

        With n people and k places that makes Pearson's sum too small by (n - k)/(n - 1), the ratio of the
        hypergeometric distribution's variance to the binomial one's.
        """
        people = sum(_KINDS.values())
        expected = {kind: self.rounds * _PLACES * count / people for kind, count in _KINDS.items()}
        pearson = sum((self.won[kind] - expected[kind]) ** 2 / expected[kind] for kind in _KINDS)
        return pearson * (people - 1) / (people - _PLACES)


def too_uneven(wins: Wins) -> str | None:
    """Say by how much the shares differ from chance; None when chance alone does that."""
    return f"chi-square {wins.chi_square:.1f} > {_LIMIT}" if wins.chi_square > _LIMIT else None


def draw_wins(draws: int, seed: int) -> Wins:
    """Draw again and again: fresh secrets and public ids, the same kinds of applicants."""
    dice, wins = random.Random(seed), Wins(draws)
    terms = Terms(((f"{_DAY}T08:00+01:00", _PLACES // 2), (f"{_DAY}T09:00+01:00", _PLACES - _PLACES // 2)))
    for _ in range(draws):
        kinds = {_line(dice): kind for kind, _ in _arrivals(dice)}
        entries = {line: Entry(line, ("any",)) for line in kinds}
        secret = dice.randbytes(32)
        text = rules.list_text("draw", rules.hash_of(secret), terms, entries.values())
        seed_of_draw = rules.seed_of(secret, rules.hash_of(text), str(dice.randrange(10**6)))
        given = rules.give([entries[line] for line in rules.order_of(seed_of_draw, entries)], terms)
        for line in given:
            wins.won[kinds[line]] += 1
    return wins


def daily_wins(releases: int, seed: int) -> Wins:
    """Shuffle waiting rooms: the first places of the order win, whoever came when before the hour."""
    dice, wins = random.Random(seed), Wins(releases)
    for _ in range(releases):
        people = {_line(dice): kind for kind, _ in sorted(_arrivals(dice), key=lambda each: each[1])}
        secret = dice.randbytes(32)
        text = rules.list_text("room", rules.hash_of(secret), Terms(), (Entry(line, ()) for line in people))
        for line in rules.order_of(rules.seed_of(secret, rules.hash_of(text), ""), people)[:_PLACES]:
            wins.won[people[line]] += 1
    return wins


def first_come_wins(releases: int, seed: int) -> Wins:
    """Serve who comes first after the hour, as a control: there a bot of 1 ms wins everything."""
    dice, wins = random.Random(seed), Wins(releases)
    for _ in range(releases):
        for kind, _ in sorted(_arrivals(dice), key=lambda each: each[1])[:_PLACES]:
            wins.won[kind] += 1
    return wins


def run() -> list[Row]:
    """Simulate 10 000 of each."""
    return [
        *_shown("draws", draw_wins, 1),
        *_shown("daily releases", daily_wins, 2),
        *_shown("control: first come, first served", first_come_wins, 3),
    ]


def _shown(what: str, simulate: Callable[[int, int], Wins], seed: int) -> list[Row]:
    began = time.perf_counter()
    wins = simulate(DRAWS, seed)
    took = time.perf_counter() - began
    even = 1 / len(_KINDS)
    rows = [
        Row(f"{DRAWS} {what}: won by {kind}", f"{wins.share(kind):.4f}", "of the places", f"{even} by chance")
        for kind in _KINDS
    ]
    is_control = what.startswith("control")
    fair = too_uneven(wins) is None
    goal = f"> {_LIMIT} (it must be unfair)" if is_control else f"<= {_LIMIT} (chance)"
    return [
        *rows,
        Row(f"{DRAWS} {what}: chi-square", wins.chi_square, "", goal, fair != is_control),
        Row(f"{DRAWS} {what}: simulated in", took, "s"),
    ]


def _arrivals(dice: random.Random) -> list[tuple[str, float]]:
    """Return who comes when, in seconds after the window opened: bots after 1 ms, others within the hour."""
    spans = {
        "bot, 1 ms": (0.001, 0.002),
        "early": (1, 60),
        "in the middle": (600, 1800),
        "late": (3000, 3600),
    }
    return [(kind, dice.uniform(*spans[kind])) for kind, count in _KINDS.items() for _ in range(count)]


def _line(dice: random.Random) -> str:
    return "".join(dice.choices(rules.LINE_SIGNS, k=rules.LINE_LENGTH))
