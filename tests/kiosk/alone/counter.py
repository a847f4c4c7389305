"""A counter that asks a kiosk's own line, as counter_client does, without its window."""

from __future__ import annotations

from itertools import count

from kiosk.alone.own_line import OwnLine
from kiosk.alone.standby import Standby
from wire.messages import LineAsked, LineTold, LineWish
from wire.messages.line import is_signed, signed_line

LINE_KEY = "7e" * 32
_KEYS = count(1)


def asked(standby: Standby, counter: int, wish: LineWish, **other: object) -> LineAsked:
    """Return a wish of now under a fresh key, of a counter that serves P and N."""
    values = {"at": standby.now(), "key": f"wish-{next(_KEYS):06d}", "counter": counter, "wish": wish}
    return LineAsked.model_validate(values | {"services": ["P", "N"]} | other)


def tells(standby: Standby, wish: LineAsked, key: str | None = None) -> LineTold:
    """Let the kiosk answer a wish. Raises LineRefused."""
    listed = standby.desk.listed
    own = (listed.line_key if listed else None) or LINE_KEY
    signed = OwnLine(standby).answer(signed_line(key or own, wish))
    assert is_signed(own, LineTold, signed)
    told = LineTold.model_validate_json(signed.body)
    assert told.key == wish.key
    return told


def calls_next(standby: Standby, counter: int) -> str | None:
    """Call from the line; return the number that the counter then has in hand."""
    told = tells(standby, asked(standby, counter, LineWish.CALL_NEXT))
    return told.in_hand.number if told.in_hand else None
