"""Sets text in lines: one font for each script, right-to-left where it is, wrapped and never clipped."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from PIL import Image, ImageDraw, ImageFont

from printers import fonts
from printers.elements import with_bound_dashes

Direction = Literal["ltr", "rtl"]
_STRONG: dict[str, Direction] = {"L": "ltr", "R": "rtl", "AL": "rtl"}


@dataclass(frozen=True)
class Style:
    """Weight and size (dots) of a text; `figures` gives all digits one width."""

    size: int
    weight: Literal["Regular", "SemiBold", "Bold"] = "Regular"
    figures: bool = False


@dataclass(frozen=True)
class Run:
    """A stretch of one font and one direction."""

    text: str
    family: str
    direction: Direction


@dataclass(frozen=True)
class Line:
    """Runs in the order in which they stand on the paper, left to right, and their width in dots."""

    runs: tuple[Run, ...]
    style: Style
    width: int

    def draw(self, canvas: Image.Image, x: int, baseline: int, ink: int = 0) -> None:
        """Draw the line from `x` on its baseline."""
        for run in self.runs:
            stamp, left, top, advance = _stamp(run, self.style)
            canvas.paste(ink, (x + left, baseline + top), stamp)
            x += advance


# Most of a slip stands on the next one too: what is kept is not set again.
@lru_cache(maxsize=256)
def _stamp(run: Run, style: Style) -> tuple[Image.Image, int, int, int]:
    """Return the run as a mask, where it lies from its origin on the baseline, and how far it reaches."""
    font = fonts.load(run.family, style.weight, style.size)
    shaping = _shaping(font, run, style)
    left, top, right, bottom = (round(edge) for edge in font.getbbox(run.text, anchor="ls", **shaping))
    stamp = Image.new("L", (max(1, right - left), max(1, bottom - top)))
    ImageDraw.Draw(stamp).text((-left, -top), run.text, 255, font, anchor="ls", **shaping)
    return stamp, left, top, _advance(run, style)


def _shaping(font: fonts.Font, run: Run, style: Style) -> dict[str, Any]:
    if font.layout_engine != ImageFont.Layout.RAQM:
        return {}
    return {"direction": run.direction, "features": ["tnum", "zero"] if style.figures else ["zero"]}


def first_strong(text: str, otherwise: Direction) -> Direction:
    """Return the direction of the first letter that has one."""
    return next(
        (_STRONG[kind] for kind in map(unicodedata.bidirectional, text) if kind in _STRONG), otherwise
    )


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] in "ZPS"


def _by_font(text: str) -> Iterator[tuple[str, str]]:
    """Cut text into (stretch, family); blanks, marks and digits stay in their neighbour's font if it has them."""
    family, stretch = "", ""
    for character in text:
        stays = bool(stretch) and unicodedata.category(character)[0] in "ZPSNM"
        wanted = family if stays and fonts.covers(family, character) else fonts.family_for(character)
        if wanted != family and stretch:
            yield stretch, family
            stretch = ""
        family, stretch = wanted, stretch + character
    if stretch:
        yield stretch, family


def _runs(text: str, around: Direction) -> list[Run]:
    """Give each stretch its direction; marks at the border of two directions belong to the paragraph."""
    stretches = list(_by_font(text))
    directions = [
        first_strong(stretch, "ltr" if any(map(str.isdigit, stretch)) else around) for stretch, _ in stretches
    ]
    runs: list[Run] = []
    for index, (stretch, family) in enumerate(stretches):
        direction = directions[index]
        before = directions[index - 1] if index else around
        behind = directions[index + 1] if index + 1 < len(stretches) else around
        start, end = 0, len(stretch)
        while direction != around == behind and end > 1 and _is_mark(stretch[end - 1]):
            end -= 1
        while direction != around == before and start < end - 1 and _is_mark(stretch[start]):
            start += 1
        parts = (stretch[:start], around), (stretch[start:end], direction), (stretch[end:], around)
        runs += [Run(part, family, towards) for part, towards in parts if part]
    return runs


def _visual(runs: list[Run], around: Direction) -> tuple[Run, ...]:
    """Order runs from left to right: stretches of the other direction are turned (UAX 9, rule L2)."""
    ordered: list[Run] = []
    place = 0
    for run in runs:
        if run.direction == around:
            place = len(ordered) + 1
            ordered.append(run)
        else:
            ordered.insert(place, run)
    return tuple(ordered if around == "ltr" else reversed(ordered))


@lru_cache(maxsize=2048)
def set_line(text: str, style: Style, around: Direction) -> Line:
    """Return the text as one line, however wide, in a paragraph that runs `around`."""
    runs = _runs(text, around)
    return Line(_visual(runs, around), style, sum(_advance(run, style) for run in runs))


def _advance(run: Run, style: Style) -> int:
    font = fonts.load(run.family, style.weight, style.size)
    return round(font.getlength(run.text, **_shaping(font, run, style)))


def fit(text: str, style: Style, width: int, around: Direction) -> Line:
    """Return the text as one line that is at most `width` dots wide: the size shrinks as far as it must."""
    line = set_line(text, style, around)
    size = style.size
    while line.width > width and size > 8:
        size = max(8, min(size - 1, size * width // line.width))
        line = set_line(text, Style(size, style.weight, style.figures), around)
    return line


def wrap(text: str, style: Style, width: int, around: Direction) -> list[Line]:
    """Return the text as lines of at most `width` dots and of like length.

    Lines break at blanks and, in a word too long for one, between letters.
    """
    if not text:
        return []
    whole = set_line(text, style, around)
    if whole.width <= width:
        return [whole]
    words = [
        piece for word in with_bound_dashes(text).split(" ") for piece in _pieces(word, style, width, around)
    ]

    # A line is measured as a whole: what stands before a digit or a mark decides its font, and so its width.
    def width_of(first: int, behind: int) -> int:
        return set_line(" ".join(words[first:behind]), style, around).width

    lines = _broken(len(words), width_of, width)
    narrower = whole.width // len(lines)
    while narrower < width:
        balanced = _broken(len(words), width_of, narrower)
        if len(balanced) == len(lines) and max(width_of(a, b) for a, b in balanced) <= width:
            lines = balanced
            break
        narrower += max(1, width // 40)
    return [set_line(" ".join(words[a:b]), style, around) for a, b in lines]


def _broken(count: int, width_of: Callable[[int, int], int], width: int) -> list[tuple[int, int]]:
    """Return the lines as (first word, word behind the last), each as full as it can be."""
    lines, first = [], 0
    for index in range(1, count):
        if width_of(first, index + 1) > width:
            lines.append((first, index))
            first = index
    return [*lines, (first, count)]


def _pieces(word: str, style: Style, width: int, around: Direction) -> Iterator[str]:
    """Cut a word into parts of at most `width` dots, before a letter wherever one letter leaves room.

    A letter stays with its combining marks unless they alone are wider than a line: a font that lacks a mark
    may draw it beside the letter.
    """
    if set_line(word, style, around).width <= width:
        yield word
        return
    part, letter = "", 0  # where the last letter of the part begins
    for character in word:
        is_mark = bool(unicodedata.combining(character))
        if part and set_line(part + character, style, around).width > width:
            cut = letter if is_mark and letter else len(part)
            yield part[:cut]
            part, letter = part[cut:], 0
        if not is_mark:
            letter = len(part)
        part += character
    yield part
