"""The kiosk on a real X server: it covers all of it, and no key, touch or window manager leads out."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from tests.kiosk.test_presenter import Office
from tests.terminal.fake_server import FakeServer
from tests.x_screen import BARE, NEEDED, XScreen, lacking, until, x_screen

LACKS = lacking(*NEEDED, "openbox")
pytestmark = pytest.mark.skipif(bool(LACKS), reason=f"not on this machine: {LACKS}")

SIZE = (600, 960)
# What leaves, hides, switches or opens something elsewhere: in desktops, in window managers, in browsers.
COMMANDS = (
    *("alt+F4", "alt+Tab", "alt+shift+Tab", "alt+Escape", "alt+space", "alt+F1", "alt+F2", "alt+F10"),
    *("super", "super+d", "super+e", "super+l", "super+r", "super+Tab", "super+Down", "super+F1"),
    *("ctrl+alt+d", "ctrl+alt+t", "ctrl+alt+Delete", "ctrl+alt+BackSpace", "ctrl+alt+Left", "ctrl+Escape"),
    *("ctrl+w", "ctrl+q", "ctrl+c", "ctrl+v", "ctrl+o", "ctrl+p", "ctrl+n", "ctrl+shift+Escape", "ctrl+F4"),
    *(
        "ctrl+alt+shift+q",
        "ctrl+alt+shift+s",
        "shift+F10",
        "Menu",
        "Print",
        "alt+Print",
        "Pause",
        "Scroll_Lock",
    ),
    *(
        "XF86HomePage",
        "XF86Back",
        "XF86Search",
        "XF86PowerOff",
        "XF86Sleep",
        "XF86Calculator",
        "XF86Explorer",
    ),
    *(f"F{number}" for number in range(1, 25)),
)


@pytest.fixture
def office(tmp_path: Path, server: FakeServer) -> Office:
    office = Office()
    server.answer = office.answer
    (tmp_path / "kiosk.token").write_text("a-token\n")
    (tmp_path / "config.toml").write_text(
        f'[kiosk]\nserver_url = "{server.url}"\ntoken_file = "kiosk.token"\ntouch_pause_ms = 0\n'
    )
    return office


@pytest.fixture(params=["bare", "openbox"])
def screen(request: pytest.FixtureRequest, office: Office, tmp_path: Path) -> Iterator[XScreen]:
    """Give a screen with a kiosk on it, on a bare X server and under a window manager."""
    with x_screen(SIZE) as screen:
        if request.param == "openbox":
            screen.run("openbox")
            until(lambda: "_NET_SUPPORTED" in screen.properties("root"))
        screen.run_module("kiosk", "--config", str(tmp_path / "config.toml"))
        until(lambda: bool(office.statuses))
        until(lambda: screen.is_covered())
        yield screen


def without_clock(picture: Image.Image) -> Image.Image:
    """Leave out the strip in which the time moves."""
    return picture.crop((0, picture.height // 10, *picture.size))


def is_same(one: Image.Image, other: Image.Image) -> bool:
    return ImageChops.difference(without_clock(one), without_clock(other)).getbbox() is None


def at_rest(screen: XScreen) -> Image.Image:
    """Wait until the screen has not changed for a second, and return how it looks."""
    pictures = [screen.picture()]

    def rests() -> bool:
        pictures.append(screen.picture())
        return len(pictures) > 10 and all(is_same(pictures[-1], each) for each in pictures[-10:-1])

    until(rests)
    return pictures[-1]


def test_it_covers_the_whole_screen_and_follows_it(screen: XScreen) -> None:
    screen.turn(600, 480)
    until(lambda: screen.picture().size == (600, 480) and screen.is_covered())


def test_a_second_screen_is_black(screen: XScreen) -> None:
    screen.split(350)

    def is_only_the_second_black() -> bool:
        first, second = (screen.picture().getpixel((x, 300))[:3] for x in (340, 590))
        return first not in ((0, 0, 0), BARE) and second == (0, 0, 0) and screen.is_covered()

    until(is_only_the_second_black)


def test_no_key_and_no_touch_leads_out(screen: XScreen) -> None:
    kiosk = screen.programs[-1]
    before = at_rest(screen)
    for command in COMMANDS:
        screen.hand("key", command)
    for button in ("2", "3", "8", "9"):
        screen.hand("mousemove", "270", "300", "click", button)
    screen.hand("mousemove", "1", "300", "mousedown", "1", "mousemove", "500", "310", "mouseup", "1")
    screen.hand("mousemove", "270", "958", "mousedown", "1", "mousemove", "270", "300", "mouseup", "1")
    screen.hand("mousemove", "270", "300", "mousedown", "1", "sleep", "1.5", "mouseup", "1")
    assert kiosk.poll() is None
    until(lambda: is_same(screen.picture(), before), seconds=20)
    screen.hand("mousemove", "250", "560", "click", "1")
    until(lambda: not is_same(screen.picture(), before), seconds=20)


def test_the_staffs_keys_ask_for_a_code_and_nothing_else(screen: XScreen) -> None:
    before = at_rest(screen)
    screen.hand("key", "ctrl+alt+shift+m")
    until(lambda: not is_same(screen.picture(), before))
    screen.hand("key", "Escape")
    until(lambda: is_same(screen.picture(), before))


def test_a_window_without_kiosk_mode_neither_covers_a_bare_screen_nor_stays_open() -> None:
    plain = (
        "from PySide6.QtWidgets import QApplication, QWidget; application = QApplication([]);"
        "window = QWidget(); window.resize(300, 300); window.showFullScreen(); application.exec()"
    )
    with x_screen(SIZE) as screen:
        screen.run(sys.executable, "-c", plain)
        until(lambda: screen.picture().getpixel((1, 1))[:3] != BARE)
        assert not screen.is_covered()
    with x_screen(SIZE) as screen:
        screen.run("openbox")
        until(lambda: "_NET_SUPPORTED" in screen.properties("root"))
        window = screen.run(sys.executable, "-c", plain)
        until(lambda: screen.is_covered())
        until(lambda: screen.hand("key", "alt+F4") == "" and window.poll() == 0)
