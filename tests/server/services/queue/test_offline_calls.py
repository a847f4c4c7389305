"""Numbers that counters called at a kiosk's own line: they are where they were there, and never in line."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from server.store.tables import Call, OfflineEntry, Ticket
from tests.server.movable_clock import at
from tests.server.sample_office import SampleOffice
from wire.vocabulary import Conflict


def entry(minute: str, ordinal: int = 1, **other: Any) -> dict[str, Any]:
    """Return an entry of a walk-in for N."""
    made = at(minute).isoformat()
    values = {"at": made, "service": "N", "series": "NX", "ordinal": ordinal, "language": "pl"}
    return values | {
        key: each.isoformat() if isinstance(each, datetime) else each for key, each in other.items()
    }


def sends(office: SampleOffice, key: str | None = None, **body: Any) -> dict[str, Any]:
    """Let the kiosk send an entry; return the answer."""
    told = office.kiosk.post("/offline/entries", body, key)
    assert told.status_code == 201, told.get_json()
    return dict(told.get_json())


@pytest.fixture
def office(office: SampleOffice) -> SampleOffice:
    """The server is back a quarter of an hour later."""
    office.clock.advance(minutes=15)
    return office


def minutes_ago(office: SampleOffice, minutes: int) -> datetime:
    return office.clock.now() - timedelta(minutes=minutes)


def test_who_was_served_alone_is_finished_and_waits_nowhere(office: SampleOffice) -> None:
    called, ended = minutes_ago(office, 9), minutes_ago(office, 4)
    body = entry("10:05", at=minutes_ago(office, 12), called_at=called, counter=7, ended_at=ended)
    told = sends(office, "k-1", **body)
    row = office.one(Ticket, Ticket.id == told["ticket"])
    assert (row.status, row.outcome, row.call_count) == ("finished", "served", 1)
    assert (row.called_at, row.started_at, row.finished_at) == (called, called, ended)
    assert [each.called_at for each in office.rows(Call)] == [called]
    assert office.clerk(7).get("/counters/7").get_json()["waiting"] == []
    board = office.board.get("/boards/A").get_json()
    assert [each["numbers"] for each in board["waiting"] if each["service"] == "N"] == [[]]
    assert not any(each["active"] for each in board["called"])
    (fact,) = office.facts("ticket.called")
    assert (fact.data["offline"], fact.data["counter"], fact.data["number"]) == (
        called.isoformat(),
        7,
        "NX01",
    )
    assert "call" not in fact.data, "boards sound no chime for what is over"
    (finished,) = office.facts("ticket.finished")
    assert finished.data["offline"] == ended.isoformat()
    assert sends(office, "k-2", **body) == told, "the same once more changes nothing"
    assert len(office.rows(Call)) == 1


def test_who_did_not_come_is_a_no_show(office: SampleOffice) -> None:
    at_, called, ended = (minutes_ago(office, each) for each in (12, 9, 4))
    told = sends(office, **entry("10:05", at=at_, called_at=called, counter=7, ended_at=ended, no_show=True))
    row = office.one(Ticket, Ticket.id == told["ticket"])
    assert (row.status, row.finished_at, row.started_at) == ("no_show", ended, None)


def test_who_is_at_the_counter_is_in_hand_there(office: SampleOffice) -> None:
    clerk = office.clerk(7)
    sends(office, **entry("10:05", at=minutes_ago(office, 12), called_at=minutes_ago(office, 1), counter=7))
    current = clerk.get("/counters/7").get_json()["current"]
    assert (current["number"], current["status"]) == ("NX01", "called")
    assert clerk.post(f"/tickets/{current['id']}/start").status_code == 200
    assert clerk.post(f"/tickets/{current['id']}/finish", {"outcome": "served"}).status_code == 200


def test_at_a_counter_that_has_another_one_it_is_set_aside(office: SampleOffice) -> None:
    clerk = office.clerk(7)
    office.walk_in("N")
    in_hand = clerk.post("/counters/7/call-next").get_json()["ticket"]["number"]
    sends(office, **entry("10:05", at=minutes_ago(office, 12), called_at=minutes_ago(office, 1), counter=7))
    shown = clerk.get("/counters/7").get_json()
    assert shown["current"]["number"] == in_hand
    assert [each["number"] for each in shown["parked"]] == ["NX01"]
    assert shown["waiting"] == []


@pytest.mark.parametrize("is_gone", [True, False])
def test_at_a_counter_without_a_clerk_it_is_set_aside_for_whoever_takes_it_over(
    office: SampleOffice, is_gone: bool
) -> None:
    clerk = office.clerk(7)
    if is_gone:
        assert clerk.delete("/sessions/me").status_code == 204
    told = sends(
        office, **entry("10:05", at=minutes_ago(office, 12), called_at=minutes_ago(office, 1), counter=7)
    )
    row = office.one(Ticket, Ticket.id == told["ticket"])
    assert (row.status, row.call_count) == (("parked", 0) if is_gone else ("called", 1))
    parked = office.facts("ticket.parked")
    assert [(each.data["number"], each.data["counter"], each.data["reason"]) for each in parked] == (
        [("NX01", 7, "clerk_gone")] if is_gone else []
    )
    if is_gone:
        shown = office.clerk(7).get("/counters/7").get_json()
        assert ([each["number"] for each in shown["parked"]], "current" in shown) == (["NX01"], False)


def test_a_counter_that_is_no_more_leaves_it_in_the_line(office: SampleOffice) -> None:
    sends(office, **entry("10:05", at=minutes_ago(office, 12), called_at=minutes_ago(office, 1), counter=99))
    assert [each["number"] for each in office.clerk(7).get("/counters/7").get_json()["waiting"]] == ["NX01"]


def test_times_that_cannot_be_are_brought_into_order(office: SampleOffice) -> None:
    made, later = minutes_ago(office, 5), office.clock.now() + timedelta(hours=1)
    told = sends(
        office, **entry("10:05", at=made, called_at=made - timedelta(minutes=9), counter=7, ended_at=later)
    )
    row = office.one(Ticket, Ticket.id == told["ticket"])
    assert (row.called_at, row.finished_at) == (made, office.clock.now())


def test_who_was_called_is_not_let_into_the_line_by_a_conflict(office: SampleOffice) -> None:
    visit = office.book("P", office.clock.now() + timedelta(minutes=20))
    office.integrator.delete(f"/reservations/{visit['id']}")
    made, called = minutes_ago(office, 0), minutes_ago(office, 0)
    body = entry("10:05", at=made, reservation=visit["id"], service="P", series="PX")
    told = sends(office, **body | {"called_at": called.isoformat(), "counter": 7})
    assert told["conflict"] == Conflict.CANCELLED
    row = office.one(OfflineEntry, OfflineEntry.number == "PX01")
    assert row.called_at == called
    assert office.rows(Call) == []


def test_counters_and_kiosks_of_a_branch_have_one_key_of_the_day(office: SampleOffice) -> None:
    key = office.clerk(7).get("/offline/line-key").get_json()["key"]
    office.kiosk.post("/devices/me/status")
    body = office.kiosk.get("/offline/list?line=1").get_json()["body"]
    assert f'"line_key":"{key}"' in body
    assert key not in office.kiosk.get("/offline/list").text, "a kiosk that no counter calls from has no key"
    assert office.clerk(8).get("/offline/line-key").get_json() == {"key": key}
    office.clock.advance(days=1)
    assert office.clerk(7).get("/offline/line-key").get_json()["key"] != key
    office.set_policy(offline_hours=0)
    assert office.clerk(7).get("/offline/line-key").get_json()["reason"] == "offline_off"
