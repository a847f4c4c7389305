"""The living hall in windows: every program as a child process, placed on one screen, ended together."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import FrameType

from deploy.demo.asking import ask
from deploy.demo.children import Child, ChildFailed, server_child
from deploy.demo.folder import COUNTER, ZONE, DemoFolder, free_port
from deploy.demo.serve import demo_settings, prepare, renew_day, staff_address
from server.clock import SystemClock
from server.store.errors import StoreUnavailable
from server.store.keyring import KeyFileError
from wire.codes import BookingCode

READY_SECONDS = 60.0
LOOK_SECONDS = 0.2
# Left, top, width, height as shares of the screen, with room for title bars.
KIOSK_PLACE, BOARD_PLACE = "0.004,0.03,0.282,0.92", "0.296,0.03,0.42,0.42"
COUNTER_PLACE, PAPER_PLACE = "0.296,0.495,0.42,0.48", "0.724,0.03,0.272,0.92"
# Its smallest size is more than the rest of an ordinary screen: it is drawn smaller instead.
COUNTER_SCALE = {"QT_SCALE_FACTOR": "0.8"}


def open_hall(data: Path, port: int) -> int:
    """Open the hall and keep it open until Ctrl+C, a closed window or a program's death; return the exit code."""
    folder = DemoFolder(data.absolute())
    children: list[Child] = []
    try:
        with ended_by_signals():
            _open(folder, port, children)
            _watch(children)
    except KeyboardInterrupt:
        print("\nThe hall closes.")
        return 0
    except ChildFailed as ended:
        print(f"{ended} The hall closes." if ended.is_ordinary else str(ended))
        return 0 if ended.is_ordinary else 1
    except (OSError, KeyFileError) as error:
        print(f"numerek demo: {error}")
        return 1
    except (StoreUnavailable, ValueError) as error:
        told = f"the data in {folder.root} cannot be used ({type(error).__name__}: {error})"
        print(f"numerek demo: {told}; name another folder with --data, or move this one away.")
        return 1
    finally:
        for child in reversed(children):
            child.stop()
    return 0


def _open(folder: DemoFolder, port: int, children: list[Child]) -> None:
    taken = free_port(port)
    if port and taken != port:
        print(f"Port {port} is taken; the server is on port {taken}.")
    base_url = f"http://127.0.0.1:{taken}"
    is_first = not (folder.root / "demo.json").exists()
    settings, clock = demo_settings(folder.root, taken, base_url), SystemClock()
    prepare(folder.root, base_url, settings, clock)
    if not is_first and renew_day(folder.root, settings, clock):
        print("The reservations of this folder were over: a fresh day was added.")
    manager = staff_address(settings, clock)
    folder.slips.mkdir(exist_ok=True)
    children.append(server_child(folder.root, taken, folder.log("server")))
    printing = ["printers", "virtual", "--port", "0", "--control", "0", "--out", str(folder.slips)]
    children.append(Child("The printer", printing, folder.log("printer")))
    printer = children[1].wait_for(r"virtual printer on ([^\s,]+)", READY_SECONDS)
    control = children[1].wait_for(r"control port (\d+)", READY_SECONDS)
    folder.prepare(base_url, printer)
    children[0].wait_for(r"ready on (\S+)", READY_SECONDS)
    if is_first:
        _let_people_wait(folder, base_url)
    children += _windows(folder, control)
    print(what_to_try(folder, base_url, manager), flush=True)


def _windows(folder: DemoFolder, control: str) -> Iterator[Child]:
    config = ["--config", str(folder.config)]
    slips = ["--slips", str(folder.slips), "--control", control]
    signed_in = [*config, "--sign-in", str(folder.root)]
    for name, program, place, more, environ in (
        ("The kiosk", "kiosk", KIOSK_PLACE, [*config, "--window"], {}),
        ("The board", "board", BOARD_PLACE, [*config, "--window"], {}),
        ("The counter", "counter", COUNTER_PLACE, signed_in, COUNTER_SCALE),
        ("The paper slot", "paper", PAPER_PLACE, slips, {}),
    ):
        yield Child(name, ["deploy.demo.placed", program, place, *more], folder.log(program), environ)


def _watch(children: list[Child]) -> None:
    while True:
        for child in children:
            child.raise_if_ended()
        time.sleep(LOOK_SECONDS)


def _let_people_wait(folder: DemoFolder, base_url: str) -> None:
    """Fill the hall a little, so that there is somebody to call."""
    kiosk = folder.told()["device_tokens"]["kiosk"]
    early = [each for letter in "PLP" for each in folder.admitted(letter)[-1:]]
    for service in "NTN":
        ask(base_url, "POST", "/api/v1/tickets", kiosk, {"service": service})
    for reservation in early[:2]:
        ask(base_url, "POST", "/api/v1/check-ins", kiosk, {"code": reservation["code"]})


def what_to_try(folder: DemoFolder, base_url: str, manager: str) -> str:
    """Say in nine lines what a person can do in the hall."""
    kiosk, scan = _codes_to_try(folder)
    return "\n".join(
        (
            f"The hall is open at {base_url}; its data, slips and logs are in {folder.root}.",
            kiosk,
            scan,
            f"Counter {COUNTER}: F8 calls, starts, then finishes and calls the next; F1 shows all keys.",
            f"Booking: open {base_url}/ in a browser; letters come to {folder.mail}, SMS to {folder.sms}.",
            f"Staff: the manager comes in once at {manager}, then at {base_url}/staff/ as kierownik.",
            f"Office: ./numerek admin --config {folder.config} reservation pending; accept lets a visit stand.",
            "Phone: open the address under the slip's QR. Paper: the button under the slot takes it out.",
            "Ctrl+C, or closing a window, ends it all; the next `numerek demo` goes on with what is there.",
        )
    )


def _codes_to_try(folder: DemoFolder) -> tuple[str, str]:
    """Say which code to type and which to scan; late in the evening there is none that is admitted."""
    admitted = [each for letter in "PLKN" for each in folder.admitted(letter)]
    if not admitted:
        late = "Kiosk: no reservation can be used so late in the day; take a ticket without one."
        return late, f"Scan: cp {folder.qr}/*.png {folder.scan}/ shows what the kiosk says to each of them."
    typed, scanned = admitted[0], admitted[min(1, len(admitted) - 1)]
    at = datetime.fromisoformat(typed["appointment_at"]).astimezone(ZONE)
    picture = next(folder.qr.glob(f"*-{scanned['code']}.png"))
    return (
        f"Kiosk: touch *Mam rezerwację* and type {BookingCode(typed['code']).shown} "
        f"(service {typed['service']} at {at:%H:%M}), or take a ticket without a reservation.",
        f"Scan: put a picture before the kiosk's camera: cp {picture} {folder.scan}/",
    )


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let SIGTERM and a closed terminal end a demo as Ctrl+C does, and Ctrl+C in any case.

    A shell starts what it puts into the background with SIGINT ignored, and Python leaves that as it is.
    """

    def end(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {each: signal.signal(each, end) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
