"""What a service rules about its booking: edges of its closures and delays, and the defaults of its lists."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest

from server.domain.booking.policy import BookingPolicy, Closure, DrawPolicy, Question, SlotTemplate
from server.domain.office.hours import Window
from server.domain.office.reading import SettingError, read_policy

MONDAY, TUESDAY = date(2026, 12, 7), date(2026, 12, 8)
SLOTS = {"days": ["mon", "sun"], "hours": "08:00-15:30", "every_minutes": 30}


def read(**said: Any) -> BookingPolicy:
    return read_policy(BookingPolicy, said)


def test_a_closure_may_be_of_one_day_and_does_not_end_before_it_begins() -> None:
    assert Closure(MONDAY, MONDAY).last == MONDAY
    with pytest.raises(SettingError):
        Closure(TUESDAY, MONDAY)


def test_a_service_with_slots_is_booked_on_the_web() -> None:
    assert not BookingPolicy().is_online
    booking = read(slots=[SLOTS])
    assert booking.is_online
    assert booking.slots == (SlotTemplate((0, 6), Window(time(8), time(15, 30)), 30),)


def test_slots_are_for_one_visit_and_questions_are_texts_that_need_an_answer_unless_it_is_said() -> None:
    (slots,) = read(slots=[SLOTS]).slots
    assert (slots.capacity, slots.first, slots.last) == (1, None, None)
    question = Question("case", {"en": "Case"})
    assert question.when == "any"
    assert (question.kind, question.required, question.choices) == ("text", True, ())


def test_hours_of_the_defaults() -> None:
    assert (BookingPolicy().lead_minutes, BookingPolicy().release_at, DrawPolicy().opens) == (
        60,
        time(8),
        time(8),
    )


@pytest.mark.parametrize("delays", [[5, 5], [0, 10_080], [1, 5]])
def test_delays_are_the_shorter_and_the_longer(delays: list[int]) -> None:
    assert read(return_minutes=delays).return_minutes == tuple(delays)


@pytest.mark.parametrize("delays", [[5, 4], [-1, 5], [0, 10_081], [5], [1, 2, 3], 5])
def test_other_delays_are_refused(delays: Any) -> None:
    with pytest.raises(SettingError, match="return_minutes"):
        read(return_minutes=delays)


def test_words_are_added_to_messages_that_there_are() -> None:
    assert read(words={"confirmation": {"pl": "Weź zdjęcie"}}).words == {
        "confirmation": {"pl": "Weź zdjęcie"}
    }
    for wrong in ({"greeting": {"pl": "x"}}, ["confirmation"], {"confirmation": "x"}):
        with pytest.raises(SettingError, match="words"):
            read(words=wrong)


@pytest.mark.parametrize("day", ["monday", "MON", 0, None])
def test_a_weekday_is_one_of_seven_words(day: Any) -> None:
    with pytest.raises(SettingError, match="days: one of mon, tue"):
        read(slots=[SLOTS | {"days": [day]}])
