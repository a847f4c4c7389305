"""Sets texts in a printer's own letters: few bytes, where a code page of its profile has every letter."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from printers.elements import Element, Pair, Text, with_bound_dashes
from printers.settings import TextKind
from printers.slip import Slip

# What most models have comes first, and is the same on all of them.
PAGES = ("CP437", "CP852", "CP1250", "CP1252", "CP858", "CP1251", "CP1125", "CP866")
LINE_DOTS = 32
_LETTER_DOTS = 12  # the width of font A
_NO_KANJI_NO_NATIONAL_SIGNS = b"\x1c.\x1bR\x00"
_NO_BREAK = "\u00a0"
_MARKS = dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\u00b7\u2022", "-")
_MARKS |= dict.fromkeys("\u00a0\u2007\u2009\u202f", " ") | dict.fromkeys("\u2018\u2019\u201a\u02bc", "'")
_MARKS |= dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"') | {"\u2026": "..."}
_PLAIN = str.maketrans(_MARKS | {"ł": "l", "Ł": "L", "đ": "d", "Đ": "D"})


@dataclass(frozen=True)
class Letters:
    """The printer's own letters: their code page as python-escpos names it, and how many fill a line."""

    page: str
    columns: int


def own_letters(printer: Any, elements: Iterable[Element], slip: Slip, kind: TextKind) -> Letters | None:
    """Return the letters in which all texts of the slip can be printed; None: a picture is needed.

    `kind` "auto" trusts a profile of a known model only: on another one a wrong page prints wrong letters.
    """
    profile = printer.profile.profile_data
    is_known = profile["vendor"] != "Generic" and not profile["features"].get("starCommands")
    if kind == "raster" or (kind == "auto" and not is_known) or slip.direction != "ltr":
        return None
    texts = [text for element in elements for text in _texts(element)]
    encoder = printer.magic.encoder
    letters = {letter for text in texts for letter in text}
    for page in PAGES:
        if page in encoder.available_encodings and all(
            letter in _MARKS or encoder.can_encode(page, letter) for letter in letters
        ):
            return Letters(page, _columns(profile))
    return None


def _texts(element: Element) -> tuple[str, ...]:
    match element:
        case Text():
            return (element.text,)
        case Pair():
            return element.label, element.value
    return ()


def _columns(profile: dict[str, Any]) -> int:
    """Return how many letters of font A a line of text has, a little white left at its sides.

    A model's own count is believed where it can be: some profiles give dots in its place.
    """
    width = profile["media"]["width"]["pixels"]
    told = profile["fonts"]["0"]["columns"]
    columns = told if width // 16 <= told <= width // _LETTER_DOTS else width // _LETTER_DOTS
    return int(columns - 2 * (columns // 20))


def begin(printer: Any, letters: Letters) -> None:
    """Choose the code page; two-byte signs and national variants of ASCII go, which some models start with."""
    printer._raw(_NO_KANJI_NO_NATIONAL_SIGNS)
    printer.magic.force_encoding(letters.page)
    printer.line_spacing(LINE_DOTS)


def print_element(printer: Any, element: Text | Pair, letters: Letters) -> None:
    """Print an element of the slip in the middle of the paper, in as many lines as it needs."""
    match element:
        case Text():
            _print_lines(printer, _lines(printer, element.text, letters), is_bold=element.weight != "Regular")
        case Pair():
            _print_pair(printer, element, letters)


def _print_pair(printer: Any, pair: Pair, letters: Letters) -> None:
    labels, values = (_lines(printer, text, letters) for text in (pair.label, pair.value))
    width = letters.columns
    if len(labels) == len(values) == 1 and len(labels[0]) + len(values[0]) < width:
        printer.text(labels[0])
        width -= len(labels[0])
    else:
        _print_lines(printer, [line.ljust(width) for line in labels])
    _print_lines(printer, [line.rjust(width) for line in values], is_bold=True)


def _print_lines(printer: Any, lines: list[str], *, is_bold: bool = False) -> None:
    if not lines:
        return
    if is_bold:
        printer.set(bold=True)
    for line in lines:
        printer.textln(line)
    if is_bold:
        printer.set(bold=False)


def _lines(printer: Any, text: str, letters: Letters) -> list[str]:
    """Return the text in lines of like length, in letters of the page; other marks become ones of ASCII."""
    can_encode = printer.magic.encoder.can_encode
    kept = (
        c if c == _NO_BREAK or can_encode(letters.page, c) else _MARKS[c] for c in with_bound_dashes(text)
    )
    whole = "".join(kept)
    if not whole:
        return []
    lines = textwrap.wrap(whole, letters.columns)
    # As narrow as so many lines allow, but no word is broken for it.
    least = max(len(whole) // len(lines), *map(len, whole.split(" ")))
    tries = (textwrap.wrap(whole, width) for width in range(least, letters.columns))
    even = next((found for found in tries if len(found) == len(lines)), lines)
    return [line.replace(_NO_BREAK, " ") for line in even]


def plain(text: str) -> str:
    """Return the text in printable ASCII without its accents; empty when letters of another script are in it."""
    flat = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    letters = "".join(c for c in flat if not unicodedata.combining(c))
    return letters if all(" " <= c <= "~" for c in letters) else ""


def print_plain(printer: Any, slip: Slip) -> None:
    """Print the slip in the printer's own letters; the number stays large whatever happens to the rest."""
    printer.set(align="center")
    mark = f"*** {plain(slip.copy_mark) or 'COPY'} ***" if slip.copy_mark else ""
    for line in (mark, slip.office, slip.hall):
        _print_line(printer, line)
    printer.set(custom_size=True, width=4, height=4)
    printer.textln("".join(c if " " <= c <= "~" else "?" for c in slip.number))
    printer.set(normal_textsize=True)
    _print_line(printer, slip.service)
    printer.set(align="left")
    for label, value in slip.rows:
        _print_line(printer, f"{plain(label)}: {plain(value)}" if plain(label) else value)
    for line in (slip.prepare, *slip.lines):
        _print_line(printer, line)
    if slip.qr and printer.profile.supports("qrCode"):
        printer.set(align="center")
        printer.qr(slip.qr, ec=1, size=6, native=True)
        _print_line(printer, slip.qr_caption)


def _print_line(printer: Any, text: str) -> None:
    if line := plain(text).strip():
        printer.textln(line)
