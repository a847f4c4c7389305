"""The list with which a kiosk goes on alone: what is in it, for whom it is signed, and what it costs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from server.domain.queue.offline import LETTERS
from server.services.access.offline_letters import give_letter
from server.store.keyring import token_hash
from server.store.tables import Branch, Device, Reservation, Ticket
from tests.server.movable_clock import at
from tests.server.sample_office import Door, SampleOffice
from wire.messages import OfflineList
from wire.messages.offline import code_hash, signature_of


@pytest.fixture
def office(office: SampleOffice) -> SampleOffice:
    """Let the kiosk of Wrocław report once: it has its letter."""
    assert office.kiosk.post("/devices/me/status").status_code == 200
    return office


def listed(office: SampleOffice, door: Door | None = None) -> OfflineList:
    answer = (door or office.kiosk).get("/offline/list").get_json()
    return OfflineList.model_validate_json(answer["body"])


def test_a_kiosk_knows_visits_by_hashes_and_nobody_by_name(office: SampleOffice) -> None:
    booked = office.book("P", "10:30", name="Jan Kowalski")
    answer = office.kiosk.get("/offline/list")
    found = listed(office)
    [visit] = found.reservations
    assert visit.code == code_hash(found.salt, "code", booked["code"])
    assert visit.token == code_hash(found.salt, "token", booked["qr"].removeprefix("NQ1:"))
    assert (visit.id, visit.service, visit.status, visit.number) == (booked["id"], "P", "booked", None)
    for secret in ("Kowalski", booked["code"], booked["qr"][4:]):
        assert secret not in answer.text


def test_it_is_signed_for_this_kiosk_alone(office: SampleOffice) -> None:
    answer = office.kiosk.get("/offline/list").get_json()
    mine = token_hash(office.tokens["kiosk:wroclaw"])
    assert answer["signature"] == signature_of(answer["body"], mine)
    other = token_hash(office.tokens["kiosk:legnica"])
    assert answer["signature"] != signature_of(answer["body"], other)


def test_what_became_of_a_visit_is_in_it_even_after_its_codes_were_erased(office: SampleOffice) -> None:
    booked, cancelled = office.book("P", "10:30"), office.book("P", "10:40")
    assert len(listed(office).reservations) == 2
    number = office.kiosk.post("/check-ins", {"code": booked["code"]}).get_json()["ticket"]["number"]
    given_at = office.clock.now()
    office.integrator.delete(f"/reservations/{cancelled['id']}")
    office.clock.advance(seconds=6)
    office.wait_until_sealed()
    by_id = {each.id: each for each in listed(office).reservations}
    assert (by_id[booked["id"]].status, by_id[booked["id"]].number) == ("checked_in", number)
    assert (by_id[booked["id"]].issued_at, by_id[cancelled["id"]].issued_at) == (given_at, None)
    assert by_id[cancelled["id"]].status == "cancelled"


@pytest.mark.parametrize("status", ["waiting", "called", "serving", "parked"])
def test_a_number_that_lives_is_in_it(office: SampleOffice, status: str) -> None:
    assert number_of(office, status) == ("P001", office.clock.now())


@pytest.mark.parametrize("status", ["no_show", "finished", "withdrawn"])
def test_a_number_that_is_over_is_not_in_it(office: SampleOffice, status: str) -> None:
    """A kiosk alone would print it again, and its visitor would wait for a call that never comes."""
    assert number_of(office, status) == (None, None)


def number_of(office: SampleOffice, status: str) -> tuple[str | None, datetime | None]:
    """Check a visitor in, let the ticket be so, and return what the list says of it."""
    booked = office.book("P", "10:30")
    ticket = office.kiosk.post("/check-ins", {"code": booked["code"]}).get_json()["ticket"]

    def become(session: Any) -> None:
        session.get_one(Ticket, ticket["id"]).status = status

    office.store.write(become)
    [visit] = listed(office).reservations
    assert visit.status == "checked_in"
    return visit.number, visit.issued_at


def test_the_days_of_the_list(office: SampleOffice) -> None:
    """The day, and what may be checked in for before the list is too old."""
    today = [office.book("P", hour)["id"] for hour in ("10:30", "23:50")]
    night = office.book("P", at("0:10") + timedelta(days=1))["id"]  # its check-in ends before midnight
    tomorrow = office.book("P", at("10:30") + timedelta(days=1))["id"]
    office.book("P", "10:30", "legnica")
    assert [each.id for each in listed(office).reservations] == [*today, night]
    office.clock.set(at("22:00"))
    assert [each.id for each in listed(office).reservations] == [*today, night, tomorrow]
    office.clock.set(at("1:00") + timedelta(days=1))
    assert [each.id for each in listed(office).reservations] == [night, tomorrow]


def test_services_with_their_rules_as_plain_values(office: SampleOffice) -> None:
    office.set_policy(
        opening_hours={"mon": ["08:00-15:30"], "tue": ["08:00-12:00", "13:00-00:00"]},
        day_starts_at="04:00",
        check_in_lead_minutes=20,
    )
    office.set_policy("P", walk_in_daily_limit=30, walk_in_hours={"mon": ["09:00-11:00"]})
    office.walk_in("P")
    found = listed(office)
    service = next(each for each in found.services if each.offer.code == "P")
    assert (service.lead_minutes, service.daily_limit, service.issued_today) == (20, 30, 1)
    assert service.opening_hours is not None
    assert service.opening_hours.windows == {
        "0": [("08:00", "15:30")],
        "1": [("08:00", "12:00"), ("13:00", "00:00")],
    }
    assert service.walk_in_hours is not None
    assert service.walk_in_hours.windows == {"0": [("09:00", "11:00")]}
    assert (found.day_starts_at, found.zone, found.valid_until) == ("04:00", "Europe/Warsaw", at("18:00"))
    assert found.next_ordinals == {f"{letter}X": 1 for letter in "PLNTK"}


def test_the_same_list_costs_304_and_a_change_brings_another(office: SampleOffice) -> None:
    booked = office.book("P", "10:30")
    tag = office.kiosk.get("/offline/list").headers["ETag"]
    office.clock.advance(minutes=1)
    assert office.kiosk.get("/offline/list", **{"If-None-Match": tag}).status_code == 200
    tag = office.kiosk.get("/offline/list").headers["ETag"]
    office.clock.advance(minutes=1)
    office.walk_in("T")  # one more waits: that decides nothing
    office.wait_until_sealed()
    same = office.kiosk.get("/offline/list", **{"If-None-Match": tag})
    assert (same.status_code, same.data) == (304, b"")
    office.kiosk.post("/check-ins", {"code": booked["code"]})
    office.wait_until_sealed()
    assert office.kiosk.get("/offline/list", **{"If-None-Match": tag}).status_code == 200


def test_statements_do_not_grow_with_the_visits(one_office: SampleOffice) -> None:
    office = one_office
    office.kiosk.post("/devices/me/status")

    def cost() -> int:
        seen: list[Any] = []
        engine = office.store.engine

        def count(*args: Any) -> None:
            seen.append(args[2])

        event.listen(engine, "before_cursor_execute", count)
        office.clock.advance(seconds=6)
        office.kiosk.get("/offline/list")
        event.remove(engine, "before_cursor_execute", count)
        return len(seen)

    office.book("P", "10:30")
    cost()
    few = cost()
    for minute in range(20):
        office.book("P", f"11:{minute + 10}")
    assert cost() == few
    assert len(office.rows(Reservation)) == 21
    assert len(listed(office).reservations) == 21


def test_an_office_may_let_no_kiosk_go_on_alone(office: SampleOffice) -> None:
    office.set_policy(offline_hours=0)
    answer = office.kiosk.get("/offline/list")
    assert (answer.status_code, answer.get_json()["reason"]) == (409, "offline_off")
    assert office.kiosk.get("/devices/me").get_json()["settings"]["offline_hours"] == 0


def test_each_kiosk_of_a_branch_has_a_letter_of_its_own(office: SampleOffice) -> None:
    branch = office.one(Branch, Branch.code == "wroclaw")
    kiosk = office.one(Device, Device.name == "kiosk:wroclaw")
    assert kiosk.offline_letter == "X"
    office.kiosk.post("/devices/me/status")
    assert office.one(Device, Device.id == kiosk.id).offline_letter == "X"

    def more(session: Any) -> list[int]:
        made = [
            Device(branch_id=branch.id, hall_id=kiosk.hall_id, role="kiosk", name=f"K{n}", status={})
            for n in range(len(LETTERS))
        ]
        session.add_all(made)
        session.flush()
        return [each.id for each in made]

    others = office.store.write(more)
    context = office.runtime.context()
    for device_id in others:
        office.store.write(lambda session, it=device_id: give_letter(session, context, branch.id, it))
    letters = [office.one(Device, Device.id == each).offline_letter for each in others]
    assert letters == [*LETTERS[1:], None]
    office.door("kiosk:legnica").post("/devices/me/status")
    assert listed(office, office.door("kiosk:legnica")).letter == "X"

    def revoke(session: Any) -> None:
        session.get_one(Device, others[3]).revoked_at = office.clock.now()

    office.store.write(revoke)
    # Its numbers of today may still be in people's hands.
    office.store.write(lambda session: give_letter(session, context, branch.id, others[-1]))
    assert office.one(Device, Device.id == others[-1]).offline_letter is None
    office.clock.advance(days=1)
    context = office.runtime.context()
    office.store.write(lambda session: give_letter(session, context, branch.id, others[-1]))
    assert office.one(Device, Device.id == others[-1]).offline_letter == LETTERS[4]


def test_a_kiosk_without_a_letter_is_told_so(one_office: SampleOffice) -> None:
    answer = one_office.kiosk.get("/offline/list")
    assert (answer.status_code, answer.get_json()["reason"]) == (409, "no_letter")


def test_a_number_that_lives_on_from_yesterday_is_passed_over(office: SampleOffice) -> None:
    ticket = office.walk_in("P")

    def to_yesterday(session: Any) -> None:
        row = session.get_one(Ticket, ticket["id"])
        row.series, row.ordinal, row.number = "PX", 4, "PX04"
        row.day -= timedelta(days=1)

    office.store.write(to_yesterday)
    assert listed(office).next_ordinals["PX"] == 5
    assert listed(office).next_ordinals["LX"] == 1
