"""What a page shows, in words and places: a line for each piece of text, beside the picture in docs."""

from __future__ import annotations

import platform
import re
from contextlib import suppress
from itertools import zip_longest
from typing import Any

DRAWN_ON = ("debian", "12")
"""Where the pictures are made. Letters of another system may be wider, and break a line elsewhere."""
# Another release of the fonts or of the browser may move things so far and no farther.
_PIXELS, _SHARE = 16, 0.05
_MOST_TOLD = 8
_RANDOM = (
    (re.compile(r"\b\d{3} ?\d{3} ?\d{3}\b"), "000 000 000"),
    (re.compile(r"\b\d+–\d+ min\b"), "0–9 min"),  # an expected wait, which is played with dice
    (re.compile(r"\b(will be waiting at|czekać ok\.) .*"), r"\1 …"),  # played with dice too
    (re.compile(r"^(About \d+ \w+|O \d\d:\d\d będ\w+) (?=will be|czekać)"), ""),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1"),
    (re.compile(r"\b[\w-]{20,}"), "…"),
    (re.compile(r"\b(Reservation|Rezerwacja) \d+"), r"\1 1"),  # how many were drawn differs each time
    (re.compile(r"\b(Chrom\w*|HeadlessChrome)[ /][\d.]+"), r"\1"),
)
# Each element with words of its own that can be seen, in the order of the document.
LOOK = """() => {
  const found = [];
  const own = (each) => [...each.childNodes].filter((node) => node.nodeType === 3)
    .map((node) => node.textContent).join(' ').replace(/\\s+/g, ' ').trim();
  for (const each of document.body.querySelectorAll('*')) {
    const tag = each.localName;
    if (['script', 'style', 'template', 'option', 'title', 'desc'].includes(tag)) continue;
    let words = own(each);
    if (tag === 'input' || tag === 'textarea') {
      words = ['password', 'hidden'].includes(each.type) ? '' : each.type === 'checkbox' || each.type === 'radio'
        ? (each.checked ? '[x]' : '[ ]') : each.value;
      words = `${each.type}: ${words}`.trim();
    } else if (tag === 'select') words = [...each.selectedOptions].map((one) => one.text.trim()).join(', ');
    else if (tag === 'img' || tag === 'svg') words = words || '(picture)';
    if (!words || !each.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const box = each.getBoundingClientRect();
    if (box.width < 2 || box.height < 2 || box.bottom < 0) continue;
    found.push([tag, box.x, box.y + scrollY, box.width, box.height, words]);
  }
  return found;
}"""


def written(found: list[list[Any]]) -> str:
    """Write what LOOK found, a line each: place, size, kind and words; codes that differ each time are masked."""
    lines = []
    for tag, *box, words in found:
        for pattern, mask in _RANDOM:
            words = pattern.sub(mask, words)
        lines.append(" ".join([*(str(round(each)) for each in box), tag, words]))
    return "\n".join(lines) + "\n"


def is_drawn_here() -> bool:
    """Say whether this is the system on which the pictures are made."""
    with suppress(OSError):
        system = platform.freedesktop_os_release()
        return (system.get("ID"), system.get("VERSION_ID")) == DRAWN_ON
    return False


def differences(before: str, now: str, *, places: bool = True) -> list[str]:
    """List in what two looks of a page differ: words, and (`places`) what moved farther than fonts explain."""
    told: list[str] = []
    for old, new in zip_longest(before.splitlines(), now.splitlines(), fillvalue=""):
        old_box, old_words = _read(old)
        new_box, new_words = _read(new)
        if old_words != new_words:
            return [*told, f"{old_words or 'nothing'!r} is now {new_words or 'nothing'!r}"][:_MOST_TOLD]
        if places and any(abs(a - b) > _PIXELS + _SHARE * a for a, b in zip(old_box, new_box, strict=True)):
            told.append(f"{old_words!r} moved from {old_box} to {new_box}")
    return told[:_MOST_TOLD]


def _read(line: str) -> tuple[tuple[int, ...], str]:
    parts = line.split(" ", 4)
    return (tuple(int(each) for each in parts[:4]), parts[4]) if line else ((), "")
