"""Personal data ends some days after the visit; the numbers stay, and nothing that was sealed can be opened."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from server.services.guard import evidence
from server.services.guard.evidence import Traces
from server.services.privacy import erasure
from server.store import purge
from server.store.queries.privacy import personal_keys
from server.store.tables import (
    Account,
    Application,
    Branch,
    Draft,
    Draw,
    Evidence,
    Message,
    PersonalKey,
    Reservation,
    Ticket,
    Verification,
)
from server.workers.sweeper import Sweeper
from tests.server.sample_office import KEYS, SampleOffice

PERSONAL = (
    *("account_id", "personal_key_id", "sealed_person", "sealed_codes", "code_hash", "token_hash"),
    *("person_hash", "document_hash", "email_hash", "phone_hash", "activation_hash"),
)
TRACES = Traces("198.51.100.0/24", "Firefox", 60_000)


def erase(office: SampleOffice) -> int:
    return erasure.erase(office.store, office.runtime.context())


def lapse(office: SampleOffice) -> None:
    Sweeper(office.store, office.runtime.context).look()


def with_everything(office: SampleOffice, hour: str = "12:00") -> int:
    """Make a reservation that has all that can hang on one, and let its hour pass."""
    booked: int = office.book("P", hour, name="Ala Nowak", email="ala@example.org")["id"]
    row = office.reservation(booked)
    context = office.runtime.context()

    def work(session: Any) -> None:
        box = personal_keys.opener(session, KEYS, row.personal_key_id)
        assert box is not None
        own_id, own = personal_keys.new_key(session, KEYS, context.now)
        session.add(
            Verification(
                reservation_id=booked,
                token_hash=b"v%d" % booked,
                sealed_answers=box.seal(b"answers", b"answers"),
                asked_at=context.now,
                answer_until=context.now,
            )
        )
        session.add(
            Message(
                key=f"confirmation:{booked}",
                kind="confirmation",
                channel="email",
                language="pl",
                reservation_id=booked,
                personal_key_id=own_id,
                sealed_to=own.seal(b"ala@example.org", b"to"),
                sealed_values=own.seal(b"{}", b"values"),
                facts={},
                status="queued",
                problem="550 ala@example.org",
                made_at=context.now,
                due_at=context.now,
            )
        )
        session.add(
            Draft(
                token_hash=b"d%d" % booked,
                personal_key_id=row.personal_key_id,
                service_id=row.service_id,
                made_at=context.now,
                reservation_id=booked,
            )
        )
        evidence.keep(session, context, booked, None, TRACES)

    office.store.write(work)
    return booked


def test_fourteen_days_after_its_end_nothing_personal_of_a_reservation_is_left(office: SampleOffice) -> None:
    booked = with_everything(office)
    office.clock.set("11:45:01")
    lapse(office)
    before = office.reservation(booked)
    office.clock.advance(days=14, seconds=-30)
    assert erase(office) == 0
    office.clock.advance(seconds=60)
    assert erase(office) == 1
    row = office.reservation(booked)
    assert [getattr(row, name) for name in PERSONAL] == [None] * len(PERSONAL)
    assert (row.status, row.appointment_at, row.service_id) == (
        "lapsed",
        before.appointment_at,
        before.service_id,
    )
    assert row.erased_at == office.clock.now()
    assert office.one(Verification).sealed_answers is None
    message = office.one(Message)
    assert (message.sealed_to, message.sealed_values, message.problem) == (None, None, None)
    assert message.status == "dropped"
    assert office.rows(Evidence) == office.rows(Draft) == office.rows(PersonalKey) == []


def test_what_was_erased_is_on_record_with_ids_and_numbers(office: SampleOffice) -> None:
    booked = with_everything(office)
    office.clock.set("11:46")
    lapse(office)
    office.clock.advance(days=15)
    erase(office)
    (fact,) = office.facts("personal_data.erased")
    assert fact.data == {"reason": "due", "reservations": [booked], "messages": 1, "evidence": 1}
    assert erase(office) == 0
    assert len(office.facts("personal_data.erased")) == 1


def test_a_visit_that_stands_keeps_what_it_needs(office: SampleOffice) -> None:
    booked = with_everything(office)
    office.clock.advance(minutes=30)
    erase(office)
    assert office.reservation(booked).sealed_person is not None
    assert len(office.rows(PersonalKey)) == 3


def test_a_cancelled_visit_ends_after_its_cancelling_and_a_visit_that_was_after_its_hour(
    office: SampleOffice,
) -> None:
    cancelled = office.book("L", "13:00")["id"]
    office.integrator.delete(f"/reservations/{cancelled}")
    ticket = office.arrive("P", "12:00")
    visited = office.ticket(ticket["id"]).reservation_id
    office.clock.advance(days=14, minutes=1)
    assert erase(office) == 1
    assert office.reservation(cancelled).erased_at is not None
    office.clock.advance(hours=3)
    assert erase(office) == 1
    assert office.reservation(visited).erased_at is not None


def test_each_branch_says_how_long_it_keeps(office: SampleOffice) -> None:
    office.set_policy(branch="legnica", erase_after_days=2)
    here, there = office.book("P", "12:00")["id"], office.book("P", "12:00", branch="legnica")["id"]
    for booked in (here, there):
        office.integrator.delete(f"/reservations/{booked}")
    office.clock.advance(days=3)
    assert erase(office) == 1
    assert office.reservation(here).erased_at is None
    assert office.reservation(there).erased_at is not None


def test_held_evidence_outlives_the_person_and_ends_by_itself(office: SampleOffice) -> None:
    booked = with_everything(office)
    context = office.runtime.context()
    office.store.write(lambda session: evidence.hold(session, context, booked))
    office.integrator.delete(f"/reservations/{booked}")
    office.clock.advance(days=15)
    erase(office)
    context = office.runtime.context()
    (told,) = office.store.write(lambda session: evidence.export(session, context))
    assert told["address_block"] == "198.51.100.0/24"
    assert office.reservation(booked).sealed_person is None
    (key,) = office.rows(PersonalKey)
    assert key.id == office.one(Evidence).personal_key_id
    office.clock.advance(days=76)
    erase(office)
    assert office.rows(Evidence) == office.rows(PersonalKey) == []


def test_messages_of_no_reservation_are_erased_when_they_are_settled_and_old(office: SampleOffice) -> None:
    now = office.clock.now()

    def work(session: Any) -> None:
        later = now + timedelta(days=10)
        for number, (status, settled, expires, due) in enumerate(
            (
                ("sent", now, None, now),
                ("queued", None, now, now),
                ("queued", None, None, now),
                ("queued", None, None, later),
            )
        ):
            key_id, box = personal_keys.new_key(session, KEYS, now)
            session.add(
                Message(
                    key=f"page:{number}",
                    kind="page_link",
                    channel="email",
                    language="pl",
                    personal_key_id=key_id,
                    sealed_to=box.seal(b"x", b"to"),
                    facts={},
                    status=status,
                    made_at=now,
                    due_at=due,
                    settled_at=settled,
                    expires_at=expires,
                )
            )

    office.store.write(work)
    office.clock.advance(days=14, seconds=1)
    erase(office)
    sent, stale, stuck, waiting = office.rows(Message)
    assert (sent.sealed_to, sent.status) == (None, "sent")
    assert (stale.sealed_to, stale.status) == (stuck.sealed_to, stuck.status) == (None, "dropped")
    assert waiting.sealed_to is not None
    assert len(office.rows(PersonalKey)) == 1


def test_the_line_of_an_applicant_in_a_draw_stays_without_the_person(office: SampleOffice) -> None:
    now = office.clock.now()
    service = office.service_id("P")

    def work(session: Any) -> None:
        key_id, box = personal_keys.new_key(session, KEYS, now)
        draw = Draw(service_id=service, public_id="d1", opens_at=now, closes_at=now + timedelta(hours=1))
        draw.first_day, draw.last_day = now.date(), now.date() + timedelta(days=7)
        draw.sealed_secret = draw.secret_hash = b"s"
        session.add(draw)
        session.flush()
        session.add(
            Application(
                draw_id=draw.id,
                public_id="a1",
                personal_key_id=key_id,
                person_hash=b"p",
                sealed_details=box.seal(b"x", b"details"),
                preferences=["2026-12-01T09:00"],
                language="pl",
                applied_at=now,
            )
        )

    office.store.write(work)
    office.clock.advance(days=21)
    erase(office)
    assert office.one(Application).sealed_details is not None
    office.clock.advance(days=2)
    erase(office)
    row = office.one(Application)
    assert (row.public_id, row.preferences) == ("a1", ["2026-12-01T09:00"])
    assert (row.person_hash, row.sealed_details, row.personal_key_id) == (None, None, None)


def test_what_a_clerk_noted_on_a_ticket_ends_too(office: SampleOffice) -> None:
    ticket = office.walk_in("P")["id"]
    clerk = office.clerk(8)
    clerk.post(f"/tickets/{ticket}/call", {"reason": "other"})
    assert clerk.post(f"/tickets/{ticket}/park", {"note": "passport lost"}).status_code == 200
    office.clock.advance(days=14)
    erase(office)
    assert office.ticket(ticket).note == "passport lost"
    office.clock.advance(days=1)
    erase(office)
    assert office.ticket(ticket).note is None


def test_a_key_that_opens_nothing_any_more_is_forgotten_after_a_day(office: SampleOffice) -> None:
    office.store.write(lambda session: personal_keys.new_key(session, KEYS, office.clock.now()))
    erase(office)
    assert len(office.rows(PersonalKey)) == 1
    office.clock.advance(days=1, seconds=1)
    erase(office)
    assert office.rows(PersonalKey) == []


def test_an_account_that_ends_takes_what_has_ended_with_it_at_once(office: SampleOffice) -> None:
    now = office.clock.now()
    account = Account(language="pl", terms_version="1", terms_accepted_at=now, made_at=now)
    office.store.write(lambda session: session.add(account))
    account_id = office.one(Account).id
    ended, stands = office.book("P", "12:00")["id"], office.book("L", "12:00")["id"]
    for booked in (ended, stands):
        office.set_reservation(booked, account_id=account_id)
    office.integrator.delete(f"/reservations/{ended}")
    context = office.runtime.context()
    office.store.write(lambda session: erasure.erase_account(session, context, account_id))
    assert office.reservation(ended).erased_at == context.now
    assert office.reservation(stands).sealed_person is not None
    (fact,) = office.facts("personal_data.erased")
    assert fact.data == {"reason": "by_owner", "reservations": [ended]}


def test_who_waits_in_the_hall_is_served_before_the_ended_account_takes_the_name_along(
    office: SampleOffice,
) -> None:
    now = office.clock.now()
    account = Account(language="pl", terms_version="1", terms_accepted_at=now, made_at=now, deleted_at=now)
    office.store.write(lambda session: session.add(account))
    account_id = office.one(Account).id
    visited = office.ticket(office.arrive("P", "10:30")["id"]).reservation_id
    office.set_reservation(visited, account_id=account_id)
    context = office.runtime.context()
    office.store.write(lambda session: erasure.erase_account(session, context, account_id))
    erase(office)
    assert office.reservation(visited).sealed_person is not None
    office.clock.advance(hours=25)
    assert erase(office) == 1
    assert office.reservation(visited).sealed_person is None


def test_more_than_one_batch_is_erased_and_other_work_comes_between(
    office: SampleOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure, "_AT_ONCE", 2)
    booked = [office.book("P", "12:00")["id"] for _ in range(5)]
    for each in booked:
        office.integrator.delete(f"/reservations/{each}")
    office.clock.advance(days=15)
    assert erase(office) == 5
    assert [len(fact.data["reservations"]) for fact in office.facts("personal_data.erased")] == [2, 2, 1]


def test_a_turn_that_finds_nothing_due_writes_no_row(
    office: SampleOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_everything(office)

    def refuse(*_: object) -> None:
        raise AssertionError("a write")

    monkeypatch.setattr(office.store, "write", refuse)
    assert erase(office) == 0


def test_a_reader_that_holds_the_log_is_not_waited_for(office: SampleOffice) -> None:
    if not office.store.sqlite:
        pytest.skip("a write-ahead log of readers is SQLite's")
    with office.store.engine.connect() as reader:
        reader.exec_driver_sql("BEGIN")
        reader.exec_driver_sql("SELECT count(*) FROM fact").one()
        office.book("P", "12:00")
        assert not purge.forget_bytes(office.store)
        reader.exec_driver_sql("ROLLBACK")
    assert purge.forget_bytes(office.store)


def test_tickets_and_branches_stay_as_numbers(office: SampleOffice) -> None:
    ticket = office.arrive("P", "12:00")
    office.clock.advance(days=30)
    erase(office)
    row = office.ticket(ticket["id"])
    assert (row.number, row.branch_id) == (ticket["number"], office.one(Branch, Branch.code == "wroclaw").id)
    assert office.one(Reservation, Reservation.id == row.reservation_id).status == "checked_in"
    assert office.rows(Ticket)
