"""What differs between two states of a thing of the office, by the names of its settings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Difference:
    """A setting that has another value, such as `booking.moves`; None is a value that is not there."""

    name: str
    old: Any
    new: Any


def differences(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> list[Difference]:
    """List the settings that differ by their names, those of tables with a dot; a list counts as one value."""
    before, after = flat(old or {}), flat(new or {})
    names = [*before, *(name for name in after if name not in before)]
    return [
        Difference(name, before.get(name), after.get(name))
        for name in names
        if before.get(name) != after.get(name)
    ]


def flat(value: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Write tables of tables as one table with dotted names."""
    found: dict[str, Any] = {}
    for key, each in value.items():
        if isinstance(each, Mapping) and each:
            found |= flat(each, f"{prefix}{key}.")
        else:
            found[f"{prefix}{key}"] = each
    return found


def marks(value: Any) -> frozenset[str]:
    """Read which settings are meant, such as {"booking": {"moves": true}}: `booking.moves`."""
    if not isinstance(value, Mapping) or not all(each is True for each in flat(value).values()):
        raise ValueError('settings marked with true are expected, such as {"booking": {"moves": true}}')
    return frozenset(flat(value))


def part(value: Mapping[str, Any] | None, names: Iterable[str]) -> dict[str, Any]:
    """Take what a table holds of some names; a dotted name reaches into a table."""
    found: dict[str, Any] = {}
    for name in names:
        held: Any = value
        for key in name.split("."):
            held = held.get(key) if isinstance(held, Mapping) else None
        if held is not None:
            found[name] = held
    return found


def with_part(value: Mapping[str, Any], names: Iterable[str], new: Mapping[str, Any]) -> dict[str, Any]:
    """Put what a part holds into a table in place of what stood under these names; tables left empty go."""
    made = dict(value)
    for name in names:
        made = _with(made, name.split("."), new.get(name))
    return made


def _with(value: Mapping[str, Any], keys: list[str], new: Any) -> dict[str, Any]:
    made, (first, *rest) = dict(value), keys
    if rest:
        held = made.get(first)
        below = _with(held if isinstance(held, Mapping) else {}, rest, new)
        new = below if below or held == {} else None
    if new is None:
        made.pop(first, None)
    else:
        made[first] = new
    return made


def digest(value: Any) -> str:
    """Return a short word that tells two values apart: what a form has seen."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:24]
