"""What is measured on a screen and what it has to be, by clause of EN 301 549 V3.2.1 and WCAG 2.2: pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from kiosk.lengths import GAP_MM, KEY_MM, LETTER_MM, REACH_MM

LEAST_REACH_MM = 380.0
NORMAL_CONTRAST, HIGH_CONTRAST, RING_CONTRAST = 4.5, 7.0, 3.0
# Positions are whole pixels: that much is the rounding of an edge, not a difference.
ROUNDING_MM = 0.6

Measured = float | bool | str | None


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the glass in mm, from the upper left corner of the panel."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge in mm."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """The lower edge in mm."""
        return self.top + self.height

    def gap_to(self, other: Box) -> float:
        """Return the distance to another box in mm; negative where they overlap."""
        across = max(self.left - other.right, other.left - self.right)
        down = max(self.top - other.bottom, other.top - self.bottom)
        return max(across, down) if across < 0 or down < 0 else (across**2 + down**2) ** 0.5


@dataclass(frozen=True, slots=True)
class Target:
    """Something to touch. `ring` is the contrast of its focus ring with what was there before, None: not seen."""

    name: str
    box: Box
    to_left: bool = False
    is_reached_by_arrows: bool = True
    ring: float | None = None
    has_ring: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """A text that is read: the height of its capital H in mm, and its contrast where pixels were looked at.

    `is_of_page` tells a text of the page from those of its keys and of what stands around it.
    """

    said: str
    capital_mm: float
    contrast: float | None = None
    is_of_page: bool = True


@dataclass(frozen=True, slots=True)
class Shown:
    """One screen in one manner, as it was measured; targets in the order of focus.

    `bottom_mm` is the height of the panel's lower edge above the floor, `spoken` what is read aloud of it (None
    where speech is not looked at), `unnamed` the kinds of widgets that a screen reader finds without a name.
    """

    screen: str
    manner: str
    panel_mm: tuple[float, float]
    bottom_mm: float
    targets: tuple[Target, ...]
    texts: tuple[Text, ...]
    unnamed: tuple[str, ...] = ()
    spoken: tuple[str, ...] | None = None
    is_larger: bool = False
    is_high_contrast: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """What has to hold, and the clauses that say so."""

    name: str
    clauses: str
    goal: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was measured against a rule; `measured` is in the unit of the rule's goal."""

    rule: Rule
    passed: bool
    measured: Measured
    item: str
    screen: str = ""
    manner: str = ""


SIZE = Rule("Size of keys", "EN 301 549 5.5.1, 8.4; WCAG 2.5.8", f"both sides ≥ {KEY_MM:g} mm")
GAP = Rule("Gaps between keys", "EN 301 549 5.5.1; WCAG 2.5.8", f"≥ {GAP_MM:g} mm")
REACH = Rule(
    "Reach from a wheelchair",
    "EN 301 549 8.3.2 to 8.3.4",
    f"every key between {LEAST_REACH_MM:g} and {REACH_MM:g} mm above the floor",
)
CONTRAST = Rule("Contrast of texts", "EN 301 549 11.1.4.3; WCAG 1.4.3", f"≥ {NORMAL_CONTRAST:g} : 1")
MORE_CONTRAST = Rule("Contrast of texts, high contrast", "WCAG 1.4.6", f"≥ {HIGH_CONTRAST:g} : 1")
LETTERS = Rule(
    "Height of a capital H, larger text", "EN 301 549 5.1.4", f"≥ {LETTER_MM:g} mm (0.7° at 600 mm)"
)
ORDER = Rule("Order of focus", "EN 301 549 11.2.4.3; WCAG 2.4.3", "the order of reading")
RING = Rule("Visible focus", "EN 301 549 11.2.4.7; WCAG 2.4.7, 1.4.11", f"a ring of ≥ {RING_CONTRAST:g} : 1")
ARROWS = Rule(
    "Operated by four arrows and OK", "EN 301 549 5.1.6, 11.2.1.1; WCAG 2.1.1", "every key is reached"
)
NAMES = Rule("Names for screen readers", "EN 301 549 11.4.1.2; WCAG 4.1.2", "every control has a name")
SPEECH = Rule("Read aloud", "EN 301 549 5.1.3.1 to 5.1.3.3", "every text of the page and every key is spoken")


def judge(shown: Shown) -> Iterator[Finding]:
    """Measure one screen against every rule."""
    for rule_of in (_keys, _gaps, _reach, _texts, _focus, _names):
        yield from rule_of(shown)


def has_failed(findings: Sequence[Finding]) -> bool:
    """Tell whether anything falls short."""
    return not all(finding.passed for finding in findings)


def _finder(shown: Shown) -> Callable[[Rule, bool, Measured, str], Finding]:
    return lambda rule, passed, measured, item: Finding(
        rule, passed, measured, item, shown.screen, shown.manner
    )


def _keys(shown: Shown) -> Iterator[Finding]:
    find = _finder(shown)
    for target in shown.targets:
        least = min(target.box.width, target.box.height)
        yield find(SIZE, least >= KEY_MM - ROUNDING_MM / 2, least, target.name)


def _gaps(shown: Shown) -> Iterator[Finding]:
    find = _finder(shown)
    for one, other in combinations(shown.targets, 2):
        gap = one.box.gap_to(other.box)
        # What is further away than a key is wide has no neighbour between.
        if gap < KEY_MM:
            yield find(GAP, gap >= GAP_MM - ROUNDING_MM, gap, f"{one.name} / {other.name}")


def _reach(shown: Shown) -> Iterator[Finding]:
    find = _finder(shown)
    for target in shown.targets:
        highest = shown.bottom_mm + shown.panel_mm[1] - target.box.top
        lowest = highest - target.box.height
        is_high = highest > REACH_MM + ROUNDING_MM
        is_low = lowest < LEAST_REACH_MM
        yield find(REACH, not is_high and not is_low, lowest if is_low else highest, target.name)


def _texts(shown: Shown) -> Iterator[Finding]:
    find = _finder(shown)
    rule, least = (MORE_CONTRAST, HIGH_CONTRAST) if shown.is_high_contrast else (CONTRAST, NORMAL_CONTRAST)
    for text in shown.texts:
        if text.contrast is not None:
            yield find(rule, text.contrast >= least, text.contrast, text.said)
        if shown.is_larger:
            yield find(LETTERS, text.capital_mm >= LETTER_MM - 0.1, text.capital_mm, text.said)


def _focus(shown: Shown) -> Iterator[Finding]:
    find = _finder(shown)
    for one, other in pairwise(shown.targets):
        yield find(ORDER, follows(one, other), True, f"{one.name} → {other.name}")
    for target in shown.targets:
        yield find(ARROWS, target.is_reached_by_arrows, target.is_reached_by_arrows, target.name)
        if target.has_ring:
            yield find(RING, (target.ring or 0) >= RING_CONTRAST, target.ring, target.name)


def _names(shown: Shown) -> Iterator[Finding]:
    find = _finder(shown)
    for target in shown.targets:
        is_named = bool(target.name.strip())
        yield find(NAMES, is_named, is_named, target.name or "a key without a name")
    for kind in shown.unnamed:
        yield find(NAMES, False, False, kind)
    if shown.spoken is None:
        return
    named = [target.name for target in shown.targets]
    for item in dict.fromkeys((*(text.said for text in shown.texts if text.is_of_page), *named)):
        said = any(item in sentence for sentence in shown.spoken)
        yield find(SPEECH, said, said, item)


def follows(one: Target, other: Target) -> bool:
    """Tell whether a reader comes from one target to the other: down, or on in the row, or to the next column."""
    if other.box.top >= one.box.bottom - ROUNDING_MM:
        return True
    if other.to_left:
        return other.box.right <= one.box.left + ROUNDING_MM
    return other.box.left >= one.box.right - ROUNDING_MM
