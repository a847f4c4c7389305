"""The line in front of the pages at an hour of release, and the same line at several servers."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from server.domain.release.arrivals import LEAST_PER_SECOND, STEPS, next_pace, step_of
from server.http.arrivals import Arrivals
from server.portal.application import create_portal
from server.portal.guard.limits import PASS
from server.portal.guard.shared_counts import SharedCounts
from server.run import _room_in_front
from server.services.release.arrivals import Line, StoreCounts
from server.store.errors import StoreUnavailable
from server.store.store import Store
from server.store.tables import ArrivalCount
from tests.server.http.visitors import Browser, Site, replace_settings
from tests.server.sample_office import SampleOffice
from tests.server.services.release.crowd import Crowd

LONGEST_START = 30.0


def come(sites: list[Site], count: int) -> list[Browser]:
    """Let so many come, in turns to each server; return all of them."""
    browsers = [Browser(sites[place % len(sites)]) for place in range(count)]
    for each in browsers:
        each.ask("/pl/")
    return browsers


def turns(site: Site, waiting: list[Browser], *others: Site) -> list[int]:
    """Let time pass until all are in; return by when each was, in the order in which they stand."""
    at: dict[int, int] = {}
    for second in range(1, 400):
        site.tick(1.0, *others)
        for place, each in enumerate(waiting):
            if place not in at and each.ask("/pl/wait?look").status == 204:
                at[place] = second
        if len(at) == len(waiting):
            break
    return [at[place] for place in range(len(waiting))]


@pytest.fixture
def noon(one_office: SampleOffice) -> SampleOffice:
    """Give an office with a service whose places are released at noon."""
    Crowd(one_office).open_daily()
    return one_office


def test_before_the_hour_being_first_gives_no_advantage(noon: SampleOffice) -> None:
    noon.clock.set("11:59:40")
    site = Site(noon, 1)
    waiting = [each for each in come([site], 61) if not each.is_in]
    site.tick()
    # Sixty are more than twenty seconds bear: nobody is let in before the hour, and the page says why.
    assert waiting[0].ask("/en/wait").leads_to == "/en/wait/0"
    assert b"gives no advantage" in waiting[0].ask("/en/wait/0").body
    assert [each for each in waiting if each.ask("/pl/wait?look").status == 204] == []
    for _ in range(18):
        site.tick()
    (late,) = come([site], 1)
    last_of_all = late.number
    assert [each for each in waiting if each.ask("/pl/wait?look").status == 204] == []
    at = turns(site, waiting)
    # As the dice fell, and not as they came; at the pace all the same.
    pairs = sum(at[i] > at[j] for i in range(60) for j in range(i + 1, 60))
    assert 0.3 < pairs / (60 * 59 / 2) < 0.7
    assert 55 <= max(at) <= 80
    assert last_of_all > 60


def test_who_comes_after_the_hour_stands_behind_by_arrival(noon: SampleOffice) -> None:
    noon.clock.set("11:59:45")
    site = Site(noon, 1)
    early = come([site], 31)[1:]
    site.tick()
    site.tick(15)
    site.seconds += 2
    late = come([site], 10)
    at = turns(site, early + late)
    assert max(at[:30]) <= min(at[30:])
    assert at[30:] == sorted(at[30:])


def test_a_line_that_is_let_in_before_the_hour_is_not_held(noon: SampleOffice) -> None:
    """Control of both: whoever can come in before the hour does, and the service's own room draws the order."""
    noon.clock.set("11:55")
    site = Site(noon, 1)
    waiting = come([site], 31)[1:]
    assert turns(site, waiting) == list(range(1, 31))
    assert noon.rows(ArrivalCount)[0].name in ("given", "let in")


def test_an_hour_that_is_far_off_holds_nobody(noon: SampleOffice) -> None:
    noon.clock.set("11:29")
    site = Site(noon, 1)
    StoreCounts(noon.store).add("given", 4_000)
    site.tick()
    assert site.line.seen.held_until is None
    noon.clock.set("11:31")
    site.tick()
    assert site.line.seen.held_until is not None


def test_hours_of_other_days_are_forgotten(noon: SampleOffice) -> None:
    names = []
    for _day in range(3):
        noon.clock.set(noon.clock.now().replace(hour=10, minute=59, second=50))
        site = Site(noon, 1)
        come([site], 30)
        for _ in range(60):
            site.tick()
        names.append({row.name for row in noon.rows(ArrivalCount) if row.name.startswith("first")})
        noon.clock.advance(days=1)
    assert [len(each) for each in names] == [1, 2, 2]
    assert not names[0] & names[2]


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[str]:
    """Start a Redis of our own, at a socket in a folder."""
    program = shutil.which("redis-server")
    if program is None:
        reason = "redis-server is not installed (deploy/requirements/apt-test.txt)"
        assert os.environ.get("CI") != "true", reason
        pytest.skip(reason)
    socket = tmp_path / "redis.sock"
    settings = ("--port", "0", "--save", "", "--unixsocket", str(socket), "--dir", str(tmp_path))
    with subprocess.Popen([program, *settings], stdout=subprocess.DEVNULL) as process:
        try:
            until = time.monotonic() + LONGEST_START
            while not socket.exists():
                assert process.poll() is None
                assert time.monotonic() < until
                time.sleep(0.02)
            yield f"redis+unix://{socket}"
        finally:
            process.terminate()


@pytest.fixture(params=["database", "redis"])
def both(request: pytest.FixtureRequest, office: SampleOffice) -> Iterator[list[Site]]:
    """Give two servers on one database, which count in it or in a Redis."""
    stores = [office.store, office.store if office.store.sqlite else Store(office.store.url)]
    counts: list[Any] = [StoreCounts(store) for store in stores]
    if request.param == "redis":
        address = request.getfixturevalue("redis")
        counts = [SharedCounts(address), SharedCounts(address)]
    yield [Site(office, 2, each, store) for each, store in zip(counts, stores, strict=True)]
    if stores[1] is not stores[0]:
        stores[1].close()


def test_numbers_and_turns_are_the_same_at_each_server(both: list[Site]) -> None:
    one, other = both
    everybody = come(both, 64)
    waiting = [each for each in everybody if each.ask("/pl/wait?look").status != 204]
    assert len(waiting) == 60
    assert len({each.number for each in waiting}) == 60
    # Whoever was given a number here may look there.
    for place, each in enumerate(waiting):
        each.site = both[place % 2]
    at = turns(one, waiting, other)
    # Two servers let in twice as many a second; a block of numbers is what came within a second.
    assert 15 <= max(at) <= 32


def test_a_server_without_a_line_of_its_own_lets_nobody_pass_the_other_s(both: list[Site]) -> None:
    one, other = both
    come([one], 30)
    one.tick(1.0, other)
    assert not Browser(other).is_in


def test_an_hour_draws_the_same_order_at_each_server(both: list[Site], office: SampleOffice) -> None:
    Crowd(office).open_daily()
    office.clock.set("11:59:50")
    one, other = both
    come(both, 120)
    for _ in range(12):
        one.tick(1.0, other)
    assert len(one.line.seen.drawn) == 1
    assert one.line.seen.drawn == other.line.seen.drawn
    assert [row.name for row in office.rows(ArrivalCount) if row.name.startswith("last")] != []


def test_an_hour_whose_numbers_were_lost_with_their_counts_draws_nothing(noon: SampleOffice) -> None:
    noon.clock.set("11:59:40")
    site = Site(noon, 1)
    come([site], 61)
    site.tick()
    assert site.line.seen.held_until is not None
    site.tick(25)
    (drawn,) = site.line.seen.drawn
    assert drawn.last >= 60
    with noon.store.engine.begin() as connection:
        connection.execute(delete(ArrivalCount).where(ArrivalCount.name.in_(["given", "let in"])))
    site.tick()
    assert site.line.seen.drawn == ()
    # Else their turns would be drawn among sixty that nobody has any more.
    waiting = [each for each in come([site], 8) if each.ask("/pl/wait?look").status != 204]
    at = turns(site, waiting)
    assert at == sorted(at)
    assert max(at) <= len(waiting) + 1


def test_counts_that_are_away_are_not_begun_anew_in_memory() -> None:
    away = SharedCounts("redis://127.0.0.1:1")
    with pytest.raises(StoreUnavailable):
        away.add("given", 1)
    with pytest.raises(StoreUnavailable):
        away.read({})


def test_a_pass_that_a_hundred_browsers_copied_opens_for_three(one_office: SampleOffice) -> None:
    app = create_portal(one_office.runtime)
    answers = [
        app.test_client()
        .get("/pl/", environ_base={PASS: "n7", "REMOTE_ADDR": f"198.51.{each}.1"})
        .status_code
        for each in range(100)
    ]
    assert answers == [200] * 3 + [429] * 97
    # Control: as many without a pass, as where there is no line.
    assert app.test_client().get("/pl/", environ_base={"REMOTE_ADDR": "198.51.100.9"}).status_code == 200


def test_the_cookie_of_the_line_is_told_where_there_is_a_line(one_office: SampleOffice) -> None:
    said = "it keeps your place in line for a day"
    on = replace(one_office.runtime, portal=replace_settings(one_office, {"admit_per_second": 5}))
    assert said in create_portal(on).test_client().get("/en/privacy").text
    assert said not in create_portal(one_office.runtime).test_client().get("/en/privacy").text


def test_the_line_is_there_when_it_is_switched_on(one_office: SampleOffice) -> None:
    inner: Any = object()
    assert _room_in_front(inner, one_office.runtime) is None
    on = replace_settings(one_office, {"admit_per_second": 5})
    assert isinstance(_room_in_front(inner, replace(one_office.runtime, portal=on)), Arrivals)
    assert (
        Line(one_office.store, StoreCounts(one_office.store)).look(one_office.runtime.context(), 1).given == 0
    )


def test_the_pace_falls_at_once_grows_slowly_and_stays_within_its_bounds() -> None:
    pace = 50.0
    pace = next_pace(pace, 50, 2.0, is_refusing=False)
    assert pace == pytest.approx(35)
    assert next_pace(pace, 50, 0.1, is_refusing=True) == pytest.approx(24.5)
    assert next_pace(pace, 50, 0.1, is_refusing=False) == pytest.approx(37.5)
    for _ in range(40):
        pace = next_pace(pace, 50, 2.0, is_refusing=False)
    assert pace == LEAST_PER_SECOND
    for _ in range(40):
        pace = next_pace(pace, 50, 0.0, is_refusing=False)
    assert pace == 50


def test_a_wait_is_rounded_up_to_what_can_be_told() -> None:
    assert [step_of(seconds) for seconds in (0, 60, 61, 120, 1_799, 3_600, 3_601, 90_000)] == [
        *(1, 1, 2, 2, 30, 60, 120, 120)
    ]
    assert STEPS[-1] == 120
    assert timedelta(minutes=STEPS[-1]) == timedelta(hours=2)
