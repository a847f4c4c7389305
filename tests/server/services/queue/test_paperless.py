"""A ticket without paper: for who stands in the hall, once, with the limits of the kiosk."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from werkzeug.test import TestResponse

from server.domain.queue.paperless import MOST_A_MINUTE
from server.portal.queue.phone_page import sentences
from server.store.tables import Device, Ticket
from tests.server.at_once import at_once
from tests.server.sample_office import SampleOffice


def said(key: str) -> str:
    """Return a sentence of the page."""
    return sentences().say("en", key)


@pytest.fixture
def office(office: SampleOffice) -> SampleOffice:
    """Let the branch give tickets without paper."""
    office.set_policy(paperless_tickets=True)
    return office


def shown(office: SampleOffice, device: str = "kiosk:wroclaw") -> list[str]:
    """Return the addresses that a screen is given: of this minute and of the next."""
    codes = office.door(device).get("/paperless-codes").get_json()["codes"]
    return [str(each["address"]).removeprefix("https://numerek.test") for each in codes]


@dataclass
class Phone:
    """A phone with its cookies and its language."""

    office: SampleOffice
    language: str = "en"
    client: Any = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.office.app.test_client()

    def open(self, address: str) -> TestResponse:
        """Open an address."""
        answer: TestResponse = self.client.get(
            address, base_url="https://numerek.test", headers={"Accept-Language": self.language}
        )
        return answer

    def tap(self, address: str, service: str = "P") -> TestResponse:
        """Choose a service."""
        answer: TestResponse = self.client.post(
            address,
            data={"service": service},
            base_url="https://numerek.test",
            headers={"Accept-Language": self.language},
        )
        return answer


def given(office: SampleOffice) -> list[tuple[str, bool]]:
    """List the tickets by number, and whether each is without paper."""
    return [(row.number, row.paperless_by is not None) for row in office.rows(Ticket)]


def test_a_phone_in_the_hall_takes_a_ticket_without_paper(office: SampleOffice) -> None:
    phone, address = Phone(office, "pl-PL,pl;q=0.9"), shown(office)[0]
    page = phone.open(address)
    assert page.status_code == 200
    assert 'value="P"' in page.text
    assert 'lang="pl"' in page.text
    answer = phone.tap(address)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/t/")
    assert "P001" in phone.open(answer.headers["Location"]).text
    [row] = office.rows(Ticket)
    assert (row.language, row.reservation_id) == ("pl", None)
    [fact] = office.facts("ticket.issued")
    assert fact.data["paperless"] is True
    office.walk_in("P")
    assert "paperless" not in office.facts("ticket.issued")[-1].data  # the control: a slip
    assert given(office) == [("P001", True), ("P002", False)]


def test_the_cookie_is_for_this_page_alone(office: SampleOffice) -> None:
    cookie = Phone(office).open(shown(office)[0]).headers["Set-Cookie"]
    assert {"HttpOnly", "Secure", "SameSite=Lax", "Path=/w"} <= set(cookie.split("; "))


@pytest.mark.parametrize(("seconds", "status"), [(89, 200), (91, 410)])
def test_a_photograph_sent_to_a_friend_is_too_old(office: SampleOffice, seconds: int, status: int) -> None:
    address = shown(office)[0]  # the sample's clock stands at a full minute
    office.clock.advance(seconds=seconds)
    friend = Phone(office)
    page = friend.open(address)
    assert page.status_code == status
    assert (said("hall_code_why") in page.text) == (status == 410)
    friend.tap(address)
    assert len(given(office)) == (1 if status == 200 else 0)


def test_who_opened_a_code_in_time_may_think_for_ten_minutes(office: SampleOffice) -> None:
    phone, address = Phone(office), shown(office)[0]
    phone.open(address)
    office.clock.advance(minutes=9, seconds=59)
    assert phone.open(address).status_code == 200  # a reload of the page, or another language
    office.clock.advance(seconds=1)
    assert phone.open(address).status_code == 410
    assert phone.tap(address).status_code == 410
    assert given(office) == []


def test_forged_codes_open_nothing(office: SampleOffice) -> None:
    phone, address = Phone(office), shown(office)[0]
    device, minute, mac = address.removeprefix("/w/").split("-", 2)
    for forged in (f"{device}-{int(minute, 16) + 1:x}-{mac}", f"{device}-{minute}-{'A' * 22}", "x", "1-2-3"):
        page = phone.open(f"/w/{forged}")
        assert page.status_code == 404
        assert said("hall_code_again") in page.text
        assert phone.tap(f"/w/{forged}").status_code == 404
    assert given(office) == []


def test_a_tap_needs_the_cookie_of_this_code(office: SampleOffice) -> None:
    address, of_board = shown(office)[0], shown(office, "board:wroclaw")[0]
    assert Phone(office).tap(address).status_code == 404  # never opened
    phone = Phone(office)
    phone.open(address)
    assert phone.tap(of_board).status_code == 404
    phone.client.set_cookie("__Secure-numerek-phone", "forged", domain="numerek.test", path="/w")
    assert phone.tap(address).status_code == 404
    assert given(office) == []


def test_a_code_is_for_its_own_branch(office: SampleOffice) -> None:
    assert shown(office, "kiosk:legnica") == []  # where it is switched off
    office.set_policy(paperless_tickets=True, branch="legnica")
    there = Phone(office)
    address = shown(office, "kiosk:legnica")[0]
    assert 'value="T"' not in there.open(address).text  # no such service there
    assert there.tap(address, "T").status_code == 409
    assert given(office) == []
    phone, address = Phone(office), shown(office)[0]
    phone.open(address)
    phone.tap(address)
    [row] = office.rows(Ticket)
    assert row.branch_id == office.runtime.office.current().branch_named("wroclaw").id


def test_switched_off_there_is_no_such_page(office: SampleOffice) -> None:
    phone, address = Phone(office), shown(office)[0]
    phone.open(address)
    office.set_policy(paperless_tickets=False)
    assert (phone.open(address).status_code, phone.tap(address).status_code) == (404, 404)
    assert given(office) == []


def test_the_code_of_a_screen_that_was_revoked_opens_nothing(office: SampleOffice) -> None:
    phone, address = Phone(office), shown(office)[0]
    phone.open(address)
    table = Device.__table__
    revoked = table.update().where(table.c.name == "kiosk:wroclaw").values(revoked_at=office.clock.now())
    office.store.write(lambda session: session.execute(revoked))
    assert (phone.open(address).status_code, phone.tap(address).status_code) == (404, 404)
    other = shown(office, "board:wroclaw")[0]  # the control
    assert phone.open(other).status_code == 200


def test_after_a_day_a_phone_is_not_known_any_more(office: SampleOffice) -> None:
    def taken(phone: Phone) -> str:
        address = shown(office)[0]
        phone.open(address)
        return phone.tap(address).headers["Location"]

    phone = Phone(office)
    first = taken(phone)
    office.clock.advance(hours=12)
    assert taken(phone) == first  # it still waits
    office.clock.advance(hours=24)
    assert taken(phone) != first


def test_two_taps_are_one_ticket(office: SampleOffice) -> None:
    phone, address = Phone(office), shown(office)[0]
    phone.open(address)
    cookie = phone.client.get_cookie("__Secure-numerek-phone", domain="numerek.test", path="/w").value

    def tap(_: int) -> str:
        twin = Phone(office)
        twin.client.set_cookie("__Secure-numerek-phone", cookie, domain="numerek.test", path="/w")
        return twin.tap(address).headers["Location"]

    assert len(set(at_once(8, tap))) == 1
    assert given(office) == [("P001", True)]


def test_a_phone_has_one_ticket_a_service_while_it_lives(office: SampleOffice) -> None:
    phone = Phone(office)

    def taken(service: str = "P") -> str:
        address = shown(office)[0]
        phone.open(address)
        return phone.tap(address, service).headers["Location"]

    first = taken()
    office.clock.advance(minutes=2)
    assert taken() == first  # scanned once more
    assert taken("N") != first  # another service
    assert phone.client.post(f"{first}/leave", base_url="https://numerek.test").status_code == 303
    office.clock.advance(minutes=2)
    assert taken() != first
    second = Phone(office)
    address = shown(office)[0]
    second.open(address)
    assert second.tap(address).status_code == 303
    assert [number for number, _ in given(office)] == ["P001", "N001", "P002", "P003"]


def test_one_code_gives_no_second_ticket_after_leaving(office: SampleOffice) -> None:
    phone, address = Phone(office), shown(office)[0]
    phone.open(address)
    first = phone.tap(address).headers["Location"]
    phone.client.post(f"{first}/leave", base_url="https://numerek.test")
    assert phone.tap(address).headers["Location"] == first
    assert len(given(office)) == 1


def test_a_service_that_closed_meanwhile_is_refused_kindly(office: SampleOffice) -> None:
    phone, address = Phone(office), shown(office)[0]
    assert 'value="P"' in phone.open(address).text
    office.set_policy("P", walk_in_daily_limit=0)
    answer = phone.tap(address)
    assert answer.status_code == 409
    assert "No tickets are left for today" in answer.text
    assert 'value="P"' not in answer.text
    assert 'value="N"' in answer.text  # the control: the others go on
    assert phone.tap(address, "?").status_code == 409
    assert given(office) == []


def test_a_script_that_opens_a_code_gets_no_thousands(office: SampleOffice) -> None:
    address = shown(office)[0]
    for _ in range(MOST_A_MINUTE):
        phone = Phone(office)
        phone.open(address)
        assert phone.tap(address).status_code == 303
    late = Phone(office)
    late.open(address)
    answer = late.tap(address)
    assert said("hall_code_busy") in answer.text
    assert answer.status_code == 409
    office.clock.advance(seconds=61)
    assert late.tap(address).status_code == 303
    assert len(given(office)) == MOST_A_MINUTE + 1


def test_screens_get_two_minutes_and_no_secret(office: SampleOffice) -> None:
    answer = office.board.get("/paperless-codes").get_json()
    now, coming = answer["codes"]
    assert now["shown_until"] == coming["shown_from"]
    assert set(now) == {"address", "shown_from", "shown_until"}
    assert office.door("kiosk:wroclaw").get("/paperless-codes").get_json()["codes"] != answer["codes"]
    assert office.door().get("/paperless-codes").status_code == 401
    phone = Phone(office)
    assert (
        phone.open(coming["address"].removeprefix("https://numerek.test")).status_code == 404
    )  # not shown yet
    office.clock.advance(minutes=1)
    assert phone.open(coming["address"].removeprefix("https://numerek.test")).status_code == 200
