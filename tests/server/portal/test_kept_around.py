"""Pages made once around what is each visitor's own: every visitor has theirs in it, and nobody else's."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from server.web import pages as web_pages
from tests.server.movable_clock import at
from tests.server.portal.booking_visitor import PERSON, TOMORROW_TEN, Visitor
from tests.server.portal.browser import Browser, Page
from tests.server.sample_office import SampleOffice

ONE = PERSON | {"surname": "Zima", "document": "ZZ 9876543"}
OTHER = {
    "given_names": "Ol'ga & Ira",
    "surname": "D'Arc",
    "document": "AB 123456",
    "birth_date": ["1", "2", "1999"],
}


def visitors(office: SampleOffice) -> list[Visitor]:
    """Give two guests before their own hours of the same service."""
    made = [Visitor(office, Browser(office.app, address)) for address in ("198.51.100.7", "203.0.113.80")]
    made[0].rule(account_required=False)
    for place, each in enumerate(made):
        each.open(hour := TOMORROW_TEN + timedelta(days=place))
        each.begin(hour)
    return made


def confirmed(visitor: Visitor, told: dict[str, Any]) -> str:
    """Fill in and book; return the address of the confirmation."""
    visitor.fill_in(**told)
    place = visitor.browser.follow(visitor.hold()).headers["Location"]
    return visitor.browser.post(place, {"code": visitor.code()}).headers["Location"]


def typed(page: Page) -> list[str]:
    """List what stands in the fields that one sees."""
    return [each["value"] for each in page.html.named("input") if each.get("type") == "text"]


def without_tokens(page: Page) -> str:
    return re.sub(
        r'name="(csrf_token|shown)" (type="hidden" )?value="[^"]+"', "", page.text.replace("\n", " ")
    )


def nothing_is_made(*_: Any, **__: Any) -> str:
    raise AssertionError("made again")


def test_each_has_ones_own_in_a_page_that_was_made_for_another(
    office: SampleOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    both, pages = visitors(office), []
    for each, told in zip(both, (ONE, OTHER), strict=True):
        each.send("details", **told)
    for each in both:
        pages.append(each.browser.get(each.path("details")))
        assert each.draft in pages[-1].text
        monkeypatch.setattr("server.web.pages.render_template", nothing_is_made)
    assert both[1].browser.get(both[1].path("contact")).status == 500, "the control: this page has to be made"
    assert typed(pages[0]) == [ONE["given_names"], "Zima", "1", "5", "1990", "ZZ 9876543"]
    assert typed(pages[1]) == ["Ol'ga & Ira", "D'Arc", "1", "2", "1999", "AB 123456"]
    assert "Tuesday, 24 November 2026, 10:00" in pages[0].words
    assert "Wednesday, 25 November 2026, 10:00" in pages[1].words
    assert both[0].draft not in pages[1].text


def test_two_confirmations_are_each_its_own_visitors(
    office: SampleOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    both, pages = visitors(office), []
    paths = [confirmed(each, told) for each, told in zip(both, (ONE, OTHER), strict=True)]
    for each, path in zip(both, paths, strict=True):
        pages.append(each.browser.get(path))
        assert f'href="{path}/code"' in pages[-1].text
        monkeypatch.setattr("server.web.pages.render_template", nothing_is_made)
    assert "D'Arc" in pages[1].words
    for own in (r'class="visit-code">(.*?)</p>', r'<path d="([^"]+)"', r'href="(/en/v/[^"]+)/code"'):
        first, second = (re.findall(own, page.text) for page in pages)
        assert len(first) == len(second) == 1
        assert first != second


def test_it_is_the_page_that_would_be_made_for_this_visitor_alone(
    office: SampleOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = visitors(office)
    both[0].browser.get(both[0].path("details"))
    empty = both[1].browser.get(both[1].path("details"))
    both[0].browser.get(confirmed(both[0], ONE))
    both[1].send("details", **OTHER)
    filled = both[1].browser.get(both[1].path("details"))
    path = confirmed(both[1], OTHER)
    shown = [both[1].browser.get(path), both[1].browser.get(path.replace("/en/", "/ar/"))]
    for module in ("details", "reservations.show"):
        name = f"server.portal.booking.{module}.kept_around"
        monkeypatch.setattr(name, lambda own, make, *_: make(own))
    for page in shown:
        alone = both[1].browser.get(page.response.request.path)
        assert without_tokens(alone) == without_tokens(page)
    # A draft that was booked leads to the visit; another shows the same fields.
    third = Visitor(office, Browser(office.app, "203.0.113.81"))
    third.open(hour := TOMORROW_TEN + timedelta(days=2))
    third.begin(hour)
    for page, told in ((empty, None), (filled, OTHER)):
        if told:
            third.send("details", **told)
        alone = third.browser.get(third.path("details"))
        same = (
            without_tokens(alone).replace(third.draft, both[1].draft).replace("Thursday, 26", "Wednesday, 25")
        )
        assert same == without_tokens(page)


def test_what_is_ones_own_is_not_packed(office: SampleOffice) -> None:
    visitor = visitors(office)[0]
    visitor.fill_in(**ONE)

    def packed() -> bytes:
        page = visitor.browser.get(visitor.path("details"), Accept_Encoding="gzip")
        assert page.headers["Content-Encoding"] == "gzip"
        assert page.headers["Cache-Control"] == "no-store"
        return page.response.data

    for own in ("Zima", "ZZ 9876543", visitor.draft):
        assert own.encode() in packed()
    assert len({len(packed()) for _ in range(20)}) > 1, "or the length told how long a name is"


def test_a_page_is_made_anew_when_the_office_changes(office: SampleOffice) -> None:
    visitor = visitors(office)[0]
    assert "Call us" not in visitor.browser.get(visitor.path("details")).words
    office.set_policy(phone="71 340 00 00")
    assert "Call us: 71 340 00 00" in visitor.browser.get(visitor.path("details")).words


def test_a_ticket_that_is_to_be_taken_the_day_before_has_its_day(office: SampleOffice) -> None:
    visitor = Visitor(office, Browser(office.app))
    visitor.rule(account_required=False)
    midnight = at("00:00") + timedelta(days=2)
    visitor.open(midnight, TOMORROW_TEN)
    visitor.begin(midnight)
    path = confirmed(visitor, ONE)
    words = visitor.browser.get(path).words
    assert "Wednesday, 25 November 2026, 00:00" in words
    assert "Take your ticket at the kiosk by 24 November 2026, 23:45 (Tuesday)." in words


@pytest.mark.parametrize("link_first", [True, False])
def test_who_is_logged_in_keeps_the_kind_of_the_address(office: SampleOffice, link_first: bool) -> None:
    guest, owner = visitors(office)
    link = confirmed(guest, ONE)
    owner.log_in()
    number = confirmed(owner, OTHER)
    assert (link[:6], number[:17]) == ("/en/v/", "/en/reservations/")
    for path in (link, number) if link_first else (number, link):
        page = owner.browser.get(path)
        assert f'href="{path}/code"' in page.text
        assert ("without an account" in page.words) is (path == link)
        assert owner.browser.get(f"{path}/code").status == 200


def test_what_is_sent_with_the_page_gets_into_nobody_elses(office: SampleOffice) -> None:
    both = visitors(office)
    word = r'name="shown"[^>]*value="([^"]+)"'
    (own,) = re.findall(word, both[0].browser.get(both[0].path("details")).text)
    office.set_policy(phone="71 340 00 00")  # the page has to be made anew
    both[0].browser.send("GET", both[0].path("details"), {"shown": own})
    (others,) = re.findall(word, both[1].browser.get(both[1].path("details")).text)
    assert others != own


def test_a_page_that_cannot_be_made_leaves_nothing_behind(
    office: SampleOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = visitors(office)[0]
    make, failed = web_pages.render_template, list[str]()

    def first_fails(template: str, **words: Any) -> str:
        if not failed:
            failed.append(template)
            raise RuntimeError("a bug")
        return make(template, **words)

    monkeypatch.setattr("server.web.pages.render_template", first_fails)
    page = visitor.browser.get(visitor.path("details"))
    assert (page.status, failed) == (500, ["booking/person.html"])
    assert f'href="/pl/book/draft/{visitor.draft}/details"' in page.text
