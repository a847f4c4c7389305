"""The web board's script rules as display_board.board does: both get the same events and say the same."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from display_board.board import (
    Announce,
    Board,
    FactHeard,
    LineDown,
    LineUp,
    Moment,
    SnapshotTaken,
    Tick,
    advance,
)
from display_board.wording import is_lit
from tests.display_board.samples import NINE, call, fact, snapshot
from tests.server.portal.chromium import chromium

SCRIPT = Path(__file__).parents[2] / "server/portal/queue/static/board.js"
DAYS, EVENTS = 60, 70
ENDS = ["finished", "no_show", "parked", "put_back", "withdrawn", "transferred", "started", "came_back"]
PLAY = """([events, remembered]) => {
  let board = NumerekBoard.begun(remembered);
  const call = (each) => each && [each.id, each.number, each.counter, each.language, each.active];
  return events.map(([event, moment]) => {
    const step = NumerekBoard.advance(board, event, moment);
    board = step.board;
    return {
      announced: step.effects.filter((each) => each.announce).map((each) => each.announce.id),
      looks: step.effects.filter((each) => each.look).length,
      shown: call(board.shown), recent: board.recent.map(call), queue: board.queue.map(call),
      waiting: board.waiting.map((line) => [line.service, line.numbers, line.total]),
      place: board.asOf, sign: board.hasSign, lit: NumerekBoard.isLit(board, moment),
      known: board.announced.map((each) => each.id),
    };
  });
}"""


class Day:
    """A made-up day in a hall: what comes to its board, in both languages of the two programs."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self.seconds = 0.0
        self._feed = 0
        self._calls: list[Any] = []
        self._waiting: list[str] = []
        self._asleep: list[Any] = []
        self.events = [self._event() for _ in range(EVENTS)]

    def _event(self) -> tuple[Any, Moment, list[Any]]:
        self.seconds = round(
            self.seconds + self._dice.choice([0, 0, 0, 0, 0.1, 0.7, 1, 3.5, 4, 5, 5.5, 16, 70, 200]), 3
        )
        made = self._dice.choice(
            [
                *[self._call] * 3,
                *[self._over, self._picture, self._tick] * 2,
                *(self._issued, self._old, self._cut, self._up, self._half, self._notice),
            ]
        )
        event, told = made()
        moment = Moment(self.seconds, NINE + timedelta(seconds=self.seconds))
        return event, moment, [told, {"at": moment.at, "now": moment.now.timestamp() * 1000}]

    def _fact(self, kind: str, data: Any) -> tuple[Any, Any]:
        self._feed += self._dice.choice([1, 1, 1, 0])
        sent = data.model_dump(mode="json", exclude_none=True)
        return FactHeard(self._feed, kind, data), {
            "type": "fact",
            "number": self._feed,
            "kind": kind,
            "data": sent,
        }

    def _call(self) -> tuple[Any, Any]:
        age = self._dice.choice([0, 0, 0, 1, 100, 130])
        made = call(len(self._calls) + 1, at=self.seconds - age, language=self._dice.choice(["pl", "uk"]))
        if self._calls and self._dice.random() < 0.3:
            made = made.model_copy(update={"number": self._dice.choice(self._calls).number})
        self._calls.append(made)
        return self._fact(self._dice.choice(["ticket.called", "ticket.recalled"]), fact(made))

    def _half(self) -> tuple[Any, Any]:
        return self._fact("ticket.called", fact(call(900, at=self.seconds)).model_copy(update={"call": None}))

    def _notice(self) -> tuple[Any, Any]:
        data = fact(call(901)).model_copy(update={"number": None, "call": None})
        return self._fact(self._dice.choice(["notice.posted", "feedback.given", "office.changed"]), data)

    def _over(self) -> tuple[Any, Any]:
        made = self._dice.choice(self._calls or [call(1)])
        place = next((n for n, each in enumerate(self._calls) if each is made), None)
        kind = self._dice.choice(ENDS)
        if place is not None and kind != "started":
            self._calls[place] = made.model_copy(update={"active": False})
        return self._fact(f"ticket.{kind}", fact(made).model_copy(update={"call": None}))

    def _issued(self) -> tuple[Any, Any]:
        number = f"P{500 + self._dice.randrange(30):03}"
        ahead = self._dice.choice([None, len(self._waiting), 0])
        self._waiting.append(number)
        data = fact(call(1, at=self.seconds)).model_copy(
            update={"number": number, "call": None, "counter": None, "ahead": ahead}
        )
        return self._fact("ticket.issued", data)

    def _taken(self, picture: Any) -> tuple[Any, Any]:
        anew = self._dice.random() < 0.3
        sent = picture.model_dump(mode="json", exclude_none=True)
        return SnapshotTaken(picture, anew), {"type": "snapshot", "snapshot": sent, "anew": anew}

    def _picture(self) -> tuple[Any, Any]:
        behind = self._dice.choice([0, 0, 2])
        lines = [(self._waiting[-12:], len(self._waiting) + behind)] if self._waiting else []
        newest = list(reversed(self._calls))[:12]
        picture = snapshot(*newest, as_of=self._feed, waiting=lines, at=self.seconds)
        self._asleep.append(picture)
        return self._taken(picture)

    def _old(self) -> tuple[Any, Any]:
        return self._taken(self._dice.choice(self._asleep)) if self._asleep else self._tick()

    def _cut(self) -> tuple[Any, Any]:
        silent = self._dice.choice([0, 12])
        return LineDown(silent), {"type": "down", "silent": silent}

    def _up(self) -> tuple[Any, Any]:
        return LineUp(), {"type": "up"}

    def _tick(self) -> tuple[Any, Any]:
        return Tick(), {"type": "tick"}


def played(day: Day) -> list[dict[str, Any]]:
    """Let the installed board's rules take a day; return what they say after each event."""
    board, found = Board(), []

    def told(each: Any) -> list[Any] | None:
        return each and [each.id, each.number, each.counter, each.language, each.active]

    for event, moment, _ in day.events:
        board, effects = advance(board, event, moment)
        found.append(
            {
                "announced": [each.call.id for each in effects if isinstance(each, Announce)],
                "looks": sum(not isinstance(each, Announce) for each in effects),
                "shown": told(board.shown),
                "recent": [told(each) for each in board.recent],
                "queue": [told(each) for each in board.queue],
                "waiting": [[line.service, list(line.numbers), line.total] for line in board.waiting],
                "place": board.as_of,
                "sign": board.has_sign,
                "lit": is_lit(board, moment),
                "known": [each.id for each in board.announced],
            }
        )
    return found


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """Give an empty page of a browser."""
    with chromium() as browser:
        yield browser.new_page()


@cache
def told_of(seed: int) -> tuple[Day, list[dict[str, Any]]]:
    """Give a day and what the installed board says on it."""
    day = Day(seed)
    return day, played(day)


def differing(page: Page, script: str) -> list[str]:
    """Give the first difference, if there is one on any day."""
    page.goto("about:blank")
    page.evaluate(f"{script}; window.NumerekBoard = NumerekBoard")
    found = []
    for seed in range(DAYS):
        day, ours = told_of(seed)
        theirs = page.evaluate(PLAY, [[sent for _, _, sent in day.events], []])
        pairs = zip(ours, theirs, day.events, strict=True)
        found += [f"{seed}: {one} {other} {event[0]}" for one, other, event in pairs if one != other][:1]
        if found:
            break
    return found


@pytest.mark.timeout(120)
def test_the_web_board_says_the_same_of_the_same_events(page: Page) -> None:
    assert differing(page, SCRIPT.read_text("utf-8")) == []


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        ("FRESH_FOR = 120000", "FRESH_FOR = 125000"),
        ("RUSH = 3", "RUSH = 4"),
        ('"ticket.parked"', '"ticket.parked_"'),
        ("|| uncovers", ""),
        ("SAME_INSTANT = 2000", "SAME_INSTANT = -1"),
    ],
)
def test_control_a_script_with_another_rule_is_found_out(page: Page, rule: str, wrong: str) -> None:
    script = SCRIPT.read_text("utf-8")
    assert rule in script
    assert differing(page, script.replace(rule, wrong)) != []


def test_a_day_that_is_made_up_has_announcements_and_signs() -> None:
    days = [told_of(seed)[1] for seed in range(20)]
    assert sum(len(step["announced"]) for day in days for step in day) > 100
    assert any(step["sign"] for day in days for step in day)
