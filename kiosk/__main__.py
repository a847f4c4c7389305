"""`python -m kiosk [--config FILE] [--enrol CODE] [--window] [--scanner-test]`: the terminal in the hall.

`python -m kiosk --self-test [--config FILE] [--out DIR]` measures its screens and asks its devices instead.
"""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from kiosk.screens.lens import Lens
from kiosk.screens.look import Panel
from kiosk.screens.window import KioskWindow
from kiosk.slips import Paper, printer_settings, second_printer
from printers import PrinterSettings, SettingsError
from printers.devices import AddressError, parse_address
from terminal.launch import Station, start
from terminal.restart import ended
from terminal.texts import Texts
from wire.codes import ENROLMENT
from wire.messages import Device
from wire.settings import KioskSettings
from wire.vocabulary import DeviceRole

if TYPE_CHECKING:
    from kiosk.scanners.opened import ScannerSet

TEXTS = Path(__file__).resolve().parent / "texts"
SHAPE = (9, 16)
SELF_TEST = "--self-test"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the kiosk until it is told to end; return the exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    if SELF_TEST in arguments:
        from kiosk.self_test.run import main as self_test

        return self_test(arguments)
    station = start(DeviceRole.KIOSK, arguments, add_options, _enrolment_scanners)
    printer = _printer(station)
    texts = Texts(TEXTS)
    table = station.table
    window = KioskWindow(texts, station.clock, panel=Panel(table.panel_width_mm, table.panel_bottom_mm))
    _shape(window, station.application)
    running: list[Running] = []
    # The first screen comes first; printer, scanners and what they import follow it.
    QTimer.singleShot(0, lambda: running.append(Running(station, printer, texts, window)))

    def told(device: Device) -> None:
        for devices in running:
            devices.menu.learn(device)

    code = station.run(window, lambda: all(devices.is_idle for devices in running), told)
    for devices in running:
        devices.stop()
    return ended(code)


def add_options(parser: ArgumentParser) -> None:
    """Add the kiosk's own options to the ones that all programs share."""
    parser.add_argument(SELF_TEST, action="store_true", help="measure every screen and ask every device")
    parser.add_argument("--scanner-test", action="store_true", help="open the scanner test at once")


def _printer(station: Station) -> PrinterSettings:
    """Read the printer's settings, and the second's for their faults. Raises SystemExit with a sentence."""
    table = station.table
    for name, each in (("second_printer", table.second_printer), ("printer", table.printer)):
        try:
            settings = printer_settings(each)
            if name == "printer" or settings.device:
                parse_address(settings.device)
        except (AddressError, SettingsError) as error:
            raise SystemExit(f"[kiosk.{name}] {error}") from None
    return settings


def _shape(window: KioskWindow, application: QApplication) -> None:
    """Give a window on a desk the shape of a kiosk, as high as there is room."""
    height = int(application.primaryScreen().availableSize().height() * 0.9)
    window.resize(height * SHAPE[0] // SHAPE[1], height)


def _enrolment_scanners(table: KioskSettings) -> ScannerSet:
    """Make the scanners that read the QR of a new device."""
    from kiosk.scanners.by_settings import scanners_of

    return scanners_of(table, lambda text: text.startswith(ENROLMENT))


def _lens_of(scanners: ScannerSet) -> Lens | None:
    """Return the camera among the scanners as the screens know it, or None."""
    from kiosk.scanners.camera import CameraScanner

    for camera in scanners.scanners:
        if isinstance(camera, CameraScanner):
            lens = Lens(camera)
            camera.looked.connect(lens.seen)
            lens.watched.connect(partial(setattr, camera, "is_watched"))
            return lens
    return None


class Running:
    """The presenter with the devices that it works with."""

    def __init__(self, station: Station, printer: PrinterSettings, texts: Texts, window: KioskWindow) -> None:
        """Open printer and scanners, and begin."""
        from kiosk.alone.clerks_list import ClerksList
        from kiosk.alone.line_server import LineServer
        from kiosk.alone.own_line import OwnLine
        from kiosk.alone.standby import Standby
        from kiosk.consumables import Consumables
        from kiosk.presenter import Presenter
        from kiosk.read_aloud import Headset, ReadAloud
        from kiosk.scanners import Added
        from kiosk.scanners.by_settings import scanners_of
        from kiosk.staff import ScannerTest
        from kiosk.staff_access import StaffAccess
        from kiosk.staff_entries import SelfTest, add_entries, parts_of, self_test_words
        from kiosk.staff_menu import Report, StaffMenu
        from terminal.speech.speaker import Speaker

        table = station.table
        self._is_stopped = False
        standby = Standby(station.client, table.token_file, has_line=bool(table.line_port))
        self.presenter = Presenter(
            station.client,
            texts,
            table.idle_seconds,
            touch_pause_seconds=table.touch_pause_ms / 1000,
            standby=standby,
        )
        # Before the presenter: a touch stops the voice first.
        self.speaker = Speaker(station.settings.speech)
        self.reading = ReadAloud(window, self.speaker, Headset(table.headset), texts)
        self.reading.happened.connect(self.presenter.happened)
        self.presenter.say_again.connect(self.reading.say_again)
        self.presenter.shown.connect(window.show_screen)
        self.presenter.came.connect(window.screen_came)
        self.presenter.place_changed.connect(window.show_place)
        window.happened.connect(self.presenter.happened)
        second = second_printer(table)
        consumables = Consumables(
            table.token_file.with_suffix(".paper"),
            table.printer.roll_metres,
            table.printer.roll_warning_metres,
            printers=2 if second else 1,
        )
        self.paper = Paper(printer, second, consumables)
        self.presenter.use_paper(self.paper)
        self.line = LineServer(OwnLine(standby), table.line_port, window) if table.line_port else None
        every, is_idle = table.offline_list_every, lambda: self.presenter.is_idle
        self.clerks_list = ClerksList(standby, self.paper, texts, every, is_idle, window)
        self.presenter.shown.connect(self.clerks_list.look)
        added = Added(table.scanner.prefix, table.scanner.suffix)
        kept_in = table.token_file.with_suffix(".scanner")
        self.scanners = scanners_of(table)
        self.scanners.scanned.connect(self._scanned)
        self.scanners.foreign.connect(self._foreign_scanned)
        self.scanners.state_changed.connect(lambda *_: self.presenter.scanner_changed(self.scanners.state))
        window.lens = _lens_of(self.scanners)
        self.presenter.start()
        self.scanners.start()
        self.reading.start()
        by_keys = not station.is_full_screen
        self.scanner_test = ScannerTest(window, self.scanners, added, kept_in, by_keys=by_keys)
        access = StaffAccess(table.token_file.with_suffix(".staff"), station.clock.now, time.monotonic)
        self.report = Report(station.client, access)
        self.menu = StaffMenu(window, access, lambda: parts_of(self.presenter, self.paper), self.report)
        out = table.token_file.with_name("self-test")
        self_test = SelfTest(self_test_words(station.options.config, out), self.menu)
        add_entries(self.menu, self.paper, self.clerks_list, self.scanner_test, self_test, self.stop)
        if station.options.scanner_test:
            self.scanner_test.open()

    def _scanned(self, text: str) -> None:
        if self.menu.makes_way():
            self.presenter.scanned(text)

    def _foreign_scanned(self, kind: str) -> None:
        from kiosk.visit.events import ForeignScanned
        from kiosk.visit.foreign import Foreign

        if self.menu.makes_way():
            self.presenter.happened(ForeignScanned(Foreign(kind)))

    @property
    def is_idle(self) -> bool:
        """Say whether neither a visitor nor somebody of the staff is at the kiosk."""
        return self.presenter.is_idle and self.menu.page is None

    def stop(self) -> None:
        """Let go of all devices; twice is once."""
        if self._is_stopped:
            return
        self._is_stopped = True
        if self.line is not None:
            self.line.close()
        self.report.stop()
        self.reading.stop()
        self.presenter.stop()
        self.scanners.stop()
        self.paper.close()


if __name__ == "__main__":
    raise SystemExit(main())
