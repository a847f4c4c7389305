"""`numerek kiosk --self-test [--out DIR]`: measures every screen and asks every device; 0 pass, 1 fail."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QEventLoop, QLoggingCategory
from PySide6.QtWidgets import QApplication

from kiosk.screens.look import Panel, Place
from kiosk.screens.window import KioskWindow
from kiosk.self_test.devices import look_at_devices
from kiosk.self_test.measures import Finding, has_failed, judge
from kiosk.self_test.operation import look_at_operation
from kiosk.self_test.reading import read_screen
from kiosk.self_test.report import Facts, page, write_pdf
from kiosk.self_test.samples import NOON, OFFICE, every_screen
from kiosk.visit.steps import surround
from kiosk.visit.surroundings import Manner
from terminal.clock import ServerClock
from terminal.texts import Texts
from terminal.theme import KIOSK_DESIGN
from wire.config_file import ConfigError
from wire.settings import KioskSettings, load_settings

OPTION = "--self-test"
PATIENCE_S = 5.0
TEXTS = Path(__file__).resolve().parent.parent / "texts"


def main(argv: Sequence[str]) -> int:
    """Test, write the two reports and tell the result on the terminal. Raises SystemExit for wrong settings."""
    options = _parser().parse_args(argv)
    try:
        settings = load_settings(options.config, os.environ)
    except ConfigError as error:
        raise SystemExit(str(error)) from None
    table, languages = settings.kiosk, Texts(TEXTS).languages
    if not any(name in os.environ for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    QLoggingCategory.setFilterRules("qt.multimedia.symbolsresolver=false")
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    window = open_window(table, offscreen=application.platformName() == "offscreen")
    manners = list(manners_of(languages, OFFICE.languages[0]))
    findings = list(measure(window, manners))
    size = window.size().toTuple()
    panel = f"{size[0]} × {size[1]} pixels, {size[0] / window.pixels_per_mm:.0f} × "
    panel += f"{size[1] / window.pixels_per_mm:.0f} mm, {table.panel_bottom_mm} mm above the floor"
    window.close()
    findings += look_at_operation(table)
    findings += look_at_devices(table, settings.speech, languages)
    html = page(findings, Facts(datetime.now(UTC), panel, len(every_screen()), len(manners)))
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "self-test.html").write_text(html, encoding="utf-8")
    write_pdf(html, options.out / "self-test.pdf")
    failed = sorted({finding.rule.name for finding in findings if not finding.passed})
    print(
        f"{options.out / 'self-test.html'} and .pdf: " + (f"FAIL: {', '.join(failed)}" if failed else "pass")
    )
    return 1 if has_failed(findings) else 0


def open_window(table: KioskSettings, *, offscreen: bool) -> KioskWindow:
    """Show the kiosk's window on its own panel, or offscreen as large as the design."""
    clock = ServerClock(lambda: 0.0)
    clock.heard(NOON)
    panel = Panel(table.panel_width_mm, table.panel_bottom_mm)
    window = KioskWindow(Texts(TEXTS), clock, Place("Urząd Wojewódzki", "Sala A"), panel)
    if offscreen:
        window.resize(*KIOSK_DESIGN)
        window.show()
    else:
        window.resize(window.screen().geometry().size())
        window.showFullScreen()
    window.activateWindow()
    _wait_for(lambda: offscreen or window.size() == window.screen().geometry().size())
    _wait_for(window.isActiveWindow)
    return window


def _wait_for(is_there: Callable[[], bool]) -> None:
    """Wait for what the windowing system does in its own time; what never comes is seen in the measures."""
    until = time.monotonic() + PATIENCE_S
    while not is_there() and time.monotonic() < until:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)


def manners_of(languages: Sequence[str], first: str) -> Iterator[tuple[Manner, bool]]:
    """Yield each manner, and whether pixels are looked at: colours are the same in every language."""
    for language in (first, *(each for each in languages if each != first)):
        for larger in (False, True):
            # With larger text also the keys of the voice, which need the most room.
            yield Manner(language, larger, read_aloud=larger), language == first
            if language == first:
                yield Manner(language, larger, high_contrast=True, read_aloud=larger), True


def measure(window: KioskWindow, manners: Sequence[tuple[Manner, bool]]) -> Iterator[Finding]:
    """Show every screen in every manner, and judge it."""
    office = replace(OFFICE, languages=tuple(dict.fromkeys(str(manner.language) for manner, _ in manners)))
    for manner, looks_at_pixels in manners:
        for name, screen in every_screen(str(manner.language), office).items():
            window.show_screen(surround(screen, replace(screen.around, manner=manner)))
            yield from judge(read_screen(window, name, looks_at_pixels=looks_at_pixels))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"numerek kiosk {OPTION}", allow_abbrev=False)
    parser.add_argument(OPTION, action="store_true", help="measure every screen and ask every device")
    parser.add_argument("--config", type=Path, metavar="FILE", help="the settings, instead of config.toml")
    parser.add_argument("--out", type=Path, metavar="DIR", default=Path("self-test"), help="for the reports")
    return parser
