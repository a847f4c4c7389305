"""Twenty thousand visits and calls, one after the other, on real programs: none of them grows."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from bench.framebuffer import program, screen
from bench.hall import Hall, hall
from bench.kiosk_visits import SERVICE
from bench.memory import resident_megabytes
from bench.screens import config_of
from bench.table import Row

COUNT = int(os.environ.get("NUMEREK_BENCH_VISITS", "20000"))
_WARM = 0.2
"""After this share of the visits all caches are full: growth counts from here."""
_GROWTH = 1.1
_LOOKS = 100


def calls() -> list[Row]:
    """Give tickets and call each at once, while a board shows the calls: what server and board hold."""
    held: dict[str, list[float]] = {"server": [], "board": []}
    with hall() as office, screen(1920, 1080) as wall:
        config = config_of(office, "board")
        with program(wall, ("display_board", "--config", str(config)), office.folder) as (board, _):
            number, token = office.sign_in(0)
            for place in range(1, COUNT + 1):
                office.post("/api/v1/tickets", {"service": SERVICE}, office.kiosk)
                _call(office, number, token)
                if place % max(1, COUNT // _LOOKS) == 0:
                    held["server"].append(resident_megabytes(office.process_id))
                    held["board"].append(resident_megabytes(board.pid))
    return [row for name, megabytes in held.items() for row in _grown(f"{name}: {COUNT} calls", megabytes)]


def visits() -> list[Row]:
    """Let visitors take tickets at a kiosk, each page drawn: what it holds. With all of them it takes long."""
    megabytes = []
    with hall() as office, _swallowing_printer() as port, _kiosk(office, port) as kiosk:
        for line in kiosk.stdout or ():
            megabytes.append(json.loads(line)["mb"])
        if kiosk.wait(60) != 0:
            raise RuntimeError(f"the kiosk ended with {kiosk.returncode}")
    return _grown(f"kiosk: {COUNT} visits", megabytes)


def _grown(what: str, megabytes: list[float]) -> list[Row]:
    begin, end = megabytes[int(len(megabytes) * _WARM)], megabytes[-1]
    return [
        Row(f"{what}, memory after a fifth of them", begin, "MB"),
        Row(f"{what}, memory after all", end, "MB", f"≤ {_GROWTH} ×", end <= _GROWTH * begin),
    ]


def _call(office: Hall, number: int, token: str) -> None:
    called = office.post(f"/api/v1/counters/{number}/call-next", {"finish_current": "served"}, token)
    office.post(f"/api/v1/tickets/{called['ticket']['id']}/start", {}, token)


@contextmanager
def _kiosk(office: Hall, printer: int) -> Iterator[subprocess.Popen[str]]:
    table = f'[kiosk.printer]\ndevice = "tcp://127.0.0.1:{printer}"\ncompletion = "none"\n'
    config = config_of(office, "kiosk", f"touch_pause_ms = 0\n\n{table}")
    with (office.folder / "kiosk-visits.log").open("w") as log:
        kiosk = subprocess.Popen(
            [sys.executable, "-m", "bench.kiosk_visits", str(COUNT), "--config", str(config)],
            env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        yield kiosk
    finally:
        kiosk.kill()
        kiosk.wait()


@contextmanager
def _swallowing_printer() -> Iterator[int]:
    """Listen as a printer that takes all and never says a word; give its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_swallow, args=(listening,), daemon=True).start()
        yield listening.getsockname()[1]


def _swallow(listening: socket.socket) -> None:
    while True:
        try:
            taken, _ = listening.accept()
        except OSError:
            return
        with taken:
            while taken.recv(65_536):
                pass
