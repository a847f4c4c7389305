"""The way of entries to the server: also of those that are given while others are on theirs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QTimer

from kiosk.alone.sending import KNOCK
from kiosk.alone.standby import Standby
from kiosk.visit.events import Answered
from terminal.client import Request
from terminal.clock import ServerClock
from tests.kiosk.alone.hall import OnItsWay
from tests.kiosk.alone.samples import MADE, TOKEN, listed, scans, signed
from wire import messages as wire


class HeldLine:
    """Stands for terminal.client.Client: everything is on its way until the test brings or loses it."""

    token = TOKEN

    def __init__(self) -> None:
        self.clock = ServerClock(lambda: 0.0)
        self.clock.heard(MADE)
        self.out: list[OnItsWay] = []
        self.taken: list[int] = []
        self.knocks, self.is_there = 0, True

    def send(self, request: Request, *callbacks: Any) -> OnItsWay:
        """Take a request."""
        sent = OnItsWay(request, callbacks)
        if request is KNOCK:
            self.knocks += 1
            answer = (lambda: callbacks[0](wire.Alive(status="ok"))) if self.is_there else callbacks[2]
            QTimer.singleShot(0, answer)
        else:
            self.out.append(sent)
        return sent

    @property
    def entries(self) -> int:
        """Count the entries on their way."""
        return sum(isinstance(each.request.body, wire.OfflineEntry) for each in self.out)

    def brings_an_entry(self) -> None:
        """Let the server take the entry that is on its way."""
        sent = next(each for each in self.out if isinstance(each.request.body, wire.OfflineEntry))
        self.out.remove(sent)
        assert isinstance(sent.request.body, wire.OfflineEntry)
        self.taken.append(sent.request.body.ordinal)
        sent.callbacks[0](wire.EntryTaken(number=f"PX{sent.request.body.ordinal:02d}"))

    def refuses_an_entry(self, status: int, reason: str) -> None:
        """Let the server answer that it does not take an entry."""
        sent = next(each for each in self.out if isinstance(each.request.body, wire.OfflineEntry))
        self.out.remove(sent)
        sent.callbacks[1](wire.Problem(title="x", status=status, reason=reason))

    def loses_an_entry(self) -> None:
        """Let an entry find no server."""
        sent = next(each for each in self.out if isinstance(each.request.body, wire.OfflineEntry))
        self.out.remove(sent)
        sent.callbacks[2]()


@pytest.fixture
def line() -> HeldLine:
    return HeldLine()


@pytest.fixture
def standby(qapp, line: HeldLine, tmp_path: Path) -> Iterator[Standby]:
    standby = Standby(line, tmp_path / "kiosk.token", lambda: MADE)
    standby._listed(signed(listed()))
    yield standby
    standby.stop()


def gives(standby: Standby, number: int) -> None:
    """Give a ticket without the server, as kiosk.asking does."""
    assert isinstance(standby.desk.answer(scans(number), None), Answered)
    standby.gave.emit()


def test_what_is_given_while_another_is_on_its_way_is_sent_too(
    qtbot, standby: Standby, line: HeldLine
) -> None:
    gives(standby, 1)
    standby.is_back()
    assert line.entries == 1
    gives(standby, 2)
    standby.is_back()
    line.brings_an_entry()
    assert (standby.unsent, line.entries) == (1, 0)
    qtbot.waitUntil(lambda: line.entries == 1)
    line.brings_an_entry()
    assert (standby.unsent, line.taken) == (0, [1, 2])


def test_what_is_given_while_nothing_is_on_its_way_is_sent_soon(
    qtbot, standby: Standby, line: HeldLine
) -> None:
    gives(standby, 1)
    qtbot.waitUntil(lambda: line.entries == 1)
    line.brings_an_entry()
    assert not standby.entries._again.isActive(), "nothing is left to be sent"


def test_nothing_is_sent_until_the_server_is_heard(qtbot, standby: Standby, line: HeldLine) -> None:
    """So that what it cannot have may be called at the kiosk's own line."""
    line.is_there = False
    gives(standby, 1)
    qtbot.waitUntil(lambda: line.knocks == 1 and standby.entries._again.isActive())
    assert (line.entries, len(standby.own_line())) == (0, 1)
    line.is_there = True
    standby.entries.knock()
    qtbot.waitUntil(lambda: line.entries == 1)
    assert standby.own_line() == [], "it may be on the server's boards from now on"


def test_a_thousand_entries_that_cannot_be_read_are_passed_over(
    standby: Standby, line: HeldLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    gives(standby, 1)
    (good,) = standby.journal.pending()
    rounds = [replace(good, key=f"bad-{place}") for place in range(sys.getrecursionlimit())]
    asked = standby.journal.asked
    with monkeypatch.context() as disk:
        disk.setattr(standby.journal, "pending", lambda: [*rounds, good])
        disk.setattr(standby.journal, "asked", lambda key: asked(key) if key == good.key else None)
        standby.is_back()
    assert line.entries == 1


def test_each_list_of_the_server_lets_it_send(qtbot, standby: Standby, line: HeldLine) -> None:
    """Also in the longest pause: who gives a list is there."""
    gives(standby, 1)
    standby.entries.wake()
    line.loses_an_entry()
    assert line.entries == 0
    standby._listed(signed(listed(made_at=MADE + timedelta(minutes=1))))
    assert line.entries == 1


def test_a_server_that_can_take_none_is_asked_for_one_only(standby: Standby, line: HeldLine) -> None:
    """The others may be called at the kiosk's own line until it can."""
    gives(standby, 1)
    gives(standby, 2)
    standby.is_back()
    line.refuses_an_entry(503, "database_gone")
    assert (line.entries, len(standby.own_line()), standby.unsent) == (0, 1, 2)
    assert standby.entries._again.isActive()


@pytest.mark.parametrize(("status", "reason"), [(500, "internal_error"), (503, "command_under_way")])
def test_an_entry_that_is_not_taken_holds_up_no_other(
    standby: Standby, line: HeldLine, status: int, reason: str
) -> None:
    gives(standby, 1)
    gives(standby, 2)
    standby.is_back()
    line.refuses_an_entry(status, reason)
    assert line.entries == 1
