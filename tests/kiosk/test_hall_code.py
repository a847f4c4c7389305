"""The code for phones on the kiosk's first screen: in its corner, moving nothing, hidden without a fresh one."""

from __future__ import annotations

from dataclasses import replace

import pytest
import zxingcpp
from PIL import Image
from PySide6.QtCore import QPoint
from PySide6.QtGui import QImage

from kiosk.flow import advance
from kiosk.screens.entry import HallCode
from kiosk.screens.window import KioskWindow
from kiosk.visit.events import HallCodeChanged, Press
from kiosk.visit.screens import Help, Start, WalkInMenu
from kiosk.visit.surroundings import Manner
from tests.kiosk.samples import around, every_screen, settle

ONE, TWO = (f"https://wizyty.example.pl/w/1f-1c8a3b{n}-0123456789abcdefghijkl" for n in "23")


def start(code: str | None, language: str = "pl") -> Start:
    """Give the first screen with a code, empty for none that is fresh."""
    screen = every_screen()["start"]
    assert isinstance(screen, Start)
    return replace(screen, around=replace(screen.around, hall_code=code, manner=Manner(language)))


def read(window: KioskWindow) -> list[str]:
    """Read what a phone would read from the glass."""
    image = window.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    pixels = Image.frombuffer(
        "L", (image.width(), image.height()), bytes(image.constBits()), "raw", "L", image.bytesPerLine(), 1
    )
    return [found.text for found in zxingcpp.read_barcodes(pixels)]


def places(window: KioskWindow) -> list[tuple[int, int, int, int]]:
    """Tell where each tile stands."""
    spots = [(tile, tile.mapTo(window, QPoint(0, 0))) for tile in window.frame.tiles()]
    return [(at.x(), at.y(), tile.width(), tile.height()) for tile, at in spots]


@pytest.mark.parametrize("size", [(1080, 1920), (1366, 768)])
@pytest.mark.parametrize("language", ["pl", "ar"])
def test_a_phone_reads_the_code_of_the_minute(window: KioskWindow, size, language: str) -> None:
    window.resize(*size)
    window.show_screen(start(ONE, language))
    settle()
    frame, stood = window.frame, places(window)
    assert read(window) == [ONE]
    window.show_screen(start(TWO, language))
    settle()
    assert read(window) == [TWO]
    window.show_screen(start("", language))
    settle()
    assert read(window) == []
    assert places(window) == stood
    assert window.frame is frame  # the focus of who uses the keys stays, too


def test_without_the_setting_there_is_no_corner(window: KioskWindow) -> None:
    window.show_screen(start(None))
    settle()
    assert window.frame.findChildren(HallCode) == []
    window.show_screen(start(""))
    settle()
    assert len(window.frame.findChildren(HallCode)) == 1


def test_a_new_code_changes_no_screen_and_keeps_nobody_awake() -> None:
    for screen in (Start(around()), WalkInMenu(around()), Help(around(), Start(around()))):
        after, effects = advance(screen, HallCodeChanged(ONE), 9.0)
        assert (type(after), effects) == (type(screen), ())
        assert after.around.hall_code == ONE
        assert after.around.touched_s == screen.around.touched_s
    end, _ = advance(replace(WalkInMenu(around()), around=replace(around(), hall_code=ONE)), Press.HOME, 9.0)
    assert end.around.hall_code == ONE
