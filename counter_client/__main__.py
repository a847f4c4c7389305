"""`python -m counter_client [--config FILE] [--enrol CODE] [--mini]`: the clerk's program."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSettings

from counter_client.presenter import Presenter
from counter_client.shell import Shell
from counter_client.slips import DeskPrinter, slip_of
from counter_client.views.intents import Intents
from printers import SettingsError
from printers.devices import AddressError
from terminal.launch import QuitOnSignals, Station, start
from terminal.restart import RestartWatch, ended
from terminal.theme import Theme
from wire.messages import Ticket
from wire.vocabulary import DeviceRole


def main(argv: Sequence[str] | None = None) -> int:
    """Run the counter client until its window is closed; return the exit code."""
    station = start(DeviceRole.COUNTER, argv, _options)
    station.application.setFont(Theme().font(16))
    printer = _printer(station)
    memory = QSettings(str(Path(station.table.token_file).with_suffix(".ini")), QSettings.Format.IniFormat)
    intents = Intents()
    presenter = Presenter(
        station.client,
        can_print=printer is not None,
        key_pause_ms=station.table.key_pause_ms,
        kiosk_lines=station.table.kiosk_lines,
    )
    presenter.listen(intents)
    shell = Shell(intents, station.clock, memory, mini=station.options.mini or station.table.mini_bar)
    if station.options.mini:
        shell.is_mini = True
    presenter.changed.connect(shell.show_desk)
    if printer is not None:
        _connect(presenter, shell, printer)
    shell.open()
    presenter.start()
    signals = QuitOnSignals(station.application)
    # A clerk who is signed in would have to sign in again.
    watch = RestartWatch(station.client, lambda: presenter.desk.clerk is None)
    watch.start()
    code = station.application.exec()
    watch.stop()
    signals.stop()
    presenter.stop()
    shell.close()
    if printer is not None:
        printer.close()
    return ended(code)


def of_a_wheel() -> int:
    """Run the counter client as a wheel starts it: the first time it asks for server and code on the screen."""
    return main(["--enrol", *sys.argv[1:]])


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--mini", action="store_true", help="begin as the mini-bar")


def _printer(station: Station) -> DeskPrinter | None:
    if not station.table.printer.device:
        return None
    try:
        return DeskPrinter(station.table.printer)
    except (AddressError, SettingsError) as error:
        raise SystemExit(f"[counter.printer] {error}") from None


def _connect(presenter: Presenter, shell: Shell, printer: DeskPrinter) -> None:
    def print_slip(ticket: Ticket) -> None:
        printer.print(slip_of(ticket, presenter.desk.device, shell.texts, shell.language))

    presenter.print_wanted.connect(print_slip)
    printer.ended.connect(presenter.told_printed)


if __name__ == "__main__":
    raise SystemExit(main())
