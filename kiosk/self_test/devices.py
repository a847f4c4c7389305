"""Asks the kiosk's devices how they are: printer, scanners, server, clock and voice."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from PySide6.QtCore import QEventLoop, QTimer

from kiosk.scanners.scanner import ScannerState
from kiosk.self_test.measures import Finding, Rule
from kiosk.slips import printer_settings
from terminal.client import Client, Request
from terminal.clock import ServerClock
from terminal.speech.voices import voices_for
from terminal.texts import own_name
from wire import messages as wire
from wire.settings import KioskSettings, PrinterSettings, SpeechSettings

PATIENCE_S = 3.0
_IN_ENGLISH = os.environ | {"LC_ALL": "C"}
SCANNERS_MS = 1_500
CLOCK_S = 30.0

PRINTER = Rule("Printer", "rules of the house", "it can print")
SCANNER = Rule("Scanners", "rules of the house", "ready, or none is set")
SERVER = Rule("Server", "rules of the house", f"it answers within {PATIENCE_S:g} s")
CLOCK = Rule("Clock", "rules of the house", f"within {CLOCK_S:g} s of the server's")
SOUND = Rule("Sound device", "EN 301 549 8.2.1", "there is one, and its volume is not at nought")
VOICE = Rule("Voice", "EN 301 549 5.1.3.1, 5.1.3.14", "a voice for every language of the screens")


def look_at_devices(
    table: KioskSettings, speech: SpeechSettings, languages: Sequence[str]
) -> Iterator[Finding]:
    """Ask each device once; what is silent has failed."""
    yield _look_at_printer(table.printer)
    if table.second_printer.device:
        yield _look_at_printer(table.second_printer)
    yield _look_at_scanners(table)
    yield from _look_at_server(table.server_url)
    yield _look_at_sound()
    from terminal.speech.speaker import espeak_languages

    espeak = espeak_languages()
    for language in languages:
        voices = voices_for(language, speech, espeak)
        yield Finding(VOICE, bool(voices), voices[0].program if voices else None, own_name(language))


def _look_at_printer(table: PrinterSettings) -> Finding:
    from printers.devices import AddressError, LinkError, open_link
    from printers.session import Session
    from printers.settings import SettingsError

    device = table.device
    try:
        settings = printer_settings(table)
        session = Session(open_link(device, settings.start_seconds), settings)
        try:
            state = session.check()
        finally:
            session.close()
    except (AddressError, LinkError, SettingsError, OSError) as error:
        return Finding(PRINTER, False, str(error), device)
    return Finding(PRINTER, state.can_print, str(state), device)


def _look_at_scanners(table: KioskSettings) -> Finding:
    from kiosk.scanners.by_settings import scanners_of

    scanners = scanners_of(table)
    scanners.start()
    _wait(SCANNERS_MS)
    state = scanners.state
    scanners.stop()
    names = ", ".join(scanner.name for scanner in scanners.scanners)
    return Finding(SCANNER, state is not ScannerState.LOST, str(state), names or "none is set")


def _look_at_server(url: str) -> Iterator[Finding]:
    clock, heard = ServerClock(), []
    client, loop = Client(url, None, clock), QEventLoop()

    def hear(answer: object) -> None:
        heard.append(answer)
        loop.quit()

    request = Request("GET", "/healthz", wire.Alive, patience_seconds=PATIENCE_S)
    client.send(request, hear, lambda problem: hear(problem.reason), loop.quit)
    loop.exec()
    is_there = bool(heard) and isinstance(heard[0], wire.Alive)
    yield Finding(SERVER, is_there, None if is_there else str((heard or ["no answer"])[0]), url)
    if clock.is_known:
        apart = abs((datetime.now(UTC) - clock.now()).total_seconds())
        yield Finding(CLOCK, apart <= CLOCK_S, apart, "seconds apart")
    else:
        yield Finding(CLOCK, False, "the server's time is not known", "clock")


def _look_at_sound() -> Finding:
    # Here: it speaks of every sound library that is missing as soon as it is loaded.
    from PySide6.QtMultimedia import QMediaDevices

    device = QMediaDevices.defaultAudioOutput()
    if device.isNull():
        return Finding(SOUND, False, "none", "sound")
    is_heard = is_audible(_told("get-sink-mute"), _told("get-sink-volume"))
    return Finding(SOUND, is_heard, None if is_heard else "muted or at 0 %", device.description())


def is_audible(mute: str, volume: str) -> bool:
    """Tell from what pactl says whether the machine's sound is on; nothing said is nothing against it."""
    levels = re.findall(r"(\d+)%", volume)
    return "yes" not in mute and (not levels or any(level != "0" for level in levels))


def _told(asked: str) -> str:
    try:
        command = ("pactl", asked, "@DEFAULT_SINK@")
        return subprocess.run(command, capture_output=True, text=True, timeout=5, env=_IN_ENGLISH).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""


def _wait(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()
