"""Takes a stream of ESC/POS bytes apart, command by command, whatever the pieces in which it comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

LONGEST_COMMAND = 4_000_000

# Commands of fixed length: how many bytes follow the two of their name (Epson's reference).
_ESC = {
    **dict.fromkeys(b" !%-3=ACEGJKLMQRSTUVadegtu{", 1),
    **dict.fromkeys(b"@2<iFOPSZm\x0c", 0),
    **dict.fromkeys(b"$\\Bc", 2),
    ord("p"): 3,
    ord("W"): 8,
}
_GS = {
    **dict.fromkeys(b"!/BHITabfhjrwxdcgzE", 1),
    **dict.fromkeys(b"$LPW\\", 2),
    **dict.fromkeys(b":\x0c", 0),
    ord("^"): 3,
}
_FS = {**dict.fromkeys(b"!-CFW", 1), **dict.fromkeys(b"&.", 0), **dict.fromkeys(b"Sp", 2)}
_DLE = {0x04: 1, 0x05: 1, 0x14: 3}
_TABLES = {0x1B: _ESC, 0x1D: _GS, 0x1C: _FS, 0x10: _DLE}
_MOST_TABS = 32
_LONGEST_BARS = 255


@dataclass(frozen=True)
class Command:
    """A command: its name of one to three bytes, what follows it, and where its bytes end in the stream."""

    name: bytes
    data: bytes
    length: int


def first_command(buffer: bytes | bytearray) -> Command | None:
    """Return the first command of a buffer that is not empty, None while bytes of it are missing.

    Every byte string begins with a command: unknown bytes are one too, and printers skip them.
    """
    head = buffer[0]
    if head >= 0x20:
        return _text(buffer)
    if head not in (0x1B, 0x1D, 0x1C, 0x10):
        return Command(bytes(buffer[:1]), b"", 1)
    if len(buffer) < 2:
        return None
    special = _long(buffer) if head in (0x1B, 0x1D) else None
    if special is not None:
        return special if special.length else None
    following = _TABLES[head].get(buffer[1])
    if following is None and (head == 0x10 or buffer[1] in _TABLES):
        # No command, but perhaps the beginning of one: after rubbish the next job is found again.
        return Command(bytes(buffer[:1]), b"", 1)
    return _cut_off(buffer, 2, following or 0)


def _text(buffer: bytes | bytearray) -> Command:
    end = next((index for index, byte in enumerate(buffer[:4096]) if byte < 0x20), min(len(buffer), 4096))
    return Command(b"text", bytes(buffer[:end]), end)


def _cut_off(buffer: bytes | bytearray, header: int, following: int) -> Command | None:
    """Return the command of `header` bytes, at most three of them its name, and `following` ones."""
    if following > LONGEST_COMMAND:
        return Command(b"", b"", header)
    if len(buffer) < header + following:
        return None
    return Command(bytes(buffer[:2]), bytes(buffer[2 : header + following]), header + following)


_MORE = Command(b"", b"", 0)


def _long(buffer: bytes | bytearray) -> Command | None:
    """Return a command that tells its own length; `_MORE` while that is not known, None if it is another."""
    name = bytes(buffer[:2])
    wanted = _HEADERS.get(name)
    if wanted is None:
        return None
    if len(buffer) < wanted:
        return _MORE
    if name[1:] in (b"(", b"8"):
        size = 4 if name == b"\x1d8" else 2
        found = _cut_off(buffer, wanted, int.from_bytes(buffer[3 : 3 + size], "little"))
        if found is None:
            return _MORE
        return Command(name + bytes(buffer[2:3]), found.data[1 + size :], found.length)
    return _cut_off(buffer, *_sized(name, buffer)) or _MORE


_HEADERS = {
    b"\x1d(": 5,
    b"\x1b(": 5,
    b"\x1c(": 5,
    b"\x1d8": 7,
    b"\x1dv": 8,
    b"\x1b*": 5,
    b"\x1d*": 4,
    b"\x1dV": 3,
    b"\x1dk": 4,
    b"\x1bD": 3,
}


def _sized(name: bytes, buffer: bytes | bytearray) -> tuple[int, int]:
    """Return the bytes of header and of what follows it."""
    if name == b"\x1dv":
        return 8, (buffer[4] + 256 * buffer[5]) * (buffer[6] + 256 * buffer[7])
    if name == b"\x1b*":
        return 5, (buffer[3] + 256 * buffer[4]) * (3 if buffer[2] >= 32 else 1)
    if name == b"\x1d*":
        return 4, buffer[2] * buffer[3] * 8
    if name == b"\x1dV":
        return (4, 0) if buffer[2] in (65, 66, 97, 98, 103, 104) else (3, 0)
    if name == b"\x1dk" and buffer[2] >= 65:
        return 4, buffer[3]
    if name == b"\x1bD":
        return _listed(buffer, 2, _MOST_TABS, lambda index: index == 2 or buffer[index] > buffer[index - 1])
    return _listed(buffer, 3, _LONGEST_BARS, lambda index: 0x20 <= buffer[index] < 0x7F)


def _listed(
    buffer: bytes | bytearray, start: int, most: int, belongs: Callable[[int], bool]
) -> tuple[int, int]:
    """Return the bytes of a list that ends with NUL, or before the first byte that cannot belong to it."""
    for index in range(start, min(len(buffer), start + most)):
        if not buffer[index]:
            return index + 1, 0
        if not belongs(index):
            return index, 0
    return (start + most, 0) if len(buffer) >= start + most else (len(buffer) + 1, 0)
