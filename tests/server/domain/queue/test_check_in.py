"""The check-in decision: the 15 minutes to the microsecond, the order of refusals, and what is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.domain.queue.check_in import (
    Admit,
    Arrival,
    CheckInPolicy,
    Refuse,
    Repeat,
    ReservationFacts,
    check_in_from,
    check_in_until,
    decide,
    lapses_at,
)
from server.domain.queue.tickets import TicketId
from wire.vocabulary import Refusal
from wire.vocabulary import ReservationStatus as Status

WARSAW = ZoneInfo("Europe/Warsaw")
POLICY = CheckInPolicy(zone=WARSAW)
HOUR = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)  # 10:00 in Wrocław, a Monday
BOOKED = ReservationFacts(branch="wroclaw", service="P", status=Status.BOOKED, appointment_at=HOUR)
TICK = timedelta(microseconds=1)
QUARTER = timedelta(minutes=15)
CLOCK_CHANGES = [date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31)]


def at(now: datetime, branch: str = "wroclaw", service: str | None = None) -> Arrival:
    return Arrival(branch, now, service)


def told(reservation: ReservationFacts, arrival: Arrival, policy: CheckInPolicy = POLICY) -> Refusal | None:
    answer = decide(reservation, arrival, policy)
    return answer.reason if isinstance(answer, Refuse) else None


# --- the 15 minutes ----------------------------------------------------------------------------------


def test_exactly_fifteen_minutes_before_is_in_time():
    assert decide(BOOKED, at(HOUR - QUARTER), POLICY) == Admit()


def test_a_moment_less_than_fifteen_minutes_is_too_late():
    assert told(BOOKED, at(HOUR - timedelta(minutes=14, seconds=59, milliseconds=999))) is Refusal.TOO_LATE
    assert told(BOOKED, at(HOUR - QUARTER + TICK)) is Refusal.TOO_LATE


def test_a_branch_may_ask_for_more_minutes():
    policy = CheckInPolicy(zone=WARSAW, lead=timedelta(minutes=30))
    assert told(BOOKED, at(HOUR - timedelta(minutes=30)), policy) is None
    assert told(BOOKED, at(HOUR - timedelta(minutes=29)), policy) is Refusal.TOO_LATE


near_a_clock_change = st.builds(
    lambda day, offset: datetime(day.year, day.month, day.day, tzinfo=UTC) + offset,
    st.sampled_from(CLOCK_CHANGES),
    st.timedeltas(timedelta(hours=-6), timedelta(hours=8)),
)
any_instant = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minute: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
)
zones = st.sampled_from([WARSAW, ZoneInfo("UTC"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Tbilisi")])


@given(near_a_clock_change | any_instant, st.timedeltas(-QUARTER, QUARTER), zones, zones)
@example(datetime(2026, 3, 29, 1, 10, tzinfo=UTC), timedelta(0), WARSAW, WARSAW)
@example(datetime(2026, 10, 25, 1, 5, tzinfo=UTC), TICK, WARSAW, WARSAW)
def test_the_minutes_are_elapsed_ones_whatever_clock_they_are_read_from(
    hour: datetime, beyond: timedelta, one: ZoneInfo, other: ZoneInfo
):
    reservation = replace(BOOKED, appointment_at=hour.astimezone(one))
    now = (hour - QUARTER + beyond).astimezone(other)
    # A few minutes before the hour it may still be the day before: earliness is not what is tried here.
    policy = CheckInPolicy(zone=WARSAW, earliest=timedelta(hours=1))
    assert told(reservation, at(now), policy) is (Refusal.TOO_LATE if beyond > timedelta(0) else None)


@pytest.mark.parametrize("day", CLOCK_CHANGES)
def test_control_minutes_of_the_wall_clock_would_be_wrong_in_these_nights(day: date):
    change_at = datetime(day.year, day.month, day.day, 1, tzinfo=UTC)
    hour = (change_at + timedelta(minutes=5)).astimezone(WARSAW)
    assert (hour - QUARTER).astimezone(UTC) != check_in_until(hour, POLICY)
    assert check_in_until(hour, POLICY) == change_at - timedelta(minutes=10)


# --- the day -----------------------------------------------------------------------------------------


def test_the_kiosk_admits_from_the_start_of_the_branchs_day():
    assert check_in_from(HOUR, POLICY) == datetime(2026, 5, 3, 22, 0, tzinfo=UTC)
    assert told(BOOKED, at(check_in_from(HOUR, POLICY))) is None
    assert told(BOOKED, at(check_in_from(HOUR, POLICY) - TICK)) is Refusal.OTHER_DAY


def test_a_branch_may_admit_later_than_from_the_start_of_the_day():
    policy = CheckInPolicy(zone=WARSAW, earliest=timedelta(hours=1))
    assert told(BOOKED, at(HOUR - timedelta(hours=1)), policy) is None
    assert told(BOOKED, at(HOUR - timedelta(hours=1) - TICK), policy) is Refusal.TOO_EARLY


@given(near_a_clock_change | any_instant)
@example(datetime(2026, 5, 3, 22, 5, tzinfo=UTC))  # five past midnight in Wrocław
def test_whoever_has_an_hour_can_check_in_for_it(hour: datetime):
    reservation = replace(BOOKED, appointment_at=hour)
    assert told(reservation, at(check_in_from(hour, POLICY))) is None
    assert told(reservation, at(check_in_until(hour, POLICY))) is None
    assert told(reservation, at(check_in_until(hour, POLICY) + TICK)) is Refusal.TOO_LATE


@pytest.mark.parametrize("status", [Status.BOOKED, Status.LAPSED])
@pytest.mark.parametrize(
    ("days", "reason"), [(-30, "other_day"), (-1, "other_day"), (1, "lapsed"), (30, "lapsed")]
)
def test_on_another_day_the_visitor_hears_whether_it_is_past(status: Status, days: int, reason: str):
    reservation = replace(BOOKED, status=status)
    assert told(reservation, at(HOUR - QUARTER + timedelta(days=days))) == reason


def test_on_the_day_it_is_too_late_whether_or_not_the_reservation_lapsed_already():
    for status in (Status.BOOKED, Status.LAPSED):
        assert told(replace(BOOKED, status=status), at(HOUR)) is Refusal.TOO_LATE


def test_the_reservation_stands_up_to_the_last_instant_in_time():
    assert lapses_at(HOUR, POLICY) == check_in_until(HOUR, POLICY) == HOUR - QUARTER


def test_what_a_manager_reinstated_stands_until_the_end_of_its_day():
    reinstated = replace(BOOKED, reinstated=True)
    midnight = datetime(2026, 5, 4, 22, 0, tzinfo=UTC)
    assert lapses_at(HOUR, POLICY, reinstated=True) == midnight
    assert told(reinstated, at(HOUR + timedelta(hours=2))) is None
    assert told(reinstated, at(midnight - TICK)) is None
    assert told(reinstated, at(midnight)) is Refusal.LAPSED


# --- the order of refusals ---------------------------------------------------------------------------


def test_of_several_reasons_the_first_of_the_api_is_told():
    closed = CheckInPolicy(zone=WARSAW, earliest=timedelta(hours=1), is_open=False)
    elsewhere = at(HOUR, branch="legnica", service="L")
    for status in (Status.CANCELLED, Status.REJECTED):
        assert told(replace(BOOKED, status=status), elsewhere, closed) == status.value
    for status in (Status.PENDING, Status.HELD):
        assert told(replace(BOOKED, status=status), elsewhere, closed) is Refusal.NOT_VERIFIED
    lapsed = replace(BOOKED, status=Status.LAPSED)
    in_time, day = HOUR - timedelta(minutes=30), timedelta(days=1)
    for reservation, arrival, reason in [
        (lapsed, elsewhere, Refusal.OTHER_BRANCH),
        (lapsed, at(HOUR - day, service="L"), Refusal.OTHER_DAY),
        (lapsed, at(HOUR - timedelta(hours=2), service="L"), Refusal.TOO_EARLY),
        (lapsed, at(HOUR, service="L"), Refusal.TOO_LATE),
        (lapsed, at(in_time, service="L"), Refusal.LAPSED),
        (BOOKED, at(HOUR + day, service="L"), Refusal.LAPSED),
        (BOOKED, at(in_time, service="L"), Refusal.OTHER_SERVICE),
        (BOOKED, at(in_time, service="P"), Refusal.CLOSED),
    ]:
        assert told(reservation, arrival, closed) is reason
    stopped = replace(closed, is_stopped=True)
    assert told(BOOKED, at(in_time, service="L"), stopped) is Refusal.OTHER_SERVICE
    assert told(BOOKED, at(in_time, service="P"), stopped) is Refusal.SERVICE_STOPPED


def test_the_code_alone_tells_the_service():
    assert told(BOOKED, at(HOUR - QUARTER)) is None
    assert told(BOOKED, at(HOUR - QUARTER, service="P")) is None


# --- the same code again -----------------------------------------------------------------------------

CHECKED_IN = replace(BOOKED, status=Status.CHECKED_IN, ticket_id=TicketId(7))


@pytest.mark.parametrize("now", [HOUR - timedelta(hours=2), HOUR - QUARTER, HOUR, HOUR + timedelta(hours=5)])
def test_the_same_code_again_gives_the_same_ticket_all_day(now: datetime):
    closed = CheckInPolicy(zone=WARSAW, is_open=False)
    assert decide(CHECKED_IN, at(now, service="L"), closed) == Repeat(TicketId(7))


def test_a_ticket_is_repeated_only_where_its_number_is_good():
    assert told(CHECKED_IN, at(HOUR, branch="legnica")) is Refusal.OTHER_BRANCH
    assert decide(CHECKED_IN, at(HOUR + timedelta(days=1)), POLICY) == Repeat(TicketId(7))


# --- what is told ------------------------------------------------------------------------------------


def test_a_refusal_tells_the_holder_of_the_code_about_their_visit():
    answer = decide(BOOKED, at(HOUR.astimezone(WARSAW), service="L"), POLICY)
    assert answer == Refuse(
        Refusal.TOO_LATE,
        {
            "appointment_at": HOUR,
            "check_in_from": datetime(2026, 5, 3, 22, 0, tzinfo=UTC),
            "check_in_until": HOUR - QUARTER,
            "now": HOUR,
            "branch": "wroclaw",
            "service": "P",
        },
    )


def test_another_branch_tells_only_where_and_on_which_day():
    answer = decide(BOOKED, at(HOUR, branch="legnica"), POLICY)
    assert answer == Refuse(Refusal.OTHER_BRANCH, {"branch": "wroclaw", "date": date(2026, 5, 4)})
