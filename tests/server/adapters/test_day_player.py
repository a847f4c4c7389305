"""Days are played in a process of their own, each question once, and only so many wait."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from server.adapters.day_player import DayPlayer
from server.adapters.press import Press
from server.domain.queue.what_if_day import AtDesk, Changes, DeskChange
from server.domain.queue.what_if_figures import answer
from server.services.ports import NotWritten
from tests.server.adapters.test_pdf_renderer import child
from tests.server.domain.queue.test_what_if import crowd, day, desk

QUESTION = (
    day(crowd(30), desk(1, 0, 1), desk(2, 0), gaps=(20.0, 40.0)),
    Changes((AtDesk(2, DeskChange.CLOSED, begins=9 * 3600.0),), {0: 8.5 * 3600}, arrivals={1: 20.0}),
)


@pytest.fixture
def player() -> Iterator[DayPlayer]:
    """Give a player with a process of its own."""
    made = DayPlayer()
    yield made
    made.stop()


@pytest.mark.timeout(120)
def test_the_process_answers_as_the_rules_do_and_each_question_is_played_once(player: DayPlayer) -> None:
    found = player.answer([QUESTION])
    assert found == answer([QUESTION])
    assert player.answer([QUESTION]) is found


def test_a_process_that_dies_is_told() -> None:
    made = DayPlayer(Press(child("job(); sys.exit(3)"), 5.0))
    with pytest.raises(NotWritten, match="broken"):
        made.answer([QUESTION])
    made.stop()


@pytest.mark.timeout(120)
def test_whoever_comes_while_three_are_asked_is_told_to_come_again() -> None:
    made = DayPlayer(Press(child("import time; job(); time.sleep(60)"), 30.0))
    asked = threading.Semaphore(0)

    def ask() -> None:
        asked.release()
        with pytest.raises(NotWritten):
            made.answer([QUESTION])

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert asked.acquire(timeout=20)
    busy = threading.Event()
    while not busy.wait(0.02):
        if made.is_full:
            with pytest.raises(NotWritten, match="busy"):
                made.answer([QUESTION])
            busy.set()
    made.stop()
    for thread in threads:
        thread.join(60)
