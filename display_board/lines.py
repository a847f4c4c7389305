"""Who waits, kept right by the facts of the stream, so that not every fact makes a board ask again; pure.

The numbers of a line are always its beginning; as it moves on they become fewer than a snapshot would show,
and the board's slow beat brings more. `after_fact` returns None where only the server can tell: for tickets
that come back into a line, and for calls of numbers that stand too far behind to be listed.
"""

from __future__ import annotations

from wire.messages import BoardLine, FactData
from wire.vocabulary import FactType

SHOWN = 12  # as many numbers of a line as a snapshot holds
Lines = tuple[BoardLine, ...]

LEAVES_THE_LINE = frozenset({FactType.TICKET_CALLED, FactType.TICKET_WITHDRAWN})
OVER = frozenset({FactType.TICKET_FINISHED, FactType.TICKET_MISSED, FactType.TICKET_PARKED})
_NOT_IN_LINE = OVER | {FactType.TICKET_STARTED, FactType.TICKET_RECALLED}
_LOOKS_CHANGE = ("ticket.", "notice.", "office.")


def after_fact(lines: Lines, kind: str, data: FactData) -> Lines | None:
    """Return the lines after a fact; None when the server has to be asked."""
    if kind == FactType.TICKET_ISSUED:
        return _with_newcomer(lines, data)
    if kind in LEAVES_THE_LINE:
        return _without(lines, data)
    return lines if kind in _NOT_IN_LINE or not kind.startswith(_LOOKS_CHANGE) else None


def _with_newcomer(lines: Lines, data: FactData) -> Lines | None:
    if data.number is None or data.service is None or data.ahead is None:
        return None
    place = next((n for n, line in enumerate(lines) if line.service == data.service), None)
    if place is None or data.number in lines[place].numbers:
        return lines  # another hall's line; or it was in line already when the snapshot was taken
    line = lines[place]
    numbers = list(line.numbers)
    if data.ahead < len(numbers) or len(numbers) == line.total:
        numbers.insert(data.ahead, data.number)
    changed = line.model_copy(update={"numbers": numbers[:SHOWN], "total": line.total + 1})
    return (*lines[:place], changed, *lines[place + 1 :])


def _without(lines: Lines, data: FactData) -> Lines | None:
    for place, line in enumerate(lines):
        if data.number in line.numbers:
            numbers = [other for other in line.numbers if other != data.number]
            changed = line.model_copy(update={"numbers": numbers, "total": max(0, line.total - 1)})
            return (*lines[:place], changed, *lines[place + 1 :])
    # Not listed: either it stood in no line (set aside, or sent to one counter), or too far behind.
    may_be_behind = [line for line in lines if data.service in (None, line.service)]
    return lines if all(len(line.numbers) == line.total for line in may_be_behind) else None
