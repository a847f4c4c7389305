"""The settings of each page: their readers come from the policies, their words from the tables beside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from server.domain.booking.policy import BookingPolicy, InformationPolicy
from server.domain.office.policies import BranchPolicy, ServicePolicy
from server.domain.office.publisher import AccessibilityPolicy, PrivacyPolicy, PublisherPolicy
from server.domain.office.reading import OneOf, Several, flag, letter, number, readers, short, texts
from server.domain.office.slip import SlipPolicy
from server.staff.office.branch_words import BRANCH, BRANCH_GROUPS
from server.staff.office.codec import Setting
from server.staff.office.described import Words
from server.staff.office.kinds import Reader, plain
from server.staff.office.publisher_words import PUBLISHER, PUBLISHER_GROUPS
from server.staff.office.service_words import SERVICE, SERVICE_GROUPS

Policy = BranchPolicy | ServicePolicy | PublisherPolicy
# These have buttons or a page of their own.
ELSEWHERE = {"archived", "template", "own", "messages"}
_OWN: dict[str, Reader] = {"name": short(200), "names": texts}
_TABLES = {
    "information": InformationPolicy,
    "booking": BookingPolicy,
    "slip": SlipPolicy,
    "accessibility": AccessibilityPolicy,
    "privacy": PrivacyPolicy,
}


def branch_group(group: str) -> list[Setting]:
    """List the settings of a page of a branch."""
    return [_setting(BranchPolicy, name, BRANCH[name]) for name in BRANCH_GROUPS[group].names]


def service_group(group: str) -> list[Setting]:
    """List the settings of a page of a service."""
    return [_setting(ServicePolicy, name, SERVICE[name]) for name in SERVICE_GROUPS[group].names]


def publisher_group(group: str) -> list[Setting]:
    """List the settings of a page of the publisher."""
    return [_setting(PublisherPolicy, name, PUBLISHER[name]) for name in PUBLISHER_GROUPS[group].names]


def branch_setting(name: str) -> Setting:
    """Return a setting of a branch for a page of another kind."""
    return _setting(BranchPolicy, name, BRANCH[name])


def service_setting(name: str) -> Setting:
    """Return a setting of a service for a page of another kind."""
    return _setting(ServicePolicy, name, SERVICE[name])


def hall_settings(name: Words) -> list[Setting]:
    """List the settings of a hall."""
    return [Setting("name", short(100), name)]


def counter_settings(
    halls: Sequence[str], letters: Sequence[str], hall: Words, services: Words, strict: Words
) -> list[Setting]:
    """List the settings of a counter among these halls and services."""
    return [
        Setting("hall", OneOf(tuple(halls)), hall),
        Setting("services", Several(OneOf(tuple(letters))), services, []),
        Setting("strict_order", flag, strict, False),
    ]


def branch_code(words: Words) -> Setting:
    """Make the field of a new branch's code."""
    return Setting("code", short(40), words)


def hall_code(words: Words) -> Setting:
    """Make the field of a new hall's code."""
    return Setting("code", short(10), words)


def service_letter(words: Words) -> Setting:
    """Make the field of a new service's letter."""
    return Setting("letter", letter, words)


def counter_number(words: Words) -> Setting:
    """Make the field of a new counter's number."""
    return Setting("number", number(1, 999), words)


def undescribed() -> set[str]:
    """Name the settings of branches, services and the publisher that stand on no page; a test wants none."""
    found: set[str] = set()
    for policy, all_groups in (
        (BranchPolicy, BRANCH_GROUPS),
        (ServicePolicy, SERVICE_GROUPS),
        (PublisherPolicy, PUBLISHER_GROUPS),
    ):
        on_pages = {name for group in all_groups.values() for name in group.names}
        found |= _names(policy) - on_pages - ELSEWHERE
    return found


def _names(policy: type[Policy]) -> set[str]:
    """Name the settings of a policy, those of its tables with a dot."""
    found = set()
    for name in readers(policy):
        found |= {f"{name}.{each}" for each in readers(_TABLES[name])} if name in _TABLES else {name}
    return found


def _setting(policy: type[Policy], name: str, words: Words) -> Setting:
    if name in _OWN and policy is not PublisherPolicy:
        return Setting(name, _OWN[name], words)
    table, _, rest = name.rpartition(".")
    of: type[Any] = _TABLES[table] if table else policy
    default = getattr(of(), rest)
    return Setting(name, readers(of)[rest], words, plain(default))
