"""Twenty thousand visits and calls, one after the other, on real programs: none of them grows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from bench.framebuffer import program, screen
from bench.hall import Hall, hall
from bench.memory import resident_megabytes
from bench.screens import config_of
from bench.table import Row

VISITS = int(os.environ.get("NUMEREK_BENCH_VISITS", "20000"))
_WARM = 0.2
"""After this share of the visits all caches are full: growth counts from here."""
_GROWTH = 1.1
_TOUCH_AT_ONCE = 'touch_pause_ms = 0\n\n[kiosk.printer]\ndevice = "file:///dev/null"\ncompletion = "none"\n'


def run() -> list[Row]:
    """Let a kiosk give tickets and a clerk call them while a board shows the calls."""
    with hall() as office, screen(1920, 1080) as wall:
        board_config = config_of(office, "board")
        with program(wall, ("display_board", "--config", str(board_config)), office.folder) as (board, _):
            held: dict[str, list[float]] = {"kiosk": [], "board": [], "server": []}
            with _visits(office) as kiosk, _calls(office) as called:
                for line in kiosk.stdout or ():
                    held["kiosk"].append(json.loads(line)["mb"])
                    held["board"].append(resident_megabytes(board.pid))
                    held["server"].append(resident_megabytes(office.process_id))
            if kiosk.returncode != 0:
                raise RuntimeError(f"the kiosk ended with {kiosk.returncode}")
            calls = len(called)
    return [
        Row("visits at one kiosk", VISITS, ""),
        Row("calls on one board meanwhile", calls, "", f"≥ {VISITS}", calls >= VISITS),
        *(row for name in held for row in _grown(name, held[name])),
    ]


def _grown(name: str, megabytes: list[float]) -> list[Row]:
    begin, end = megabytes[int(len(megabytes) * _WARM)], megabytes[-1]
    return [
        Row(f"{name}: memory after a fifth of them", begin, "MB"),
        Row(f"{name}: memory after all", end, "MB", f"≤ {_GROWTH} ×", end <= _GROWTH * begin),
    ]


@contextmanager
def _visits(office: Hall) -> Iterator[subprocess.Popen[str]]:
    config = config_of(office, "kiosk", _TOUCH_AT_ONCE)
    with (office.folder / "kiosk-visits.log").open("w") as log:
        kiosk = subprocess.Popen(
            [sys.executable, "-m", "bench.kiosk_visits", str(VISITS), "--config", str(config)],
            env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            yield kiosk
            kiosk.wait(60)
        finally:
            kiosk.kill()
            kiosk.wait()


@contextmanager
def _calls(office: Hall) -> Iterator[list[int]]:
    """Let a clerk call whoever waits, as fast as they come, until the block ends and nobody waits any more."""
    number, token = office.sign_in(0)
    called: list[int] = []
    is_over = threading.Event()

    def work() -> None:
        while True:
            was_over = is_over.is_set()
            ticket = office.post(f"/api/v1/counters/{number}/call-next", {"finish_current": "served"}, token)
            if ticket:
                called.append(ticket["ticket"]["id"])
                office.post(f"/api/v1/tickets/{called[-1]}/start", {}, token)
            elif was_over:
                return
            else:
                is_over.wait(0.05)

    clerk = threading.Thread(target=work)
    clerk.start()
    try:
        yield called
    finally:
        is_over.set()
        clerk.join(600)
