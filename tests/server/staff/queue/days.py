"""The sample office with a past day that can be played again, here in the test's own process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from server.domain.queue.what_if_answer import Answer
from server.domain.queue.what_if_day import Changes, Day
from server.domain.queue.what_if_figures import answer
from server.services.ports import NotWritten, Outside
from tests.server.portal.outer import outer_world
from tests.server.sample_office import SampleOffice
from tests.server.staff.statistics.test_overview import PlotsKept

RUNS = 8


class PlayedHere:
    """Plays days without a process of its own; `trouble` is why it does not."""

    def __init__(self) -> None:
        self.trouble = ""

    def answer(self, asked: Sequence[tuple[Day, Changes]]) -> Answer:
        """Play some runs."""
        if self.trouble:
            raise NotWritten(self.trouble)
        return answer(asked, RUNS)


def outside_with(played: PlayedHere, plots: PlotsKept) -> Outside:
    """Make an outside world that plays days and keeps plots."""
    return replace(outer_world(), plots=plots, simulations=played)


def give(office: SampleOffice, monkeypatch: pytest.MonkeyPatch) -> tuple[PlayedHere, PlotsKept]:
    """Give the office's staff pages days that are played here."""
    played, plots = PlayedHere(), PlotsKept()
    runtime = replace(office.runtime, outside=outside_with(played, plots))
    monkeypatch.setitem(office.app.extensions["staff"]().extensions, "numerek", runtime)
    return played, plots
