"""The self-test on the kiosk's own screens: they hold every rule, and what is spoiled is found."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QPixmap

from kiosk.__main__ import main
from kiosk.screens import aloud
from kiosk.screens.look import Panel
from kiosk.screens.page import Page
from kiosk.screens.parts import Tile
from kiosk.screens.window import KioskWindow
from kiosk.self_test import devices, measures, run
from kiosk.self_test.measures import Finding, Rule
from kiosk.self_test.reading import pixels_of, ring_of, text_contrast
from kiosk.visit.surroundings import Manner
from printers.virtual import VirtualPrinter
from tests.house.tracked import ROOT
from tests.kiosk.samples import every_screen, settle
from tests.terminal.fake_server import Exchange
from wire import messages as wire
from wire.settings import KioskSettings

IN_POLISH = [manner for manner in run.manners_of(("pl", "en"), "pl") if manner[0].language == "pl"]


@pytest.fixture
def own(qtbot) -> Iterator[KioskWindow]:
    """Give the window as the self-test opens it."""
    window = run.open_window(KioskSettings(), offscreen=True)
    yield window
    window.close()


def failed(findings: Iterator[Finding]) -> list[Finding]:
    return [finding for finding in findings if not finding.passed]


@pytest.mark.timeout(400)
def test_every_screen_holds_every_rule_in_every_theme_and_size(own: KioskWindow) -> None:
    findings = list(run.measure(own, IN_POLISH))
    assert failed(iter(findings)) == []
    rules = {each for each in vars(measures).values() if isinstance(each, Rule)}
    assert {finding.rule for finding in findings} >= rules


ON_A_SCREEN = """
from PySide6.QtWidgets import QApplication
from kiosk.self_test import run
from wire.settings import KioskSettings

application = QApplication([])
window = run.open_window(KioskSettings(), offscreen=False)
findings = list(run.measure(window, [(run.Manner("pl"), True)]))
print(window.size().toTuple(), len(findings) > 500, [each for each in findings if not each.passed])
"""


@pytest.mark.skipif(shutil.which("xvfb-run") is None, reason="no X server on this machine")
def test_a_real_screen_is_waited_for_and_filled(tmp_path: Path) -> None:
    session = ["xvfb-run", "-a", "-s", "-screen 0 1080x1920x24 -dpi 96", sys.executable, "-c", ON_A_SCREEN]
    env = os.environ | {"QT_QPA_PLATFORM": "xcb"}
    done = subprocess.run(session, cwd=ROOT, env=env, capture_output=True, text=True, timeout=180)
    assert done.stdout.splitlines()[-1:] == ["(1080, 1920) True []"], done.stdout + done.stderr


@pytest.mark.parametrize("width_mm", [398, 529], ids=lambda width: f"{width} mm")
def test_on_large_panels_too_everything_is_within_reach(own: KioskWindow, width_mm: int) -> None:
    own.panel = Panel(width_mm, 700)
    assert failed(run.measure(own, IN_POLISH[:1])) == []


def test_keys_out_of_reach_are_found(own: KioskWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    own.panel = Panel(529, 700)
    monkeypatch.setattr(KioskWindow, "unreached_px", lambda window: 0.0)
    monkeypatch.setattr(Page, "lowers_answers", False)
    assert {finding.rule for finding in failed(run.measure(own, IN_POLISH[:1]))} == {measures.REACH}


def test_a_screen_that_says_nothing_is_found(own: KioskWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aloud, "_sentences", lambda *_: iter(()))
    assert {finding.rule for finding in failed(run.measure(own, IN_POLISH[:1]))} == {measures.SPEECH}


def test_a_focus_that_is_not_drawn_is_found(own: KioskWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    own.show_screen(every_screen()["start"])
    settle()
    tile = own.frame.tiles()[0]
    assert ring_of(own, tile) > 3
    monkeypatch.setattr(Tile, "_draw_focus", lambda *_: None)
    assert ring_of(own, tile) == pytest.approx(1.0)


@pytest.mark.parametrize(("ink", "ratio"), [("#0F1C2E", 17.1), ("#999999", 2.8)])
def test_contrast_is_read_from_pixels(own: KioskWindow, ink: str, ratio: float) -> None:
    picture = QPixmap(60, 20)
    picture.fill(QColor("#FFFFFF"))
    assert text_contrast(pixels_of(picture)) == 1
    image = picture.toImage()
    for x in range(10, 30):
        image.setPixelColor(x, 10, QColor(ink))
    assert text_contrast(pixels_of(QPixmap.fromImage(image))) == pytest.approx(ratio, abs=0.1)


def test_each_language_is_shown_in_both_sizes_and_colours_in_the_first() -> None:
    manners = dict(run.manners_of(("en", "pl", "ka"), "pl"))
    assert len(manners) == 4 + 2 + 2
    assert manners[Manner("pl", larger_text=True, high_contrast=True, read_aloud=True)]
    assert not manners[Manner("ka", larger_text=True, read_aloud=True)]


@pytest.mark.parametrize(
    ("mute", "volume", "audible"),
    [
        ("Mute: no", "Volume: front-left: 32768 /  50% / -18.06 dB", True),
        ("Mute: yes", "Volume: front-left: 32768 /  50% / -18.06 dB", False),
        ("Mute: no", "Volume: front-left: 0 /   0% / -inf dB,   front-right: 0 /   0% / -inf dB", False),
        ("", "", True),
    ],
)
def test_a_volume_at_nought_is_found(mute: str, volume: str, audible: bool) -> None:
    assert devices.is_audible(mute, volume) is audible


@pytest.fixture
def config(tmp_path: Path, server) -> Iterator[Path]:
    def answer(exchange: Exchange) -> None:
        exchange.reply(200, wire.Alive(status="ok"), Numerek_Time=datetime.now(UTC).isoformat())

    server.answer = answer
    file = tmp_path / "config.toml"
    with VirtualPrinter() as printer:
        device = f'[kiosk.printer]\ndevice = "{printer.address}"\n'
        file.write_text(f'[kiosk]\nserver_url = "{server.url}"\n{device}')
        yield file


def test_the_report_says_pass_or_fail_by_clause(
    config: Path, tmp_path: Path, server, qtbot, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    heard = Finding(devices.SOUND, True, None, "a loudspeaker")
    monkeypatch.setattr(devices, "_look_at_sound", lambda: heard)
    monkeypatch.setattr(run, "manners_of", lambda *_: iter([(Manner("pl"), False)]))
    options = ["--self-test", "--config", str(config), "--out", str(tmp_path / "out")]
    assert main(options) == 0
    page = (tmp_path / "out/self-test.html").read_text()
    for clause in ("WCAG 2.5.8", "EN 301 549 8.3.2", "EN 301 549 11.2.2.1", "Printer", "Clock"):
        assert clause in page
    assert "FAIL" not in page
    pdf = tmp_path / "out/self-test.pdf"
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True)
    assert "pass" in text.stdout
    for words in ("8.3.2", "≥", f"{datetime.now(UTC):%Y-%m}", "1080 × 1920"):
        assert words in text.stdout
    server.stop()
    assert main(options) == 1
    assert "FAIL: Clock, Server" in capsys.readouterr().out
