"""Checks what the settings name: keys, server, printers, scanners, voices; prints nothing and reads no scan."""

from __future__ import annotations

import json
import os
import shutil
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from deploy.doctor.finding import Finding, broken, note, ok
from deploy.doctor.machine import told

if TYPE_CHECKING:
    from wire.settings import (
        BoardSettings,
        PortalSettings,
        PrinterSettings,
        ScannerSettings,
        ServerSettings,
        SpeechSettings,
    )

SECONDS = 3.0
OLD_TABLE = timedelta(days=365)
GROUPS = {"tty": "dialout", "usb": "lp", "lp": "lp", "video": "video"}


def look_at_secrets(server: ServerSettings) -> Finding:
    """Check that the server's keys are readable by their owner only (ASVS 13.3)."""
    file = server.secrets_file
    if not file.exists():
        return note(f"no secret keys yet in {file}", "on the server's machine: ./numerek admin init")
    # Here, since without the set-up its library is missing, and the doctor must still speak.
    from wire.systemd import others_read

    if others_read(file):
        return broken(f"others can read the secret keys in {file}", f"chmod 600 {file}")
    try:
        from server.store.key_file import load_key_file
        from server.store.keyring import KeyFileError
    except ImportError:
        return ok("the secret keys are their owner's only")
    try:
        newest = load_key_file(file).keys[0]
    except KeyFileError as error:
        return broken(str(error), "restore the copy of the key file")
    since = newest.used_from or datetime.fromtimestamp(file.stat().st_mtime, UTC)
    days = (datetime.now(UTC) - since).days
    return ok(f"the secret keys are their owner's only; the newest is {max(0, days)} days old")


def look_at_countries(portal: PortalSettings, today: date) -> Finding:
    """Say how old the table is that tells from which country somebody books."""
    # Here, since without the set-up their libraries are missing, and the doctor must still speak.
    try:
        from server.adapters.countries import CountryFileError, open_countries
    except ImportError:
        return note("how old the table of countries is cannot be told", "./numerek setup")
    try:
        as_of = open_countries(portal.country_file).as_of
    except CountryFileError as error:
        return broken(str(error), "mend portal.country_file in config.toml, or leave it empty")
    if as_of is None:
        return note("how old the table of countries is cannot be told")
    if today - as_of > OLD_TABLE:
        return note(
            f"the table of countries is of {as_of}",
            "update the programs, or set portal.country_file to a newer one",
        )
    return ok(f"the table of countries is of {as_of}")


def look_at_server(url: str, *, enrolled: bool) -> Iterator[Finding]:
    """Ask the server whether it is ready; a silent one is broken for a machine that is enrolled."""
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=SECONDS) as answer:
            said = json.loads(answer.read() or b"{}")
    except urllib.error.HTTPError as error:
        yield from _not_ready(url, error)
        return
    except (OSError, ValueError) as error:
        reason = str(getattr(error, "reason", error))
        tell = broken if enrolled else note
        yield tell(f"no server answers at {url} ({reason})", "start it, or mend server_url in config.toml")
        return
    if shut_off := said.get("shut_off"):
        yield broken(
            f"services are shut off: {'; '.join(shut_off)}", "mend the setting: numerek admin office"
        )
    else:
        yield ok(f"the server at {url} is ready")
    for part in said.get("parts", {}).items():
        if part in _WARNINGS:
            yield note(*_WARNINGS[part])
    if not_stated := said.get("not_stated"):
        yield note(
            f"the law wants the booking pages to state: {', '.join(not_stated)}",
            "add it to the office's file (docs/office.md, Keys of the publisher), then: numerek admin office",
        )
    if review_due := said.get("review_due"):
        yield note(
            f"a yearly review is due: {', '.join(review_due)}",
            "look through it, set publisher.accessibility.reviewed to that day, then: numerek admin office",
        )


_NOT_READ = "pages are read from the primary meanwhile: docs/operations.md, Reading from a standby"
_WARNINGS = {
    ("replication", "lagging"): ("a standby server is behind", "docs/operations.md: NumerekStandbyBehind"),
    ("replica", "lagging"): ("the standby server for reading is too far behind", _NOT_READ),
    ("replica", "gone"): ("the standby server for reading is away", _NOT_READ),
    ("disk", "low"): ("the server's disk is nearly full", "make room on the server's machine soon"),
    ("keys", "next_missing"): (
        "its key file lacks the key that is used next",
        "copy the key file of the server on which it was drawn (docs/operations.md, Another key)",
    ),
    ("outbox", "stuck"): ("letters or SMS wait to be sent for long", "numerek admin messages show-counts"),
}
_MISSING = {
    ("database", "gone"): (
        "its database does not answer",
        "start the database; journalctl -u numerek-server",
    ),
    ("database", "read_only"): (
        "its database takes no writes",
        "point database_url at the primary server, or mend the rights of the data folder",
    ),
    ("disk", "full"): ("its disk is full", "make room: nothing was lost, kiosks try again by themselves"),
    ("keys", "missing"): (
        "its key file lacks the key that others use",
        "copy the key file of another server; it is read at once",
    ),
    ("office", "not_set_up"): ("no office is set up", "numerek admin office FILE (docs/office.md)"),
}


def _not_ready(url: str, error: urllib.error.HTTPError) -> Iterator[Finding]:
    """Tell which parts keep a server from serving; one that names none has it in its log."""
    try:
        parts = json.loads(error.read())["facts"]["parts"].items()
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        parts = ()
    named = [_MISSING[part] for part in parts if part in _MISSING]
    for what, mend in named:
        yield broken(f"the server at {url} cannot serve: {what}", mend)
    if not named:
        yield broken(f"the server at {url} answers {error.code}", "see its log: journalctl -u numerek-server")


def look_at_printer(name: str, printer: PrinterSettings) -> Finding:
    """Check that the printer's address leads to something; what it says is for `numerek printer status`."""
    url = urlsplit(printer.device)
    where = f"{name} printer {printer.device}"
    if not printer.device:
        return ok(f"no {name} printer is set")
    if url.scheme == "virtual":
        return ok(f"{name} printer: the virtual one")
    if url.scheme == "tcp":
        return _reach(where, url.hostname or "", url.port or 9100)
    if url.scheme in ("serial", "file"):
        return _node(where, Path(url.path), os.R_OK | os.W_OK)
    if url.scheme == "usb":
        return _on_usb(where, (url.netloc or url.path).lower())
    queue = (url.netloc or url.path).strip("/")
    if shutil.which("lpstat") is None:
        return broken(f"{where}: CUPS is not on this machine", "as root: apt-get install cups")
    return (
        ok(where)
        if told("lpstat", "-p", queue)
        else broken(f"{where}: CUPS knows no such queue", "lpstat -p lists the queues")
    )


def look_at_scanners(scanner: ScannerSettings) -> Iterator[Finding]:
    """Check the scanners' device nodes; one that types as a keyboard cannot be told from a keyboard."""
    yield from _look_at_added("prefix", scanner.prefix)
    yield from _look_at_added("suffix", scanner.suffix)
    if scanner.serial:
        yield _node(f"scanner {scanner.serial}", Path(scanner.serial), os.R_OK | os.W_OK)
    if scanner.camera:
        cameras = sorted(Path("/dev").glob("video*"))
        if not cameras:
            yield broken("no camera is connected", "plug it in; ls /dev/video* lists cameras")
        else:
            yield _node(f"camera {scanner.camera}", cameras[0], os.R_OK | os.W_OK)
    if scanner.images and not scanner.images.is_dir():
        yield broken(
            f"no folder {scanner.images} with pictures for the scanner", "mend images in config.toml"
        )


def look_at_media(board: BoardSettings) -> Iterator[Finding]:
    """Check that the files of the board's media are there and of a kind that it plays."""
    # Here, since the doctor must speak without the libraries too.
    from display_board.media import PICTURES, VIDEOS

    for file in (piece.file for piece in board.media if piece.file is not None):
        if not (file.is_file() and os.access(file, os.R_OK)):
            yield broken(f"the board's media: {file} cannot be read", "put it there, or mend board.media")
        elif file.suffix.lower() not in PICTURES | VIDEOS:
            yield broken(
                f"the board's media: {file} is neither a picture nor a video that is played",
                "save it as .png, .jpg or .mp4, or take it out of board.media",
            )
        else:
            yield ok(f"the board's media: {file}")


def look_at_voices(speech: SpeechSettings) -> Iterator[Finding]:
    """Check what sounds need: espeak-ng, a sound server, and the files and program of neural voices."""
    if shutil.which("espeak-ng") is None:
        yield broken("espeak-ng is missing: nothing is read aloud", "as root: apt-get install espeak-ng")
    if not any(shutil.which(name) for name in ("pulseaudio", "pipewire-pulse")):
        yield note(
            "no PulseAudio or PipeWire here: nothing is heard",
            "on a machine that is to be heard, as root: apt-get install pulseaudio",
        )
    given = {language: file for language, file in speech.voices if file is not None}
    for language, file in given.items():
        described = file.with_name(file.name + ".json")
        for missing in (each for each in (file, described) if not each.is_file()):
            yield broken(
                f"the voice for {language}: there is no {missing}",
                f"put it there, or mend speech.voices.{language} in config.toml; espeak-ng speaks meanwhile",
            )
    if given and shutil.which(speech.piper) is None:
        yield broken(
            f"voices are given and there is no program {speech.piper}",
            "install piper-tts (docs/voice.md), or mend speech.piper in config.toml",
        )
    elif given:
        yield ok(f"neural voices for {', '.join(given)}")


def _look_at_added(name: str, text: str) -> Iterator[Finding]:
    """Warn of a text to be taken off that codes of ours begin or end with themselves."""
    is_as_ours = "NQ1:".startswith(text.upper()) if name == "prefix" else text.isalnum()
    if text and (text.isdigit() or is_as_ours):
        yield note(
            f"codes of ours may have the scanner's {name} {text!r} themselves",
            f"set the scanner to add no {name}, or a sign such as %, and kiosk.scanner.{name} to the same",
        )
    elif text:
        yield ok(f"the scanner's {name} {text!r} is taken off")


def _reach(where: str, host: str, port: int) -> Finding:
    try:
        with socket.create_connection((host, port), timeout=SECONDS):
            return ok(f"{where} takes connections")
    except OSError as error:
        return broken(f"{where} does not answer ({error})", "is it on, on the network, at this address?")


def _node(where: str, node: Path, mode: int) -> Finding:
    if not node.exists():
        return broken(
            f"{where}: there is no {node}", "is it plugged in? ls /dev/serial/by-id lists serial devices"
        )
    if not os.access(node, mode):
        kind = next((group for start, group in GROUPS.items() if node.resolve().name.startswith(start)), "lp")
        return broken(
            f"{where}: {node} may not be opened", f"as root: usermod -aG {kind} ACCOUNT, then sign in anew"
        )
    return ok(where)


def _on_usb(where: str, wanted: str) -> Finding:
    for device in Path("/sys/bus/usb/devices").glob("*"):
        try:
            vendor, product, bus, number = (
                (device / name).read_text().strip() for name in ("idVendor", "idProduct", "busnum", "devnum")
            )
        except OSError:
            continue
        if wanted.startswith(f"{vendor}:{product}"):
            return _node(where, Path(f"/dev/bus/usb/{int(bus):03}/{int(number):03}"), os.R_OK | os.W_OK)
    return broken(f"{where} is not connected", "is it on and plugged in? lsusb lists what is")
