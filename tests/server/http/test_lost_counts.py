"""The line in front while its counts are away, and after they began anew: nobody waits for ever."""

from __future__ import annotations

import asyncio

from tests.server.http.visitors import Counted, Site, crowd
from tests.server.sample_office import SampleOffice


def test_the_line_stands_while_its_counts_are_away(one_office: SampleOffice) -> None:
    counting = Counted()
    site = Site(one_office, 5, counting)
    (first, *_) = crowd(site, 9)
    counting.is_away = True

    async def keep() -> None:
        kept = asyncio.create_task(site.line.keep(site.runtime.context))
        await asyncio.sleep(0.05)
        kept.cancel()

    asyncio.run(keep())
    assert first.ask("/pl/wait").status == 303
    assert site.runtime.figures["line"]() == {"waiting": (4, 0), "pace": (5, 0)}
    counting.is_away = False
    site.tick()
    assert first.is_in


def test_whose_number_was_lost_with_its_counts_does_not_wait_for_ever(one_office: SampleOffice) -> None:
    counting = Counted()
    site = Site(one_office, 2, counting)
    site.tick()
    waiting = crowd(site, 8)
    counting.counts.clear()
    assert not waiting[-1].is_in, "nobody has looked yet: the line stands as it was"
    for _ in range(6):
        site.tick()
    assert waiting[-1].is_in


def test_numbers_that_were_lost_in_a_rush_are_given_anew_while_others_come(one_office: SampleOffice) -> None:
    counting = Counted()
    site = Site(one_office, 2, counting)
    site.tick()
    waiting = crowd(site, 60)
    counting.counts.clear()
    site.tick(2)
    for _ in range(5):
        crowd(site, 8)  # more than are let in, so that the line is never empty again
        site.tick()
    assert site.line.seen.given > site.line.seen.let_in
    assert waiting[-1].number == 58 > site.line.seen.given
    site.seconds += 2
    waiting[-1].ask("/pl/wait")
    assert waiting[-1].number < 58
    # Control: a number that another server gave a moment ago stays.
    elsewhere = waiting[-2]
    counting.counts["given"] = 100
    site.seconds += 2
    elsewhere.ask("/pl/wait")
    assert elsewhere.number == 57


def test_whose_turn_comes_after_the_counts_were_lost_is_let_in(one_office: SampleOffice) -> None:
    counting = Counted()
    site = Site(one_office, 2, counting, turn_kept_minutes=1)
    site.tick()
    crowd(site, 60)
    for _ in range(20):
        site.tick()
    counting.counts.clear()
    site.tick(120)
    waiting = crowd(site, 6)
    for _ in range(4):
        site.tick()
    # By what was let in before, their turn would have been over two minutes ago.
    assert all(each.is_in for each in waiting)
