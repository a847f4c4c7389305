"""What the settings and the program itself have to do for people who need time, or hit a key twice."""

from __future__ import annotations

from collections.abc import Iterator

from kiosk.self_test.measures import Finding, Rule
from kiosk.visit.screens import MAX_EXTENSIONS, WARNING_SECONDS
from kiosk.visit.surroundings import STEP_DB, VOLUMES, Manner
from wire.settings import KioskSettings

LEAST_WARNING_S, LEAST_EXTENSIONS = 20.0, 10
LEAST_RANGE_DB, MOST_STEP_DB = 18.0, 12.0

WARNING = Rule(
    "Warning before the time is over",
    "EN 301 549 11.2.2.1; WCAG 2.2.1",
    f"≥ {LEAST_WARNING_S:g} s ahead, {LEAST_EXTENSIONS} times more time",
)
VOLUME = Rule(
    "Volume of the voice",
    "EN 301 549 8.2.1.1, 8.2.1.2, 5.1.3.13",
    f"over ≥ {LEAST_RANGE_DB:g} dB in steps of ≤ {MOST_STEP_DB:g} dB, normal for each visitor",
)
TWICE = Rule("A second tap is not heard", "EN 301 549 5.8", "a pause can be set up to 0.5 s")


def look_at_operation(table: KioskSettings) -> Iterator[Finding]:
    """Judge the times that people are given."""
    has_time = WARNING_SECONDS >= LEAST_WARNING_S and table.idle_seconds > WARNING_SECONDS
    yield Finding(WARNING, has_time, WARNING_SECONDS, f"idle_seconds = {table.idle_seconds}")
    yield Finding(WARNING, MAX_EXTENSIONS >= LEAST_EXTENSIONS, str(MAX_EXTENSIONS), "times more time")
    quietest, loudest = Manner(volume=1).volume_db, Manner(volume=VOLUMES).volume_db
    is_wide = loudest - quietest >= LEAST_RANGE_DB and STEP_DB <= MOST_STEP_DB
    yield Finding(VOLUME, is_wide, loudest - quietest, f"{VOLUMES} steps of {STEP_DB:g} dB")
    yield Finding(TWICE, True, table.touch_pause_ms / 1000, f"touch_pause_ms = {table.touch_pause_ms}")
