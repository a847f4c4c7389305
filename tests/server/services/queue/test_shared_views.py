"""What all screens of a place are shown alike is worked out once, and anew when anything changed."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from server.api import boards, visitors
from server.services.queue.views import shared
from server.services.queue.views.shared import SharedViews
from tests.server.sample_office import Door, SampleOffice


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Count which views are worked out."""
    names: list[str] = []

    def counted(name: str, real: Any) -> Any:
        def make(*given: Any) -> Any:
            names.append(name)
            return real(*given)

        return make

    monkeypatch.setattr(boards, "board", counted("board", boards.board))
    monkeypatch.setattr(visitors.offers, "offers", counted("services", visitors.offers.offers))
    return names


def total(door: Door) -> int:
    return sum(line["total"] for line in door.get("/boards/A").get_json()["waiting"])


def test_boards_of_a_hall_and_kiosks_of_a_branch_share_one_look(
    office: SampleOffice, made: list[str]
) -> None:
    office.walk_in("P")
    office.wait_until_sealed()
    said = [office.board.get("/boards/A").data for _ in range(6)]
    assert (len(set(said)), made) == (1, ["board"])
    said = [office.kiosk.get("/services").data for _ in range(3)]
    assert (len(set(said)), made) == (1, ["board", "services"])


def test_a_fact_makes_the_view_anew(office: SampleOffice, made: list[str]) -> None:
    assert total(office.board) == 0
    office.walk_in("P")
    office.wait_until_sealed()
    assert total(office.board) == 1
    office.clerk(7).post("/counters/7/call-next")
    office.wait_until_sealed()
    assert total(office.board) == 0
    assert made == ["board"] * 3


def test_another_hall_and_branch_have_views_of_their_own(office: SampleOffice, made: list[str]) -> None:
    office.walk_in("P")
    office.wait_until_sealed()
    assert total(office.board) == 1
    assert total(office.door("board:legnica")) == 0
    assert made == ["board"] * 2


def test_time_alone_makes_the_view_anew_after_some_seconds(office: SampleOffice, made: list[str]) -> None:
    first = office.board.get("/boards/A").get_json()["now"]
    office.clock.advance(seconds=4)
    assert office.board.get("/boards/A").get_json()["now"] == first
    office.clock.advance(seconds=1)
    assert office.board.get("/boards/A").get_json()["now"] > first
    assert made == ["board"] * 2


def test_boards_that_ask_together_wait_for_the_one_that_looks(office: SampleOffice, made: list[str]) -> None:
    office.walk_in("P")
    office.wait_until_sealed()
    totals: list[int] = []
    threads = [threading.Thread(target=lambda: totals.append(total(office.board))) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(20)
    assert (totals, made) == ([1] * 6, ["board"])


def test_a_look_that_fails_leaves_nothing_behind(
    office: SampleOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, broken = boards.board, [True]

    def board(*given: Any) -> Any:
        if broken:
            raise LookupError
        return real(*given)

    monkeypatch.setattr(boards, "board", board)
    assert office.board.get("/boards/A").status_code == 500
    broken.clear()
    assert total(office.board) == 0


def test_who_waited_while_it_was_made_gets_what_is_newer(
    office: SampleOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    views, made = SharedViews(), iter("abc")

    def asked(fact: int, second: int) -> str:
        monkeypatch.setattr(shared, "tip", lambda _: (fact, b""))
        office.clock.set(f"10:00:{second:02}")
        context = office.runtime.context()
        return office.store.read(lambda session: views.get(session, context, "board", lambda: next(made)))

    assert asked(fact=7, second=3) == "a"
    assert asked(fact=6, second=2) == "a", "it began to ask before the one who made it"
    assert asked(fact=8, second=3) == "b", "the control: a newer fact makes it anew"
    assert asked(fact=7, second=20) == "c", "the control: so does time"
