"""The process that reads QRs: frames come through a pipe, texts go back; it is expected to die now and then."""

from __future__ import annotations

import resource
import struct
import sys
from typing import BinaryIO

import numpy as np

from kiosk.qr.ladder import RUNGS, printable

# A request: what to do, columns, rows, then the pixels if there are any. An answer: one more rung?, bytes, texts.
REQUEST = struct.Struct("<cHH")
ANSWER = struct.Struct("<?I")
FRAME, NEXT = b"F", b"N"


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the other end of the pipe is closed.

    The first rung is tried first on each frame. The others go round: a frame begins where the one before it
    stopped, so that a second of frames sees every rung even when there is time for few of them in each.
    """
    cursor, tried, frame = 0, 0, np.zeros((1, 1), np.uint8)
    others = RUNGS[1:]
    _answer(answers, True, [])
    while header := requests.read(REQUEST.size):
        if len(header) < REQUEST.size:
            return
        order, width, height = REQUEST.unpack(header)
        if order == FRAME:
            pixels = requests.read(width * height)
            if len(pixels) < width * height:
                return
            frame = np.frombuffer(pixels, np.uint8).reshape(height, width)
            tried, rung = 0, RUNGS[0]
        else:
            rung = others[cursor % len(others)]
            cursor, tried = cursor + 1, tried + 1
        _answer(answers, tried < len(others), printable(rung(frame)))


def _answer(answers: BinaryIO, has_more: bool, texts: list[str]) -> None:
    body = "\n".join(texts).encode("ascii")
    answers.write(ANSWER.pack(has_more, len(body)) + body)
    answers.flush()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    serve(sys.stdin.buffer, sys.stdout.buffer)
