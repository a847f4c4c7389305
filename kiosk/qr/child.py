"""The process that reads QRs: frames come through a pipe, texts go back; it is expected to die now and then."""

from __future__ import annotations

import resource
import struct
import sys
import time
from typing import BinaryIO

import numpy as np

from kiosk.qr.ladder import FIRST_RUNGS, OTHER_RUNGS, printable

# A request: what to do, columns, rows, then the pixels if there are any.
REQUEST = struct.Struct("<cHH")
# An answer: is there one more rung, microseconds of processor time, bytes of texts, then the texts.
ANSWER = struct.Struct("<?II")
FRAME, NEXT = b"F", b"N"


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the other end of the pipe is closed.

    The first rungs are tried first on each frame. The others go round: a frame begins where the one before it
    stopped, so that a second of frames sees every rung even when there is time for few of them in each.
    """
    cursor, tried, frame = 0, 0, np.zeros((1, 1), np.uint8)
    _answer(answers, True, 0.0, [])
    while len(header := requests.read(REQUEST.size)) == REQUEST.size:
        order, width, height = REQUEST.unpack(header)
        if order == FRAME:
            pixels = requests.read(width * height)
            if len(pixels) < width * height:
                return
            frame, tried = np.frombuffer(pixels, np.uint8).reshape(height, width), 0
        if tried < len(FIRST_RUNGS):
            rung = FIRST_RUNGS[tried]
        else:
            rung, cursor = OTHER_RUNGS[cursor], (cursor + 1) % len(OTHER_RUNGS)
        tried += 1
        began = time.process_time()
        texts = printable(rung(frame))
        has_more = tried < len(FIRST_RUNGS) + len(OTHER_RUNGS)
        _answer(answers, has_more, time.process_time() - began, texts)


def _answer(answers: BinaryIO, has_more: bool, spent_s: float, texts: list[str]) -> None:
    body = "\n".join(texts).encode("ascii")
    answers.write(ANSWER.pack(has_more, int(spent_s * 1e6), len(body)) + body)
    answers.flush()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    serve(sys.stdin.buffer, sys.stdout.buffer)
