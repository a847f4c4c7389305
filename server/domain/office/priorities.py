"""Whom an office lets go before others: its kinds of priority, ours and its own (rule 24)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from server.domain.office.reading import Flag, short_texts, text
from wire.vocabulary import Priority


def kind_word(value: Any) -> str:
    """Read the short name of a kind: small letters, digits and _; tickets keep it, and `none` is none."""
    if re.fullmatch(r"[a-z][a-z0-9_]{0,19}", text(value)) is None or value == "none":
        raise ValueError("up to 20 small letters, digits and _ are expected, and not the word none")
    return str(value)


@dataclass(frozen=True, slots=True)
class PriorityKind:
    """A kind of priority: names by language (none: ours), whether staff alone give it, whether it is put away."""

    code: Annotated[str, kind_word]
    names: Annotated[Mapping[str, str], short_texts(60)] = field(default_factory=dict)
    staff_only: Flag = False
    archived: Flag = False


def of_word(code: str) -> PriorityKind:
    """Return the kind that a bare word in the office's file stands for."""
    return PriorityKind(kind_word(code))


def refusal(kinds: tuple[PriorityKind, ...], code: str, *, by_clerk: bool) -> str | None:
    """Say why a ticket cannot have this kind of priority; None when it can."""
    found = next((each for each in kinds if each.code == code), None)
    if found is None:
        return "unknown_priority"
    if found.archived:
        return "archived_priority"
    return "priority_by_staff" if found.staff_only and not by_clerk else None


def dropped(before: tuple[PriorityKind, ...], after: tuple[PriorityKind, ...]) -> set[str]:
    """Name the office's own kinds that are not there any more; ours have a name without an office."""
    return {each.code for each in before} - {each.code for each in after} - set(Priority)


USUAL = tuple(of_word(each) for each in Priority)
