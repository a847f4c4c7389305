"""What browsers and search engines get beside the words of a page: packed bytes, icons, what may be kept."""

from __future__ import annotations

import gzip
import re
from itertools import pairwise

import pytest
from werkzeug.test import TestResponse

from tests.server.portal.booking_visitor import CALENDAR, DAY, PERSON, Visitor
from tests.server.portal.browser import Browser
from tests.server.sample_office import SampleOffice

GZIP = {"Accept-Encoding": "gzip"}


def get(office: SampleOffice, address: str, **headers: str) -> TestResponse:
    return office.app.test_client().get(address, headers=headers)


def test_a_page_is_packed_for_browsers_that_take_it_and_says_the_same(office: SampleOffice) -> None:
    plain = get(office, "/en/services")
    packed = get(office, "/en/services", **GZIP)
    assert (plain.headers.get("Content-Encoding"), packed.headers["Content-Encoding"]) == (None, "gzip")
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert "Accept-Encoding" in packed.headers["Vary"]
    nonce = re.compile(rb'nonce="[^"]*"')
    assert nonce.sub(b"", gzip.decompress(packed.data)) == nonce.sub(b"", plain.data)
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 2


def test_the_packed_length_tells_nothing(office: SampleOffice) -> None:
    lengths = {len(get(office, "/en/log-in", **GZIP).data) for _ in range(30)}
    assert max(lengths) - min(lengths) > 60


@pytest.mark.parametrize("address", ["/favicon.ico", "/apple-touch-icon.png"])
def test_the_icon_is_found_where_browsers_look_for_it(office: SampleOffice, address: str) -> None:
    found = office.app.test_client().get(address, follow_redirects=True)
    assert (found.status_code, found.mimetype) == (200, "image/svg+xml")


def test_search_engines_keep_what_is_everybodys_and_nothing_else(office: SampleOffice) -> None:
    robots = get(office, "/robots.txt")
    assert (robots.status_code, robots.mimetype) == (200, "text/plain")
    assert "Disallow: /*/reservations\n" in robots.text
    for address in ("/en/v/x", "/en/log-in", "/pl/reservations", "/uk/questions/x", "/en/t/x"):
        assert get(office, address).headers["X-Robots-Tag"] == "noindex", address
    for address in ("/en", "/en/services", "/en/book/wroclaw/P"):
        assert "X-Robots-Tag" not in get(office, address).headers, address


def test_headings_go_down_one_level_at_a_time_with_the_details_open(office: SampleOffice) -> None:
    one = {"pl": "jeden", "en": "one"}
    information = {"documents": [one], "copies": one, "photos": one}
    visitor = Visitor(office, Browser(office.app))
    visitor.rule("P", information=information)
    visitor.open(letter="P")
    for address in ("/en/book/wroclaw/P", f"/en/book/wroclaw/P/{DAY}", "/en/services/wroclaw/P"):
        shown = get(office, address).text
        levels = [int(each) for each in re.findall(r"<h([1-6])[ >]", shown)]
        assert "Documents to bring" in shown or address.endswith(DAY), address
        assert levels[0] == 1, address
        assert all(after <= before + 1 for before, after in pairwise(levels)), (address, levels)


def test_a_form_whose_token_is_too_old_comes_again_with_what_was_typed(office: SampleOffice) -> None:
    visitor = Visitor(office, Browser(office.app))
    visitor.rule()
    visitor.open()
    visitor.log_in()
    visitor.begin()
    shown = visitor.browser.send("POST", visitor.path("details"), PERSON | {"csrf_token": "of-old"})
    assert shown.status == 400
    assert shown.title.startswith("Error: ")
    assert "This page was open too long. Check what you typed and send it again" in shown.words
    assert (shown.fields["surname"], shown.fields["document"]) == (PERSON["surname"], PERSON["document"])
    check = visitor.browser.get(visitor.path("check"))
    assert check.headers["Location"] == visitor.path("details")
    # A browser sends the three parts of the day, which this one reads as one.
    again = visitor.browser.submit(shown, visitor.path("details"), {"birth_date": PERSON["birth_date"]})
    assert again.status == 303


def test_a_form_of_nobody_shows_nothing_that_was_sent(office: SampleOffice) -> None:
    shown = office.app.test_client().post("/en/book/draft/1/details", data={"surname": "Nowak"})
    assert shown.status_code == 400
    assert "Nowak" not in shown.text


def test_the_pages_of_a_booking_name_the_branchs_telephone(office: SampleOffice) -> None:
    visitor = Visitor(office, Browser(office.app))
    visitor.rule()
    visitor.open()
    visitor.log_in()
    visitor.begin()
    pages = (CALENDAR, f"{CALENDAR}/{DAY}", visitor.path("details"))
    assert not any("Do you need help" in visitor.browser.get(each).words for each in pages)
    office.set_policy(phone="+48 71 340 69 27")
    for each in pages:
        shown = visitor.browser.get(each)
        assert "Do you need help with this page? Call us: +48 71 340 69 27" in shown.words, each
        assert "tel:+48713406927" in shown.links
