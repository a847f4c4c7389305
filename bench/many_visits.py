"""Twenty thousand visits and calls, one after the other, on real programs: none of them grows.

With all of them it takes hours: each hundredth part tells on standard error how far it is and what is held. When
the time is over (`kill -ALRM` ends it sooner) the rows tell what was held up to then.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from bench.framebuffer import program, screen
from bench.hall import Hall, hall
from bench.kiosk_visits import SERVICE
from bench.memory import resident_megabytes
from bench.printer import swallowing_printer
from bench.screens import config_of
from bench.table import Row, TookTooLong, progress

COUNT = int(os.environ.get("NUMEREK_BENCH_VISITS", "20000"))
MARKS = (1_000, 5_000, 10_000, 20_000)
_WARM = 0.2
"""After this share of the visits all caches are full: growth counts from here."""
_GROWTH = 1.1
LOOKS = 100

Held = dict[str, dict[int, float]]
"""What each program held, in MiB, by how many there had been."""


def calls() -> list[Row]:
    """Give tickets and call each at once, while a board shows the calls: what server and board hold."""
    held: Held = {"server": {}, "board": {}}
    with suppress(TookTooLong), hall() as office, screen(1920, 1080) as wall:
        config = config_of(office, "board")
        with program(wall, ("display_board", "--config", str(config)), office.folder) as (board, _):
            number, token = office.sign_in(0)
            for place in range(1, COUNT + 1):
                office.post("/api/v1/tickets", {"service": SERVICE}, office.kiosk)
                _call(office, number, token)
                if place % max(1, COUNT // LOOKS) == 0:
                    _look(held, place, server=office.process_id, board=board.pid)
    return _rows(held, "calls")


def visits() -> list[Row]:
    """Let visitors take tickets at a kiosk, each page drawn: what kiosk and server hold."""
    held: Held = {"kiosk": {}, "server": {}}
    with (
        suppress(TookTooLong),
        hall() as office,
        swallowing_printer() as printer,
        _kiosk(office, printer) as kiosk,
    ):
        for line in kiosk.stdout or ():
            _look(held, json.loads(line)["visits"], server=office.process_id, kiosk=kiosk.pid)
        if kiosk.wait(60) != 0:
            log = (office.folder / "kiosk-visits.log").read_text()
            raise RuntimeError(f"the kiosk ended with {kiosk.returncode}: {log[-500:]}")
    return _rows(held, "visits")


def _look(held: Held, place: int, **process_ids: int) -> None:
    for name, process_id in process_ids.items():
        held[name][place] = resident_megabytes(process_id)
    progress(f"{place}: " + ", ".join(f"{name} {held[name][place]:.1f} MB" for name in process_ids))


def _rows(held: Held, what: str) -> list[Row]:
    if not all(held.values()):
        raise TookTooLong
    return [row for name, megabytes in held.items() for row in grown(name, what, megabytes)]


def grown(name: str, what: str, megabytes: dict[int, float]) -> list[Row]:
    """Tell what a program held at each mark, and by how much it grew for each thousand since it was warm."""
    last = max(megabytes)
    warm = min(place for place in megabytes if place >= _WARM * last)
    rows = [
        Row(f"{name}: memory after {place} {what}", megabytes[place], "MB")
        for place in MARKS
        if place in megabytes and place != last
    ]
    end, goal = megabytes[last], _GROWTH * megabytes[warm]
    each = (end - megabytes[warm]) / max(1, last - warm) * 1_000
    return [
        *rows,
        Row(
            f"{name}: memory after {last} {what}",
            end,
            "MB",
            f"≤ {_GROWTH} × that after {warm}",
            end <= goal,
        ),
        Row(f"{name}: memory, more for each 1 000 {what} since {warm}", each, "MB"),
    ]


def _call(office: Hall, number: int, token: str) -> None:
    called = office.post(f"/api/v1/counters/{number}/call-next", {"finish_current": "served"}, token)
    office.post(f"/api/v1/tickets/{called['ticket']['id']}/start", {}, token)


@contextmanager
def _kiosk(office: Hall, printer: str) -> Iterator[subprocess.Popen[str]]:
    config = config_of(office, "kiosk", f"touch_pause_ms = 0\n\n{printer}")
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
