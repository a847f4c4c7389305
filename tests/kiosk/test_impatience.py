"""Fingers that tap twice or stay down: what they are on counts once, and never on what comes next."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from kiosk.flow import advance
from kiosk.screens import window as window_module
from kiosk.screens.window import PAGES, KioskWindow
from kiosk.staff_access import StaffAccess
from kiosk.staff_menu import StaffMenu
from kiosk.visit.effects import PrintSlip
from kiosk.visit.events import ForeignScanned, Press, PrinterTrouble
from kiosk.visit.foreign import Foreign
from kiosk.visit.screens import Refused, Screen, SlipState
from kiosk.visit.steps import surround
from tests.kiosk.samples import NOON, OFFICE, every_screen, settle

IMPATIENT = 0.09


def at_rest(screen: Screen, pause_s: float = 0.4) -> Screen:
    """Return a screen that has stood for long, at a kiosk with this pause."""
    office = replace(OFFICE, touch_pause_seconds=pause_s)
    return surround(screen, replace(screen.around, office=office, now_s=100.0))


def second_taps(window: KioskWindow, screen: Screen) -> list[str]:
    """Tap each tile of a screen twice; list where the second tap did something that the first had not shown."""
    found = []
    window.show_screen(screen)
    settle()
    spots = [(tile.meaning, tile.mapTo(window, tile.rect().center())) for tile in window.frame.tiles()]
    for meaning, spot in spots:
        after, _ = advance(screen, meaning, 101.0)
        window.show_screen(after)
        settle()
        for tile in window.frame.tiles():
            if tile.meaning != meaning and tile.rect().contains(tile.mapFrom(window, spot)):
                second, effects = advance(after, tile.meaning, 101.0 + IMPATIENT)
                still = surround(after, replace(after.around, now_s=101.0 + IMPATIENT))
                if second != still or effects:
                    found.append(f"{meaning!r}, then {tile.meaning!r}")
    return found


def first_of_each() -> dict[str, Screen]:
    """Return one sample of each screen that there is a page for."""
    samples: dict[str, Screen] = {}
    for screen in every_screen().values():
        samples.setdefault(type(screen).__name__, screen)
    return samples


def test_every_screen_is_tapped_here() -> None:
    assert set(first_of_each()) == {screen.__name__ for screen in PAGES}


@pytest.mark.parametrize("name", list(first_of_each()))
def test_no_second_tap_means_what_came_under_the_finger(window: KioskWindow, name: str) -> None:
    window.resize(540, 960)
    assert second_taps(window, at_rest(first_of_each()[name])) == []


@pytest.mark.long
@pytest.mark.parametrize("name", list(every_screen()))
def test_no_second_tap_on_any_variant_means_what_came(window: KioskWindow, name: str) -> None:
    window.resize(540, 960)
    assert second_taps(window, at_rest(every_screen()[name])) == []


def test_control_without_the_pause_second_taps_mean_what_came(window: KioskWindow) -> None:
    window.resize(540, 960)
    assert second_taps(window, at_rest(first_of_each()["WhichService"], pause_s=0.0))


@pytest.mark.parametrize(("pause_s", "copies"), [(0.4, 1), (0.0, 2)])
def test_a_double_tap_on_print_again_orders_one_slip_though_the_printer_fails_at_once(
    pause_s: float, copies: int
) -> None:
    """With the control: without the pause the second tap orders another."""
    printing, (order,) = advance(at_rest(every_screen()["ticket_trouble"], pause_s), Press.COPY, 101.0)
    assert isinstance(order, PrintSlip)
    trouble, _ = advance(printing, PrinterTrouble(order.ask), 101.02)
    assert trouble.slip is SlipState.TROUBLE
    _, more = advance(trouble, Press.COPY, 101.0 + IMPATIENT)
    assert 1 + len(more) == copies
    _, later = advance(trouble, Press.COPY, 101.5)
    assert len(later) == 1


@pytest.mark.parametrize(("after_s", "is_heard"), [(IMPATIENT, False), (0.5, True)])
def test_a_finger_on_its_way_means_no_tile_of_the_refusal_that_a_scan_brought(
    after_s: float, is_heard: bool
) -> None:
    late = at_rest(every_screen()["refused_too_late"])
    foreign, _ = advance(late, ForeignScanned(Foreign.PAYMENT), 101.0)
    assert isinstance(foreign, Refused)
    assert foreign.reason != late.reason
    after, _ = advance(foreign, Press.RESERVATION, 101.0 + after_s)
    assert (type(after) is not Refused) is is_heard


@pytest.mark.parametrize(("comes_down_s", "is_heard"), [(IMPATIENT, False), (0.5, True)])
def test_a_finger_that_comes_down_in_the_pause_presses_nothing_however_long_it_stays(
    window: KioskWindow, tmp_path, monkeypatch: pytest.MonkeyPatch, comes_down_s: float, is_heard: bool
) -> None:
    """A key counts when it is let go; when it was pressed has to count too, for the pause may be over by then."""
    now, heard = [100.0], []
    monkeypatch.setattr(window_module, "monotonic", lambda: now[0])
    access = StaffAccess(tmp_path / "kiosk.staff", lambda: NOON, lambda: now[0])
    menu = StaffMenu(window, access, list, None)
    window.show_screen(every_screen()["menu"])
    window.screen_came(0.4)
    settle()
    window.happened.connect(heard.append)
    tile = window.frame.tiles()[0]
    spot, handle = tile.mapTo(window, tile.rect().center()), window.windowHandle()
    now[0] += comes_down_s
    QTest.mousePress(handle, Qt.MouseButton.LeftButton, pos=spot)
    now[0] += 0.6
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=spot)
    assert heard == ([tile.meaning] if is_heard else [])
    menu.deleteLater()


def test_the_staffs_page_hears_touches_though_a_screen_came_beneath_it(window: KioskWindow) -> None:
    window.show_screen(every_screen()["start"])
    window._cover = window.frame
    window.screen_came(60.0)
    assert window.hears_touches
    window._cover = None
    window.screen_came(60.0)
    assert not window.hears_touches
