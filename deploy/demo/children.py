"""The demo's programs as child processes: started with a log each, watched, and stopped in good order."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_LOOK_SECONDS = 0.02
_STOP_SECONDS = 8.0
_LAST_LINES = 12


class ChildFailed(Exception):
    """A program of the demo ended, or did not become ready; the text tells which and what it said last.

    `is_ordinary` when a person closed its window.
    """

    def __init__(self, told: str, *, is_ordinary: bool = False) -> None:
        super().__init__(told)
        self.is_ordinary = is_ordinary


class Child:
    """`python -m …` with a log and a session of its own: Ctrl+C reaches the demo, which ends the child."""

    def __init__(
        self, name: str, command: Sequence[str], log: Path, environ: Mapping[str, str] | None = None
    ) -> None:
        """Start it."""
        self.name, self._log = name, log
        log.parent.mkdir(parents=True, exist_ok=True)
        env = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"} | dict(environ or {})
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=ROOT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_for(self, pattern: str, seconds: float) -> str:
        """Wait until the log holds a pattern; return its first group. Ends it and raises ChildFailed without."""
        deadline = time.monotonic() + seconds
        while (found := re.search(pattern, self._text())) is None:
            self.raise_if_ended()
            if time.monotonic() > deadline:
                self.stop()
                raise ChildFailed(f"{self.name} was not ready after {seconds:.0f} s.\n{self._last_lines()}")
            time.sleep(_LOOK_SECONDS)
        return found[1]

    def raise_if_ended(self) -> None:
        """Raise ChildFailed when the program has ended, with the last lines of its log unless it was closed."""
        code = self.process.poll()
        if code == 0:
            raise ChildFailed(f"{self.name} was closed.", is_ordinary=True)
        if code is not None:
            raise ChildFailed(f"{self.name} ended with code {code}. Its last lines:\n{self._last_lines()}")

    def stop(self) -> None:
        """Ask it to end, and end it if it does not."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """End it without a word, as a power cut does."""
        self.process.kill()
        self.process.wait()

    def _text(self) -> str:
        return self._log.read_text("utf-8", "replace")

    def _last_lines(self) -> str:
        return "\n".join(f"  {line}" for line in self._text().splitlines()[-_LAST_LINES:])


def server_child(root: Path, port: int, log: Path, clock: Path | None = None) -> Child:
    """Start the demo's server on a port."""
    command = ["deploy.demo", "--serve-only", "--data", str(root), "--port", str(port)]
    return Child("The server", [*command, *(["--clock", str(clock)] if clock else [])], log)
