"""What a kiosk gave while it was alone: in line as of its own time, once, or before staff; never lost."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from server.services.access import devices
from server.services.queue import steering
from server.store.tables import OfflineEntry, Ticket
from server.workers.sweeper import Sweeper
from tests.server.at_once import at_once
from tests.server.movable_clock import at
from tests.server.sample_office import Door, SampleOffice
from wire.vocabulary import DeviceRole, SteeringKind


def said(
    ordinal: int,
    when: datetime | str,
    reservation: int | None = None,
    service: str = "P",
    letter: str = "X",
    **more: Any,
) -> dict[str, Any]:
    """Write an entry as a kiosk says it."""
    when = at(when) if isinstance(when, str) else when
    entry = {"at": when.isoformat(), "service": service, "series": f"{service}{letter}", "ordinal": ordinal}
    entry |= {"language": "pl", "reservation": reservation}
    return {name: value for name, value in (entry | more).items() if value is not None}


def send(
    office: SampleOffice, entry: dict[str, Any], key: str | None = None, door: Door | None = None
) -> dict[str, Any]:
    """Send an entry; it is taken, whatever it says."""
    answer = (door or office.kiosk).post("/offline/entries", entry, key)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.get_json()
    return told


def sweep(office: SampleOffice) -> None:
    Sweeper(office.store, office.runtime.context).look()


def other_kiosk(office: SampleOffice) -> Door:
    """Give a second kiosk in the hall."""
    context = office.runtime.context()
    branch = context.office.branch_named("wroclaw")
    assert branch is not None
    made = office.store.write(lambda session: devices.add(session, context, branch, DeviceRole.KIOSK, "A"))
    answer = office.door().post("/devices/enrol", {"enrolment_code": made.code}).get_json()
    return Door(office.app, answer["token"])


def close(office: SampleOffice, letter: str) -> None:
    """Let a supervisor close a service for the day."""
    context = office.runtime.context()
    branch = context.office.branch_named("wroclaw")
    assert branch is not None
    which = {"branch_id": branch.id, "service_id": branch.services[letter].id}

    def work(session: Any) -> None:
        steering.begin(session, context, SteeringKind.SERVICE_CLOSED, **which)

    office.store.write(work)
    office.runtime.office.forget()


def line(office: SampleOffice) -> list[str]:
    """List who waits at counter 7, in their order."""
    return [row["number"] for row in office.clerk(7).get("/counters/7").get_json()["waiting"]]


def test_a_walk_in_stands_in_line_by_the_time_of_its_paper(office: SampleOffice) -> None:
    office.walk_in("P")
    office.clock.advance(minutes=10)
    office.walk_in("P")
    office.clock.advance(minutes=10)
    told = send(office, said(1, "10:05"))
    assert told["number"] == "PX01"
    assert "conflict" not in told
    row = office.ticket(told["ticket"])
    assert (row.number, row.status, row.issued_at, row.promised_from) == (
        "PX01",
        "waiting",
        at("10:05"),
        None,
    )
    assert line(office) == ["P001", "PX01", "P002"]
    assert office.facts("ticket.issued")[-1].data["offline"] == at("10:05").isoformat()
    assert office.walk_in("P")["number"] == "P003"


def test_a_booked_visitor_is_checked_in(office: SampleOffice) -> None:
    booked = office.book("P", "10:30")
    office.clock.set("10:10")
    told = send(office, said(1, "10:02", booked["id"]))
    assert office.reservation(booked["id"]).status == "checked_in"
    assert office.ticket(told["ticket"]).reservation_id == booked["id"]
    fact = office.facts("reservation.checked_in")[-1]
    assert (fact.data["ticket"], fact.data["offline"]) == (told["ticket"], at("10:02").isoformat())
    again = office.kiosk.post("/check-ins", {"code": booked["code"]})
    assert (again.status_code, again.get_json()["ticket"]["number"]) == (200, "PX01")


@pytest.mark.parametrize(("when", "conflict"), [("10:15", None), ("10:15:01", "not_admitted")])
def test_in_time_wins_over_a_lapse_that_came_meanwhile(
    office: SampleOffice, when: str, conflict: str | None
) -> None:
    """The control: one second later it was too late for the kiosk's own rules too."""
    booked = office.book("P", "10:30")
    office.clock.set("10:40")
    sweep(office)
    assert office.reservation(booked["id"]).status == "lapsed"
    told = send(office, said(1, when, booked["id"]))
    assert told.get("conflict") == conflict
    assert office.reservation(booked["id"]).status == ("lapsed" if conflict else "checked_in")
    # Nobody let them in: they came in time.
    assert office.facts("reservation.reinstated") == []


def test_what_had_lapsed_before_the_entry_stays_so(office: SampleOffice) -> None:
    booked = office.book("P", "10:30")
    office.clock.set("10:20")
    sweep(office)
    office.set_reservation(booked["id"], lapses_at=at("10:25"))
    office.clock.set("10:40")
    assert send(office, said(1, "10:22", booked["id"]))["conflict"] == "not_admitted"


@pytest.mark.parametrize("cancelled_at", ["10:01", "10:20"])
def test_a_visit_that_was_cancelled_is_for_staff(office: SampleOffice, cancelled_at: str) -> None:
    booked = office.book("P", "10:30")
    office.clock.set(cancelled_at)
    office.integrator.delete(f"/reservations/{booked['id']}")
    office.clock.set("10:30")
    told = send(office, said(1, "10:10", booked["id"]))
    assert (told["conflict"], told.get("ticket")) == ("cancelled", None)
    [fact] = office.facts("offline.conflict")
    assert (fact.data["number"], fact.data["hall"], fact.data["reason"]) == ("PX01", "A", "cancelled")
    assert office.rows(Ticket) == []


def test_two_kiosks_alone_with_one_visit_bring_one_ticket_and_one_conflict(office: SampleOffice) -> None:
    """In the order in which they are sent, whichever was earlier: one number waits, staff see both."""
    other, booked = other_kiosk(office), office.book("P", "10:30")
    first = send(office, said(1, "10:05", booked["id"], letter="Y"), door=other)
    second = send(office, said(1, "10:02", booked["id"]))
    assert "conflict" not in first
    assert second["conflict"] == "checked_in_elsewhere"
    [row] = office.rows(OfflineEntry, OfflineEntry.conflict.is_not(None))
    assert row.other_ticket_id == first["ticket"]
    assert [each.number for each in office.rows(Ticket)] == ["PY01"]


def test_a_visit_checked_in_at_another_kiosk_meanwhile(office: SampleOffice) -> None:
    booked = office.book("P", "10:30")
    office.kiosk.post("/check-ins", {"code": booked["code"]})
    assert send(office, said(1, "10:00", booked["id"]))["conflict"] == "checked_in_elsewhere"
    assert len(office.rows(Ticket)) == 1


@pytest.mark.parametrize("is_booked", [True, False])
def test_a_number_that_nobody_saw_gives_way_to_the_one_on_paper(
    office: SampleOffice, is_booked: bool
) -> None:
    booked = office.book("P", "10:30")
    if is_booked:
        office.kiosk.post("/check-ins", {"code": booked["code"]}, "lost")
    else:
        office.kiosk.post("/tickets", {"service": "P"}, "lost")
    told = send(office, said(1, "10:00", booked["id"] if is_booked else None, unanswered="lost"))
    assert "conflict" not in told
    numbers = {row.number: (row.status, row.outcome, row.reservation_id) for row in office.rows(Ticket)}
    assert numbers == {
        "P001": ("withdrawn", "ticket_twice", None),
        "PX01": ("waiting", None, booked["id"] if is_booked else None),
    }
    assert line(office) == ["PX01"]
    assert office.facts("ticket.withdrawn")[-1].data["becomes"] == "PX01"


def test_a_number_that_was_seen_at_another_kiosk_stays(office: SampleOffice) -> None:
    """The control of the test before: its visitor showed the code again and has P001 in hand too."""
    other, booked = other_kiosk(office), office.book("P", "10:30")
    office.kiosk.post("/check-ins", {"code": booked["code"]}, "lost")
    assert other.post("/check-ins", {"code": booked["code"]}).status_code == 200
    told = send(office, said(1, "10:00", booked["id"], unanswered="lost"))
    assert told["conflict"] == "checked_in_elsewhere"
    assert line(office) == ["P001"]


def test_a_number_that_is_being_served_stays(office: SampleOffice) -> None:
    office.kiosk.post("/tickets", {"service": "P"}, "lost")
    clerk = office.clerk(7)
    ticket = clerk.post("/counters/7/call-next").get_json()["ticket"]
    clerk.post(f"/tickets/{ticket['id']}/start")
    assert send(office, said(1, "10:00", unanswered="lost"))["conflict"] == "checked_in_elsewhere"


def test_one_that_was_called_before_it_gave_way_leaves_the_counter(office: SampleOffice) -> None:
    office.kiosk.post("/tickets", {"service": "P"}, "lost")
    clerk = office.clerk(7)
    clerk.post("/counters/7/call-next")
    send(office, said(1, "10:00", unanswered="lost"))
    assert clerk.get("/counters/7").get_json().get("current") is None
    assert clerk.post("/counters/7/call-next").get_json()["ticket"]["number"] == "PX01"


def test_a_question_that_never_arrived_is_called_off(office: SampleOffice) -> None:
    """Its retry, late on the line, gives no second ticket."""
    booked = office.book("P", "10:30")
    assert "conflict" not in send(office, said(1, "10:00", booked["id"], unanswered="lost"))
    assert office.kiosk.post("/check-ins", {"code": booked["code"]}, "lost").status_code != 201
    send(office, said(2, "10:00", unanswered="lost too"))
    assert office.kiosk.post("/tickets", {"service": "P"}, "lost too").status_code != 201
    assert [row.number for row in office.rows(Ticket)] == ["PX01", "PX02"]


def test_the_same_entry_twenty_times_at_once_is_one(office: SampleOffice) -> None:
    booked = office.book("P", "10:30")
    entry = said(1, "10:00", booked["id"])
    answers = at_once(20, lambda _: send(office, entry, "journal-1"))
    assert len({(each["number"], each["ticket"]) for each in answers}) == 1
    assert len(office.rows(Ticket)) == len(office.rows(OfflineEntry)) == 1


def test_the_same_entry_under_another_key_is_the_same(office: SampleOffice) -> None:
    """When the kept answers are gone, after two days, it is known by its kiosk, number and time."""
    first = send(office, said(1, "10:00"))
    assert send(office, said(1, "10:00")) == first
    assert send(office, said(1, "10:01"))["conflict"] == "number_taken"


def test_ordinals_go_on_behind_all_that_was_said(office: SampleOffice) -> None:
    office.kiosk.post("/devices/me/status")
    for ordinal in (3, 1, 2):
        send(office, said(ordinal, "10:00"))
    send(office, said(4, "10:00", 987654))
    body = office.kiosk.get("/offline/list").get_json()["body"]
    assert '"PX":5' in body
    assert [row.number for row in office.rows(Ticket)] == ["PX03", "PX01", "PX02"]


def test_the_limit_of_a_day_sends_nobody_home_who_has_a_number(office: SampleOffice) -> None:
    office.set_policy("P", walk_in_daily_limit=1)
    office.walk_in("P")
    assert "conflict" not in send(office, said(1, "10:00"))
    assert office.kiosk.post("/tickets", {"service": "P"}).get_json()["reason"] == "limit_reached"


def test_what_the_service_does_not_offer_is_for_staff(office: SampleOffice) -> None:
    assert send(office, said(1, "10:00", service="L"))["conflict"] == "not_admitted"
    assert send(office, said(1, "10:00", service="Q"))["conflict"] == "unknown_service"
    assert send(office, said(2, "10:00", 4711))["conflict"] == "unknown_reservation"
    elsewhere = office.book("P", "10:30", "legnica")
    assert send(office, said(3, "10:00", elsewhere["id"]))["conflict"] == "unknown_reservation"
    assert len(office.rows(OfflineEntry)) == 4


@pytest.mark.parametrize("is_booked", [True, False])
@pytest.mark.parametrize(("closed_at", "conflict"), [("10:05", None), ("9:55", "not_admitted")])
def test_a_service_that_was_closed_after_the_entry_lets_it_in(
    office: SampleOffice, is_booked: bool, closed_at: str, conflict: str | None
) -> None:
    booked = office.book("P", "10:30") if is_booked else None
    office.clock.set(closed_at)
    close(office, "P")
    office.clock.set("10:10")
    assert office.kiosk.post("/tickets", {"service": "P"}).get_json()["reason"] == "closed"
    told = send(office, said(1, "10:00", booked["id"] if booked else None))
    assert told.get("conflict") == conflict
    assert line(office) == ([] if conflict else ["PX01"])


def test_who_had_a_ticket_of_the_server_is_not_sent_away_by_its_stop(office: SampleOffice) -> None:
    """The answer was lost, and the service closed before the kiosk gave its own number."""
    office.kiosk.post("/tickets", {"service": "P"}, "lost")
    close(office, "P")
    office.clock.set("10:10")
    assert send(office, said(2, "10:05"))["conflict"] == "not_admitted"
    assert "conflict" not in send(office, said(1, "10:05", unanswered="lost"))
    assert line(office) == ["PX01"]


def test_a_clock_that_is_wrong_brings_nobody_forward_and_loses_nobody(office: SampleOffice) -> None:
    ahead = send(office, said(1, "13:00"))
    ancient = send(office, said(2, datetime.fromisoformat("0001-01-01T00:00:00+00:00")))
    far = send(office, said(3, datetime.fromisoformat("9999-12-31T23:59:59+00:00")))
    for told in (ahead, ancient, far):
        assert office.ticket(told["ticket"]).issued_at == office.clock.now()
    rows = office.rows(OfflineEntry)
    assert [row.at for row in rows] == [office.clock.now()] * 3
    assert rows[0].said_at == at("13:00")


def test_a_night_between(office: SampleOffice) -> None:
    """The ticket is of its day and goes home with it; its number is free again the next day."""
    office.clock.set(at("8:00") + timedelta(days=1))
    told = send(office, said(1, "15:00"))
    row = office.ticket(told["ticket"])
    assert (row.day.isoformat(), row.status) == ("2026-11-23", "waiting")
    sweep(office)
    row = office.ticket(told["ticket"])
    assert (row.status, row.outcome) == ("withdrawn", "day_over")
    assert send(office, said(1, office.clock.now()))["number"] == "PX01"
    assert len(office.rows(Ticket)) == 2


def test_a_language_or_a_priority_that_the_office_does_not_have_stops_nobody(office: SampleOffice) -> None:
    told = send(office, said(1, "10:00", language="vi", priority="royalty"))
    row = office.ticket(told["ticket"])
    assert (row.language, row.priority) == ("pl", None)
    told = send(office, said(2, "10:00", priority="pregnancy"))
    assert office.ticket(told["ticket"]).priority == "pregnancy"


def test_such_a_number_is_called_sent_on_and_counted_as_any(office: SampleOffice) -> None:
    send(office, said(1, "9:50"))
    office.wait_until_sealed()
    waiting = office.board.get("/boards/A").get_json()["waiting"]
    assert [line["numbers"] for line in waiting if line["service"] == "P"] == [["PX01"]]
    clerk = office.clerk(7)
    ticket = clerk.post("/counters/7/call-next").get_json()["ticket"]
    assert (ticket["number"], ticket["issued_at"]) == ("PX01", at("9:50").isoformat().replace("+00:00", "Z"))
    clerk.post(f"/tickets/{ticket['id']}/recall")
    office.wait_until_sealed()
    [call, *_] = office.board.get("/boards/A").get_json()["called"]
    assert (call["number"], call["counter"]) == ("PX01", 7)
    clerk.post(f"/tickets/{ticket['id']}/transfer", {"service": "N"})
    again = clerk.post("/counters/7/call-next").get_json()["ticket"]
    assert (again["number"], again["service"]["code"]) == ("PX01", "N")
    clerk.post(f"/tickets/{ticket['id']}/start")
    clerk.post(f"/tickets/{ticket['id']}/finish", {"outcome": "served"})
    assert clerk.get("/counters/7").get_json()["figures"]["served"] == 1
    token = ticket["track_url"].rsplit("/", 1)[1]
    assert office.door().get(f"/track/{token}").get_json()["number"] == "PX01"


def test_nobody_but_a_kiosk_has_entries(office: SampleOffice) -> None:
    for door in (office.board, office.clerk(7), office.door()):
        assert door.post("/offline/entries", said(1, "10:00")).status_code in (401, 403)
