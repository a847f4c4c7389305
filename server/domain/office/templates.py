"""Templates: what branches or services take over from a head office, setting by setting, and may differ from.

A follower names its template and the settings that are its own; all the others are the template's. They are
written into the follower whenever it or its template changes, so that reading an office knows no templates.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import Any

from server.domain.office.differences import flat, marks, part, with_part
from server.domain.office.policies import BranchPolicy, ServicePolicy
from server.domain.office.reading import Nested, SettingError, readers

FOLLOWING = ("template", "own")
"""What a follower says of its template; a template says neither."""
# A branch's own by nature: where it is, how it is reached and writes, and what names its counters and services.
_NEVER_OF_A_TEMPLATE = frozenset(
    {
        *("archived", "address", "map_url", "phone", "email", "portal_url", "closures"),
        *("help_counter", "information_service", "messages", *FOLLOWING),
    }
)


class Kind(StrEnum):
    """What follows a template."""

    BRANCH = "branch"
    SERVICE = "service"


_POLICIES: dict[Kind, type[Any]] = {Kind.BRANCH: BranchPolicy, Kind.SERVICE: ServicePolicy}


def settings_of(kind: Kind) -> tuple[str, ...]:
    """Name the settings that a template of a kind rules, those of tables with a dot."""
    found = ["names"] if kind is Kind.SERVICE else []
    for name, read in readers(_POLICIES[kind]).items():
        if name not in _NEVER_OF_A_TEMPLATE:
            found += [f"{name}.{each}" for each in readers(read.of)] if isinstance(read, Nested) else [name]
    return tuple(found)


def own_of(value: Mapping[str, Any]) -> frozenset[str]:
    """Name the settings that a follower's value calls its own."""
    return frozenset(flat(value.get("own") or {}))


def is_own(name: str, own: Collection[str]) -> bool:
    """Say whether a setting is a follower's own: it, the table that it stands in, or a part of it."""
    return any(f"{name}.".startswith(f"{each}.") or each.startswith(f"{name}.") for each in own)


def followed(value: Mapping[str, Any], template: Mapping[str, Any], kind: Kind) -> dict[str, Any]:
    """Return a follower's value: its own settings stand, all the others are the template's.

    What it states other than the template becomes its own. Raises SettingError for an own setting that is none.
    """
    names, own = settings_of(kind), own_of(value)
    try:
        marks(value.get("own", {}))
    except ValueError as error:
        raise SettingError("own", str(error)) from None
    for each in own:
        if not any(is_own(name, [each]) for name in names):
            raise SettingError("own", f"there is no setting {each!r} that a template rules")
    stated = part(value, names)
    own |= {
        name for name in stated if not is_own(name, own) and stated[name] != part(template, [name]).get(name)
    }
    rest = [name for name in names if not is_own(name, own)]
    return with_own(with_part(value, rest, part(template, rest)), own)


def unfollowed(value: Mapping[str, Any], kind: Kind) -> dict[str, Any]:
    """Return a follower's value without what it has from its template."""
    own = own_of(value)
    return with_part(value, [name for name in settings_of(kind) if not is_own(name, own)], {})


def taking_over(
    value: Mapping[str, Any], template: Mapping[str, Any], kind: Kind, keep: Collection[str]
) -> dict[str, Any]:
    """Return the value of a new follower that keeps some settings as its own.

    So does its name where the template has none. The rest comes from the template when it is written.
    """
    ruled = settings_of(kind)
    own = {name for name in ruled if name in keep or (name == "names" and name not in template)}
    return with_own(with_part(alone(value), [name for name in ruled if name not in own], {}), own)


def again(value: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """Return a follower's value that has some settings from its template again."""
    own = [each for each in own_of(value) if not any(is_own(name, [each]) for name in names)]
    return with_own(with_part(value, names, {}), own)


def marked(old: Mapping[str, Any], new: Mapping[str, Any], kind: Kind) -> dict[str, Any]:
    """Make a follower's own what has another value now, but where that was said already."""
    was, now = own_of(old), own_of(new)
    changed = {
        name
        for name in settings_of(kind)
        if part(old, [name]) != part(new, [name]) and is_own(name, was) == is_own(name, now)
    }
    return with_own(new, now | changed)


def template_of(value: Mapping[str, Any], kind: Kind) -> dict[str, Any]:
    """Return what a template says that rules as this branch or service is ruled."""
    names = settings_of(kind)
    return with_part({}, names, part(value, names))


def with_own(value: Mapping[str, Any], own: Iterable[str]) -> dict[str, Any]:
    """Have a value call just these settings its own."""
    bare = {key: each for key, each in value.items() if key != "own"}
    names = [f"own.{name}" for name in sorted(own)]
    return with_part(bare, names, dict.fromkeys(names, True))


def alone(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return a value that follows no template any more: all that it has is its own."""
    return {key: each for key, each in value.items() if key not in FOLLOWING}
