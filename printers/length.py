"""How much paper a slip takes: its bytes are followed as a printer follows them."""

from __future__ import annotations

_DOTS_PER_MM = 8


def slip_millimetres(data: bytes, width_dots: int, profile: str = "default") -> float:
    """Return how far the paper moves for these bytes of a whole slip, in millimetres, its last feed with it."""
    # Here: it draws, and who only asks how a printer is draws nothing.
    from printers.virtual.paper import Paper
    from printers.virtual.parser import first_command

    paper, rest = Paper(width_dots, profile), bytearray(data)
    while rest and (command := first_command(rest)) is not None:
        paper.take(command)
        del rest[: command.length]
    return paper.ink / _DOTS_PER_MM
