"""Why was somebody called before me? The phone page's answer: right reasons, no names, open to everybody."""

from __future__ import annotations

import pytest

from server.domain.queue.reasons import Reason
from server.portal.queue.phone_page import sentences
from tests.server.movable_clock import MovableClock
from tests.server.portal.browser import Browser
from tests.server.portal.chromium import chromium, complaints, served, too_wide
from tests.server.sample_office import KEYS, SampleOffice

LANGUAGES = ("pl", "en", "uk", "ru", "be", "vi", "ar", "ka")


def address(ticket: dict[str, object]) -> str:
    """Return where a ticket's answer is."""
    return f"/t/{KEYS.track_token(int(str(ticket['id'])))}/why"


def call(office: SampleOffice, ticket: dict[str, object], reason: str = "other") -> None:
    """Call one out of order, and serve them."""
    clerk = office.clerk(7)
    assert clerk.post(f"/tickets/{ticket['id']}/call", {"reason": reason}).status_code == 200
    finish(office, ticket)


def finish(office: SampleOffice, ticket: dict[str, object]) -> None:
    """Serve a called one for a second."""
    office.clock.advance(seconds=1)
    clerk = office.clerk(7)
    clerk.post(f"/tickets/{ticket['id']}/start")
    assert clerk.post(f"/tickets/{ticket['id']}/finish", {"outcome": "served"}).status_code == 200


def call_next(office: SampleOffice) -> dict[str, object]:
    """Call who is next, and serve them."""
    found: dict[str, object] = office.clerk(7).post("/counters/7/call-next").get_json()["ticket"]
    finish(office, found)
    return found


@pytest.fixture
def speaking(office: SampleOffice) -> SampleOffice:
    office.set_policy(languages=list(LANGUAGES))
    return office


def test_each_call_is_told_with_its_reason(speaking: SampleOffice, clock: MovableClock) -> None:
    office = speaking
    before = office.walk_in("P")
    clock.advance(minutes=1)
    mine = office.walk_in("P", language="en")
    clock.advance(minutes=1)
    first, chosen = office.walk_in("P", priority="pregnancy"), office.walk_in("P")
    booked = office.arrive("P", "10:20")
    browser = Browser(office.app)
    assert sentences().say("en", "why_nobody") in browser.get(address(mine)).text
    clock.advance(minutes=17)
    numbers = [call_next(office)["number"] for _ in range(3)]
    assert numbers == [each["number"] for each in (first, booked, before)]
    call(office, chosen)
    page = browser.get(address(mine))
    assert (page.status, page.html.problems) == (200, [])
    told = page.text.partition("<ol>")[2].split("</li>")[:-1]
    reasons = [("staff", chosen), ("longer", before), ("booked", booked), ("priority", first)]
    for shown, (reason, ticket) in zip(told, reasons, strict=True):
        assert f"<b>{ticket['number']}</b>" in shown
        assert sentences().say("en", f"why_{reason}", hour="10:20").replace("'", "&#39;") in shown
    assert "pregnancy" not in told[3].partition("<br>")[0]
    assert call_next(office)["number"] == mine["number"]
    assert browser.get(address(mine)).text.count("<li>") == 4, "what comes after the own call is no matter"


def test_other_services_and_other_days_are_no_matter(speaking: SampleOffice, clock: MovableClock) -> None:
    mine = speaking.walk_in("P")
    other = speaking.walk_in("N")
    clock.advance(minutes=1)
    call(speaking, other)
    page = Browser(speaking.app).get(address(mine))
    assert str(other["number"]) not in page.text
    assert sentences().say("pl", "why_nobody") in page.text


def test_the_ticket_s_page_leads_there_and_a_wrong_token_nowhere(speaking: SampleOffice) -> None:
    mine = speaking.walk_in("P", language="uk")
    browser = Browser(speaking.app)
    assert f'href="{address(mine)}"' in browser.get(address(mine).removesuffix("/why")).text
    assert browser.get("/t/1-nothing/why").status == 404


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_words(reason: Reason) -> None:
    assert sentences().has("en", f"why_{reason}")


@pytest.mark.timeout(240)
@pytest.mark.parametrize("width", [1280, 320])
def test_it_is_open_to_everybody(speaking: SampleOffice, clock: MovableClock, width: int) -> None:
    mine = {language: speaking.walk_in("P", language=language) for language in LANGUAGES}
    clock.advance(minutes=1)
    call(speaking, speaking.walk_in("P"))
    wrong = []
    with chromium() as browser, served(speaking.app) as at:
        page = browser.new_page(viewport={"width": width, "height": 800})
        for language, ticket in mine.items():
            page.goto(at + address(ticket))
            wrong += [f"{language}: {each}" for each in complaints(page)]
            wrong += [f"{language}: {wide} px too wide" for wide in [too_wide(page)] if wide > 0]
    assert wrong == []
