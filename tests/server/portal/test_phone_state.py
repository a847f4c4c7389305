"""What the phone page's script asks for: the part that changes, cheaply, and in the language that was chosen."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from server.portal.queue.phone_page import sentences
from tests.server.portal.browser import Browser
from tests.server.sample_office import KEYS, SampleOffice


def asked(office: SampleOffice, ticket: int, more: str = "", etag: str = "") -> TestResponse:
    """Ask for the state of a ticket, as the script does."""
    headers = {"If_None_Match": etag} if etag else {}
    return office.door().get(f"//t/{KEYS.track_token(ticket)}/state{more}", **headers)


def test_a_call_is_in_the_state_and_nothing_is_sent_again_meanwhile(office: SampleOffice) -> None:
    ticket = office.walk_in("P", language="en")["id"]
    first = asked(office, ticket)
    waiting = first.get_json()
    assert (waiting["status"], waiting["call"], waiting["over"]) == ("waiting", "", False)
    again = asked(office, ticket, etag=first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    clerk = office.clerk(7)
    clerk.post("/counters/7/call-next")
    changed = asked(office, ticket, etag=first.headers["ETag"])
    called = changed.get_json()
    assert (changed.status_code, called["status"], called["said"]) == (
        200,
        "called",
        "Please come now · Counter 7",
    )
    assert called["said"] in called["html"]
    clerk.post(f"/tickets/{ticket}/recall")
    recalled = asked(office, ticket, etag=changed.headers["ETag"]).get_json()
    assert recalled["call"] != called["call"]
    clerk.post(f"/tickets/{ticket}/start")
    clerk.post(f"/tickets/{ticket}/finish", {"outcome": "served"})
    assert asked(office, ticket).get_json()["over"] is True


def test_the_state_is_told_for_genuine_addresses_only(office: SampleOffice) -> None:
    token = KEYS.track_token(office.walk_in("P")["id"])
    for wrong in (token[:-1], token + "x", "1-nothing", KEYS.track_token(999)):
        answer = office.door().get(f"//t/{wrong}/state")
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_no_such_ticket_is_said_in_the_language_of_the_phone(office: SampleOffice) -> None:
    def said(address: str, *own: str) -> str:
        headers = {"Accept-Language": ", ".join(own)}
        text = office.door().get(f"//t/1-nothing{address}", **headers).text
        return text.split('lang="')[1][:2]

    assert [
        said("", "ar-EG", "ar;q=0.9", "en;q=0.8"),
        said("", "de", "uk;q=0.5"),
        said("", "de"),
        said("?language=ka", "ar"),
    ] == [
        "ar",
        "uk",
        "pl",
        "ka",
    ]


def test_the_page_and_its_parts_speak_the_language_that_is_chosen(office: SampleOffice) -> None:
    office.set_policy(languages=["pl", "en", "uk"])
    ticket = office.walk_in("P", language="pl")["id"]
    address, browser = f"/t/{KEYS.track_token(ticket)}", Browser(office.app)
    assert browser.get(address).html.named("html")[0]["lang"] == "pl"
    page = browser.get(f"{address}?language=uk")
    assert page.html.named("html")[0]["lang"] == "uk"
    assert {f"{address}?language={each}" for each in ("pl", "en", "uk")} <= set(page.links)
    assert f"{address}/why?language=uk" in page.links
    assert page.html.named("body")[0]["data-state"] == f"{address}/state?language=uk"
    why = browser.get(f"{address}/why?language=uk")
    assert sentences().say("uk", "why_nobody") in why.words
    assert f"{address}?language=uk" in why.links
    told = asked(office, ticket, "?language=uk").get_json()
    assert told["said"] == sentences().say("uk", "waiting")
    assert asked(office, ticket, "?language=xx").get_json()["said"] == sentences().say("pl", "waiting")


def test_without_scripts_the_page_renews_itself_and_with_them_the_script_does(office: SampleOffice) -> None:
    page = Browser(office.app).get(f"/t/{KEYS.track_token(office.walk_in('P')['id'])}")
    assert '<noscript><meta http-equiv="refresh" content="10"></noscript>' in page.text
    script = office.door().get("/" + page.html.named("script")[0]["src"])
    assert (script.status_code, script.mimetype) == (200, "text/javascript")
    assert script.headers.getlist("Cache-Control") == ["public, max-age=31536000, immutable"]
    old = office.door().get("//t/assets/000000000000/phone.js")
    assert old.headers.getlist("Cache-Control") == ["no-store"]
    assert office.door().get("//t/assets/000000000000/track.py").status_code == 404


@pytest.mark.parametrize("language", sentences().languages)
def test_the_expected_call_is_told_in_minutes_and_hours(office: SampleOffice, language: str) -> None:
    office.set_policy(languages=["pl", "en", "uk", "ru", "be", "vi", "ar", "ka"])
    clerk = office.clerk(7)
    clerk.post("/counters/7/call-next")
    office.walk_in("P")
    ticket = office.walk_in("P", language=language)
    html = asked(office, ticket["id"]).get_json()["html"]
    assert sentences().say(language, "expected") in html
    assert "<svg" in html
    assert sentences().say(language, "people_ahead") in html
