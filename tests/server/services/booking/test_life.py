"""The whole life of a booking: from a draft to the kiosk's ticket, and the messages on the way."""

from __future__ import annotations

from datetime import timedelta

import pytest

from server.services.booking import activation, visits
from server.services.booking.activation import Activated
from server.services.booking.hold import Held
from server.store.tables import Draft, Evidence, Reservation, Slot
from tests.server.services.booking.booked_office import NOON, BookedOffice


def test_a_draft_is_held_activated_shown_and_taken_by_the_kiosk(booked: BookedOffice) -> None:
    owner = booked.account()
    held = booked.hold(owner, booked.draft(owner))
    assert isinstance(held, Held)
    assert held.channel == "email"
    assert held.lapses_at == booked.office.clock.now() + timedelta(minutes=10)
    before = booked.shown(owner, held.reservation_id)
    assert (before.status, before.code, before.qr) == ("held", None, None)
    answer = booked.write(activation.activate, owner, held.reservation_id, booked.code(held.reservation_id))
    assert answer == Activated(held.reservation_id, "booked")
    shown = booked.shown(owner, held.reservation_id)
    assert shown.status == "booked"
    assert shown.check_in_until == NOON - timedelta(minutes=15)
    booked.office.clock.set(NOON - timedelta(minutes=20))
    assert booked.office.kiosk.post("/check-ins", {"code": shown.qr}).status_code == 201
    assert booked.shown(owner, held.reservation_id).status == "checked_in"
    types = [fact.type for fact in booked.office.facts() if fact.type.startswith("reservation.")]
    assert types == ["reservation.held", "reservation.activated", "reservation.checked_in"]


def test_a_held_reservation_is_not_for_the_kiosk(booked: BookedOffice) -> None:
    reservation_id = booked.held(booked.account())
    row = booked.office.reservation(reservation_id)
    assert row.code_hash is row.token_hash is row.sealed_codes is None


def test_each_message_is_posted_once_and_reminders_wait_for_their_time(booked: BookedOffice) -> None:
    owner = booked.account()
    reservation_id = booked.activated(owner, phone="+48601234567")
    booked.write(activation.activate, owner, reservation_id, "000000")
    posted = sorted((each.kind, each.channel, each.due_at) for each in booked.messages(reservation_id))
    now = booked.office.clock.now()
    assert posted == [
        ("activation_code", "email", now),
        ("confirmation", "email", now),
        ("confirmation", "sms", now),
        ("reminder", "email", NOON - timedelta(minutes=1440)),
        ("reminder", "email", NOON - timedelta(minutes=120)),
        ("reminder", "sms", NOON - timedelta(minutes=1440)),
        ("reminder", "sms", NOON - timedelta(minutes=120)),
    ]
    assert all(each.expires_at == NOON for each in booked.messages(reservation_id) if each.kind == "reminder")
    assert {each.language for each in booked.messages(reservation_id)} == {"uk"}


def test_a_reminder_whose_time_is_past_is_not_sent(booked: BookedOffice) -> None:
    booked.office.clock.advance(hours=3)
    reservation_id = booked.activated(booked.account())
    reminders = [each for each in booked.messages(reservation_id) if each.kind == "reminder"]
    assert [each.due_at for each in reminders] == [NOON - timedelta(minutes=120)]


def test_what_was_told_is_kept_with_the_last_day_of_the_legal_stay(booked: BookedOffice) -> None:
    booked.rule(ask_legal_stay=True, most_children=2)
    owner = booked.account()
    children = [{"name": "Solomija", "birth_year": 2015}]
    reservation_id = booked.activated(
        owner, name="Ołena  Koval\u200b", legal_stay_until="2026-12-01", children=children
    )
    shown = booked.shown(owner, reservation_id)
    assert shown.applicant == "Ołena Koval"
    assert shown.children == (("Solomija", 2015),)
    assert shown.legal_stay_until is not None
    assert shown.legal_stay_until.isoformat() == "2026-12-01"
    row = booked.office.reservation(reservation_id)
    assert b"Koval" not in row.sealed_person


def test_texts_come_in_the_language_and_else_in_polish(booked: BookedOffice) -> None:
    documents = [{"pl": "paszport", "en": "passport"}, {"pl": "zdjęcie"}]
    booked.office.set_policy(
        "L", information={"documents": documents}, prepare={"pl": "Weź paszport", "uk": "Візьміть"}
    )
    booked.office.set_policy(address={"pl": "pl. Powstańców 1"}, phone="71 340 00 00")
    owner = booked.account()
    shown = booked.shown(owner, booked.activated(owner), "en")
    assert shown.documents == ("passport", "zdjęcie")
    assert (shown.prepare, shown.service_name) == ("Weź paszport", "Service L")
    assert (shown.address, shown.hall, shown.phone) == ("pl. Powstańców 1", "Sala A", "71 340 00 00")
    assert shown.url == f"https://numerek.test/en/reservations/{shown.reservation_id}"


def test_a_held_draft_leaves_its_details_with_the_reservation_only(booked: BookedOffice) -> None:
    reservation_id = booked.held(booked.account())
    draft = booked.office.one(Draft)
    assert draft.reservation_id == reservation_id
    assert draft.sealed_details is draft.sealed_traces is None
    assert draft.personal_key_id == booked.office.reservation(reservation_id).personal_key_id
    assert booked.office.one(Evidence).reservation_id == reservation_id


def test_the_list_tells_what_was_made_last_first(booked: BookedOffice) -> None:
    booked.office.open_slot("L", NOON + timedelta(hours=1))
    owner = booked.account()
    first = booked.activated(owner)
    second = booked.held(owner, NOON + timedelta(hours=1))
    booked.activated(booked.account())
    listed = booked.read(visits.mine, owner.account_id)
    assert [(each.reservation_id, each.status) for each in listed] == [(second, "held"), (first, "booked")]
    booked.office.clock.advance(minutes=11)
    assert booked.read(visits.mine, owner.account_id)[0].status == "lapsed"


@pytest.mark.parametrize("minutes", [0, 9, 10])
def test_the_code_counts_until_the_hold_is_over(booked: BookedOffice, minutes: int) -> None:
    owner = booked.account()
    reservation_id = booked.held(owner)
    booked.office.clock.advance(minutes=minutes)
    answer = booked.write(activation.activate, owner, reservation_id, booked.code(reservation_id))
    assert isinstance(answer, Activated)


def test_the_hold_ends_when_nobody_could_check_in_any_more(booked: BookedOffice) -> None:
    booked.rule(lead_minutes=0, hold_minutes=10)
    booked.office.clock.set(NOON - timedelta(minutes=20))
    held = booked.hold(owner := booked.account(), booked.draft(owner))
    assert isinstance(held, Held)
    assert held.lapses_at == NOON - timedelta(minutes=15)
    assert booked.office.one(Slot, Slot.starts_at == NOON).taken == 1
    assert booked.office.one(Reservation).slot_id is not None
