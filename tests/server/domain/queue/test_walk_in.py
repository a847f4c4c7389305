"""Walk-in tickets: offered, open, within the day's limit, and likely to be served today."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from server.domain.office.hours import WeekHours, Window
from server.domain.queue.check_in import Admit, Refuse
from server.domain.queue.walk_in import WalkInOffer, decide
from wire.vocabulary import Refusal

WARSAW = ZoneInfo("Europe/Warsaw")


def daily(opens: time, closes: time) -> WeekHours:
    return WeekHours({day: (Window(opens, closes),) for day in range(7)})


OFFER = WalkInOffer(
    zone=WARSAW,
    offered=True,
    opening_hours=daily(time(8), time(16)),
    hours=daily(time(8), time(14)),
    daily_limit=40,
)
NO_WAIT = timedelta(0)


def wall(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 5, 4, hour, minute, tzinfo=WARSAW)


def told(
    offer: WalkInOffer, now: datetime, issued: int = 0, wait: timedelta | None = NO_WAIT
) -> Refusal | None:
    answer = decide(offer, now, issued, wait)
    return answer.reason if isinstance(answer, Refuse) else None


def test_a_ticket_is_given_while_all_holds():
    assert decide(OFFER, wall(8), 39, timedelta(hours=7, minutes=59)) == Admit()


def test_of_several_reasons_the_first_of_the_api_is_told():
    wait = timedelta(hours=9)
    offers = [replace(OFFER, offered=False), OFFER, OFFER, OFFER]
    nows, issued = [wall(15), wall(15), wall(9), wall(9)], [40, 40, 40, 0]
    assert [
        told(offer, now, count, wait) for offer, now, count in zip(offers, nows, issued, strict=True)
    ] == [
        Refusal.NOT_OFFERED,
        Refusal.CLOSED,
        Refusal.LIMIT_REACHED,
        Refusal.UNLIKELY_TODAY,
    ]


def test_who_comes_too_late_hears_when_tickets_are_given_again():
    tomorrow = datetime(2026, 5, 5, 8, tzinfo=WARSAW)
    assert decide(OFFER, wall(14), 0, NO_WAIT) == Refuse(Refusal.CLOSED, {"opens_at": tomorrow})


def test_without_hours_of_their_own_walk_ins_come_in_opening_hours():
    whenever_open = replace(OFFER, hours=None)
    assert told(whenever_open, wall(15)) is None
    assert told(whenever_open, wall(16)) is Refusal.CLOSED


def test_the_line_stops_when_it_can_no_longer_be_served_before_closing():
    assert told(OFFER, wall(13), wait=timedelta(hours=2, minutes=59)) is None
    assert decide(OFFER, wall(13), 0, timedelta(hours=3)) == Refuse(
        Refusal.UNLIKELY_TODAY, {"closes_at": wall(16)}
    )


def test_while_nobody_can_tell_the_wait_nobody_is_sent_away():
    assert told(OFFER, wall(8), wait=None) is None


def test_around_the_clock_and_without_a_limit_only_the_offer_counts():
    always = WalkInOffer(zone=WARSAW, offered=True)
    assert told(always, wall(23, 59), 10_000, timedelta(days=2)) is None


@pytest.mark.parametrize(
    ("now", "refusal"),
    [
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), None),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), Refusal.CLOSED),  # 03:00 comes right after 01:59
        (datetime(2026, 10, 25, 0, 59, tzinfo=UTC), None),
        (datetime(2026, 10, 25, 2, 0, tzinfo=UTC), Refusal.CLOSED),
    ],
)
def test_a_window_of_the_night_ends_by_the_wall_clock(now: datetime, refusal: Refusal | None):
    night = replace(OFFER, opening_hours=None, hours=daily(time(0), time(3)))
    assert told(night, now) is refusal


def test_hours_that_never_come_name_no_next_opening():
    never = replace(OFFER, hours=WeekHours({}))
    assert decide(never, wall(10), 0, NO_WAIT) == Refuse(Refusal.CLOSED, {})
