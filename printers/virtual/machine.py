"""The works of the virtual printer: a buffer, a print head, sensors, and the faults it is told to have."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image

from printers.virtual.paper import CUTS, Paper
from printers.virtual.parser import Command, first_command

log = logging.getLogger(__name__)

Reply = Callable[[bytes], None]
BUFFER = 16_384
_REAL_TIME = b"\x10\x04"


@dataclass
class Condition:
    """What is wrong with the printer; change it through `Machine.set`.

    `dots_per_second` 0 prints at once; `paper_left` dots until the roll ends (None: a long roll);
    `dies_after` bytes the printer goes dead; `answer_delay` in seconds; a printer that is not `answering`
    prints, but says nothing.
    """

    paper: Literal["in", "low", "out"] = "in"
    cover_open: bool = False
    offline: bool = False
    error: bool = False
    answering: bool = True
    answer_delay: float = 0.0
    dots_per_second: int = 0
    paper_left: int | None = None
    dies_after: int | None = None
    dead: bool = False

    @property
    def holds(self) -> bool:
        """Does the print head stand still?"""
        return self.paper == "out" or self.cover_open or self.offline or self.error


class Machine:
    """A printer on no particular line: `receive` bytes, answers go to the reply that came with them.

    Slips go to `folder` as slip-0001.png and slip-0001.escpos, and to `slips`. It has the code pages of a
    python-escpos `profile`. `knows_completion` and
    `knows_auto_status` False make it a simple model.
    """

    def __init__(
        self,
        width: int = 576,
        folder: Path | None = None,
        *,
        profile: str = "default",
        model: str = "TM-T88V",
        knows_completion: bool = True,
        knows_auto_status: bool = True,
    ) -> None:
        self.slips: list[Image.Image] = []
        self.received = 0
        self.condition = Condition()
        self._model, self._folder = model, folder
        self._knows_completion, self._knows_auto_status = knows_completion, knows_auto_status
        self._paper = Paper(width, profile)
        self._buffer, self._job = bytearray(), bytearray()
        self._tail = b""
        self._automatic = False
        self._ports: list[Reply] = []
        self._change = threading.Condition()
        self._closed = False
        self._head = threading.Thread(target=self._print, name="virtual printer", daemon=True)
        self._head.start()

    def set(self, **changes: object) -> None:
        """Change the condition; what was held goes on when nothing is wrong any more."""
        with self._change:
            for name, value in changes.items():
                if not hasattr(self.condition, name):
                    raise AttributeError(f"the virtual printer has no condition {name!r}")
                setattr(self.condition, name, value)
            if changes.get("dead") is False:
                self._power_on()
            self._tell_change()
            self._change.notify_all()

    def _power_on(self) -> None:
        self._buffer.clear()
        self._job.clear()
        self._automatic, self._tail = False, b""

    def forget(self) -> None:
        """Lose what has come and is not printed, as models do whose cover was opened."""
        with self._change:
            self._buffer.clear()
            self._job.clear()
            self._paper.cut()

    def attach(self, reply: Reply) -> None:
        """Add a line that hears what the printer says unasked."""
        with self._change:
            self._ports.append(reply)

    def detach(self, reply: Reply) -> None:
        """Take the line away."""
        with self._change:
            self._ports.remove(reply)

    def receive(self, data: bytes, reply: Reply, is_torn: Callable[[], bool] = lambda: False) -> bool:
        """Take bytes in, waiting while the buffer is full; False when the printer is dead, or the line torn.

        What a torn line still held never comes: it would stand among the bytes of the next one.
        """
        with self._change:
            for start in range(0, len(data), 256):
                piece = data[start : start + 256]
                self._change.wait_for(lambda: len(self._buffer) < BUFFER or self._gone or is_torn())
                limit = self.condition.dies_after
                if limit is not None and self.received + len(piece) >= limit:
                    piece = piece[: max(0, limit - self.received)]
                    self.condition.dead = True
                if self._closed or is_torn():
                    return False
                self.received += len(piece)
                self._answer_at_once(piece, reply)
                self._buffer += piece
                self._change.notify_all()
                if self.condition.dead:
                    return False
        return True

    @property
    def _gone(self) -> bool:
        return self._closed or self.condition.dead

    def wait_for_slips(self, count: int, seconds: float) -> list[Image.Image]:
        """Wait until `count` slips were cut, at most `seconds`; return all."""
        with self._change:
            self._change.wait_for(lambda: len(self.slips) >= count, seconds)
            return list(self.slips)

    def wait_for_bytes(self, count: int, seconds: float) -> bool:
        """Wait until `count` bytes have come since the start, at most `seconds`; have they?"""
        with self._change:
            return self._change.wait_for(lambda: self.received >= count, seconds)

    def close(self) -> None:
        """Stop the print head."""
        with self._change:
            self._closed = True
            self._change.notify_all()
        self._head.join(2)

    def _answer_at_once(self, piece: bytes, reply: Reply) -> None:
        """Answer DLE EOT wherever it stands, also within a picture, as real printers do."""
        stream = self._tail + piece
        place = stream.find(_REAL_TIME)
        while 0 <= place < len(stream) - 2:
            self._say(self._real_time(stream[place + 2]), reply)
            place = stream.find(_REAL_TIME, place + 3)
        self._tail = stream[place:] if place >= 0 else (b"\x10" if stream.endswith(b"\x10") else b"")

    def _print(self) -> None:
        while True:
            with self._change:
                command = self._next()
                while command is None and not self._closed:
                    self._change.wait()
                    command = self._next()
                if command is None:
                    return
                self._job += self._buffer[: command.length]
                del self._buffer[: command.length]
                self._change.notify_all()
                seconds = self._execute(command)
            if seconds:
                time.sleep(seconds)

    def _next(self) -> Command | None:
        if not self._buffer or self.condition.holds or self._gone:
            return None
        return first_command(self._buffer)

    def _execute(self, command: Command) -> float:
        """Do a command; return how many seconds the paper moves."""
        before = self._paper.ink
        match command.name:
            case name if name in CUTS:
                self._cut()
            case b"\x1da":
                self._automatic = self._knows_auto_status and command.data != b"\0"
                self._tell_change()
            case b"\x1dr":
                self._say_all(bytes((self._sensor(),)))
            case b"\x1dI" if command.data[0] in b"ABCD":
                self._say_all(
                    b"_" + {65: b"1.0", 66: b"EPSON"}.get(command.data[0], self._model.encode()) + b"\0"
                )
            case b"\x1d(H" if command.data[:2] == b"00" and len(command.data) >= 6 and self._knows_completion:
                self._say_all(b"\x37\x22" + command.data[2:6] + b"\0")
            case _:
                if command.name == b"\x1b@":
                    self._automatic = False
                self._paper.take(command)
        moved = self._paper.ink - before
        self._use_up(moved)
        speed = self.condition.dots_per_second
        return min(5.0, moved / speed) if speed else 0.0

    def _use_up(self, dots: int) -> None:
        left = self.condition.paper_left
        if left is None or not dots:
            return
        self.condition.paper_left = max(0, left - dots)
        if self.condition.paper_left == 0:
            self.condition.paper, self.condition.paper_left = "out", None
            self._tell_change()

    def _cut(self) -> None:
        slip = self._paper.cut()
        job, self._job = bytes(self._job), bytearray()
        if slip is None:
            return
        if self._folder is not None:
            self._keep(self._folder, slip, job)
        self.slips.append(slip)
        self._change.notify_all()

    def _keep(self, folder: Path, slip: Image.Image, job: bytes) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            number = len(self.slips) + 1
            while (folder / f"slip-{number:04}.png").exists():
                number += 1
            (folder / f"slip-{number:04}.escpos").write_bytes(job)
            # Whoever watches the folder sees a whole picture or none.
            slip.save(folder / "slip.part", "PNG")
            os.replace(folder / "slip.part", folder / f"slip-{number:04}.png")
        except OSError as error:
            log.error("virtual printer: the slip cannot be kept: %s", error)

    def _real_time(self, question: int) -> bytes:
        now = self.condition
        match question:
            case 1:
                value = 0x08 if now.holds else 0
            case 2:
                value = (
                    (0x04 if now.cover_open else 0)
                    | (0x20 if now.paper == "out" else 0)
                    | (0x40 if now.error else 0)
                )
            case 3:
                value = 0x08 if now.error else 0
            case 4:
                value = {"in": 0, "low": 0x0C, "out": 0x6C}[now.paper]
            case _:
                return b""
        return bytes((0x12 | value,))

    def _sensor(self) -> int:
        return {"in": 0, "low": 0x03, "out": 0x0F}[self.condition.paper]

    def _tell_change(self) -> None:
        if self._automatic:
            now = self.condition
            first = 0x10 | (0x08 if now.holds else 0) | (0x20 if now.cover_open else 0)
            self._say_all(bytes((first, 0x08 if now.error else 0, self._sensor(), 0x0F)))

    def _say_all(self, data: bytes) -> None:
        for reply in self._ports:
            self._say(data, reply)

    def _say(self, data: bytes, reply: Reply) -> None:
        if not data or not self.condition.answering or self._gone:
            return
        if self.condition.answer_delay:
            timer = threading.Timer(self.condition.answer_delay, reply, (data,))
            timer.daemon = True
            timer.start()
        else:
            reply(data)
