"""What a press's own process does: job after job in, document after document out, within bounds."""

from __future__ import annotations

import io
import logging
import resource
import select
import struct
import sys
import warnings
from collections.abc import Callable

_LENGTH = struct.Struct(">BI")
# Idle for so long it goes, and its memory with it.
_REST_SECONDS = 600.0


def work(make: Callable[[str], bytes], memory_kind: int, most_memory: int, most_documents: int) -> int:
    """Make what comes in until nothing comes any more, or so many: a library may keep what it read."""
    resource.setrlimit(memory_kind, (most_memory, most_memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    jobs, answers = io.FileIO(0), sys.stdout.buffer
    # Whatever a library prints must not lie between the documents.
    sys.stdout = sys.stderr
    for _ in range(most_documents):
        job = _next(jobs)
        if job is None:
            return 0
        try:
            failed, answer = 0, make(job.decode("utf-8"))
        except Exception as error:
            # A document that cannot be made must not take the others' process with it.
            failed, answer = 1, type(error).__name__.encode()
        answers.write(_LENGTH.pack(failed, len(answer)) + answer)
        answers.flush()
    return 0


def _next(jobs: io.FileIO) -> bytes | None:
    """Read the next job; None when the press is gone, or rests for long."""
    ready, _, _ = select.select([jobs], [], [], _REST_SECONDS)
    head = _exactly(jobs, _LENGTH.size) if ready else None
    return None if head is None else _exactly(jobs, _LENGTH.unpack(head)[1])


def _exactly(jobs: io.FileIO, length: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < length:
        part = jobs.read(length - len(parts))
        if not part:
            return None
        parts += part
    return bytes(parts)
