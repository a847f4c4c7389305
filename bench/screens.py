"""The kiosk's and the board's windows on poor hardware: software rendering, one processor, full HD."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from bench.framebuffer import NothingSeen, Screen, program, screen
from bench.hall import Hall, hall
from bench.memory import resident_megabytes
from bench.printer import swallowing_printer
from bench.streams import Clerk
from bench.table import Row, progress
from deploy.demo.folder import toml_of
from display_board.presenter import TICK_MS
from display_board.wording import FLASH_SECONDS, FLASHES
from terminal.theme import NORMAL

PAGES, TOUCHES, CALLS = 20, 60, 10
_IDLE_SECONDS = 20.0
_PATIENCE_SECONDS = 15.0
_SETTLED_SECONDS = 5.0
_CALM_SECONDS = 1.0
# A switch of the flash is due with a tick of the board's clock; painted later than the next tick it was dropped.
_LATE_SECONDS = 2 * TICK_MS / 1000
_TOUCH_PAUSE_SECONDS = 1.0
_REST_SECONDS, _RESTS_WITHIN = 2.0, 60.0
# Clock and seconds left move by themselves; a title changes with its page alone, a key with a touch.
_TITLE, _KEYS = (0.1, 0.19), (0.1, 0.88)


@dataclass(frozen=True, slots=True)
class Kiosk:
    """What was measured of the kiosk."""

    first_s: float
    touch_ms: list[float]
    page_ms: list[float]
    megabytes: float


@dataclass(frozen=True, slots=True)
class Board:
    """What was measured of the board: `flashes` holds the seconds between two pictures of each call's flash."""

    first_s: float
    idle: float
    call_ms: list[float]
    flashes: list[list[float]]
    megabytes: float

    @property
    def dropped(self) -> int:
        """Count the flash's pictures that never came, or came too late."""
        missing = sum(2 * FLASHES - 1 - len(each) for each in self.flashes)
        late = sum(abs(gap - FLASH_SECONDS / 2) > _LATE_SECONDS for each in self.flashes for gap in each)
        return missing + late


def run() -> list[Row]:
    """Start both on screens of their own, touch one and call to the other."""
    with hall(waiting=CALLS + 5) as office:
        kiosk, board = _kiosk(office), _board(office)
    of_all = CALLS * 2 * FLASHES
    touch, page = _high(kiosk.touch_ms), _high(kiosk.page_ms)
    return [
        Row("kiosk: start to first screen", kiosk.first_s, "s", "≤ 2", kiosk.first_s <= 2),
        Row("kiosk: memory", kiosk.megabytes, "MB", "≤ 250", kiosk.megabytes <= 250),
        Row("kiosk: touch of a key -> picture, p50", statistics.median(kiosk.touch_ms), "ms"),
        Row("kiosk: touch of a key -> picture, p95", touch, "ms", "≤ 100", touch <= 100),
        Row("kiosk: touch -> another page, p95", page, "ms", "≤ 100", page <= 100),
        Row("board: start to first picture", board.first_s, "s"),
        Row("board: memory", board.megabytes, "MB"),
        Row("board: call -> picture, slowest of 10", max(board.call_ms), "ms"),
        Row(
            f"board: flash, pictures dropped of {of_all}",
            board.dropped,
            "",
            "0",
            board.dropped == 0,
        ),
        Row("board: idle, share of a processor", board.idle * 100, "%", "≤ 2", board.idle <= 0.02),
    ]


def _high(times: Sequence[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


def _kiosk(office: Hall) -> Kiosk:
    with screen(1080, 1920) as seen, swallowing_printer() as printer:
        places = _places()
        config = config_of(office, "kiosk", f"idle_seconds = 600\n\n{printer}")
        with program(seen, ("kiosk", "--config", str(config)), office.folder) as (process, first):
            # Printer, scanners and the office's settings follow the first screen, and move what is on it.
            seen.rests(_REST_SECONDS, _RESTS_WITHIN)
            places["reservation"] = seen.middle_of(NORMAL.primary)
            progress(f"kiosk: first screen after {first:.1f} s; {PAGES} pages, {TOUCHES} keys")
            pages = [_touched(seen, places[name], _TITLE) for name in ("reservation", "back") * (PAGES // 2)]
            _touched(seen, places["reservation"], _TITLE)
            touches = [_touched(seen, places[name], _KEYS) for name in ("7", "erase") * (TOUCHES // 2)]
            return Kiosk(first, touches, pages, resident_megabytes(process.pid))


def _touched(seen: Screen, place: tuple[int, int], at: tuple[float, float]) -> float:
    """Touch a place; return the milliseconds until the picture changed between two heights."""
    time.sleep(_TOUCH_PAUSE_SECONDS)
    before, began = seen.look(top=at[0], bottom=at[1]), time.perf_counter()
    seen.touch(*place)
    return (seen.changed(before, _PATIENCE_SECONDS, top=at[0], bottom=at[1]) - began) * 1e3


def _places() -> dict[str, tuple[int, int]]:
    """Ask a window of the same size where its keys are."""
    found = subprocess.run(
        [sys.executable, "-m", "bench.kiosk_places"],
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=True,
    )
    return {name: (x, y) for name, (x, y) in json.loads(found.stdout).items()}


def _board(office: Hall) -> Board:
    clerk = Clerk(office, *office.sign_in(0))
    with screen(1920, 1080) as seen:
        config = config_of(office, "board")
        with program(seen, ("display_board", "--config", str(config)), office.folder) as (process, first):
            time.sleep(_SETTLED_SECONDS)
            progress(
                f"board: first picture after {first:.1f} s; {_IDLE_SECONDS:.0f} s at rest, {CALLS} calls"
            )
            before = _processor_seconds(process.pid)
            time.sleep(_IDLE_SECONDS)
            idle = (_processor_seconds(process.pid) - before) / _IDLE_SECONDS
            calls = [_called(seen, clerk) for _ in range(CALLS)]
            megabytes = resident_megabytes(process.pid)
    return Board(first, idle, [ms for ms, _ in calls], [gaps for _, gaps in calls], megabytes)


def _called(seen: Screen, clerk: Clerk) -> tuple[float, list[float]]:
    """Call; return the milliseconds to the board's picture, and the seconds between the flash's pictures."""
    clerk.make_room()
    time.sleep(_CALM_SECONDS)
    # The upper part shows the call alone: the list below changes with it, the clock stands at the edge.
    before, began = seen.look(top=0.2, bottom=0.5), time.perf_counter()
    clerk.call()
    instants = [seen.changed(before, _PATIENCE_SECONDS, top=0.2, bottom=0.5)]
    until = instants[0] + FLASHES * FLASH_SECONDS + _CALM_SECONDS
    while time.perf_counter() < until:
        now = seen.look(top=0.2, bottom=0.5)
        try:
            instants.append(seen.changed(now, until - time.perf_counter(), top=0.2, bottom=0.5))
        except NothingSeen:
            break
    gaps = [later - earlier for earlier, later in pairwise(instants)]
    # What is painted in two parts is one picture.
    return (instants[0] - began) * 1e3, [gap for gap in gaps if gap > 0.05]


def config_of(office: Hall, name: str, more: str = "") -> Path:
    token = office.folder / f"{name}.token"
    token.write_text(office.told["device_tokens"][name] + "\n")
    token.chmod(0o600)
    file = office.folder / f"{name}-screen.toml"
    table = {"server_url": f"http://127.0.0.1:{office.port}", "token_file": token.name}
    file.write_text(toml_of({name: table}).rstrip("\n") + "\n" + more)
    return file


def _processor_seconds(process_id: int) -> float:
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
