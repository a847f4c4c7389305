"""The slip as plain values: what stands on the paper, already translated, and clean by construction."""

from __future__ import annotations

import dataclasses
import json
import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Literal, get_args

NumberSize = Literal["small", "usual", "large"]
Cut = Literal["full", "part", "none"]
LONGEST_TEXT = 500
MOST_ROWS = 20
_BLANKS = re.compile(r"[ \t\n\r\f\v\x85\u2028\u2029]+")
_JOINERS = "\u200c\u200d"


class SlipError(ValueError):
    """A slip that cannot be printed; the text names the field."""


def clean(text: str) -> str:
    """Return `text` in NFC without control, direction and private characters, at most 500 characters long.

    A control byte from a visitor's or an integrator's text would be a printer command, a bidi override would
    reorder its neighbours. Line breaks become spaces, no-break spaces stay.
    """
    allowed = (c for c in text if unicodedata.category(c)[0] != "C" or c in _JOINERS or _BLANKS.fullmatch(c))
    kept = unicodedata.normalize("NFC", _BLANKS.sub(" ", "".join(allowed))).strip()
    return kept if len(kept) <= LONGEST_TEXT else kept[: LONGEST_TEXT - 1] + "…"


@dataclass(frozen=True)
class Slip:
    """The paper's content, top to bottom; every text is cleaned when the slip is made.

    `rows` are label and value, `lines` free lines at the foot, `qr` the text of the code, `logo` a path,
    `copy_mark` the word for a reprint or None. `cut` and `no_logo`
    go before the printer's own settings. Raise SlipError for what cannot be printed.
    """

    number: str
    office: str = ""
    hall: str = ""
    service: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    prepare: str = ""
    qr: str = ""
    qr_caption: str = ""
    lines: tuple[str, ...] = ()
    logo: str | None = None
    copy_mark: str | None = None
    direction: Literal["ltr", "rtl"] = "ltr"
    number_size: NumberSize = "usual"
    cut: Cut | None = None
    no_logo: bool = False

    def __post_init__(self) -> None:
        for name in ("number", "office", "hall", "service", "prepare", "qr_caption", "copy_mark"):
            value = getattr(self, name)
            if isinstance(value, str):
                object.__setattr__(self, name, clean(value))
            elif not (name == "copy_mark" and value is None):
                raise SlipError(f"slip.{name}: a text is needed, not {type(value).__name__}")
        object.__setattr__(self, "qr", _qr_text(self.qr))
        object.__setattr__(self, "rows", _rows(self.rows))
        object.__setattr__(self, "lines", _lines(self.lines))
        if self.logo is not None and not isinstance(self.logo, str):
            raise SlipError("slip.logo: a path is needed")
        if not self.number:
            raise SlipError("slip.number: a slip needs a number")
        if self.direction not in ("ltr", "rtl"):
            raise SlipError(f"slip.direction: {self.direction!r} is neither 'ltr' nor 'rtl'")
        for name, allowed in (("number_size", get_args(NumberSize)), ("cut", (*get_args(Cut), None))):
            if getattr(self, name) not in allowed:
                raise SlipError(f"slip.{name}: {getattr(self, name)!r} is not one of {allowed}")

    def as_copy(self, mark: str) -> Slip:
        """Return the same slip marked as a copy with the word `mark`."""
        return dataclasses.replace(self, copy_mark=mark)

    def to_json(self) -> str:
        """Return the slip as JSON text that `from_json` reads."""
        return json.dumps(dataclasses.asdict(self), ensure_ascii=False, indent=2)

    @classmethod
    def from_json(cls, text: str) -> Slip:
        """Read a slip from JSON text; raise SlipError that names what is wrong."""
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise SlipError(f"slip: not JSON ({error})") from None
        if not isinstance(value, dict):
            raise SlipError("slip: an object is needed")
        unknown = sorted(set(value) - {field.name for field in dataclasses.fields(cls)})
        if unknown:
            raise SlipError(f"slip.{unknown[0]}: no such field")
        if "number" not in value:
            raise SlipError("slip.number: a slip needs a number")
        return cls(**value)


def _qr_text(value: Any) -> str:
    if not isinstance(value, str):
        raise SlipError("slip.qr: a text is needed")
    if len(value.encode("utf-8", "replace")) > LONGEST_TEXT:
        raise SlipError(f"slip.qr: longer than {LONGEST_TEXT} bytes")
    return clean(value)


def _rows(value: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, (list, tuple)) or len(value) > MOST_ROWS:
        raise SlipError(f"slip.rows: a list of at most {MOST_ROWS} pairs is needed")
    pairs = [tuple(row) if isinstance(row, (list, tuple)) else () for row in value]
    if any(len(pair) != 2 or not all(isinstance(part, str) for part in pair) for pair in pairs):
        raise SlipError("slip.rows: each row is a label and a value")
    return tuple((clean(label), clean(content)) for label, content in pairs)


def _lines(value: Any) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or len(value) > MOST_ROWS:
        raise SlipError(f"slip.lines: a list of at most {MOST_ROWS} texts is needed")
    if not all(isinstance(line, str) for line in value):
        raise SlipError("slip.lines: each line is a text")
    return tuple(clean(line) for line in value)
