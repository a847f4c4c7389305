"""A screen of its own whose dots this program can read: what a person would see, and when."""

from __future__ import annotations

import contextlib
import mmap
import os
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_STARTED_SECONDS = 60.0
_LOOK_SECONDS = 0.001
_BYTES_A_DOT = 4
# The header of an X window dump: its own size, and the number of colours behind it, twelve bytes each.
_HEADER_SIZE, _COLOURS_AT, _A_COLOUR = 0, 19 * 4, 12


class NothingSeen(RuntimeError):
    """The screen did not change within the time."""


@dataclass(frozen=True, slots=True)
class Screen:
    """An X server's picture in memory (Xvfb); `display` is what programs are told."""

    display: str
    width: int
    height: int
    dots: memoryview
    keys: IO[str]

    def look(self, *, top: float = 0.0, bottom: float = 1.0) -> bytes:
        """Return each 16th line between two heights (parts of the whole) as bytes: enough to tell a change."""
        line = self.width * _BYTES_A_DOT
        rows = range(int(self.height * top), int(self.height * bottom), 16)
        return b"".join(self.dots[row * line : (row + 1) * line].tobytes() for row in rows)

    @property
    def is_filled(self) -> bool:
        """Say whether something is shown: the bare screen has one colour."""
        seen = self.look(top=0.1, bottom=0.9)
        return len({seen[place : place + 3] for place in range(0, len(seen), 404)}) > 2

    def rests(self, seconds: float, within: float) -> None:
        """Wait until the picture has stood still for so long. Raises NothingSeen."""
        until = time.perf_counter() + within
        while time.perf_counter() < until:
            try:
                self.changed(self.look(), seconds)
            except NothingSeen:
                return
        raise NothingSeen(f"no rest within {within} s")

    def middle_of(self, colour: str) -> tuple[int, int]:
        """Return the middle of what has this colour (`#RRGGBB`), looked for on the middle column.

        Raises NothingSeen where nothing has it.
        """
        x, wanted = self.width // 2, bytes(reversed(bytes.fromhex(colour[1:])))
        places = [(row * self.width + x) * _BYTES_A_DOT for row in range(self.height)]
        found = [row for row, at in enumerate(places) if self.dots[at : at + 3].tobytes() == wanted]
        if not found:
            raise NothingSeen(f"nothing is {colour}")
        return x, (found[0] + found[-1]) // 2

    def changed(self, before: bytes, within: float, *, top: float = 0.0, bottom: float = 1.0) -> float:
        """Wait until the picture is another; return the instant. Raises NothingSeen."""
        until = time.perf_counter() + within
        while time.perf_counter() < until:
            if self.look(top=top, bottom=bottom) != before:
                return time.perf_counter()
            time.sleep(_LOOK_SECONDS)
        raise NothingSeen(f"nothing changed within {within} s")

    def touch(self, x: int, y: int) -> None:
        """Press and let go at a place."""
        self._typed(f"mousemove {x} {y} click 1")

    def _typed(self, command: str) -> None:
        self.keys.write(command + "\n")
        self.keys.flush()


@contextlib.contextmanager
def screen(width: int, height: int) -> Iterator[Screen]:
    """Run an X server of this size with software rendering, and xdotool as its finger."""
    with tempfile.TemporaryDirectory(prefix="numerek-screen-") as name:
        reading, writing = os.pipe()
        server = subprocess.Popen(
            [
                *("Xvfb", "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24"),
                *("-fbdir", name, "-nolisten", "tcp", "-nocursor"),
            ],
            pass_fds=[writing],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(writing)
        try:
            with os.fdopen(reading) as told:
                display = f":{told.readline().strip()}"
            with (
                (Path(name) / "Xvfb_screen0").open("rb") as file,
                mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as whole,
                subprocess.Popen(
                    ["xdotool", "-"], env=os.environ | {"DISPLAY": display}, stdin=subprocess.PIPE, text=True
                ) as finger,
            ):
                begins = _begins(whole)
                assert finger.stdin is not None
                dots = memoryview(whole)[begins : begins + width * height * _BYTES_A_DOT]
                try:
                    yield Screen(display, width, height, dots, finger.stdin)
                finally:
                    finger.stdin.close()
                    dots.release()
        finally:
            server.terminate()
            server.wait(10)


def _begins(whole: mmap.mmap) -> int:
    header, colours = (struct.unpack_from(">I", whole, at)[0] for at in (_HEADER_SIZE, _COLOURS_AT))
    return int(header) + int(colours) * _A_COLOUR


@contextlib.contextmanager
def program(on: Screen, module: Sequence[str], folder: Path) -> Iterator[tuple[subprocess.Popen[str], float]]:
    """Run a program on the screen, with one processor; give it and the seconds to its first picture."""
    one = str(min(os.sched_getaffinity(0)))
    with (folder / f"{module[0]}.log").open("w") as log:
        began = time.perf_counter()
        started = subprocess.Popen(
            ["taskset", "-c", one, sys.executable, "-m", *module],
            env=os.environ | {"DISPLAY": on.display, "QT_QPA_PLATFORM": "xcb", "LIBGL_ALWAYS_SOFTWARE": "1"},
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
        )
    try:
        while not on.is_filled:
            if started.poll() is not None or time.perf_counter() - began > _STARTED_SECONDS:
                raise RuntimeError(f"no picture: {(folder / f'{module[0]}.log').read_text()[-500:]}")
            time.sleep(_LOOK_SECONDS)
        yield started, time.perf_counter() - began
    finally:
        started.terminate()
        started.wait(15)
