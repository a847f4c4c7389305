"""What a row of the log shows to everybody: the line at which it stands in the tree, without personal data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from wire.vocabulary import FactType

# What of a fact is open. Who did it, at which counter, for what reason, in what language and with what outcome
# is not: one ticket's number may be known to somebody, and a counter says who sits there. Priority neither:
# boards do not show it (rule 24).
_TICKET = ("number", "hall", "service")
_OPEN: Mapping[str, tuple[str, ...]] = {
    FactType.TICKET_ISSUED: (*_TICKET, "ahead"),
    FactType.TICKET_CALLED: (*_TICKET, "out_of_order"),
    FactType.TICKET_RECALLED: (*_TICKET, "out_of_order"),
    FactType.TICKET_UNDONE: (*_TICKET, "action", "becomes"),
    FactType.TICKET_NOT_CLOSED: (*_TICKET, "becomes"),
    **dict.fromkeys(
        (
            FactType.TICKET_STARTED,
            FactType.TICKET_FINISHED,
            FactType.TICKET_MISSED,
            FactType.TICKET_PARKED,
            FactType.TICKET_PUT_BACK,
            FactType.TICKET_PAUSED,
            FactType.TICKET_RESUMED,
            FactType.TICKET_TRANSFERRED,
            FactType.TICKET_REINSTATED,
            FactType.TICKET_CAME_BACK,
            FactType.TICKET_WITHDRAWN,
            FactType.TICKET_REOPENED,
            FactType.TICKET_MADE_URGENT,
            FactType.TICKET_MADE_ORDINARY,
        ),
        _TICKET,
    ),
    **dict.fromkeys(
        (
            FactType.SERVICE_CLOSED,
            FactType.SERVICE_OPENED,
            FactType.WALK_INS_STOPPED,
            FactType.WALK_INS_RESUMED,
        ),
        ("service",),
    ),
}
_MOST_SIGNS = 2_000


class LeafError(ValueError):
    """A line is no leaf of such a log; the message says why."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf as it is read back: its place, and what is open of it (nothing for a row that is closed)."""

    place: int
    at: datetime | None
    type: str | None
    shown: Mapping[str, Any]

    @property
    def number(self) -> str | None:
        """Return the number of the ticket that it is about."""
        number = self.shown.get("number")
        return number if isinstance(number, str) else None


def leaf_of(place: int, type_: str, at: datetime, data: Mapping[str, Any], row: bytes, blind: bytes) -> str:
    """Write a fact as a leaf: its place in its branch's log, what is open of it, and a seal over all of it.

    The seal is SHA-256(blind ‖ row). Whoever learns the blind (32 bytes that differ from row to row) and the row
    can check it; without the blind nobody can try rows until one fits.
    """
    leaf: dict[str, Any] = {"n": place, "rest": hashlib.sha256(blind + row).hexdigest()}
    if type_ in _OPEN:
        leaf |= {"type": type_, "at": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}
        leaf |= {name: data[name] for name in _OPEN[type_] if data.get(name) is not None}
        if type_ == FactType.TICKET_ISSUED:
            leaf["booked"] = "appointment_at" in data
    return json.dumps(leaf, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def read_leaf(text: str) -> Leaf:
    """Read a leaf. Raises LeafError."""
    try:
        leaf = json.loads(text) if len(text) <= _MOST_SIGNS else None
    except (ValueError, RecursionError):
        leaf = None
    if not isinstance(leaf, dict) or type(leaf.get("n")) is not int or not isinstance(leaf.get("rest"), str):
        raise LeafError("is no row of such a log")
    place, _rest = leaf.pop("n"), leaf.pop("rest")
    if not leaf:
        return Leaf(place, None, None, {})
    kind, at = leaf.pop("type", None), leaf.pop("at", None)
    if not isinstance(kind, str) or not isinstance(at, str):
        raise LeafError("shows something, but not what and when")
    try:
        when = datetime.strptime(at, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise LeafError("has no time that can be read") from None
    return Leaf(place, when, kind, leaf)
