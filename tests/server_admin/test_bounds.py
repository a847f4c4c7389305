"""Every number that may be set has written bounds: what lies just inside is taken, just outside refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
from pydantic import ValidationError

from server.domain.booking.policy import SlotTemplate
from server.domain.office.reading import SettingError, read_policy
from tests.server_admin.pages import POLICIES, rows, text
from wire.settings import Settings, setting_names

# How a number of the office's file is written where the setting is not a number alone.
LISTS = {"reminders": 1, "hold_return_minutes": 2, "return_minutes": 2}

# The numbers of config.toml; in its comments they would be noise.
OF_PROGRAMS: dict[str, tuple[float, float]] = {
    "server.port": (0, 65_535),
    "server.max_body_bytes": (1_024, 16_777_216),
    "server.max_waiting_writes": (1, 1_000_000),
    "server.max_streams": (1, 1_000_000),
    "server.max_streams_each": (1, 1_000_000),
    "server.max_phones": (1, 1_000_000),
    "portal.challenge_cost": (1_000, 1_000_000),
    "portal.requests_per_minute": (1, 1_000_000),
    "portal.newcomers_per_ten_minutes": (1, 1_000_000),
    "portal.block_requests_per_minute": (1, 1_000_000),
    "portal.admit_per_second": (0, 10_000),
    "portal.turn_kept_minutes": (1, 120),
    "portal.session_idle_minutes": (5, 1_440),
    "portal.session_hours": (1, 168),
    "staff.session_idle_minutes": (5, 1_440),
    "staff.session_hours": (1, 24),
    "traces.percent": (0, 100),
    "readiness.disk_low_mb": (0, 1_000_000),
    "readiness.disk_full_mb": (0, 1_000_000),
    "readiness.outbox_minutes": (1, 1_440),
    "mail.port": (1, 65_535),
    "kiosk.idle_seconds": (25, 3_600),
    "kiosk.touch_pause_ms": (0, 2_000),
    "kiosk.scanner.baud": (300, 4_000_000),
    "kiosk.scanner.gap_ms": (20, 300),
    "kiosk.scanner.unfinished_ms": (100, 2_000),
    "kiosk.scanner.rung_rest_seconds": (0, 3_600),
    "kiosk.offline_list_every": (0, 1_000),
    "kiosk.line_port": (0, 65_535),
    "kiosk.panel_width_mm": (0, 3_000),
    "kiosk.panel_bottom_mm": (0, 2_000),
    "kiosk.printer.roll_metres": (0, 1_000),
    "kiosk.printer.roll_warning_metres": (0, 100),
    "board.voice.times": (1, 3),
    "board.voice.volume": (0, 100),
    "counter.key_pause_ms": (0, 5_000),
    "webhooks.timeout_seconds": (1, 60),
}
WAITS = (
    *("server.request_seconds", "server.stop_seconds", "mail.timeout_seconds", "sms.timeout_seconds"),
    "board.voice.recalled_after_seconds",
    *("readiness.lag_seconds", "server.read_lag_seconds"),
)
WIDTHS = ("kiosk.printer.width_dots", "kiosk.second_printer.width_dots", "counter.printer.width_dots")


def told_bounds() -> dict[str, tuple[int, int]]:
    """Read the column "from – to" of docs/office.md."""
    found = {}
    for name, cells in rows(text("office.md")).items():
        match = re.fullmatch(r"(\d+) – (\d+)", cells[1]) if len(cells) > 3 else None
        if match:
            found[name] = (int(match[1]), int(match[2]))
    return found


def takes(policy: Any, name: str, number: int) -> bool:
    """Tell whether a policy takes a number, alone or in a list as the setting wants it."""
    value = [number] * LISTS[name] if name in LISTS else number
    try:
        return bool(getattr(read_policy(policy, {name: value}), name) is not None)
    except SettingError:
        return False


def numbers_of_the_office() -> Iterator[tuple[Any, str]]:
    """Give each setting of the office that takes some whole number."""
    for policy in POLICIES:
        for field in fields(policy):
            if any(takes(policy, field.name, number) for number in (1, 10, 100)):
                yield policy, field.name


def test_every_number_of_the_office_has_its_bounds_in_the_docs_and_nothing_else_has() -> None:
    assert {name for _, name in numbers_of_the_office()} == set(told_bounds())


@pytest.mark.parametrize(("policy", "name"), list(numbers_of_the_office()))
def test_the_bounds_of_the_office_hold_by_their_values(policy: Any, name: str) -> None:
    least, most = told_bounds()[name]
    assert [takes(policy, name, number) for number in (least - 1, least, most, most + 1)] == [
        *(False, True),
        *(True, False),
    ]


@pytest.mark.parametrize(("name", "most"), [("every_minutes", 1_440), ("capacity", 1_000)])
def test_the_bounds_of_the_hours_that_can_be_booked_hold(name: str, most: int) -> None:
    hours = {"days": ["mon"], "hours": "08:00-15:00", "every_minutes": 10}
    for number in (1, most):
        assert getattr(read_policy(SlotTemplate, hours | {name: number}), name) == number
    for number in (0, most + 1):
        with pytest.raises(SettingError, match=name):
            read_policy(SlotTemplate, hours | {name: number})
    assert f"1 to {most}" in text("office.md")


def program_takes(name: str, value: object) -> bool:
    """Tell whether config.toml may hold a value."""
    tables: object = value
    for key in reversed(name.split(".")):
        tables = {key: tables}
    try:
        Settings.model_validate(tables)
    except ValidationError:
        return False
    return True


def default_of(name: str) -> object:
    value: object = Settings()
    for key in name.split("."):
        value = getattr(value, key)
    return value


def test_every_number_of_a_program_has_its_bounds_here() -> None:
    numbers = {
        name
        for name in setting_names()
        if isinstance(default_of(name), int | float) and not isinstance(default_of(name), bool)
    }
    assert numbers == {*OF_PROGRAMS, *WAITS, *WIDTHS}


@pytest.mark.parametrize("name", OF_PROGRAMS)
def test_the_bounds_of_a_program_hold_by_their_values(name: str) -> None:
    least, most = OF_PROGRAMS[name]
    assert [program_takes(name, number) for number in (least - 1, least, most, most + 1)] == [
        *(False, True),
        *(True, False),
    ]


@pytest.mark.parametrize("name", WAITS)
def test_a_wait_lasts_longer_than_no_time_and_at_most_a_day(name: str) -> None:
    assert [program_takes(name, seconds) for seconds in (0.0, 0.001, 86_400.0, 86_400.1)] == [
        *(False, True),
        *(True, False),
    ]


@pytest.mark.parametrize("name", WIDTHS)
def test_a_paper_is_as_wide_as_its_profile_says_or_between_200_and_2000_dots(name: str) -> None:
    widths = (-1, 0, 1, 199, 200, 2_000, 2_001)
    assert [width for width in widths if program_takes(name, width)] == [0, 200, 2_000]
