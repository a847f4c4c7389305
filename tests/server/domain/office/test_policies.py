"""The office's settings: defaults of rules.md, values from JSON, and errors that name the key."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.office.hours import WeekHours, Window
from server.domain.office.policies import (
    BranchPolicy,
    ServicePolicy,
    SettingError,
    branch_policy,
    service_policy,
)
from server.domain.office.priorities import PriorityKind
from server.domain.queue.check_in import CheckInPolicy
from server.domain.queue.order import CallPolicy
from server.domain.queue.walk_in import WalkInOffer
from server.domain.queue.wrong_codes import WrongCodePolicy

WARSAW = ZoneInfo("Europe/Warsaw")
MONDAY_NOON = datetime(2026, 5, 4, 10, tzinfo=UTC)


def test_without_settings_the_defaults_of_the_rules_hold():
    branch = branch_policy({})
    assert branch == BranchPolicy()
    assert branch.check_in(MONDAY_NOON) == CheckInPolicy(zone=WARSAW)
    assert branch.calling == CallPolicy()
    assert branch.wrong_codes == WrongCodePolicy()
    assert branch.no_show_after_calls == 3
    assert branch.outcome_codes == ("served", "without_documents", "wrong_person", "other")
    assert service_policy({}) == ServicePolicy()
    assert service_policy({}).walk_in_offer(branch) == WalkInOffer(zone=WARSAW, offered=False)


def test_settings_are_read_as_they_lie_in_the_database():
    stored = {
        "zone": "Asia/Tbilisi",
        "opening_hours": {"mon": ["08:00-12:00", "13:00-24:00"], "sun": []},
        "check_in_lead_minutes": 30,
        "check_in_earliest_minutes": 120,
        "priority_classes": ["elderly"],
        "notices": {"pl": "Winda nie działa.", "en": "The lift is out of order."},
        "help_counter": None,
    }
    branch = branch_policy(json.loads(json.dumps(stored)))
    assert branch.zone == ZoneInfo("Asia/Tbilisi")
    assert branch.opening_hours == WeekHours(
        {0: (Window(time(8), time(12)), Window(time(13), time.min)), 6: ()}
    )
    assert branch.priority_classes == (PriorityKind("elderly"),)
    assert branch.notices == stored["notices"]
    check_in = branch.check_in(MONDAY_NOON)
    assert (check_in.lead, check_in.earliest) == (timedelta(minutes=30), timedelta(hours=2))


@pytest.mark.parametrize(
    ("settings_", "message"),
    [
        (
            {"chek_in_lead_minutes": 15},
            "chek_in_lead_minutes: unknown setting; did you mean check_in_lead_minutes?",
        ),
        ({"zzz": 1}, "zzz: unknown setting"),
        ({"zone": "Europe/Breslau"}, "zone: a time zone such as Europe/Warsaw is expected"),
        ({"zone": "../../etc/passwd"}, "zone: a time zone such as Europe/Warsaw is expected"),
        ({"overdue_minutes": "10"}, "overdue_minutes: a whole number from 0 to 1440 is expected"),
        ({"overdue_minutes": True}, "overdue_minutes: a whole number from 0 to 1440 is expected"),
        ({"priority_every": 0}, "priority_every: a whole number from 1 to 100 is expected"),
        ({"ask_service_first": 1}, "ask_service_first: true or false is expected"),
        ({"outcomes": "served"}, "outcomes: a list is expected"),
        ({"outcomes": ["Not Here"]}, "outcomes: a word of small letters, digits and _ is expected"),
        ({"notices": ["x"]}, 'notices: texts by language are expected, such as {"pl": "...", "en": "..."}'),
        ({"portal_url": " "}, "portal_url: a text is expected"),
        ({"opening_hours": {"mon": ["8-15"]}}, "opening_hours: '8-15' is no window such as 08:00-15:30"),
        ({"opening_hours": {"mon": ["25:00-26:00"]}}, "opening_hours: '25:00-26:00' is no window such as"),
        ({"opening_hours": {"mon": ["15:00-08:00"]}}, "opening_hours: '15:00-08:00' closes before it opens"),
        ({"opening_hours": {"monday": []}}, "opening_hours: windows by weekday are expected"),
        (
            {"priority_classes": ["Rich"]},
            "priority_classes: up to 20 small letters, digits and _ are expected",
        ),
        (
            {"check_in_earliest_minutes": 15},
            "check_in_earliest_minutes: must be more than check_in_lead_minutes",
        ),
    ],
)
def test_a_wrong_setting_is_told_with_its_key(settings_: dict[str, Any], message: str):
    with pytest.raises(SettingError) as wrong:
        branch_policy(settings_)
    assert str(wrong.value).startswith(message)
    assert wrong.value.key in settings_


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from([*BranchPolicy.__slots__, *ServicePolicy.__slots__]), json_values)
def test_nonsense_is_a_setting_error_or_a_value_but_never_a_crash(key: str, value: Any):
    for read in (branch_policy, service_policy):
        with suppress(SettingError):
            read({key: value})


def test_whoever_comes_before_the_doors_open_is_not_told_that_it_is_closed():
    branch = branch_policy({"opening_hours": {"mon": ["10:00-15:00"]}})
    monday = datetime(2026, 5, 4, tzinfo=WARSAW)
    is_open = [branch.check_in(monday.replace(hour=hour)).is_open for hour in (9, 10, 14, 15)]
    assert is_open == [True, True, True, False]
    assert not branch.check_in(monday + timedelta(days=1)).is_open


def test_a_services_walk_in_hours_go_with_the_branchs_opening_hours():
    branch = branch_policy({"opening_hours": {"mon": ["08:00-16:00"]}})
    service = service_policy(
        {"walk_in": True, "walk_in_hours": {"mon": ["08:00-14:00"]}, "walk_in_daily_limit": 40}
    )
    assert service.walk_in_offer(branch) == WalkInOffer(
        zone=WARSAW,
        offered=True,
        opening_hours=WeekHours({0: (Window(time(8), time(16)),)}),
        hours=WeekHours({0: (Window(time(8), time(14)),)}),
        daily_limit=40,
    )


def test_a_business_day_goes_on_until_its_own_hour():
    branch = branch_policy({"day_starts_at": "04:00"})
    before, after = (datetime(2026, 5, 4, hour, tzinfo=WARSAW) for hour in (3, 4))
    assert branch.business_day(before) == date(2026, 5, 3)
    assert branch.business_day(after) == date(2026, 5, 4)
    assert branch.business_day_began_at(before) == datetime(2026, 5, 3, 4, tzinfo=WARSAW)
    assert branch.business_day_began_at(after) == after


def test_the_name_of_the_office_in_a_text_message_is_short():
    assert branch_policy({}).sms_name is None
    assert branch_policy({"sms_name": "D" * 20}).sms_name == "D" * 20
    with pytest.raises(SettingError, match="sms_name: at most 20 characters"):
        branch_policy({"sms_name": "D" * 21})


def test_a_services_own_window_of_check_in_must_have_room():
    with pytest.raises(SettingError) as wrong:
        service_policy({"check_in_lead_minutes": 30, "check_in_earliest_minutes": 30})
    assert wrong.value.key == "check_in_earliest_minutes"
    assert service_policy({"check_in_lead_minutes": 30, "check_in_earliest_minutes": 31})


@pytest.mark.parametrize(
    ("of_branch", "of_service", "lead", "earliest"),
    [
        ({}, {}, 15, None),
        ({"check_in_earliest_minutes": 60}, {"check_in_lead_minutes": 59}, 59, 60),
        ({"check_in_earliest_minutes": 60}, {"check_in_lead_minutes": 60}, 60, None),
        ({"check_in_lead_minutes": 40}, {"check_in_lead_minutes": 0}, 0, None),
        ({}, {"check_in_earliest_minutes": 90}, 15, 90),
    ],
)
def test_a_service_checks_in_by_its_own_window_or_the_branchs(
    of_branch: dict[str, Any], of_service: dict[str, Any], lead: int, earliest: int | None
):
    now = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    found = service_policy(of_service).check_in(branch_policy(of_branch), now)
    assert found.lead == timedelta(minutes=lead)
    assert found.earliest == (None if earliest is None else timedelta(minutes=earliest))
