"""What the settings and the program itself have to do for people who need time, or hit a key twice."""

from __future__ import annotations

from collections.abc import Iterator

from kiosk.self_test.measures import Finding, Rule
from kiosk.visit.screens import MAX_EXTENSIONS, WARNING_SECONDS
from wire.settings import KioskSettings

LEAST_WARNING_S, LEAST_EXTENSIONS = 20.0, 10

WARNING = Rule(
    "Warning before the time is over",
    "EN 301 549 11.2.2.1; WCAG 2.2.1",
    f"≥ {LEAST_WARNING_S:g} s ahead, {LEAST_EXTENSIONS} times more time",
)
TWICE = Rule("A second tap is not heard", "EN 301 549 5.8", "a pause can be set up to 0.5 s")


def look_at_operation(table: KioskSettings) -> Iterator[Finding]:
    """Judge the times that people are given."""
    has_time = WARNING_SECONDS >= LEAST_WARNING_S and table.idle_seconds > WARNING_SECONDS
    yield Finding(WARNING, has_time, WARNING_SECONDS, f"idle_seconds = {table.idle_seconds}")
    yield Finding(WARNING, MAX_EXTENSIONS >= LEAST_EXTENSIONS, str(MAX_EXTENSIONS), "times more time")
    yield Finding(TWICE, True, table.touch_pause_ms / 1000, f"touch_pause_ms = {table.touch_pause_ms}")
