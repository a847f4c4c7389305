"""How many places are left, in words: no hurry is made where there is none (trial, m6)."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from server.portal.booking.months import scarcity, sentences, told_of
from server.services.booking.slots.availability import DayPlaces


@pytest.mark.parametrize(
    ("free", "places", "of_a_day", "of_an_hour"),
    [
        (4, 4, "places free", ""),
        (1, 1, "last place", ""),
        (2, 4, "places free", ""),
        (1, 4, "last place", "last place"),
        (1, 3, "last place", ""),
        (5, 20, "few places", "few places"),
        (6, 20, "many places", ""),
        (20, 400, "few places", "few places"),
        (144, 144, "many places", ""),
    ],
)
def test_few_are_a_share_and_never_all(
    portal: Flask, free: int, places: int, of_a_day: str, of_an_hour: str
) -> None:
    day = DayPlaces(date(2026, 11, 24), free, places, is_open=True)
    hour = scarcity(free, places, 4)
    with portal.test_request_context("/en"):
        said = sentences()
    assert said[told_of(day, 4)] == of_a_day
    assert (said[hour] if hour else "") == of_an_hour


@pytest.mark.parametrize(
    ("few_share", "warned"), [(2, {1, 2, 3, 4, 5}), (3, {1, 2, 3}), (10, {1}), (11, set())]
)
def test_the_share_is_the_services_own(few_share: int, warned: set[int]) -> None:
    assert {free for free in range(1, 11) if scarcity(free, 10, few_share)} == warned
