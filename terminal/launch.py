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

from PySide6.QtCore import QEventLoop, QLoggingCategory, QObject, QSocketNotifier
from PySide6.QtWidgets import QApplication, QWidget

from terminal.client import Client, Request
from terminal.clock import ServerClock
from terminal.kiosk_mode import KioskMode
from terminal.theme import Theme, missing_fonts
from wire.config_file import ConfigError
from wire.messages import EnrolAnswer, EnrolRequest, Problem
from wire.settings import Settings, load_settings
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

    @property
    def clock(self) -> ServerClock:
        """The server's clock, set by every answer and ping."""
        return self.client.clock

    @property
    def table(self) -> Any:
        """This program's own table of config.toml."""
        return getattr(self.settings, self.role.value)

    def run(self, window: QWidget) -> int:
        """Show the window (full screen unless --window) until it closes or SIGTERM or SIGINT comes."""
        if self.options.window or not self.table.full_screen:
            window.show()
        else:
            KioskMode(window)
        signals = QuitOnSignals(self.application)
        code = self.application.exec()
        signals.stop()
        return code


def start(
    role: DeviceRole,
    argv: Sequence[str] | None = None,
    add_options: Callable[[argparse.ArgumentParser], None] = lambda parser: None,
) -> Station:
    """Read arguments, settings and token, and make the QApplication; `--enrol CODE` fetches the token first.

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
    for package in missing_fonts():
        log.warning(
            "A font of the house is missing; texts will look wrong. Install it: apt install %s", package
        )
    application.setFont(Theme().font(30))
    table = getattr(settings, role.value)
    client = Client(table.server_url, None, ServerClock())
    token_file = Path(table.token_file)
    if options.enrol:
        keep_token(token_file, _enrol(client, role, options.enrol))
    client.token = read_token(token_file)
    return Station(role, options, settings, application, client)


def read_token(file: Path) -> str:
    """Read a device's token. Raises SystemExit that tells how to enrol."""
    try:
        token = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not a token"
        raise SystemExit(
            f"No device token in {file} ({reason}). Get a code with `numerek admin device` on the server, "
            "then start this program once with --enrol CODE."
        ) from None
    if not token:
        raise SystemExit(f"The device token in {file} is empty: enrol again with --enrol CODE.")
    return token


def keep_token(file: Path, token: str) -> None:
    """Store a device's token so that only this user reads it; a half-written file never replaces one."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = file.with_name(file.name + ".new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(token + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(file)


def _enrol(client: Client, role: DeviceRole, code: str) -> str:
    outcome: list[EnrolAnswer | Problem | None] = []
    loop = QEventLoop()

    def end(value: EnrolAnswer | Problem | None) -> None:
        outcome.append(value)
        loop.quit()

    body = EnrolRequest.model_construct(enrolment_code=code)
    request = Request("POST", "/api/v1/devices/enrol", EnrolAnswer, body)
    client.send(request, end, end, lambda: end(None))
    if not outcome:
        loop.exec()
    answer = outcome[0]
    if answer is None:
        raise SystemExit(
            f"The server at {client.server_url} does not answer: this device is not enrolled yet."
        )
    if isinstance(answer, Problem):
        raise SystemExit(f"The server refused the enrolment code: {answer.title} ({answer.reason}).")
    if answer.device.role is not role:
        raise SystemExit(
            f"That code enrolled a {answer.device.role.value}, and this program is a {role.value}."
        )
    return answer.token


def _parser(
    role: DeviceRole, add_options: Callable[[argparse.ArgumentParser], None]
) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"numerek {role.value}", allow_abbrev=False)
    parser.add_argument("--config", type=Path, metavar="FILE", help="the settings, instead of config.toml")
    parser.add_argument("--enrol", metavar="CODE", help="enrol this device with a one-time code first")
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
