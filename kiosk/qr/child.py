"""The process that reads QRs: frames come through a pipe, texts go back; it is expected to die now and then."""

from __future__ import annotations

import json
import resource
import struct
import sys
import time
from typing import BinaryIO

import numpy as np

from kiosk.qr.ladder import BENT, FOREIGN, RUNGS, foreign_kind, printable
from kiosk.qr.pixels import Gray

# A request: which rung (or FOREIGN), columns, rows, then the pixels; without columns it is the frame before.
REQUEST = struct.Struct("<BHH")
# An answer: microseconds of processor time, how many bytes follow, then what was seen as JSON: `texts`,
# `likeness` (of a code that could not be read, 1 is in full), `foreign` (the kind of a code that is not ours).
ANSWER = struct.Struct("<II")


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Say that it runs, then look at frames by the rungs asked for, until the other end of the pipe is closed."""
    frame = np.zeros((1, 1), np.uint8)
    _answer(answers, 0.0, {})
    while len(header := requests.read(REQUEST.size)) == REQUEST.size:
        rung, width, height = REQUEST.unpack(header)
        if width:
            pixels = requests.read(width * height)
            if len(pixels) < width * height:
                return
            frame = np.frombuffer(pixels, np.uint8).reshape(height, width)
        began = time.process_time()
        seen = _seen(rung, frame)
        _answer(answers, time.process_time() - began, seen)


def _seen(rung: int, frame: Gray) -> dict[str, object]:
    if rung == FOREIGN:
        return {"foreign": foreign_kind(frame)}
    BENT.likeness = 0.0
    texts = printable(RUNGS[rung](frame))
    return {"texts": texts, "likeness": BENT.likeness}


def _answer(answers: BinaryIO, spent_s: float, seen: dict[str, object]) -> None:
    body = json.dumps(seen).encode("ascii")
    answers.write(ANSWER.pack(int(spent_s * 1e6), len(body)) + body)
    answers.flush()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    serve(sys.stdin.buffer, sys.stdout.buffer)
