"""The near end of the reading process: feeds it frames, watches the time, and starts it anew when it dies."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import numpy as np

from kiosk.qr.child import ANSWER, FRAME, NEXT, REQUEST
from kiosk.qr.pixels import Gray, binned

Accept = Callable[[str], bool]
Child = subprocess.Popen[bytes]

MIN_SIDE, MAX_SIDE = 32, 8192
MAX_PIXELS = 2_100_000
# No rung is begun after this much processor time, so that a busy machine reads late rather than badly. A live
# frame may cost 40 ms in 95 of 100 cases: the dearest rung takes the rest. A glance is the first rung alone.
GLANCE_S, LIVE_S, THOROUGH_S = 0.0, 0.020, 30.0
_ANSWER_S = 1.0
_START_S = 10.0
_ROOT = Path(__file__).resolve().parents[2]


class ReaderUnavailable(Exception):
    """The reading process cannot be started at all: a part is missing or the machine is out of something."""


class _ChildFailed(Exception):
    """The reading process died or is stuck."""


class QrDecoder:
    """Read QRs without ever being brought down by one; for one thread, to be closed (or used by `with`).

    `spent_s` is the processor time that the last frame took, `restarts` how often the process had to be replaced.
    """

    def __init__(self, patience_s: float = _ANSWER_S) -> None:
        self._child: Child | None = None
        self._patience_s = patience_s
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
        child = self.open()
        try:
            has_more, self.spent_s, texts = _ask(child, FRAME, gray, self._patience_s)
            while True:
                for text in texts:
                    if accept(text):
                        return text
                if not has_more or self.spent_s >= budget_s:
                    return None
                has_more, more_s, texts = _ask(child, NEXT, gray, self._patience_s)
                self.spent_s += more_s
        except _ChildFailed:
            self.close()
            self.restarts += 1
            return None

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


def _ask(child: Child, order: bytes, gray: Gray, patience_s: float) -> tuple[bool, float, list[str]]:
    height, width = gray.shape
    message = REQUEST.pack(order, width, height)
    if order == FRAME:
        message += gray.tobytes()
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


def _answer(child: Child, deadline: float) -> tuple[bool, float, list[str]]:
    has_more, spent_us, length = ANSWER.unpack(_read_exactly(child, ANSWER.size, deadline))
    body = _read_exactly(child, length, deadline).decode("ascii", "replace")
    return has_more, spent_us / 1e6, body.split("\n") if body else []


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
