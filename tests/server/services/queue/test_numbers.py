"""Ticket numbers: from 1 without gaps or doubles, per branch, day and series, however many come at once."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from server.store.tables import Ticket
from tests.server.at_once import at_once
from tests.server.sample_office import SampleOffice


def test_sixteen_kiosks_at_once_leave_no_gap_and_no_double(office: SampleOffice) -> None:
    kiosk = office.kiosk
    answers = at_once(16, lambda _: [kiosk.post("/tickets", {"service": "P"}) for _ in range(4)])
    numbers = sorted(answer.get_json()["ticket"]["number"] for each in answers for answer in each)
    assert numbers == [f"P{ordinal:03d}" for ordinal in range(1, 65)]


def test_a_refused_ticket_uses_no_number(office: SampleOffice) -> None:
    assert office.walk_in("N")["number"] == "N001"
    office.set_policy("N", walk_in_daily_limit=1)
    assert office.kiosk.post("/tickets", {"service": "N"}).status_code == 409
    office.set_policy("N", walk_in_daily_limit=5)
    assert office.walk_in("N")["number"] == "N002"


def test_every_series_and_branch_counts_for_itself(office: SampleOffice) -> None:
    assert [office.walk_in(service)["number"] for service in "PPN"] == ["P001", "P002", "N001"]
    elsewhere = office.door("kiosk:legnica").post("/tickets", {"service": "P"})
    assert elsewhere.get_json()["ticket"]["number"] == "P001"


def test_booked_visitors_and_walk_ins_share_the_series(office: SampleOffice) -> None:
    assert [office.walk_in("P")["number"], office.arrive("P", "11:00")["number"]] == ["P001", "P002"]


def test_numbers_begin_anew_at_the_branchs_midnight(office: SampleOffice) -> None:
    midnight = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)
    office.clock.set(midnight - timedelta(microseconds=1))
    assert [office.walk_in("P")["number"] for _ in range(2)] == ["P001", "P002"]
    for row in office.rows(Ticket):
        assert office.clerk(7).post(f"/tickets/{row.id}/withdraw").status_code == 200
    office.clock.set(midnight)
    assert office.walk_in("P")["number"] == "P001"
    assert [row.day.day for row in office.rows(Ticket)] == [23, 23, 24]


def test_a_number_stays_unique_for_the_day_after_a_transfer(office: SampleOffice) -> None:
    ticket = office.walk_in("P")
    clerk = office.clerk(7)
    clerk.post("/counters/7/call-next")
    clerk.post(f"/tickets/{ticket['id']}/transfer", {"service": "N"})
    assert office.walk_in("N")["number"] == "N001"
    assert office.walk_in("P")["number"] == "P002"
    assert len({row.number for row in office.rows(Ticket)}) == 3


def test_control_reading_the_last_number_first_gives_it_twice(office: SampleOffice) -> None:
    gate = threading.Barrier(2)

    def work(_: int) -> int:
        last = office.store.read(
            lambda session: session.execute(
                select(func.max(Ticket.ordinal)).where(Ticket.series == "P")
            ).scalar()
        )
        gate.wait(10)
        return (last or 0) + 1

    assert at_once(2, work) == [1, 1]
