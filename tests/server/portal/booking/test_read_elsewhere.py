"""What pages read may be some seconds old: the calendar and figures. What is decided never rests on that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from server.domain.statistics.periods import Period
from server.services.statistics.kept import kept_report
from server.store.store import Store
from tests.server.movable_clock import at
from tests.server.portal.booking_visitor import CALENDAR, DAY, Visitor
from tests.server.portal.browser import Browser
from tests.server.sample_office import SampleOffice

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note each read that may be old, by what it must have come to."""
    made: list[int] = []
    real = Store.read_recent

    def note(store: Store, work: Callable[[Any], Any], since: int = 0) -> Any:
        made.append(since)
        return real(store, work, since)

    monkeypatch.setattr(Store, "read_recent", note)
    return made


@pytest.fixture
def visitor(office: SampleOffice, browser: Browser) -> Visitor:
    made = Visitor(office, browser)
    made.rule()
    made.open()
    return made


@pytest.mark.parametrize(
    "path", ["/en/book/wroclaw", CALENDAR, f"{CALENDAR}/{DAY}", "/en/privacy", "/open/wroclaw/queue.json"]
)
def test_pages_that_may_be_old_say_so(visitor: Visitor, asked: list[int], path: str) -> None:
    assert visitor.browser.get(path).status == 200
    assert asked


def test_so_do_the_statistics(office: SampleOffice, asked: list[int]) -> None:
    branch = next(iter(office.runtime.office.current().branches.values()))
    today = at("10:00").date()
    kept_report(office.store, branch, Period(today, today), is_raw=False)
    assert len(asked) == 2


def test_a_booking_asks_nothing_that_may_be_old(visitor: Visitor, asked: list[int]) -> None:
    """From the draft to the confirmation, to another hour of a draft, and to another hour of the visit."""
    visitor.open(visitor.later())
    visitor.log_in()
    visitor.begin()
    asked.clear()
    visitor.fill_in()
    assert "11:00" in visitor.browser.get(visitor.path("hour")).words
    place = visitor.browser.follow(visitor.hold()).headers["Location"]
    assert visitor.browser.post(place, {"code": visitor.code()}).status == 303
    assert "11:00" in visitor.browser.get(f"/en/reservations/{visitor.reservations()[0].id}/move").words
    assert asked == []
