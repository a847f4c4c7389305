"""A reservation's pages: activated in time, shown with code and QR, downloaded, cancelled; by its owner alone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from PIL import Image, ImageDraw
from zxingcpp import read_barcode

from server.services.ports import NotWritten
from tests.server.portal.booking_visitor import DAY, Visitor
from tests.server.portal.browser import Browser, Page
from tests.server.portal.outer import outer_world
from tests.server.sample_office import SampleOffice

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def visitor(office: SampleOffice, browser: Browser) -> Visitor:
    made = Visitor(office, browser)
    made.rule()
    made.open()
    made.log_in()
    return made


def held(visitor: Visitor) -> str:
    visitor.begin()
    visitor.fill_in()
    return visitor.hold().headers["Location"]


def drawn(page: Page) -> Image.Image:
    """Draw the QR of a page as a browser does."""
    svg = page.text[page.text.index("<svg") : page.text.index("</svg>")]
    found = re.search(r'viewBox="0 0 (\d+) ', svg)
    assert found is not None
    size, scale = int(found[1]), 6
    image = Image.new("L", (size * scale, size * scale), 255)
    draw = ImageDraw.Draw(image)
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", svg):
        left, top = int(x) * scale, int(y) * scale
        draw.rectangle((left, top, left + int(length) * scale - 1, top + scale - 1), fill=0)
    return image


def test_the_qr_and_the_code_of_the_page_are_what_the_kiosk_takes(visitor: Visitor) -> None:
    page = visitor.booked()
    visitor.office.clock.advance(hours=23)
    found = read_barcode(drawn(page))
    assert found is not None
    ticket = visitor.office.kiosk.post("/check-ins", {"code": found.text})
    assert ticket.status_code == 201, ticket.text
    code = re.search(r'class="visit-code"><bdi dir="ltr">(\d{3} \d{3} \d{3})<', page.text)
    assert code is not None
    again = visitor.office.kiosk.post("/check-ins", {"code": code[1]})
    assert (again.status_code, again.get_json()["repeat"]) == (200, True)
    assert visitor.reservations()[0].status == "checked_in"


def test_a_wrong_code_says_how_many_tries_are_left_and_five_end_it(
    visitor: Visitor, browser: Browser
) -> None:
    place = held(visitor)
    page = browser.get(f"{place}/activate")
    code = visitor.code()
    assert "one-time-code" in page.text
    assert "We keep this hour for you until 10:10." in page.words
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for left in ("4 tries", "3 tries", "2 tries", "1 try"):
        page = browser.post(f"{place}/activate", {"code": wrong})
        assert page.status == 422
        assert left in page.mistakes[0]
    assert browser.post(f"{place}/activate", {"code": ""}).mistakes == ["Enter the code of 6 digits"]
    assert browser.post(f"{place}/activate", {"code": wrong}).headers["Location"] == place
    page = browser.get(place)
    assert page.heading == "This reservation is no longer valid"
    assert browser.get(f"{place}/activate").headers["Location"] == place


def test_a_code_is_taken_with_spaces_and_once(visitor: Visitor, browser: Browser) -> None:
    place = held(visitor)
    assert browser.get(place).headers["Location"] == f"{place}/activate"
    code = visitor.code()
    page = browser.get(f"{place}/activate")
    for _ in range(2):
        answer = browser.submit(page, f"{place}/activate", {"code": f" {code[:3]} {code[3:]} "})
        assert (answer.status, answer.headers["Location"]) == (303, place)
    assert len(visitor.letters("confirmation")) == 1


def test_a_code_is_sent_again_and_the_one_before_is_void(visitor: Visitor, browser: Browser) -> None:
    place = held(visitor)
    old = visitor.code()
    page = browser.get(f"{place}/activate")
    told = browser.follow(browser.submit(page, f"{place}/activate/again"))
    assert "A new code is on its way" in told.words
    if visitor.code() != old:
        assert browser.post(f"{place}/activate", {"code": old}).status == 422
    browser.submit(page, f"{place}/activate/again")
    told = browser.follow(browser.submit(page, f"{place}/activate/again"))
    assert "We cannot send the code again" in told.words
    assert browser.post(f"{place}/activate", {"code": visitor.code()}).headers["Location"] == place


def test_who_types_the_code_too_late_chooses_another_hour_and_types_nothing_twice(
    visitor: Visitor, browser: Browser
) -> None:
    place = held(visitor)
    page = browser.get(f"{place}/activate")
    visitor.office.clock.advance(minutes=11)
    late = browser.follow(browser.submit(page, f"{place}/activate", {"code": visitor.code()}))
    assert "The code was not entered in time" in late.words
    again = browser.submit(late, f"{place}/again")
    visitor.draft = again.headers["Location"].split("/")[4]
    assert browser.get(visitor.path("check")).headers["Location"] == visitor.path("hour")
    assert browser.follow(again).heading.endswith("Choose another hour")
    visitor.open(visitor_hour := visitor.later())
    page = browser.get(visitor.path("hour"))
    moved = browser.submit(page, visitor.path("hour"), {"hour": f"{visitor_hour:%Y-%m-%dT%H:%MZ}"})
    assert moved.headers["Location"] == visitor.path("contact")
    assert browser.get(visitor.path("details")).fields["surname"].endswith("Шевченко-Kowalska")


def test_a_visit_is_cancelled_after_a_page_that_asks(visitor: Visitor, browser: Browser) -> None:
    visitor.booked()
    number = visitor.reservations()[0].id
    code = browser.get(f"/en/reservations/{number}/code")
    assert f"/en/reservations/{number}/code" in browser.get(f"/en/reservations/{number}").links
    assert ("<svg" in code.text, "Turn the brightness" in code.words, "only light" in code.text) == (
        True,
    ) * 3
    page = browser.get(f"/en/reservations/{number}/cancel")
    assert page.heading == "Do you want to cancel this visit?"
    assert visitor.reservations()[0].status == "booked"
    for _ in range(2):
        assert browser.submit(page, f"/en/reservations/{number}/cancel").status == 303
    shown = browser.get(f"/en/reservations/{number}")
    assert shown.heading == "This reservation was cancelled"
    assert "<svg" not in shown.text
    assert browser.get(f"/en/reservations/{number}/code").headers["Location"] == f"/en/reservations/{number}"
    assert browser.get(f"/en/reservations/{number}/confirmation.pdf").status == 404
    assert "Cancelled" in browser.get("/en/reservations").words
    assert visitor.taken() == 1, "the place comes back later, never at once"


def test_nobody_sees_or_changes_the_reservation_of_another(visitor: Visitor, browser: Browser) -> None:
    visitor.booked()
    number = visitor.reservations()[0].id
    other = Visitor(visitor.office, Browser(visitor.office.app))
    other.log_in("ola@example.org")
    token = other.browser.get("/en/log-out").fields
    for path in ("", "/cancel", "/activate", "/code", "/confirmation.pdf", "/confirmation.ics"):
        for which in (number, number + 1, 2**63 - 1, 2**63):
            assert other.browser.get(f"/en/reservations/{which}{path}").status == 404, path
    for path in ("/cancel", "/activate", "/activate/again", "/again"):
        sent = other.browser.send("POST", f"/en/reservations/{number}{path}", {**token, "code": "123456"})
        assert sent.status == 404, path
    nobody = Browser(visitor.office.app)
    for path in ("", "/cancel", "/activate", "/code", "/confirmation.pdf"):
        assert (
            nobody.get(f"/en/reservations/{number}{path}").headers["Location"].startswith("/en/log-in?next=")
        )
    assert nobody.get("/en/v/1-AAAAAAAAAAAAAAAAAAAAAA").status == 404
    assert visitor.reservations()[0].status == "booked"


def test_a_visit_is_moved_to_one_of_the_hours_that_are_shown(visitor: Visitor, browser: Browser) -> None:
    place = visitor.booked().response.request.path
    visitor.open(visitor.later())
    page = browser.get(f"{place}/move")
    assert "The nearest free hours" in page.words
    assert f"{place}/move?day={DAY}" in page.links
    of_the_day = browser.get(f"{place}/move?day={DAY}")
    offered = re.findall(r'name="hour" value="([^"]+)"', of_the_day.text)
    assert offered == [f"{visitor.later():%Y-%m-%dT%H:%MZ}"]
    moved = browser.follow(browser.submit(page, f"{place}/move", {"hour": offered[0]}))
    assert "The visit is moved." in moved.words
    assert visitor.reservations()[0].appointment_at == visitor.later()


def test_the_page_of_a_move_says_that_there_is_no_other_hour(visitor: Visitor, browser: Browser) -> None:
    place = visitor.booked().response.request.path
    page = browser.get(f"{place}/move")
    assert "There are no free places at the moment." in page.words
    assert 'name="hour"' not in page.text


def test_the_list_has_each_visit_in_plain_words(visitor: Visitor, browser: Browser) -> None:
    assert "You have no visits to come." in browser.get("/en/reservations").words
    place = held(visitor)
    page = browser.get("/en/reservations")
    assert place in page.links
    assert "Not activated yet Enter the code by 10:10." in page.words
    visitor.office.clock.advance(minutes=11)
    assert "No longer valid" in browser.get("/en/reservations").words


def test_the_confirmation_is_a_pdf_and_a_calendar_file(
    office: SampleOffice, portal_with: Callable[..., Flask]
) -> None:
    visitor = Visitor(office, Browser(portal_with(outside=outer_world())), {"altcha": "solved"})
    visitor.rule()
    visitor.open()
    visitor.log_in()
    page = visitor.booked()
    (pdf,) = (link for link in page.links if link.endswith(".pdf"))
    file = visitor.browser.get(pdf)
    assert file.headers["Content-Type"] == "application/pdf"
    assert file.headers["Content-Disposition"].startswith('attachment; filename="confirmation.pdf"')
    assert file.headers["Cache-Control"] == "no-store"
    assert file.response.data.startswith(b"%PDF")
    calendar = visitor.browser.get(pdf.replace(".pdf", ".ics"))
    assert calendar.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert visitor.browser.get(pdf.replace(".pdf", ".exe")).status == 404


def test_no_address_and_no_title_tells_who_books(visitor: Visitor, browser: Browser) -> None:
    page = visitor.booked()
    for secret in ("Kowalska", "123456", "oksana"):
        assert secret not in page.title
        assert not [link for link in page.links if secret in link]
    assert page.headers["Cache-Control"] == "no-store"


def test_a_busy_press_is_told_and_the_page_itself_stays(
    office: SampleOffice, portal_with: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = outer_world()
    visitor = Visitor(office, Browser(portal_with(outside=outside)), {"altcha": "solved"})
    visitor.rule()
    visitor.open()
    visitor.log_in()
    page = visitor.booked()
    (pdf,) = (link for link in page.links if link.endswith(".pdf"))

    def busy(*_: object) -> bytes:
        raise NotWritten("busy")

    monkeypatch.setattr(outside.papers, "confirmation_pdf", busy)
    told = visitor.browser.get(pdf)
    assert (told.status, told.headers["Retry-After"]) == (503, "5")
