"""The hall's curve goes on after now where enough days are over, in a picture, a sentence and a table."""

from __future__ import annotations

import pytest

from server.domain.queue.hall import Waited
from server.services.access import users
from server.services.queue.day_forecasts import WillWait
from server.services.queue.views.hall import DayShown, TooLate
from server.staff.queue.chart import draw
from tests.server.movable_clock import WARSAW, at
from tests.server.sample_office import SampleOffice
from tests.server.staff.people import Colleague, People
from tests.server.summed_days import past_days
from wire.vocabulary import Role

HALL = "/staff/at/wroclaw/hall"
HOURS = {"mon": ["08:00-15:30"]}
DAY = DayShown((Waited(at("8:00"), 2), Waited(at("10:00"), 8)), at("8:00"), at("12:00"))


@pytest.fixture
def supervisor(office: SampleOffice, people: People) -> Colleague:
    """Give the browser of a supervisor who reads English."""
    found = people.signed_in(Role.SUPERVISOR)
    office.store.write(lambda session: users.speak(session, found.user_id, "en"))
    return found


def test_the_page_goes_on_after_now(office: SampleOffice, supervisor: Colleague) -> None:
    office.set_policy(opening_hours=HOURS)
    past_days(office, 6, {("N", hour): 90 for hour in range(8, 15)})
    page = supervisor.get(HALL)
    assert page.html.problems == []
    assert page.words.count("people will be waiting at 11:00, between") == 1
    assert "band: 8 of 10 runs" in page.words
    assert 'class="hall-day__band"' in page.text
    assert page.text.count('class="hall-day-table__ahead"') == 33
    assert "people will be waiting at" in supervisor.get(f"{HALL}/A/live").text


def test_why_nothing_is_told_is_said(office: SampleOffice, supervisor: Colleague) -> None:
    office.set_policy(opening_hours=HOURS)
    page = supervisor.get(HALL)
    assert "once 5 days are over to learn from; so far 0 are." in page.words
    assert "hall-day__band" not in page.text
    assert "hall-day-table__ahead" not in page.text


def test_the_picture_begins_at_now_and_has_room_for_the_most() -> None:
    ahead = [WillWait(at("10:30"), 4, 8, 19), WillWait(at("12:00"), 0, 2, 10)]
    chart, without = draw(DAY, ahead, [], WARSAW, 458, 148), draw(DAY, [], [], WARSAW, 458, 148)
    assert [mark.text for mark in chart.counts] == ["0", "10", "20"]
    assert [mark.text for mark in without.counts] == ["0", "5", "10"]
    # 400 by 100 inside the margins: four hours, 20 people; from now (236, 82) along the most and back below.
    assert chart.middle == "M236.0 82.0L286.0 82.0L436.0 112.0"
    assert chart.band == "M236.0 82.0L286.0 27.0L436.0 72.0L436.0 122.0L286.0 102.0Z"
    assert (without.band, without.middle) == ("", "")


def test_what_lies_behind_now_is_not_drawn_and_the_picture_is_as_long_as_what_comes() -> None:
    assert draw(DAY, [WillWait(at("9:50"), 1, 1, 1)], [], WARSAW, 458, 148).band == ""
    longer = draw(DAY, [WillWait(at("16:00"), 1, 1, 1)], [], WARSAW, 458, 148)
    assert longer.middle.endswith("L436.0 112.0")
    assert [mark.text for mark in longer.hours] == ["08:00", "10:00", "12:00", "14:00", "16:00"]


def test_from_when_on_it_is_too_late_has_a_line_of_its_own() -> None:
    chart = draw(DAY, [], [TooLate("L", at("11:00")), TooLate("P", at("11:45"))], WARSAW, 458, 148)
    early, late = chart.too_late
    assert (early.text, early.hour, early.at, early.is_late) == ("L", "11:00", 336.0, True)
    assert late.down > early.down
    assert draw(DAY, [], [TooLate("L", at("12:30"))], WARSAW, 458, 148).too_late == ()


def test_the_page_says_from_when_on_it_is_too_late(office: SampleOffice, supervisor: Colleague) -> None:
    office.clock.set("8:00")
    office.set_policy(opening_hours=HOURS)
    past_days(office, 6, {("N", hour): 300 for hour in range(8, 15)})
    page = supervisor.get(HALL)
    assert page.words.count("Red line (N ") == 1
    assert "will not be called before closing" in page.words
    assert page.text.count('class="hall-day__too-late"') == 2
