"""What makes a reservation suspicious, and what does not."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta

import pytest

from server.domain.guard.suspicion import LEAST_FILL_MS, WEIGHTS, Suspect, Trace, suspects

EIGHT = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def trace(
    number: int, *, seconds: float = 0, block: str = "", agent: str = "", fill: int = 0, account: int = 0
) -> Trace:
    return Trace(
        number,
        account or number,
        (block or f"block {number}").encode(),
        (agent or f"agent {number}").encode(),
        EIGHT + timedelta(seconds=seconds),
        fill or 60_000 + 997 * number,
    )


def test_who_fills_a_form_within_three_seconds_is_too_fast() -> None:
    assert suspects([trace(1, fill=2_999), trace(2, fill=3_000)]) == (Suspect(1, 3, ("too_fast",)),)


def test_a_family_behind_one_address_is_not_suspicious() -> None:
    assert (
        suspects([trace(n, seconds=60 * n, block="home", agent="phone", account=1) for n in range(1, 6)])
        == ()
    )


def test_many_accounts_of_one_block_and_many_reservations_add_up() -> None:
    found = suspects([trace(n, seconds=30 * n, block="farm") for n in range(1, 7)])
    assert [suspect.reservation_id for suspect in found] == [1, 2, 3, 4, 5, 6]
    assert found[0] == Suspect(1, 4, ("many_accounts", "same_block"))


def test_a_block_whose_reservations_are_spread_over_the_day_is_not_a_crowd() -> None:
    assert suspects([trace(n, seconds=4_000 * n, block="library") for n in range(1, 20)], 1) == ()


def test_equal_timings_over_many_blocks_and_one_program_are_found() -> None:
    bots = [trace(n, seconds=n, agent="bot", fill=20_000 + n) for n in range(1, 25)]
    people = [trace(n, seconds=n) for n in range(100, 140)]
    found = suspects([*bots, *people])
    assert {suspect.reservation_id for suspect in found} == set(range(1, 25))
    assert found[0].reasons == ("same_timing", "same_agent")


def test_guests_without_an_account_are_not_many_accounts() -> None:
    guests = [Trace(n, None, b"hotel", b"%d" % n, EIGHT, 50_000 + 999 * n) for n in range(1, 6)]
    assert suspects(guests, 1) == ()


def test_the_worst_come_first_and_every_reason_has_a_weight() -> None:
    found = suspects(
        [trace(n, seconds=n, block="farm", agent="bot", fill=100) for n in range(1, 30)]
        + [trace(50, fill=10)]
    )
    assert found[0].score == sum(WEIGHTS.values())
    assert found[-1].reservation_id == 50
    assert set(found[0].reasons) == set(WEIGHTS)


def reasons(traces: list[Trace]) -> set[str]:
    return {reason for suspect in suspects(traces, 1) for reason in suspect.reasons}


def test_every_reason_weighs_what_is_written() -> None:
    assert LEAST_FILL_MS == 3_000
    assert WEIGHTS == {
        "too_fast": 3,
        "same_timing": 2,
        "many_accounts": 2,
        "same_block": 2,
        "same_agent": 1,
    }


@pytest.mark.parametrize(
    ("fills", "found"),
    [
        ((20_000, 20_008, 20_016, 20_025), {"same_timing"}),
        ((20_000, 20_008, 20_016, 20_026), set()),
        ((20_000, 20_012, 20_025), set()),
        ((10_000, 20_000, 20_000, 20_000, 20_000), {"same_timing"}),
        ((10_000, 20_000, 20_000, 20_000), set()),
    ],
)
def test_four_of_an_hour_within_25_milliseconds_are_alike(fills: tuple[int, ...], found: set[str]) -> None:
    made = [trace(n, seconds=100 * n, fill=fill) for n, fill in enumerate(fills, 1)]
    assert reasons(made) == found


def test_only_those_of_one_hour_of_the_clock_are_compared() -> None:
    at = (0, 1_200.5, 2_400, 3_599.9)
    assert reasons([trace(n, seconds=s, fill=20_000) for n, s in enumerate(at, 1)]) == {"same_timing"}
    assert reasons([trace(n, seconds=s + 0.2, fill=20_000) for n, s in enumerate(at, 1)]) == set()


@pytest.mark.parametrize(("most", "found"), [(3_600, {"many_accounts"}), (3_600.001, set())])
def test_four_accounts_of_a_block_within_an_hour_are_many(most: float, found: set[str]) -> None:
    made = [trace(n, seconds=(n - 1) * most / 3, block="farm") for n in range(1, 5)]
    assert reasons(made) == found
    assert reasons(made[:3]) == set()


@pytest.mark.parametrize(("most", "found"), [(600, {"same_block"}), (600.001, set())])
def test_six_of_a_block_within_ten_minutes_are_a_crowd(most: float, found: set[str]) -> None:
    made = [trace(n, seconds=(n - 1) * most / 5, block="farm", account=1) for n in range(1, 7)]
    assert reasons(made) == found
    assert reasons(made[:5]) == set()


@pytest.mark.parametrize(("most", "found"), [(600, {"same_agent"}), (600.001, set())])
def test_twenty_of_a_browser_within_ten_minutes_are_a_crowd(most: float, found: set[str]) -> None:
    made = [trace(n, seconds=(n - 1) * most / 19, agent="bot") for n in range(1, 21)]
    assert reasons(made) == found
    assert reasons(made[:19]) == set()


def test_an_account_that_was_seen_twice_stays_until_its_last_time_is_past() -> None:
    accounts = (1, 2, 3, 1, 4)
    at = (0, 1_000, 1_000, 1_000, 3_700)
    made = [
        trace(n, seconds=seconds, block="farm", account=account)
        for n, (account, seconds) in enumerate(zip(accounts, at, strict=True), 1)
    ]
    assert {suspect.reservation_id for suspect in suspects(made, 1)} == {2, 3, 4, 5}


def test_a_score_of_three_is_looked_at_and_of_two_is_not() -> None:
    alike = [trace(n, seconds=n, fill=20_000) for n in range(1, 5)]
    assert suspects(alike) == ()
    assert [suspect.score for suspect in suspects(alike, 2)] == [2, 2, 2, 2]
    assert suspects([trace(1, fill=100)])[0].score == 3


def test_a_day_eight_times_as_busy_takes_about_eight_times_as_long() -> None:
    """Comparing each reservation with each other would take sixty-four times as long."""
    quiet, busy = (_processor_time(_day_of(visits)) for visits in (5_000, 40_000))
    assert busy < 32 * quiet


def _day_of(visits: int) -> list[Trace]:
    dice = random.Random(5)
    return [
        trace(
            n,
            seconds=dice.random() * 36_000,
            block=str(dice.randrange(500)),
            agent=str(dice.randrange(30)),
            fill=dice.randrange(5_000, 600_000),
        )
        for n in range(1, visits + 1)
    ]


def _processor_time(traces: list[Trace]) -> float:
    def once() -> float:
        begun = time.process_time()
        suspects(traces)
        return time.process_time() - begun

    return min(once() for _ in range(3))


def test_guests_beside_three_accounts_do_not_make_four() -> None:
    accounts = [trace(n, seconds=n, block="hotel") for n in range(1, 4)]
    guests = [Trace(n, None, b"hotel", b"%d" % n, EIGHT, 50_000 + 999 * n) for n in (4, 5)]
    assert reasons([*accounts, *guests]) == set()


def test_many_browsers_at_once_are_no_crowd_of_one() -> None:
    assert reasons([trace(n, seconds=n) for n in range(1, 41)]) == set()
