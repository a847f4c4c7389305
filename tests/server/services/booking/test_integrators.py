"""Slots and reservations: never a place too many, one active reservation a person, codes for their owner."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import CheckConstraint, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import AddConstraint, DropConstraint

from server.store.queries.privacy import personal_keys
from server.store.tables import Reservation, Slot
from tests.server.at_once import at_once
from tests.server.movable_clock import at
from tests.server.sample_office import SampleOffice
from wire.codes import BookingCode, BookingToken, parse_scan


def test_of_twenty_at_once_exactly_as_many_as_there_are_places_get_one(office: SampleOffice) -> None:
    office.open_slot("P", at("12:00"), capacity=5)
    wishes = [office.wish("P", at("12:00")) for _ in range(20)]
    integrator = office.integrator
    answers = at_once(20, lambda place: integrator.post("/reservations", wishes[place]))
    assert sorted(answer.status_code for answer in answers) == [201] * 5 + [409] * 15
    assert {answer.get_json()["reason"] for answer in answers if answer.status_code == 409} == {"slot_full"}
    assert office.one(Slot).taken == 5
    assert len(office.rows(Reservation)) == 5


def test_the_schema_itself_forbids_a_place_too_many(office: SampleOffice) -> None:
    office.open_slot("P", at("12:00"), capacity=1)
    with pytest.raises(IntegrityError):
        office.store.write(lambda session: session.execute(update(Slot).values(taken=2)))


def test_control_without_the_constraint_reading_first_sells_too_many(office: SampleOffice) -> None:
    office.open_slot("P", at("12:00"), capacity=1)
    gate = threading.Barrier(4)
    sold = []

    def work(_: int) -> None:
        free: int = office.store.read(
            lambda session: session.execute(select(Slot.capacity - Slot.taken)).scalar_one()
        )
        gate.wait(10)
        if free > 0:
            office.store.write(lambda session: session.execute(update(Slot).values(taken=Slot.taken + 1)))
            sold.append(1)

    with WithoutTheCheck(office):
        at_once(4, work)
        assert len(sold) == 4
        assert office.one(Slot).taken == 4


class WithoutTheCheck:
    """Takes the check of the taken places away for a while."""

    def __init__(self, office: SampleOffice) -> None:
        self._office = office
        self._check = next(
            each
            for each in Slot.__table__.constraints
            if isinstance(each, CheckConstraint) and each.name == "ck_slot_taken"
        )

    def __enter__(self) -> None:
        if self._office.store.sqlite:
            # SQLite has no way to drop a check from a table; its one writing connection overlooks them.
            self._office.store.write(
                lambda session: session.execute(text("PRAGMA ignore_check_constraints=ON"))
            )
        else:
            self._office.store.write(lambda session: session.execute(DropConstraint(self._check)))

    def __exit__(self, *_: object) -> None:
        self._office.store.write(lambda session: session.execute(update(Slot).values(taken=0)))
        if not self._office.store.sqlite:
            self._office.store.write(lambda session: session.execute(AddConstraint(self._check)))


def test_a_reservation_answers_with_codes_that_can_be_shown(office: SampleOffice) -> None:
    booked = office.book("P", "12:00")
    assert isinstance(parse_scan(booked["code"]), BookingCode)
    assert isinstance(parse_scan(booked["qr"]), BookingToken)
    assert booked["status"] == "booked"
    assert booked["check_in_until"].startswith("2026-11-23T10:45:00")
    shown = office.integrator.get(f"/reservations/{booked['id']}").get_json()
    assert shown == booked


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"appointment_at": at("12:01").isoformat()}, "no_such_slot"),
        ({"appointment_at": at("9:59").isoformat()}, "no_such_slot"),
        ({"service": "N"}, "no_such_slot"),
        ({"service": "X"}, "no_such_slot"),
        ({"branch": "nowhere"}, "no_such_slot"),
    ],
)
def test_only_an_open_hour_can_be_booked(office: SampleOffice, change: dict[str, Any], reason: str) -> None:
    office.open_slot("P", at("12:00"))
    office.open_slot("P", at("9:59"))
    response = office.integrator.post("/reservations", office.wish("P", at("12:00")) | change)
    assert (response.status_code, response.get_json()["reason"]) == (409, reason)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"document": "ab 123-456"}, {"document": "AB123456"}),
        (
            {"name": "Jan  Nowak", "birth_date": "1990-05-01"},
            {"name": "jan nowak", "birth_date": "1990-05-01"},
        ),
    ],
)
def test_a_person_has_one_active_reservation_a_service(
    office: SampleOffice, first: dict[str, str], second: dict[str, str]
) -> None:
    booked = office.book("P", "12:00", **first)
    again = office.integrator.post("/reservations", office.wish("P", at("12:00"), **second))
    assert (again.status_code, again.get_json()["reason"]) == (409, "already_booked")
    office.book("N", "12:00", **second)
    assert office.integrator.delete(f"/reservations/{booked['id']}").status_code == 200
    office.book("P", "12:00", **second)


def test_a_person_who_books_twice_at_the_same_moment_gets_one(office: SampleOffice) -> None:
    office.open_slot("P", at("12:00"))
    wish = office.wish("P", at("12:00"), document="AB123456")
    integrator = office.integrator
    answers = at_once(6, lambda _: integrator.post("/reservations", wish))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
    assert office.one(Slot).taken == 1


def test_a_cancelled_place_does_not_come_back_at_once(office: SampleOffice) -> None:
    office.open_slot("P", at("12:00"), capacity=1)
    booked = office.integrator.post("/reservations", office.wish("P", at("12:00"))).get_json()
    cancelled = office.integrator.delete(f"/reservations/{booked['id']}").get_json()
    assert cancelled["status"] == "cancelled"
    assert "code" not in cancelled
    again = office.integrator.post("/reservations", office.wish("P", at("12:00")))
    assert again.get_json()["reason"] == "slot_full"
    refused = office.kiosk.post("/check-ins", {"code": booked["code"]})
    assert refused.get_json()["reason"] == "cancelled"


def test_who_is_checked_in_can_no_longer_cancel(office: SampleOffice) -> None:
    booked = office.book("P", "12:00")
    office.kiosk.post("/check-ins", {"code": booked["code"]})
    response = office.integrator.delete(f"/reservations/{booked['id']}")
    assert (response.status_code, response.get_json()["reason"]) == (409, "not_allowed")


def test_what_is_personal_is_sealed_in_the_row(office: SampleOffice) -> None:
    booked = office.book("P", "12:00", name="Marker Markiewicz", document="XY987654")
    row = office.reservation(booked["id"])
    assert b"Markiewicz" not in row.sealed_person
    opened = office.store.read(
        lambda session: personal_keys.opener(session, office.runtime.keys, row.personal_key_id)
    )
    assert b"Markiewicz" in opened.open(row.sealed_person, b"person")
    assert row.appointment_at - row.lapses_at == timedelta(minutes=15)
