"""Board and kiosk as programs of their own in real windows: their server freezes, a scanner is unplugged."""

from __future__ import annotations

import json
import os
import pty
import threading
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from terminal.theme import NORMAL
from tests.journeys.conftest import Hall
from tests.journeys.test_late_numbers import COUNTER, standing_still, waiting
from tests.x_screen import NEEDED, XScreen, lacking, until, x_screen

LACKS = lacking(*NEEDED)
pytestmark = [pytest.mark.long, pytest.mark.skipif(bool(LACKS), reason=f"not on this machine: {LACKS}")]

SIZE = (1280, 720)
RED = tuple(int(NORMAL.bad[place : place + 2], 16) for place in (1, 3, 5))


def settings_with(hall: Hall, name: str, more: str) -> Path:
    """Write the hall's settings once more, for a whole screen and with something added."""
    text = hall.folder.config.read_text("utf-8").replace("full_screen = false", "full_screen = true")
    file = hall.folder.root / f"{name}.toml"
    file.write_text(text + more, "utf-8")
    return file


def has_sign(screen: XScreen) -> bool:
    """Tell whether the board's foot says that the connection is lost."""
    foot: Image.Image = screen.picture().convert("RGB").crop((0, SIZE[1] * 9 // 10, *SIZE))
    return RED in [colour for _, colour in foot.getcolors(1 << 24) or ()]


def test_a_board_of_a_frozen_server_says_so_and_tells_once_who_was_called_meanwhile(hall: Hall) -> None:
    config = settings_with(
        hall, "board", '\n[speech]\nfolder = "heard"\n[board.voice]\ntimes = 1\nenabled = true\n'
    )
    journal = hall.folder.root / "heard" / "spoken.jsonl"

    def heard() -> list[str]:
        lines = journal.read_text("utf-8").splitlines() if journal.exists() else []
        return [each["text"] for each in map(json.loads, lines) if each["text"]]

    for _ in range(2):
        assert hall.kiosk_asks("/api/v1/tickets", {"service": "N"})[0] == 201
    clerk, called = hall.clerk_at(1), []
    with x_screen(SIZE) as screen:
        board = screen.run_module("display_board", "--config", str(config))
        until(screen.is_covered)
        hall.call(1, clerk)
        until(lambda: len(heard()) == 1)
        calling = threading.Thread(target=lambda: called.append(hall.call(1, clerk)))
        with standing_still(hall):
            until(lambda: has_sign(screen))
            calling.start()
            assert heard()[1:] == []
        calling.join(60)
        until(lambda: len(heard()) == 2 and not has_sign(screen))
        third = hall.kiosk_asks("/api/v1/tickets", {"service": "N"})[0]
        assert third == 201
        hall.call(1, clerk)
        until(lambda: len(heard()) > 2)
        assert len(called) == 1
        assert len(set(heard())) == len(heard()) == 3, "each once, and in between nothing twice"
        assert board.poll() is None


class Cable:
    """The far end of a scanner's cable, whose near end has a name of its own."""

    def __init__(self, path: Path) -> None:
        self.path, self._end = path, -1

    def plug(self) -> None:
        self._end, near = pty.openpty()
        tty.setraw(near)
        self.path.symlink_to(os.ttyname(near))
        os.close(near)

    def pull(self) -> None:
        if self._end >= 0:
            self.path.unlink()
            os.close(self._end)
        self._end = -1

    def send(self, text: str) -> None:
        os.write(self._end, text.encode("latin-1"))


@pytest.fixture
def cable(tmp_path: Path) -> Iterator[Cable]:
    cable = Cable(tmp_path / "scanner")
    yield cable
    cable.pull()


def test_a_kiosk_whose_scanner_is_unplugged_and_back_goes_on_and_staff_know(hall: Hall, cable: Cable) -> None:
    config = settings_with(hall, "kiosk", "")
    config.write_text(
        config.read_text("utf-8").replace('images = "scan"', f'serial = "{cable.path}"'), "utf-8"
    )
    clerk = hall.clerk_at(COUNTER)

    def is_told() -> bool:
        status, shown = hall.ask("GET", f"/api/v1/counters/{COUNTER}", clerk)
        return status == 200 and "scanner" in [trouble["part"] for trouble in shown["troubles"]]

    with x_screen((600, 960)) as screen:
        kiosk = screen.run_module("kiosk", "--config", str(config))
        until(screen.is_covered)
        until(is_told)
        for noise in ("", "\x00\xff~"):
            cable.plug()
            until(lambda: not is_told())
            before, code = len(waiting(hall, clerk)), hall.visitor("P")["qr"]
            cable.send(f"{noise}{code}\r")
            until(lambda before=before: len(waiting(hall, clerk)) == before + 1)
            cable.send(code[:9])
            cable.pull()
            until(is_told)
        assert kiosk.poll() is None
