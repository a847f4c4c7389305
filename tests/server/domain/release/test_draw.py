"""Draws and waiting rooms as rules: the list has one form, everybody the same chance, and bots gain nothing."""

from __future__ import annotations

import hashlib
import json
import random
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from bench.draws import daily_wins, draw_wins, first_come_wins, too_uneven
from server.domain.booking.policy import DrawPolicy
from server.domain.release import draw
from server.domain.release.draw import Entry, Terms, UnknownPreference
from server.domain.release.modes import Open, Rush, Waits, draw_windows, next_draw_window

WARSAW = ZoneInfo("Europe/Warsaw")
MONDAY, SUNDAY = date(2026, 12, 7), date(2026, 12, 13)
EIGHT = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def hour(text: str) -> str:
    return f"2026-12-{text}+01:00"


# --- preferences ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "suited"),
    [
        ("any", {"07T08:00", "07T12:00", "08T12:30"}),
        ("2026-12-07", {"07T08:00", "07T12:00"}),
        ("2026-12-07 08:00-12:00", {"07T08:00"}),
        ("any 12:00-24:00", {"07T12:00", "08T12:30"}),
        ("2026-12-09", set()),
    ],
)
def test_a_wish_is_met_by_its_days_and_hours(wish: str, suited: set[str]) -> None:
    every = {"07T08:00", "07T12:00", "08T12:30"}
    assert {at for at in every if draw.suits(wish, hour(at))} == suited


@pytest.mark.parametrize(
    "wishes",
    [
        [],
        ["tomorrow"],
        ["2026-12-14"],
        ["2026-13-40"],
        ["any 12:00-08:00"],
        ["any 8-12"],
        ["any", "\x00"],
        ["2026-12-07 08:00-12:00 "],
        [f"any {begins:02}:00-24:00" for begins in range(11)],
    ],
)
def test_a_wish_that_cannot_be_met_is_refused(wishes: list[str]) -> None:
    with pytest.raises(UnknownPreference):
        draw.read_preferences(wishes, MONDAY, SUNDAY)


def test_a_wish_said_twice_counts_once() -> None:
    assert draw.read_preferences(["any", "2026-12-07", "any"], MONDAY, SUNDAY) == ("any", "2026-12-07")


@pytest.mark.parametrize(
    "wishes",
    [
        ["2026-12-07"],
        ["2026-12-13"],
        ["2026-12-07 08:00-12:00"],
        ["2026-12-13 08:00-24:00"],
        ["any 08:00-08:01", "any"],
        [f"any {begins:02}:00-24:00" for begins in range(10)],
    ],
)
def test_a_wish_that_can_be_met_is_read_as_it_stands(wishes: list[str]) -> None:
    assert draw.read_preferences(wishes, MONDAY, SUNDAY) == tuple(wishes)


@pytest.mark.parametrize("wish", ["2026-12-06", "2026-12-14", "any 08:00-08:00", "any 08:01-08:00"])
def test_a_wish_just_outside_is_refused(wish: str) -> None:
    with pytest.raises(UnknownPreference):
        draw.read_preferences([wish], MONDAY, SUNDAY)


def test_a_wish_has_its_own_last_day_or_that_of_the_draw() -> None:
    assert draw.last_day_of("2026-12-08", SUNDAY) == date(2026, 12, 8)
    assert draw.last_day_of("2026-12-08 08:00-12:00", SUNDAY) == date(2026, 12, 8)
    assert draw.last_day_of("any", SUNDAY) == draw.last_day_of("any 08:00-12:00", SUNDAY) == SUNDAY


def test_wishes_are_known_and_the_last_day_of_all_counts() -> None:
    assert draw.are_wishes(["2026-12-07", "any 08:00-12:00"], MONDAY, SUNDAY) is True
    assert draw.are_wishes(["2026-12-14"], MONDAY, SUNDAY) is False
    assert draw.last_wished_day(["2026-12-07", "2026-12-09", "2026-12-08"], SUNDAY) == date(2026, 12, 9)
    assert draw.last_wished_day([], SUNDAY) == SUNDAY


def test_hours_wished_for_hold_their_first_minute_and_not_their_last() -> None:
    wish = "any 08:00-12:00"
    assert [draw.suits(wish, hour(f"07T{at}")) for at in ("07:59", "08:00", "11:59", "12:00")] == [
        *(False, True),
        *(True, False),
    ]


def test_the_days_of_a_draw_are_listed_with_both_ends() -> None:
    assert draw.days_of(MONDAY, date(2026, 12, 9)) == [MONDAY, date(2026, 12, 8), date(2026, 12, 9)]
    assert draw.days_of(MONDAY, MONDAY) == [MONDAY]


# --- giving -----------------------------------------------------------------------------------------------


def test_each_in_turn_gets_the_first_wish_that_has_a_free_hour() -> None:
    terms = Terms(((hour("07T08:00"), 1), (hour("07T13:00"), 1), (hour("08T08:00"), 1)))
    order = [
        Entry("A", ("2026-12-07 12:00-24:00", "any")),
        Entry("B", ("2026-12-07",)),
        Entry("C", ("2026-12-07", "2026-12-08")),
        Entry("D", ("any",)),
    ]
    assert draw.give(order, terms) == {"A": hour("07T13:00"), "B": hour("07T08:00"), "C": hour("08T08:00")}


def test_a_day_gives_no_more_than_its_limit() -> None:
    terms = Terms(((hour("07T08:00"), 5), (hour("07T09:00"), 5), (hour("08T08:00"), 1)), {"2026-12-07": 3})
    assert terms.total == 4
    given = draw.give([Entry(str(number), ("any",)) for number in range(20)], terms)
    assert sorted(at[8:10] for at in given.values()) == ["07", "07", "07", "08"]


def test_hours_of_a_day_add_up_to_no_more_than_its_limit() -> None:
    places = ((hour("07T08:00"), 2), (hour("07T09:00"), 3), (hour("08T08:00"), 4))
    assert Terms(places).total == 9
    assert Terms(places, {"2026-12-07": 4}).total == 8
    assert Terms(places, {"2026-12-07": 6, "2026-12-08": 0}).total == 5
    assert Terms().total == 0


def test_a_day_without_a_place_left_gives_none() -> None:
    terms = Terms(((hour("07T08:00"), 1), (hour("08T08:00"), 1)), {"2026-12-07": 0})
    assert draw.give([Entry("A", ("any",)), Entry("B", ("any",))], terms) == {"A": hour("08T08:00")}


def test_of_many_exactly_as_many_win_as_there_are_places() -> None:
    dice = random.Random(7)
    places = tuple(
        (hour(f"{day:02}T{at:02}:00"), dice.randrange(1, 4)) for day in (7, 8) for at in range(8, 15)
    )
    terms = Terms(places)
    wishes = ["any", "2026-12-07", "2026-12-08 08:00-12:00", "any 12:00-24:00"]
    order = [Entry(str(n), tuple(dice.sample(wishes, dice.randrange(1, 5)))) for n in range(300)]
    given = draw.give(order, terms)
    used = {at: list(given.values()).count(at) for at, _ in places}
    assert used == dict(places)


# --- list and seed ----------------------------------------------------------------------------------------


def test_the_list_has_one_form_whatever_the_order_of_its_lines() -> None:
    one, other = Entry("AAAA", ("any",)), Entry("BBBB", ("2026-12-07", "any"))
    terms = Terms(((hour("07T08:00"), 1),), {}, {"pl": "Duży Lotek"})
    text = draw.list_text("d1", bytes(32), terms, [other, one])
    assert text == draw.list_text("d1", bytes(32), terms, [one, other])
    assert json.loads(text)["applications"] == [["AAAA", ["any"]], ["BBBB", ["2026-12-07", "any"]]]
    assert Terms.read(json.loads(text)["terms"]) == terms


def test_the_seed_is_the_hash_of_secret_list_and_number() -> None:
    secret, list_hash = b"s" * 32, b"l" * 32
    assert (
        draw.seed_of(secret, list_hash, "7 12 ż")
        == hashlib.sha256(secret + list_hash + "7 12 ż".encode()).digest()
    )


def test_the_order_depends_on_the_seed_alone() -> None:
    ids = [f"line{number}" for number in range(50)]
    assert draw.order_of(b"1" * 32, ids) == draw.order_of(b"1" * 32, reversed(ids))
    assert draw.order_of(b"1" * 32, ids) != draw.order_of(b"2" * 32, ids)


def test_a_line_is_found_as_people_type_it() -> None:
    assert draw.read_line(" abcd-efgh 2345 ") == "ABCDEFGH2345"
    assert draw.shown_line("ABCDEFGH2345") == "ABCD-EFGH-2345"
    assert draw.read_line("") == ""


def test_a_line_has_twelve_signs_and_one_too_many_is_seen() -> None:
    assert draw.LINE_LENGTH == 12
    assert draw.read_line("ABCD-EFGH-2345-6789") == "ABCDEFGH23456"
    assert draw.shown_line("ABCDE") == "ABCD-E"


def test_a_draw_takes_ten_wishes_and_a_number_of_a_hundred_signs() -> None:
    assert (draw.MOST_PREFERENCES, draw.MOST_SIGNS_OF_NUMBER) == (10, 100)


def test_the_list_is_json_without_spaces_and_with_sorted_keys() -> None:
    terms = Terms(((hour("07T08:00"), 1),), {"2026-12-07": 1}, {"pl": "Duży Lotek"})
    assert draw.list_text("d1", b"\x01\xff", terms, [Entry("A", ("any",))]).decode() == (
        '{"applications":[["A",["any"]]],"draw":"d1","secret_hash":"01ff","terms":{"day_limits":{"2026-12-07":1},'
        '"number":{"pl":"Duży Lotek"},"places":[["2026-12-07T08:00+01:00",1]]}}'
    )


# --- a bot gains nothing ------------------------------------------------------------------------------------


def test_in_draws_a_bot_wins_as_often_as_anybody() -> None:
    wins = draw_wins(draws=1_500, seed=1)
    assert too_uneven(wins) is None, wins


def test_in_waiting_rooms_a_bot_wins_as_often_as_anybody() -> None:
    wins = daily_wins(releases=1_500, seed=2)
    assert too_uneven(wins) is None, wins


def test_control_where_the_first_comes_first_the_bot_wins_all() -> None:
    wins = first_come_wins(releases=300, seed=3)
    assert too_uneven(wins) is not None
    assert wins.share("bot, 1 ms") == 1.0


def test_a_fresh_secret_makes_each_order_equally_likely() -> None:
    dice = random.Random(4)
    seen: dict[str, int] = {}
    for _ in range(6_000):
        order = "".join(draw.order_of(draw.seed_of(dice.randbytes(32), b"list", ""), "abc"))
        seen[order] = seen.get(order, 0) + 1
    assert len(seen) == 6
    # Chi-square with five degrees of freedom: 20.5 is passed once in a thousand.
    assert sum((count - 1000) ** 2 / 1000 for count in seen.values()) < 20.5


# --- the waiting room ---------------------------------------------------------------------------------------


def test_places_are_let_in_at_the_rate_and_keep_their_turn_for_a_while() -> None:
    rush = Rush(EIGHT, per_minute=2, people=100)
    assert rush.gate(1, EIGHT) == Open(EIGHT + timedelta(minutes=15))
    third = rush.gate(3, EIGHT)
    assert isinstance(third, Waits)
    assert (third.ahead, third.admitted_from) == (1, EIGHT + timedelta(minutes=1))
    assert isinstance(rush.gate(3, EIGHT + timedelta(seconds=59, microseconds=999_999)), Waits)
    assert rush.gate(3, EIGHT + timedelta(minutes=1)) == Open(EIGHT + timedelta(minutes=16))
    late = rush.gate(3, EIGHT + timedelta(minutes=16))
    assert isinstance(late, Waits)
    assert late.is_over


def test_after_everybody_was_let_in_it_is_simply_open() -> None:
    rush = Rush(EIGHT, per_minute=60, people=60)
    assert not rush.is_over(EIGHT + timedelta(seconds=58, milliseconds=999))
    assert rush.is_over(EIGHT + timedelta(seconds=59))
    assert rush.gate(3, EIGHT + timedelta(hours=1)) == Open()
    assert Rush(EIGHT, 60, 0).is_over(EIGHT)


def test_those_ahead_are_counted_down_to_nobody() -> None:
    rush = Rush(EIGHT, per_minute=60, people=500)
    assert rush.ahead_of(100, EIGHT - timedelta(seconds=1)) == 99
    assert [rush.ahead_of(100, EIGHT + timedelta(seconds=passed)) for passed in (0, 1, 97, 98, 99)] == [
        98,
        97,
        1,
        0,
        0,
    ]


# --- windows ------------------------------------------------------------------------------------------------


def test_a_window_opens_on_its_weekday_by_the_branchs_clock() -> None:
    policy = DrawPolicy(weekday="mon", opens=time(8), window_hours=72, ahead_days=7, covers_days=7)
    assert draw_windows(policy, EIGHT - timedelta(seconds=1), WARSAW) == []
    (window,) = draw_windows(policy, EIGHT, WARSAW)
    assert (window.opens_at, window.closes_at) == (EIGHT, EIGHT + timedelta(hours=72))
    assert (window.first_day, window.last_day) == (date(2026, 12, 3), date(2026, 12, 9))
    assert draw_windows(policy, window.closes_at, WARSAW) == []
    assert next_draw_window(policy, EIGHT, WARSAW).opens_at == EIGHT + timedelta(days=7)


def test_the_days_of_weekly_draws_follow_each_other_without_a_gap() -> None:
    policy = DrawPolicy(weekday="sun", opens=time(2, 30), covers_days=7)
    # The nights on which clocks change are Sundays.
    at, windows = datetime(2027, 3, 1, tzinfo=UTC), []
    for _ in range(40):
        windows.append(next_draw_window(policy, at, WARSAW))
        at = windows[-1].opens_at
    assert all(later.first_day - before.last_day == timedelta(days=1) for before, later in pairwise(windows))


def test_windows_longer_than_a_week_overlap() -> None:
    policy = DrawPolicy(window_hours=24 * 14)
    assert len(draw_windows(policy, EIGHT + timedelta(hours=1), WARSAW)) == 2
