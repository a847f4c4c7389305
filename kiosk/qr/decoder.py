"""The near end of the reading process: feeds it frames, watches the time, and starts it anew when it dies."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType

import numpy as np

from kiosk.qr.child import ANSWER, REQUEST
from kiosk.qr.ladder import FIRST_RUNGS, OTHER_RUNGS, RUNGS
from kiosk.qr.pixels import Gray, binned

Accept = Callable[[str], bool]
Child = subprocess.Popen[bytes]

MIN_SIDE, MAX_SIDE = 32, 8192
MAX_PIXELS = 2_100_000
# No rung is begun after this much processor time, so that a busy machine reads late rather than badly. A live
# frame may cost 40 ms in 95 of 100 cases: the dearest rung takes the rest. A glance is the first rung alone.
GLANCE_S, LIVE_S, THOROUGH_S = 0.0, 0.020, 30.0
_ANSWER_S = 1.0
# A rung that brought the process down would do so again at the next frame of the same scene.
REST_S = 60.0
_START_S = 10.0
_ROOT = Path(__file__).resolve().parents[2]


class ReaderUnavailable(Exception):
    """The reading process cannot be started at all: a part is missing or the machine is out of something."""


class _ChildFailed(Exception):
    """The reading process died or is stuck."""


class QrDecoder:
    """Read QRs without ever being brought down by one; for one thread, to be closed (or used by `with`).

    `spent_s` is the processor time that the last frame took, `restarts` how often the process had to be replaced.
    The first rungs are tried first on each frame. The others go round: a frame begins where the one before it
    stopped, so that a second of frames sees every rung even when there is time for few of them in each. A rung
    at which the process died or fell silent rests for `rest_s` seconds of `clock`.
    """

    def __init__(
        self,
        patience_s: float = _ANSWER_S,
        rest_s: float = REST_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._child: Child | None = None
        self._patience_s = patience_s
        self._rest_s = rest_s
        self._clock = clock
        self._rests_until: dict[int, float] = {}
        self._next_other = 0
        self.spent_s = 0.0
        self.restarts = 0

    def __enter__(self) -> QrDecoder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read(self, gray: Gray, accept: Accept, budget_s: float = LIVE_S) -> str | None:
        """Return the first text in the frame (rows × columns of brightness) that `accept` takes, or None.

        `budget_s` is GLANCE_S, LIVE_S or THOROUGH_S. A frame that kills the reader, keeps it silent for
        `patience_s` seconds, or has a size that no camera has, reads as None. Raises ReaderUnavailable.
        """
        if min(gray.shape) < MIN_SIDE or max(gray.shape) > MAX_SIDE:
            return None
        gray = _bounded(gray)
        self.open()
        self.spent_s, message = 0.0, gray.tobytes()
        for rung in self._rungs(is_thorough=budget_s >= THOROUGH_S):
            texts = self._tried(rung, gray.shape, message)
            message = b""
            for text in texts or ():
                if accept(text):
                    return text
            if texts is None or self.spent_s >= budget_s:
                break
        return None

    def _rungs(self, *, is_thorough: bool) -> Iterator[int]:
        """Yield the numbers of the rungs for a frame in their order, without those that rest."""
        first, others = len(FIRST_RUNGS), len(OTHER_RUNGS)
        begin = self._next_other
        yield from self._awake(range(first))
        for turn in range(others):
            place = (begin + turn) % others
            self._next_other = (place + 1) % others
            yield from self._awake([first + place])
        if is_thorough:
            yield from self._awake(range(first + others, len(RUNGS)))

    def _awake(self, rungs: Iterable[int]) -> Iterator[int]:
        now = self._clock()
        return (rung for rung in rungs if now >= self._rests_until.get(rung, now))

    def _tried(self, rung: int, shape: tuple[int, ...], pixels: bytes) -> list[str] | None:
        """Return what a rung reads in the frame (without pixels: the last one); None if it was its end."""
        try:
            spent_s, texts = _ask(self.open(), rung, shape, pixels, self._patience_s)
        except _ChildFailed:
            self.close()
            self.restarts += 1
            self._rests_until[rung] = self._clock() + self._rest_s
            return None
        self.spent_s += spent_s
        return texts

    def close(self) -> None:
        """End the process."""
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()
        child.wait()

    def open(self) -> Child:
        """Start the process if it does not run; `read` does so too. Raises ReaderUnavailable."""
        if self._child is None:
            try:
                self._child = _spawned()
                _answer(self._child, time.monotonic() + _START_S)
            except (OSError, _ChildFailed) as error:
                self.close()
                raise ReaderUnavailable("the QR reader's process does not start") from error
        return self._child


def _spawned() -> Child:
    child = subprocess.Popen(
        [sys.executable, "-m", "kiosk.qr.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        cwd=_ROOT,
        # numpy would set aside memory for threads that the ladder has no use for.
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    assert child.stdin is not None
    os.set_blocking(child.stdin.fileno(), False)
    return child


def _bounded(gray: Gray) -> Gray:
    """Reduce a frame that is larger than a camera's, so that no picture can hold the reader up."""
    times = 1
    while gray.size // (times * times) > MAX_PIXELS:
        times += 1
    return np.ascontiguousarray(gray if times == 1 else binned(gray, times))


def _ask(
    child: Child, rung: int, shape: tuple[int, ...], pixels: bytes, patience_s: float
) -> tuple[float, list[str]]:
    height, width = shape if pixels else (0, 0)
    message = REQUEST.pack(rung, width, height) + pixels
    deadline = time.monotonic() + patience_s
    try:
        _write_all(child, message, deadline)
    except OSError as error:
        raise _ChildFailed from error
    return _answer(child, deadline)


def _write_all(child: Child, message: bytes, deadline: float) -> None:
    """Write to a pipe that does not block, so that a process that reads no more cannot hold us up either."""
    assert child.stdin is not None
    pipe, rest = child.stdin.fileno(), memoryview(message)
    while rest:
        if not select.select([], [pipe], [], max(0.0, deadline - time.monotonic()))[1]:
            raise _ChildFailed
        rest = rest[os.write(pipe, rest) :]


def _answer(child: Child, deadline: float) -> tuple[float, list[str]]:
    spent_us, length = ANSWER.unpack(_read_exactly(child, ANSWER.size, deadline))
    body = _read_exactly(child, length, deadline).decode("ascii", "replace")
    return spent_us / 1e6, body.split("\n") if body else []


def _read_exactly(child: Child, count: int, deadline: float) -> bytes:
    assert child.stdout is not None
    pipe, data = child.stdout.fileno(), b""
    while len(data) < count:
        if not select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))[0]:
            raise _ChildFailed
        part = os.read(pipe, count - len(data))
        if not part:
            raise _ChildFailed
        data += part
    return data
