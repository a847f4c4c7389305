"""Days as people type them: in figures with or without points, and with the month's name or its Roman number."""

from __future__ import annotations

from datetime import date

import pytest

from server.web.day_parts import ShortYear, read_day_parts

THE_DAY = date(1990, 5, 27)


@pytest.mark.parametrize(
    "typed",
    [
        "27 5 1990",
        "27. 05. 1990",
        "27 maja 1990",
        "27 maj 1990",
        "27 May 1990",
        "27 V 1990",
        "27 травня 1990",
        "27 мая 1990",
        "27 май 1990",
    ],
)
def test_a_day_is_read_as_it_is_typed(typed: str) -> None:
    assert read_day_parts(typed.split()) == THE_DAY


def test_a_word_that_is_no_month_is_refused() -> None:
    with pytest.raises(ValueError, match="not a part of a day"):
        read_day_parts(["27", "wiosna", "1990"])


@pytest.mark.parametrize("year", ["90", "5", "00"])
def test_a_short_year_is_told_apart(year: str) -> None:
    with pytest.raises(ShortYear):
        read_day_parts(["27", "5", year])


@pytest.mark.parametrize(
    "parts", [["31", "2", "1990"], ["0", "5", "1990"], ["27", "13", "1990"], ["", "", ""]]
)
def test_what_is_no_day_is_refused(parts: list[str]) -> None:
    with pytest.raises(ValueError, match=r"day|month|part"):
        read_day_parts(parts)


@pytest.mark.parametrize(
    "parts", [["27", "5"], ["27", "5", "1990", "1"], ["٢٧", "5", "1990"], ["27", "5", "19900"]]
)
def test_other_numbers_of_parts_and_other_digits_are_refused(parts: list[str]) -> None:
    with pytest.raises(ValueError, match=r"day|part|unpack"):
        read_day_parts(parts)
