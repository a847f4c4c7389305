"""A real X server for tests, its pictures, and hands on its keyboard and mouse (Xvfb, xdotool)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageGrab

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_SECONDS = 60.0
BARE = (255, 0, 255)
"""The colour of the screen itself, which no program of ours has."""
NEEDED = ("Xvfb", "xdotool", "xrandr", "xsetroot", "xprop")


def lacking(*programs: str) -> str:
    """Name which of these programs this machine has not."""
    return ", ".join(name for name in programs if shutil.which(name) is None)


def until(is_so: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until something is so. Raises AssertionError when it takes longer than `seconds`."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, f"not so after {seconds:.0f} s"
        time.sleep(0.1)


@dataclass
class XScreen:
    """A running X server without a window manager, and the programs on it."""

    display: str
    size: tuple[int, int]
    programs: list[subprocess.Popen] = field(default_factory=list)

    def run(self, *words: str, env: dict[str, str] | None = None) -> subprocess.Popen:
        """Start a program on this screen; it ends with the screen."""
        program = subprocess.Popen(
            words,
            cwd=ROOT,
            env=os.environ | {"DISPLAY": self.display, "QT_QPA_PLATFORM": "xcb"} | (env or {}),
        )
        self.programs.append(program)
        return program

    def run_module(self, module: str, *words: str) -> subprocess.Popen:
        """Start one of our programs."""
        return self.run(sys.executable, "-m", module, *words)

    def hand(self, *words: str) -> str:
        """Let xdotool do something, such as `key alt+F4`; return what it prints."""
        env = os.environ | {"DISPLAY": self.display}
        done = subprocess.run(["xdotool", *words], env=env, capture_output=True, text=True, timeout=20)
        return done.stdout

    def properties(self, window: str) -> str:
        """List what a window (`root`, or an id) says of itself and its manager."""
        which = ["-root"] if window == "root" else ["-id", window]
        words = ["xprop", "-display", self.display, *which]
        return subprocess.run(words, capture_output=True, text=True, timeout=20).stdout

    def turn(self, width: int, height: int) -> None:
        """Give the screen another size, none larger than it began with."""
        lines = [width, width + 1, width + 2, width + 3, height, height + 1, height + 2, height + 3]
        for words in (
            ["--newmode", f"{width}x{height}", "60", *map(str, lines)],
            ["--addmode", "screen", f"{width}x{height}"],
            ["--output", "screen", "--mode", f"{width}x{height}"],
        ):
            subprocess.run(["xrandr", "-display", self.display, *words], check=True, timeout=20)

    def split(self, width: int) -> None:
        """Make two screens of one, the left one `width` pixels wide."""
        left = f"{width}/100x{self.size[1]}/100+0+0"
        right = f"{self.size[0] - width}/100x{self.size[1]}/100+{width}+0"
        for words in (["--setmonitor", "left", left, "screen"], ["--setmonitor", "right", right, "none"]):
            subprocess.run(["xrandr", "-display", self.display, *words], check=True, timeout=20)

    def is_covered(self) -> bool:
        """Say whether nothing of the bare screen is seen."""
        colours = self.picture().convert("RGB").getcolors(1 << 24)
        return BARE not in [colour for _, colour in colours or ()]

    def picture(self) -> Image.Image:
        """Take a picture of the whole screen."""
        return ImageGrab.grab(xdisplay=self.display)


@contextmanager
def x_screen(size: tuple[int, int] = (1080, 1920), more: Sequence[str] = ()) -> Iterator[XScreen]:
    """Start an X server of this size, without a window manager, and stop all that runs on it at the end."""
    ours, theirs = os.pipe()
    server = subprocess.Popen(
        [
            "Xvfb",
            "-displayfd",
            str(theirs),
            "-noreset",
            "-nolisten",
            "tcp",
            "-screen",
            "0",
            f"{size[0]}x{size[1]}x24",
            *more,
        ],
        pass_fds=[theirs],
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    with os.fdopen(ours) as told:
        screen = XScreen(f":{told.readline().strip()}", size)
    try:
        colour = "#{:02x}{:02x}{:02x}".format(*BARE)
        subprocess.run(["xsetroot", "-display", screen.display, "-solid", colour], check=True, timeout=20)
        yield screen
    finally:
        for program in (*reversed(screen.programs), server):
            program.terminate()
            program.wait(20)
