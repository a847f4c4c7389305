"""How visits end at an office: the outcomes that clerks choose from, ours and the office's own (rule 23)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from server.domain.office.reading import Flag, short_texts, word
from wire.vocabulary import Outcome


@dataclass(frozen=True, slots=True)
class OutcomeKind:
    """An outcome: names by language (none: ours), whether it counts as served and asks what was missing."""

    code: Annotated[str, word]
    names: Annotated[Mapping[str, str], short_texts(60)] = field(default_factory=dict)
    served: Flag = True
    asks_missing: Flag = False


def of_word(code: str) -> OutcomeKind:
    """Return the outcome that a bare word in the office's file stands for."""
    return OutcomeKind(word(code), asks_missing=code == Outcome.WITHOUT_DOCUMENTS)


USUAL = tuple(of_word(each) for each in Outcome)
