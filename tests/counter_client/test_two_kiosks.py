"""A clerk calls from the lines of two kiosks while the server is away, and one of them goes away too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from counter_client import kiosk_lines
from counter_client.alone import MOST_FAILED
from counter_client.state import Said
from kiosk.alone.line_server import LineServer
from kiosk.alone.own_line import OwnLine
from kiosk.alone.standby import Standby
from terminal.theme import Theme
from tests.counter_client.conftest import Program
from tests.counter_client.office import Office
from tests.counter_client.test_kiosk_lines import (
    KEY,
    called_from_here,
    looks_in_vain,
    new_kiosk,
    press,
    signed_in,
)

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


class Two:
    """A clerk's program and two kiosks, where the first one's visitors came first."""

    def __init__(self, office: Office, qtbot, memory: QSettings, kiosks: tuple[Standby, Standby]) -> None:
        self.kiosks = kiosks
        self.servers = [LineServer(OwnLine(each), 0) for each in kiosks]
        self.addresses = [f"http://127.0.0.1:{each.port}" for each in self.servers]
        self.program = signed_in(Program(office, qtbot, memory, self.addresses))
        office.stop()
        self.program.until(lambda: self.program.desk.alone is not None)
        self.program.until(lambda: len(self.program.desk.alone.told) == 2)

    @property
    def calls(self) -> list[tuple[tuple[str, int], ...]]:
        """List what is called at each kiosk."""
        return [each.calls() for each in self.kiosks]


@pytest.fixture
def two(
    office: Office,
    qtbot,
    qapp: QApplication,
    memory: QSettings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Two]:
    monkeypatch.setattr(kiosk_lines, "PATIENCE_S", 1.0)
    qapp.setFont(Theme().font(16))
    first = new_kiosk(tmp_path / "first", earlier=timedelta(minutes=3))
    two = Two(office, qtbot, memory, (first, new_kiosk(tmp_path / "second")))
    yield two
    two.program.close()
    for server, standby in zip(two.servers, two.kiosks, strict=True):
        server.close()
        standby.stop()


def test_of_two_kiosks_the_living_one_is_called_from(two: Two) -> None:
    assert two.program.desk.alone.waiting[0][0] == two.addresses[0], "whoever waits there came first"
    two.servers[0].close()
    two.program.until(lambda: set(two.program.desk.alone.troubles) == {two.addresses[0]})
    called_from_here(two.program)
    assert two.calls == [(), (("NX01", 7),)]


def test_a_number_at_a_dead_kiosk_lets_the_counter_call_from_another(two: Two) -> None:
    program, lines = two.program, two.program.presenter._lines
    called_from_here(program)
    assert two.calls == [(("NX01", 7),), ()]
    lines._timer.stop()
    program.presenter._device_timer.stop()
    program.until(lambda: not lines._sendings)
    two.servers[0].close()
    looks_in_vain(program, MOST_FAILED)
    press(program, KEY.Key_F8)
    program.until(lambda: two.calls[1] == (("NX01", 7),))
    program.until(lambda: program.desk.alone.in_hand[0] == two.addresses[1])
    assert len(program.desk.alone.all_in_hand) == 2
    program.presenter._link(True)
    looks_in_vain(program, MOST_FAILED)
    lines.look()
    assert program.desk.alone is not None, "one of them can still be finished"
    press(program, KEY.Key_F8)
    program.until(lambda: two.calls[1] == ())
    program.until(lambda: program.desk.alone is None)
    assert program.desk.said == Said("line_left", {"numbers": "NX01"}), "it is still at the dead kiosk"
