"""What an office rules of its slips (rules.md 20)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Annotated, Any

from server.domain.office.reading import Flag, one_of, short_texts
from wire.vocabulary import SlipRow

AS_THE_PRINTER = "printer"


@dataclass(frozen=True, slots=True)
class Ordered:
    """The reader of some of these words in an order of one's own."""

    words: tuple[str, ...]

    def __call__(self, value: Any) -> tuple[str, ...]:
        """Read words, each once at most."""
        if not isinstance(value, list | tuple) or not set(value) <= set(self.words):
            raise ValueError(f"a list of {', '.join(self.words)} is expected")
        if len(set(value)) < len(value):
            raise ValueError("each may stand there once")
        return tuple(str(each) for each in value)


def ordered(*words: str) -> Ordered:
    """Make the reader of some of these words in an order of one's own."""
    return Ordered(words)


@dataclass(frozen=True, slots=True)
class SlipPolicy:
    """The settings of a branch's slips: names and footer by language, which rows in which order, and the cut."""

    office: Annotated[Mapping[str, str], short_texts(200)] = field(default_factory=dict)
    number_size: Annotated[str, one_of("small", "usual", "large")] = "usual"
    rows: Annotated[tuple[str, ...], ordered(*SlipRow)] = tuple(SlipRow)
    hall: Flag = True
    service: Flag = True
    to_bring: Flag = True
    qr: Flag = True
    footer: Annotated[Mapping[str, str], short_texts(500)] = field(default_factory=dict)
    logo: Flag = True
    mark_copies: Flag = True
    cut: Annotated[str, one_of(AS_THE_PRINTER, "full", "part", "none")] = AS_THE_PRINTER

    def layout(self) -> dict[str, Any]:
        """Return the settings by their names as kiosk and preview take them: no cut is that of the printer."""
        said = {each.name: getattr(self, each.name) for each in fields(self)}
        return said | {"cut": None if self.cut == AS_THE_PRINTER else self.cut}
