"""Each reader of a setting: what it takes, what lies just outside, and what is said then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import pytest

from server.domain.office import reading
from server.domain.office.hours import WeekHours, Window
from server.domain.office.reading import SettingError, read_policy

TEN_HOURS = Window(time(8), time(18))


@pytest.mark.parametrize(
    ("read", "value", "made"),
    [
        (reading.flag, True, True),
        (reading.flag, False, False),
        (reading.number(2, 4), 2, 2),
        (reading.number(2, 4), 4, 4),
        (reading.text, " x ", " x "),
        (reading.word, "a", "a"),
        (reading.word, "a" + "_9" * 19 + "z", "a" + "_9" * 19 + "z"),
        (reading.letter, "A", "A"),
        (reading.letter, "Z", "Z"),
        (reading.zone, "Asia/Tbilisi", ZoneInfo("Asia/Tbilisi")),
        (reading.optional(reading.flag), None, None),
        (reading.optional(reading.flag), True, True),
        (reading.several(reading.letter), ["A", "B"], ("A", "B")),
        (reading.several(reading.letter), (), ()),
        (reading.texts, {"pl": "x"}, {"pl": "x"}),
        (reading.window, "08:00-18:00", TEN_HOURS),
        (reading.window, "08:00-08:01", Window(time(8), time(8, 1))),
        (reading.window, "08:00-24:00", Window(time(8), time.min)),
        (reading.window, "00:00-00:00", Window(time.min, time.min)),
        (reading.hours, {"mon": ["08:00-18:00"], "sun": []}, WeekHours({0: (TEN_HOURS,), 6: ()})),
        (reading.day, "2026-12-24", date(2026, 12, 24)),
        (reading.day, date(2026, 12, 24), date(2026, 12, 24)),
        (reading.clock, "08:30", time(8, 30)),
        (reading.one_of("PL", "none"), "none", "none"),
    ],
)
def test_a_value_is_read(read: Callable[[Any], object], value: Any, made: object) -> None:
    assert read(value) == made


def test_a_day_is_no_instant_though_toml_may_have_read_one() -> None:
    read = reading.day(datetime(2026, 12, 24, 8, tzinfo=UTC))
    assert type(read) is date
    assert read == date(2026, 12, 24)


@pytest.mark.parametrize(
    ("read", "value", "said"),
    [
        (reading.flag, 1, "true or false is expected"),
        (reading.number(2, 4), 1, "a whole number from 2 to 4 is expected"),
        (reading.number(2, 4), 5, "a whole number from 2 to 4 is expected"),
        (reading.number(0, 4), True, "a whole number from 0 to 4 is expected"),
        (reading.number(2, 4), 3.0, "a whole number from 2 to 4 is expected"),
        (reading.text, "", "a text is expected"),
        (reading.text, " ", "a text is expected"),
        (reading.text, 7, "a text is expected"),
        (reading.word, "a" * 41, "a word of small letters, digits and _ is expected"),
        (reading.word, "9a", "a word of small letters, digits and _ is expected"),
        (reading.letter, "@", "one letter from A to Z is expected"),
        (reading.letter, "[", "one letter from A to Z is expected"),
        (reading.letter, "AB", "one letter from A to Z is expected"),
        (reading.letter, "", "one letter from A to Z is expected"),
        (reading.letter, 7, "one letter from A to Z is expected"),
        (reading.zone, "Europe/Breslau", "a time zone such as Europe/Warsaw is expected"),
        (reading.zone, 7, "a time zone such as Europe/Warsaw is expected"),
        (reading.several(reading.letter), "AB", "a list is expected"),
        (reading.texts, ["x"], "texts by language are expected"),
        (reading.texts, {"pl": ""}, "a text is expected"),
        (reading.window, "08:00-08:00", "'08:00-08:00' closes before it opens"),
        (reading.window, "08:01-08:00", "'08:01-08:00' closes before it opens"),
        (reading.window, "8-15", "'8-15' is no window such as 08:00-15:30"),
        (reading.window, "08:00-25:00", "'08:00-25:00' is no window such as 08:00-15:30"),
        (reading.hours, ["08:00-18:00"], "windows by weekday are expected"),
        (reading.hours, {"monday": []}, "windows by weekday are expected"),
        (reading.day, "24.12.2026", "'24.12.2026' is no day such as 2026-12-24"),
        (reading.day, "20261224", "'20261224' is no day such as 2026-12-24"),
        (reading.day, "2026-W52-4", "'2026-W52-4' is no day such as 2026-12-24"),
        (reading.day, "2026-02-30", "'2026-02-30' is no day such as 2026-12-24"),
        (reading.clock, "8:00", "'8:00' is no hour such as 08:00"),
        (reading.clock, "08:00:00", "'08:00:00' is no hour such as 08:00"),
        (reading.clock, "24:01", "'24:01' is no hour such as 08:00"),
        (reading.one_of("PL", "none"), "pl", "one of PL, none is expected"),
    ],
)
def test_another_value_is_refused_with_what_is_expected(
    read: Callable[[Any], object], value: Any, said: str
) -> None:
    with pytest.raises(ValueError, match=r"expected|such as|closes") as wrong:
        read(value)
    assert str(wrong.value).startswith(said)


def test_the_week_begins_on_monday() -> None:
    assert reading.WEEKDAYS == ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Lamp:
    """A table of settings."""

    watts: Annotated[int, reading.number(1, 9)]
    colours: Annotated[tuple[str, ...], reading.several(reading.word)] = field(default_factory=tuple)


@dataclass(frozen=True)
class Room:
    """A table with another in it."""

    lamp: Annotated[Lamp | None, reading.optional(reading.table(Lamp))] = None


def test_a_table_is_read_with_its_defaults_and_stays_what_it_is() -> None:
    assert read_policy(Room, {}) == Room()
    assert read_policy(Room, {"lamp": {"watts": 3}}) == Room(Lamp(3))
    assert read_policy(Room, {"lamp": Lamp(3, ("red",))}) == Room(Lamp(3, ("red",)))


@pytest.mark.parametrize(
    ("said", "key", "problem"),
    [
        ({"lamp": {"watts": 0}}, "lamp.watts", "a whole number from 1 to 9 is expected"),
        ({"lamp": {}}, "lamp.watts", "is missing"),
        ({"lamp": {"colours": []}}, "lamp.watts", "is missing"),
        ({"lamp": 3}, "lamp", "a table of settings is expected"),
        ({"lampe": {}}, "lampe", "unknown setting; did you mean lamp?"),
        ({"zzz": {}}, "zzz", "unknown setting"),
    ],
)
def test_a_wrong_key_of_a_table_is_told_with_its_way(said: dict[str, Any], key: str, problem: str) -> None:
    with pytest.raises(SettingError) as wrong:
        read_policy(Room, said)
    assert (wrong.value.key, wrong.value.problem) == (key, problem)
    assert str(wrong.value) == f"{key}: {problem}"


def test_all_days_of_a_week_may_be_told() -> None:
    read = reading.hours({key: ["08:00-18:00"] for key in reading.WEEKDAYS})
    assert read == WeekHours(dict.fromkeys(range(7), (TEN_HOURS,)))


def test_of_several_missing_keys_the_first_is_told() -> None:
    with pytest.raises(SettingError) as wrong:
        read_policy(Window, {})
    assert wrong.value.key == "opens"


def test_a_short_text_has_so_many_characters_at_most() -> None:
    read = reading.short(5)
    assert read("zając") == "zając"
    for wrong in ("zające", "  ", 5):
        with pytest.raises(ValueError, match="expected"):
            read(wrong)
