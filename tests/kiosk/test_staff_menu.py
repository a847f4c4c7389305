"""The staff's menu: the hidden way in, the code, the entries, its end; visitors' screens stay beneath it."""

from __future__ import annotations

from pathlib import Path

import pyotp
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from kiosk import staff_menu
from kiosk.scanners.opened import ScannerSet
from kiosk.scanners.scanner import Added, ScriptedScanner
from kiosk.screens import window as window_module
from kiosk.screens.parts import Tile
from kiosk.screens.staff_menu import StaffCodePage, StaffMenuPage
from kiosk.screens.window import KioskWindow
from kiosk.staff import ScannerTest
from kiosk.staff_access import StaffAccess
from kiosk.staff_entries import SELF_TEST_LIMIT_MS, SelfTest, self_test_words
from kiosk.staff_menu import MENU_KEYS, Entry, Part, Report, StaffMenu
from terminal.client import Client
from terminal.clock import ServerClock
from tests.kiosk.samples import NOON, every_screen, settle
from wire import messages as wire
from wire.staff_code import STEP_SECONDS

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


class Bench:
    """A window with the menu, a server that listens, and what was done."""

    def __init__(self, window: KioskWindow, server, folder: Path) -> None:
        self.window, self.reported, self.done = window, [], []
        self.seconds = 0.0
        server.answer = self._answer
        self.access = StaffAccess(folder / "kiosk.staff", lambda: NOON, lambda: self.seconds)
        self.access.learn(SECRET)
        self.report = Report(Client(server.url, "a-token", ServerClock()), self.access)
        self.parts = [Part("printer", "paper_out", is_well=False), Part("network", "10.0.0.7", is_word=False)]
        self.menu = StaffMenu(window, self.access, lambda: self.parts, self.report)
        self.menu.entries.append(Entry("staff_menu.test_slip", lambda: self.done.append("slip") or "sent"))
        self.is_there = True
        window.happened.connect(self.done.append)

    def _answer(self, exchange) -> None:
        if not self.is_there:
            exchange.reply(503)
            return
        self.reported.append(wire.StaffMenuRequest.model_validate_json(exchange.body))
        exchange.reply(204)

    def touch(self, times: int, at: QPoint | None = None, apart_ms: int = 100) -> None:
        for _ in range(times):
            spot = at or QPoint(self.window.width() - 90, 60)
            QTest.mouseClick(self.window.windowHandle(), Qt.MouseButton.LeftButton, pos=spot, delay=apart_ms)

    def type(self, code: str) -> None:
        QTest.keyClicks(self.menu.page, code)

    def right_code(self) -> str:
        return pyotp.TOTP(SECRET, interval=STEP_SECONDS).at(NOON)

    def open(self) -> None:
        self.menu.ask()
        self.type(self.right_code())
        assert isinstance(self.menu.page, StaffMenuPage)


@pytest.fixture
def bench(qtbot, window: KioskWindow, server, tmp_path: Path) -> Bench:
    window.show_screen(every_screen()["start"])
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    bench = Bench(window, server, tmp_path)
    yield bench
    bench.report.stop()


def test_five_touches_on_the_clock_ask_for_the_code(bench: Bench) -> None:
    bench.touch(4)
    assert bench.menu.page is None
    bench.touch(1)
    assert isinstance(bench.menu.page, StaffCodePage)


def test_slow_touches_and_those_elsewhere_ask_for_nothing(bench: Bench) -> None:
    bench.touch(5, apart_ms=800)
    assert bench.menu.page is None
    bench.touch(6, at=QPoint(540, 700))
    assert bench.menu.page is None


def test_over_the_scanner_test_no_touch_opens_the_menu_and_scans_are_heard_after_it(
    bench: Bench, tmp_path: Path
) -> None:
    scripted, scans = ScriptedScanner(), []
    scanners = ScannerSet([scripted])
    scanners.scanned.connect(scans.append)
    scanners.start()
    test = ScannerTest(bench.window, scanners, Added(), tmp_path / "kiosk.scanner", by_keys=False)
    test.open()
    bench.touch(5)
    assert (bench.menu.page, test.page.isVisible()) == (None, True)
    scripted.scan("482910378")
    assert scans == [], "control: the test has it"
    test.page.closed.emit()
    scripted.scan("482910378")
    assert scans == ["482910378"]
    bench.touch(5)
    assert isinstance(bench.menu.page, StaffCodePage)
    test.open()
    assert (test.page, bench.menu.page.isVisible()) == (None, True), "nor does it open over the menu"
    scanners.stop()


def test_the_keys_ask_for_the_code(bench: Bench) -> None:
    event = QKeyEvent(QKeyEvent.Type.KeyPress, MENU_KEYS.key(), MENU_KEYS.keyboardModifiers())
    QApplication.sendEvent(bench.window.windowHandle(), event)
    assert isinstance(bench.menu.page, StaffCodePage)


def test_the_right_code_opens_the_menu_and_the_server_is_told(qtbot, bench: Bench) -> None:
    bench.open()
    qtbot.waitUntil(lambda: len(bench.reported) == 1)
    assert bench.reported[0].opened_at == NOON
    qtbot.waitUntil(lambda: bench.access.openings == [])


def test_an_opening_without_the_server_is_told_later(qtbot, bench: Bench) -> None:
    bench.is_there = False
    bench.open()
    qtbot.wait(200)
    assert bench.access.openings == [NOON]
    bench.is_there = True
    qtbot.waitUntil(lambda: bench.report._sending is None)
    bench.report.send()
    qtbot.waitUntil(lambda: bench.access.openings == [])
    assert len(bench.reported) == 1


def test_a_wrong_code_is_told_and_five_pause(bench: Bench) -> None:
    bench.menu.ask()
    wrong = f"{(int(bench.right_code()) + 7) % 1_000_000:06d}"
    bench.type(wrong)
    assert "To nie jest aktualny kod" in bench.menu.page.said.text()
    for _ in range(4):
        bench.type(wrong)
    assert "60" in bench.menu.page.said.text()
    bench.type(bench.right_code())
    assert isinstance(bench.menu.page, StaffCodePage)


class Finger:
    """Touches the window where a tile is, on a clock of its own."""

    def __init__(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bench, self.now_s = bench, 100.0
        monkeypatch.setattr(window_module, "monotonic", lambda: self.now_s)

    def spot(self, name: str) -> QPoint:
        """Say where the staff's tile of that name is."""
        window, page = self.bench.window, self.bench.menu.page
        settle()
        tile = next(each for each in page.findChildren(Tile) if each.accessibleName() == name)
        return tile.mapTo(window, tile.rect().center())

    def taps(self, spot: QPoint, *, apart_s: float) -> None:
        """Touch twice; the first tap comes long after what was before."""
        for passed in (10.0, apart_s):
            self.now_s += passed
            self.bench.touch(1, spot, apart_ms=0)


@pytest.mark.parametrize(("apart_s", "times"), [(0.09, 0), (0.5, 1)])
def test_the_second_tap_on_the_codes_last_digit_chooses_nothing_of_the_menu(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, apart_s: float, times: int
) -> None:
    """With the control: a tap of its own at the same place does choose."""
    bench.menu.entries *= 20
    finger = Finger(bench, monkeypatch)
    bench.menu.ask()
    code = bench.right_code()
    bench.type(code[:-1])
    finger.taps(finger.spot(code[-1]), apart_s=apart_s)
    assert isinstance(bench.menu.page, StaffMenuPage)
    assert bench.done == ["slip"] * times


@pytest.mark.parametrize(("apart_s", "digits"), [(0.09, 0), (0.5, 1)])
def test_the_second_tap_on_a_wrong_codes_last_digit_is_no_digit_of_the_next(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, apart_s: float, digits: int
) -> None:
    """Else its sentence would go unread, and the right code after it would be one digit late."""
    finger = Finger(bench, monkeypatch)
    bench.menu.ask()
    wrong = f"{(int(bench.right_code()) + 7) % 1_000_000:06d}"
    bench.type(wrong[:-1])
    finger.taps(finger.spot(wrong[-1]), apart_s=apart_s)
    page = bench.menu.page
    assert page.boxes.text().count("•") == digits
    assert ("To nie jest aktualny kod" in page.said.text()) is not bool(digits)


@pytest.mark.parametrize(("apart_s", "times"), [(0.09, 1), (0.5, 2)])
def test_what_staff_do_is_done_once_by_a_double_tap(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, apart_s: float, times: int
) -> None:
    finger = Finger(bench, monkeypatch)
    bench.open()
    finger.taps(finger.spot(bench.menu.page.tiles[0].accessibleName()), apart_s=apart_s)
    assert bench.done == ["slip"] * times


@pytest.mark.parametrize(("apart_s", "is_heard"), [(0.09, False), (0.5, True)])
def test_the_second_tap_that_closes_the_menu_is_no_visitors(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, apart_s: float, is_heard: bool
) -> None:
    finger = Finger(bench, monkeypatch)
    bench.open()
    bench.window.show_screen(every_screen()["code"])  # has keys where the menu has its own
    place = bench.menu.page.close_tile
    spot = place.mapTo(bench.window, place.rect().center())
    keys = [tile.mapTo(bench.window, tile.rect().center()) for tile in bench.window.frame.page.keys]
    spot = next((key for key in keys if place.rect().contains(place.mapFrom(bench.window, key))), spot)
    finger.taps(spot, apart_s=apart_s)
    assert bench.menu.page is None
    assert bool(bench.done) is is_heard


def test_a_scan_takes_the_place_of_the_code_page_and_is_not_heard_behind_the_menu(bench: Bench) -> None:
    assert bench.menu.makes_way()
    bench.menu.ask()
    assert bench.menu.makes_way()
    assert not bench.window.is_covered
    bench.open()
    assert not bench.menu.makes_way()
    assert isinstance(bench.menu.page, StaffMenuPage)


def test_digits_are_typed_by_touch_erased_and_never_shown(bench: Bench) -> None:
    bench.menu.ask()
    page = bench.menu.page
    page.press("4")
    page.press("8")
    page.press("⌫")
    assert page.boxes.text().count("•") == 1
    assert "4" not in page.boxes.text()


def test_the_menu_shows_the_parts_and_an_entry_does_and_says(bench: Bench) -> None:
    bench.open()
    page = bench.menu.page
    texts = " ".join(each.text() for each in page.findChildren(type(page.said)))
    assert "brak papieru" in texts
    assert "10.0.0.7" in texts
    page.tiles[0].click()
    assert bench.done == ["slip"]
    assert "wysłano" in page.said.text()


def test_no_touch_or_key_reaches_the_visitors_screen(bench: Bench) -> None:
    bench.open()
    QTest.keyClicks(bench.menu.page, "123")
    QTest.mouseClick(bench.menu.page, Qt.MouseButton.LeftButton, pos=QPoint(5, 300))
    assert bench.done == []


def test_it_ends_by_itself_unless_something_runs(qtbot, bench: Bench) -> None:
    bench.menu._left_alone.setInterval(50)
    bench.open()
    bench.menu.is_busy = True
    qtbot.wait(200)
    assert bench.menu.page is not None
    bench.menu.is_busy = False
    qtbot.waitUntil(lambda: bench.menu.page is None)
    assert staff_menu.LEFT_ALONE_MS == 60_000


def test_after_what_cannot_go_on_no_entry_is_left_and_the_end_follows(bench: Bench) -> None:
    ends = []
    bench.open()
    bench.menu.ended = lambda: ends.append("again")
    bench.menu.page.tiles[0].click()
    assert not bench.menu.page.tiles[0].isEnabled()
    bench.menu.close()
    assert ends == ["again"]


@pytest.mark.parametrize(("words", "is_passed"), [(["-c", ""], True), (["-c", "raise SystemExit(1)"], False)])
def test_the_self_test_runs_beside_and_tells_its_result(qtbot, words: list[str], is_passed: bool) -> None:
    told: list[bool] = []
    test = SelfTest(words)
    test.run(told.append)
    qtbot.waitUntil(lambda: told == [is_passed], timeout=20_000)


def test_a_self_test_that_does_not_end_is_ended_and_has_failed(qtbot) -> None:
    told: list[bool] = []
    test = SelfTest(["-c", "import time; time.sleep(600)"], limit_ms=300)
    test.run(told.append)
    qtbot.waitUntil(lambda: told == [False], timeout=20_000)
    assert SELF_TEST_LIMIT_MS == 900_000


def test_the_self_test_has_the_settings_of_the_kiosk() -> None:
    words = self_test_words(Path("/etc/numerek/config.toml"), Path("/var/lib/numerek-kiosk/self-test"))
    assert words[:3] == ["-m", "kiosk", "--self-test"]
    assert words[3:] == ["--config", "/etc/numerek/config.toml", "--out", "/var/lib/numerek-kiosk/self-test"]


@pytest.mark.parametrize("language", ["pl", "en", "uk", "ru", "be", "vi", "ar", "ka"])
@pytest.mark.parametrize("size", [(1080, 1920), (1920, 1080), (768, 1024)])
def test_nothing_is_cut_off(qtbot, bench: Bench, texts, language: str, size: tuple[int, int]) -> None:
    screen = every_screen(language)["start"]
    bench.window.resize(*size)
    bench.window.show_screen(screen)
    bench.menu.entries = [
        Entry(f"staff_menu.{name}", lambda: None)
        for name in ("test_slip", "alone_list", "self_test", "restart")
    ]
    states = ("paper_low", "no_answer", "lost")
    bench.parts = [Part(*each) for each in zip(("printer", "server", "scanner"), states, strict=True)]
    bench.parts.append(Part("network", "10.20.30.40, 192.168.100.200", is_word=False))
    bench.menu.entries += [Entry("scanner_test.title", lambda: None), Entry("staff_menu.end", lambda: None)]
    bench.open()
    bench.menu.page.say(bench.menu.page.look.say("staff_menu.failed"))
    settle()
    page = bench.menu.page
    assert page.fits(page.size())
    bench.menu.close()
    bench.menu.ask()
    assert bench.menu.page.fits(bench.menu.page.size())
