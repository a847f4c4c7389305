"""A press: a child process that makes documents, begun at the first use, bounded in time and in queue.

The libraries for it are heavy, and what they read is large: beside the server they cost the server nothing, and a
document that never ends costs one child (press_work is the child's side).
"""

from __future__ import annotations

import contextlib
import logging
import os
import selectors
import struct
import subprocess
import threading
import time
from pathlib import Path

from server.services.ports import NotWritten

log = logging.getLogger("numerek.papers")
_SECONDS = 20.0
# The first document waits for the library to load, too.
_START_SECONDS = 20.0
_MOST_WAITING = 8
_LONGEST_BYTES = 16_777_216
_LENGTH = struct.Struct(">BI")
_ROOT = Path(__file__).resolve().parents[2]


class Press:
    """Prints one document at a time; more than a few waiting ones are sent away. `command` starts its process."""

    def __init__(self, command: list[str], seconds: float = _SECONDS) -> None:
        self._seconds = seconds
        self._command = command
        self._lock = threading.Lock()
        self._waiting = threading.BoundedSemaphore(_MOST_WAITING)
        self._child: subprocess.Popen[bytes] | None = None

    def print(self, text: str) -> bytes:
        """Turn a text into a document. Raises NotWritten (`busy`, `too_slow`, `broken`)."""
        if not self._waiting.acquire(blocking=False):
            raise NotWritten("busy")
        try:
            if not self._lock.acquire(timeout=self._seconds):
                raise NotWritten("busy")
            try:
                return self._print(text.encode("utf-8", "replace"))
            finally:
                self._lock.release()
        finally:
            self._waiting.release()

    @property
    def process_id(self) -> int | None:
        """Return the child's process id, None while there is none."""
        return self._child.pid if self._child is not None and self._child.poll() is None else None

    def stop(self) -> None:
        """End the child."""
        child, self._child = self._child, None
        if child is None:
            return
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        child.kill()
        child.wait()

    def _print(self, job: bytes) -> bytes:
        """Print, once more with a fresh child where the one at hand had rested and gone."""
        is_fresh = self.process_id is None
        try:
            return self._once(job)
        except (OSError, EOFError) as gone:
            self.stop()
            if is_fresh:
                raise NotWritten("broken") from gone
        try:
            return self._once(job)
        except (OSError, EOFError) as gone:
            self.stop()
            raise NotWritten("broken") from gone

    def _once(self, job: bytes) -> bytes:
        until = time.monotonic() + self._seconds
        if self.process_id is None:
            self.stop()
            self._child = self._start()
            until += _START_SECONDS
        child = self._child
        assert child is not None
        assert child.stdin is not None
        try:
            return _exchange(child, _LENGTH.pack(0, len(job)) + job, until)
        except TimeoutError:
            log.warning("a document took too long; its process is ended")
            self.stop()
            raise NotWritten("too_slow") from None

    def _start(self) -> subprocess.Popen[bytes]:
        child = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=_ROOT,
            close_fds=True,
            start_new_session=True,
        )
        for pipe in (child.stdin, child.stdout):
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)
        return child


def _exchange(child: subprocess.Popen[bytes], asked: bytes, until: float) -> bytes:
    """Write a job and read its answer. Raises TimeoutError, EOFError (the child is gone), NotWritten."""
    assert child.stdin is not None
    assert child.stdout is not None
    into, out = child.stdin.fileno(), child.stdout.fileno()
    answer = bytearray()
    with selectors.DefaultSelector() as ready:
        ready.register(into, selectors.EVENT_WRITE)
        ready.register(out, selectors.EVENT_READ)
        while True:
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError
            for key, _ in ready.select(left):
                if key.fd == into:
                    asked = asked[os.write(into, asked[:65_536]) :]
                    if not asked:
                        ready.unregister(into)
                    continue
                part = os.read(out, 1_048_576)
                if not part:
                    raise EOFError
                answer += part
            if (whole := _whole(answer)) is not None:
                return whole


def _whole(answer: bytearray) -> bytes | None:
    """Return the document when all of it is there. Raises NotWritten where the child could not make it."""
    if len(answer) < _LENGTH.size:
        return None
    failed, length = _LENGTH.unpack_from(answer)
    if length > _LONGEST_BYTES:
        raise EOFError
    if len(answer) < _LENGTH.size + length:
        return None
    if failed:
        raise NotWritten("broken")
    return bytes(answer[_LENGTH.size : _LENGTH.size + length])
