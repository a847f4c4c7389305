"""The near end of the reading process: feeds it frames, watches the time, and starts it anew when it dies."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np

from kiosk.qr.bent_reader import LIKE_ONE
from kiosk.qr.child import ANSWER, REQUEST
from kiosk.qr.ladder import FIRST_RUNGS, FOREIGN, OTHER_RUNGS, RUNGS
from kiosk.qr.pixels import Gray, binned
from kiosk.qr.sight import Sight
from kiosk.visit.foreign import Foreign

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
# When two codes of ours were seen at once, neither is taken before so many frames have shown one of them alone.
ALONE_FRAMES = 6
_ROOT = Path(__file__).resolve().parents[2]


class ReaderUnavailable(Exception):
    """The reading process cannot be started at all: a part is missing or the machine is out of something."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a rung has seen; see kiosk.qr.child."""

    texts: tuple[str, ...] = ()
    likeness: float = 0.0
    foreign: Foreign | None = None


class _ChildFailed(Exception):
    """The reading process died or is stuck."""


class QrDecoder:
    """Read QRs without ever being brought down by one; for one thread, to be closed (or used by `with`).

    `sight` is what the last frame has shown, `foreign` the kind of a code that is not ours, where one was seen.
    `spent_s` is the processor time that the last frame took, `restarts` how often the process had to be replaced.
    The first rungs are tried first on each frame. The others go round: a frame begins where the one before it
    stopped, so that a second of frames sees every rung even when there is time for few of them in each; but what
    almost read the frame before goes on at once, since it adds up what it sees. A rung
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
        self._promising: int | None = None
        self._contested: frozenset[str] = frozenset()
        self._contested_for = 0
        self.sight = Sight.NOTHING
        self.foreign: Foreign | None = None
        self.spent_s = 0.0
        self.restarts = 0

    def __enter__(self) -> QrDecoder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read(self, gray: Gray, accept: Accept, budget_s: float = LIVE_S) -> str | None:
        """Return the text in the frame (rows × columns of brightness) that `accept` takes, or None.

        Of two such texts neither is taken: whose turn it is would be a guess.

        `budget_s` is GLANCE_S, LIVE_S or THOROUGH_S. A frame that kills the reader, keeps it silent for
        `patience_s` seconds, or has a size that no camera has, reads as None. Raises ReaderUnavailable.
        """
        self.sight, self.foreign = Sight.NOTHING, None
        if min(gray.shape) < MIN_SIDE or max(gray.shape) > MAX_SIDE:
            return None
        gray = _bounded(gray)
        self.open()
        self.spent_s, message = 0.0, gray.tobytes()
        promising, most = None, LIKE_ONE
        for rung in self._rungs(is_thorough=budget_s >= THOROUGH_S):
            seen = self._tried(rung, gray.shape, message)
            message = b""
            if seen is None:
                break
            if ours := frozenset(filter(accept, seen.texts)):
                return self._taken(ours)
            self._note(seen)
            if seen.likeness >= most:
                promising, most = rung, seen.likeness
            if self.spent_s >= budget_s:
                break
        self._contested_for = max(0, self._contested_for - 1)
        self._promising = promising
        return None

    def _note(self, seen: _Seen) -> None:
        """Remember what a rung has seen that is no code of ours."""
        if seen.foreign is not None:
            self.sight, self.foreign = Sight.FOREIGN, seen.foreign
        elif self.sight is Sight.NOTHING and seen.likeness >= LIKE_ONE:
            self.sight = Sight.LIKE_ONE

    def _taken(self, ours: frozenset[str]) -> str | None:
        """Return the one code of ours in a frame; None if there are two, or if there were a moment ago."""
        if len(ours) > 1:
            self._contested, self._contested_for = ours, ALONE_FRAMES
        elif not self._contested_for or not ours <= self._contested:
            self.sight = Sight.READ
            return next(iter(ours))
        else:
            self._contested_for -= 1
        self.sight = Sight.SEVERAL
        return None

    def _rungs(self, *, is_thorough: bool) -> Iterator[int]:
        """Yield the numbers of the rungs for a frame in their order, without those that rest."""
        first = len(FIRST_RUNGS)
        others = (*range(first, first + len(OTHER_RUNGS)), FOREIGN)
        begin, promising = self._next_other, self._promising
        yield from self._awake(range(first))
        if promising is not None and promising >= first:
            yield from self._awake([promising])
        for turn in range(len(others)):
            place = (begin + turn) % len(others)
            self._next_other = (place + 1) % len(others)
            if others[place] != promising:
                yield from self._awake([others[place]])
        if is_thorough:
            yield from self._awake(range(first + len(OTHER_RUNGS), len(RUNGS)))

    def _awake(self, rungs: Iterable[int]) -> Iterator[int]:
        now = self._clock()
        return (rung for rung in rungs if now >= self._rests_until.get(rung, now))

    def _tried(self, rung: int, shape: tuple[int, ...], pixels: bytes) -> _Seen | None:
        """Return what a rung sees in the frame (without pixels: the last one); None if it was its end."""
        try:
            spent_s, seen = _ask(self.open(), rung, shape, pixels, self._patience_s)
        except _ChildFailed:
            self.close()
            self.restarts += 1
            self._rests_until[rung] = self._clock() + self._rest_s
            return None
        self.spent_s += spent_s
        return seen

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
) -> tuple[float, _Seen]:
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


def _answer(child: Child, deadline: float) -> tuple[float, _Seen]:
    spent_us, length = ANSWER.unpack(_read_exactly(child, ANSWER.size, deadline))
    seen = json.loads(_read_exactly(child, length, deadline))
    foreign = seen.get("foreign")
    texts, likeness = tuple(seen.get("texts", ())), float(seen.get("likeness", 0.0))
    return spent_us / 1e6, _Seen(texts, likeness, None if foreign is None else Foreign(foreign))


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
