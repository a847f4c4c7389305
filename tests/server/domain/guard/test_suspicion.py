"""What makes a reservation suspicious, and what does not."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta

from server.domain.guard.suspicion import WEIGHTS, Suspect, Trace, suspects

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


def test_a_busy_day_is_judged_within_a_second() -> None:
    dice = random.Random(5)
    busy = [
        trace(
            n,
            seconds=dice.random() * 36_000,
            block=str(dice.randrange(500)),
            agent=str(dice.randrange(30)),
            fill=dice.randrange(5_000, 600_000),
        )
        for n in range(1, 20_001)
    ]
    begun = time.perf_counter()
    suspects(busy)
    assert time.perf_counter() - begun < 1
