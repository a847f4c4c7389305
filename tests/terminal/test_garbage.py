"""Qt's objects end in the thread of the windows, whichever thread needs memory."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QObject

from terminal import garbage
from terminal.garbage import GarbageCollector


class Litter(QObject):
    """An object of Qt in a ring, which only the collector ends; it notes the thread that did."""

    def __init__(self, ended_in: list[threading.Thread]) -> None:
        super().__init__()
        self.ring = Ring(self, ended_in)


class Ring:
    """The other half of the ring."""

    def __init__(self, litter: Litter, ended_in: list[threading.Thread]) -> None:
        self.litter, self.ended_in = litter, ended_in

    def __del__(self) -> None:
        self.ended_in.append(threading.current_thread())


@pytest.fixture
def collector() -> Iterator[Callable[[], object]]:
    """Give what makes the collector; Python's own one works until then."""
    gc.collect()
    gc.enable()
    parent = QObject()
    yield lambda: GarbageCollector(parent)
    parent.deleteLater()
    gc.enable()


def needs_memory() -> None:
    """Let a thread fill its memory until Python's own collector runs, if it does at all."""
    thread = threading.Thread(target=lambda: [[] for _ in range(100_000)])
    thread.start()
    thread.join()


def test_objects_of_qt_end_in_the_thread_of_the_windows(qtbot, collector) -> None:
    collector()
    ended_in: list[threading.Thread] = []
    for _ in range(1000):
        Litter(ended_in)
    needs_memory()
    qtbot.waitUntil(lambda: len(ended_in) == 1000)
    assert set(ended_in) == {threading.main_thread()}


def test_without_it_they_end_in_any_thread(qtbot, collector) -> None:
    ended_in: list[threading.Thread] = []
    Litter(ended_in)
    needs_memory()
    assert len(ended_in) == 1
    assert ended_in != [threading.main_thread()]


def test_what_lives_long_is_looked_at_too(qtbot, collector, monkeypatch) -> None:
    monkeypatch.setattr(garbage, "PAUSE_MS", 2)
    ended_in: list[threading.Thread] = []
    litter = Litter(ended_in)
    gc.collect()  # it is old now
    collector()
    del litter
    kept: list[object] = []

    def has_ended() -> bool:
        kept.append([[] for _ in range(2000)])
        return bool(ended_in)

    qtbot.waitUntil(has_ended, timeout=60_000)
