"""What the staff's scanner test tells: what came, which reading of it is a code of ours, and how slow it was."""

from __future__ import annotations

import json
import math
import os
from enum import StrEnum
from pathlib import Path

from kiosk.scanners.scanner import Added, Reading, clean_text
from wire.codes import MalformedCode, parse_scan

LEAST_GAP_MS, MOST_GAP_MS = 60, 300
_CONTROLS = (
    *("NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "TAB", "LF", "VT"),
    *("FF", "CR", "SO", "SI", "DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB"),
    *("CAN", "EM", "SUB", "ESC", "FS", "GS", "RS", "US"),
)


class Fits(StrEnum):
    """Which reading of a scan is a code of ours."""

    BY_CODE = "by_code"
    BY_LAYOUT = "by_layout"
    NEITHER = "neither"


def visible(text: str) -> str:
    """Return a text with the name of each control character in its place, such as ‹CR›."""
    return text.translate({code: f"‹{name}›" for code, name in enumerate(_CONTROLS)} | {127: "‹DEL›"})


def fitting(reading: Reading, added: Added) -> Fits:
    """Say which reading is a code of ours; by scan codes where both are."""
    if is_ours(reading.by_code, added):
        return Fits.BY_CODE
    return Fits.BY_LAYOUT if is_ours(reading.by_layout or "", added) else Fits.NEITHER


def is_ours(text: str, added: Added) -> bool:
    """Tell whether a text as it came is a code of ours within what scanners add."""
    cleaned = clean_text(text, added)
    try:
        return cleaned is not None and bool(parse_scan(cleaned))
    except MalformedCode:
        return False


def advised_gap_ms(longest_gap_ms: int) -> int:
    """Return a `gap_ms` with half as much again as the longest pause that was seen, in whole tens, bounded."""
    tens = math.ceil(longest_gap_ms * 1.5 / 10) * 10
    return min(MOST_GAP_MS, max(LEAST_GAP_MS, tens))


def kept_gap_ms(file: Path, otherwise: int) -> int:
    """Return the `gap_ms` that the scanner test kept in a file; `otherwise` if it kept none that can be read."""
    try:
        kept = json.loads(file.read_text(encoding="ascii"))["gap_ms"]
    except (OSError, ValueError, KeyError, TypeError):
        return otherwise
    is_sound = type(kept) is int and LEAST_GAP_MS <= kept <= MOST_GAP_MS
    return kept if is_sound else otherwise


def keep_gap_ms(file: Path, gap_ms: int) -> None:
    """Keep a `gap_ms` for the next starts. Raises OSError."""
    fresh = file.with_name(file.name + ".new")
    fresh.write_text(json.dumps({"gap_ms": gap_ms}) + "\n", encoding="ascii")
    os.replace(fresh, file)
