"""The slip's layout as data: what stands on the paper, top to bottom."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from printers.slip import Slip

_DASH = re.compile(r" ([–—·|/-]) ")


@dataclass(frozen=True)
class Text:
    """Centred lines."""

    text: str
    size: int
    weight: Literal["Regular", "SemiBold", "Bold"] = "Regular"


@dataclass(frozen=True)
class BigNumber:
    """One line that shrinks until it fits."""

    text: str
    size: int


@dataclass(frozen=True)
class Mark:
    """A word in white on a black bar."""

    text: str


@dataclass(frozen=True)
class Pair:
    """Label at the start, value at the end; on two lines where one is too narrow."""

    label: str
    value: str
    size: int


@dataclass(frozen=True)
class Rule:
    """A dashed line."""


@dataclass(frozen=True)
class Code:
    """A QR code."""

    text: str


@dataclass(frozen=True)
class Picture:
    """An image file in black and white, centred, at most `height` dots high."""

    path: str
    height: int


@dataclass(frozen=True)
class Gap:
    """White rows."""

    height: int


# The height of the number on 80 mm paper; one that is too wide shrinks.
NUMBER_DOTS = {"small": 110, "usual": 174, "large": 250}
Element = Text | BigNumber | Mark | Pair | Rule | Code | Picture | Gap


def slip_elements(slip: Slip) -> list[Element]:
    """Return what stands on the slip, top to bottom; sizes are dots on 80 mm paper."""
    head: list[Element] = [Gap(12)]
    if slip.copy_mark:
        head += [Mark(slip.copy_mark), Gap(18)]
    if slip.logo and not slip.no_logo:
        head += [Picture(slip.logo, 110), Gap(14)]
    size = NUMBER_DOTS[slip.number_size]
    head += [Text(slip.office, 27, "Bold"), Text(slip.hall, 23), Gap(10), BigNumber(slip.number, size)]
    head += [Gap(8), Text(slip.service, 31, "SemiBold")]
    body: list[Element] = []
    if slip.rows:
        body = [
            Gap(16),
            Rule(),
            Gap(14),
            *(Pair(label, value, 26) for label, value in slip.rows),
            Gap(6),
            Rule(),
        ]
    foot: list[Element] = [Gap(14), Text(slip.prepare, 23)]
    if slip.qr:
        foot += [Gap(12), Code(slip.qr), Gap(4), Text(slip.qr_caption, 22)]
    if slip.lines:
        foot += [Gap(12), *(Text(line, 22) for line in slip.lines)]
    return [*head, *body, *foot, Gap(16)]


def with_bound_dashes(text: str) -> str:
    """Return the text with a no-break space before each dash: it stays with the word before it."""
    return _DASH.sub("\u00a0\\1 ", text)
