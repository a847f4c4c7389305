"""How each of the three programs starts: its arguments, its settings, its token, its application."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QLoggingCategory, QObject, QSocketNotifier
from PySide6.QtWidgets import QApplication, QWidget

from terminal.client import Client
from terminal.clock import ServerClock
from terminal.enrolment import EnrolmentFailed, Listener, ask_on_screen, enrol
from terminal.garbage import GarbageCollector
from terminal.kiosk_mode import KioskMode
from terminal.private_file import keep_private
from terminal.restart import RestartWatch
from terminal.theme import Theme, missing_fonts
from terminal.watchdog import Heartbeat
from wire.config_file import ConfigError
from wire.messages import Device
from wire.settings import Settings, load_settings
from wire.version import VERSION
from wire.vocabulary import DeviceRole

log = logging.getLogger(__name__)


@dataclass
class Station:
    """A started program: what its presenter and its window are made of."""

    role: DeviceRole
    options: argparse.Namespace
    settings: Settings
    application: QApplication
    client: Client
    garbage: GarbageCollector

    @property
    def clock(self) -> ServerClock:
        """The server's clock, set by every answer and ping."""
        return self.client.clock

    @property
    def table(self) -> Any:
        """This program's own table of config.toml."""
        return getattr(self.settings, self.role.value)

    @property
    def is_full_screen(self) -> bool:
        """Say whether the program has the whole screen for itself."""
        return not self.options.window and bool(self.table.full_screen)

    def run(
        self,
        window: QWidget,
        is_idle: Callable[[], bool] = lambda: True,
        told: Callable[[Device], None] = lambda device: None,
    ) -> int:
        """Show the window (full screen unless --window) until it closes or SIGTERM or SIGINT comes.

        When the office asks for a restart it ends with `RESTART` as soon as `is_idle`: see `restart.ended`.
        `told` hears what the server says of this device, a few times a minute.
        """
        if self.is_full_screen:
            KioskMode(window, locked=self.role is DeviceRole.KIOSK)
        else:
            window.show()
        signals = QuitOnSignals(self.application)
        watch = RestartWatch(self.client, is_idle)
        watch.told.connect(told)
        watch.start()
        self.garbage.spare_what_stands()
        code = self.application.exec()
        watch.stop()
        signals.stop()
        return code


def start(
    role: DeviceRole,
    argv: Sequence[str] | None = None,
    add_options: Callable[[argparse.ArgumentParser], None] = lambda parser: None,
    listener: Callable[[Any], Listener] | None = None,
) -> Station:
    """Read arguments, settings and token, and make the QApplication; `--enrol CODE` fetches the token first.

    `--enrol` alone asks on the screen while there is no token yet; `listener` then makes what reads the QR, from
    the program's table of config.toml.

    Raises SystemExit with a sentence for the operator when something is missing or wrong.
    """
    options = _parser(role, add_options).parse_args(argv)
    try:
        settings = load_settings(options.config, os.environ)
    except ConfigError as error:
        raise SystemExit(str(error)) from None
    logging.basicConfig(
        level=settings.log.level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    # Qt tells of every sound and video library that it could use and this machine does not have.
    QLoggingCategory.setFilterRules("qt.multimedia.symbolsresolver=false")
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    application.setApplicationName(f"numerek-{role.value}")
    Heartbeat(application)
    garbage = GarbageCollector(application)
    for package in missing_fonts():
        log.warning(
            "A font of the house is missing; texts will look wrong. Install it: apt install %s", package
        )
    application.setFont(Theme().font(30))
    table = getattr(settings, role.value)
    client = Client(table.server_url, None, ServerClock())
    token_file = Path(table.token_file)
    try:
        if options.enrol:
            keep_token(token_file, enrol(client, role, options.enrol))
        elif options.enrol is not None and not token_file.exists():
            show = _shower(options.window or not table.full_screen)
            reads = listener(table) if listener else None
            keep_token(token_file, *ask_on_screen(role, table.server_url, show, reads))
    except EnrolmentFailed as failed:
        raise SystemExit(str(failed)) from None
    client.token = read_token(token_file)
    client.server_url = kept_server(token_file) or client.server_url
    return Station(role, options, settings, application, client, garbage)


def read_token(file: Path) -> str:
    """Read a device's token. Raises SystemExit that tells how to enrol."""
    try:
        token = file.read_text(encoding="ascii").strip().partition("\n")[0]
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not a token"
        raise SystemExit(
            f"No device token in {file} ({reason}). Get a code with `numerek admin device` on the server, "
            "then start this program once with --enrol CODE, or with --enrol to be asked on the screen."
        ) from None
    if not token:
        raise SystemExit(f"The device token in {file} is empty: enrol again with --enrol CODE.")
    return token


def kept_server(file: Path) -> str | None:
    """Return the server that a device was enrolled with on its screen; None where config.toml names it."""
    _, _, server = file.read_text(encoding="ascii").strip().partition("\n")
    return server or None


def _shower(in_a_window: bool) -> Callable[[QWidget], object]:
    # A technician may point there with a mouse, and leave by the keys.
    return QWidget.show if in_a_window else lambda window: KioskMode(window, show_pointer=True)


def keep_token(file: Path, token: str, server_url: str | None = None) -> None:
    """Store a device's token so that only this user reads it; a half-written file never replaces one.

    With `server_url` the file also says whose token it is.
    """
    keep_private(file, "\n".join(filter(None, (token, server_url))) + "\n")


def _parser(
    role: DeviceRole, add_options: Callable[[argparse.ArgumentParser], None]
) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"numerek {role.value}", allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"numerek {VERSION}")
    parser.add_argument("--config", type=Path, metavar="FILE", help="the settings, instead of config.toml")
    parser.add_argument(
        "--enrol",
        metavar="CODE",
        nargs="?",
        const="",
        help="enrol this device with a one-time code first; without CODE, ask on the screen if there is no token",
    )
    parser.add_argument("--window", action="store_true", help="in a window, not on the full screen")
    add_options(parser)
    return parser


class QuitOnSignals(QObject):
    """Let SIGTERM and SIGINT end the event loop.

    Python runs a signal's handler only between its own instructions, and Qt's loop has none while it waits:
    the byte that the signal writes into a socket wakes it.
    """

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._ours, self._theirs = socket.socketpair()
        for end in (self._ours, self._theirs):
            end.setblocking(False)
        self._notifier = QSocketNotifier(self._ours.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._woken)
        signal.set_wakeup_fd(self._theirs.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            # Not quit(): that asks every window first, and one in kiosk mode never closes.
            signal.signal(number, lambda *_: application.exit(0))

    def stop(self) -> None:
        """Give the signals back."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)
        self._notifier.setEnabled(False)
        self._ours.close()
        self._theirs.close()

    def _woken(self) -> None:
        self._ours.recv(64)
