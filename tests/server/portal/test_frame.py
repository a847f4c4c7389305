"""What every page of the portal has, whatever it tells: headers, cookie, languages, refusals, no way out."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from server.portal import visitor_session
from server.portal.guard import limits
from server.services.context import RuleBroken
from server.store.errors import OutcomeUnknown, StoreUnavailable
from server.texts import LANGUAGES
from server.web import safe_redirects
from tests.server.portal.addresses import addresses, print_of
from tests.server.portal.booking_visitor import Visitor
from tests.server.portal.browser import Browser, Page
from tests.server.sample_office import SampleOffice

# A witness's program is no browser of a visitor: what it hands in counts by its signature alone.
OF_PROGRAMS = "/cosignature"


def assert_safe(page: Page, what: str) -> None:
    headers = page.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy, what
    assert "'nonce-" in policy, what
    assert "frame-ancestors 'none'" in policy, what
    assert "form-action 'self'" in policy, what
    assert "base-uri 'none'" in policy, what
    assert "unsafe" not in policy, what
    assert headers["X-Content-Type-Options"] == "nosniff", what
    assert headers["Referrer-Policy"] == "no-referrer", what
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin", what
    assert "max-age=" in headers["Strict-Transport-Security"], what
    assert len(headers["X-Request-Id"]) == 16, what
    assert "Server" not in headers, what
    if "private" in headers["Cache-Control"]:
        # Everybody is shown it alike: a browser may keep it, and asks each time whether it is still the same.
        assert (headers["Cache-Control"], "ETag" in headers) == ("private, no-cache", True), what
        assert "csrf_token" not in page.text, what
    elif "/assets/" not in what and "/open/" not in what:
        assert headers["Cache-Control"] == "no-store", what


def test_every_route_answers_with_the_safe_headers_to_every_method(browser: Browser, portal: Flask) -> None:
    for address in [*addresses(portal), "/nothing", "/en/nothing", "/en/%00", "/assets/x/../x"]:
        for method in ("GET", "POST", "PUT", "OPTIONS", "TRACE"):
            page = browser.send(method, address)
            assert page.status < 500 or page.status == 503, f"{method} {address}"
            assert_safe(page, f"{method} {address}")


def test_every_form_wants_its_token(office: SampleOffice, browser: Browser, portal: Flask) -> None:
    before = print_of(office)
    forms = [each for each in addresses(portal, "POST") if not each.endswith(OF_PROGRAMS)]
    assert len(forms) > 20
    for address in forms:
        for data in ({}, {"csrf_token": "x"}, {"csrf_token": "ImEi.x.y", "email": "a@example.org"}):
            page = browser.send("POST", address, data)
            assert page.status == 400, address
            assert page.heading == "This page was open too long", address
    assert print_of(office) == before


def test_a_forms_token_is_worth_nothing_in_another_browser(office: SampleOffice, portal: Flask) -> None:
    mine, other = Browser(office.app), Browser(office.app)
    form = mine.get("/en/terms/send")
    other.get("/en/terms/send")
    page = other.submit(form, "/en/terms/send", {"email": "a@example.org"})
    assert page.status == 400
    assert "/en/terms/send" in page.links
    assert mine.submit(form, "/en/terms/send", {"email": "a@example.org"}).status == 303


def test_too_large_a_form_is_told_in_words(browser: Browser) -> None:
    page = browser.post("/en/terms/send", {"email": "a" * 70_000})
    assert (page.status, page.heading) == (413, "You sent too much")


def test_an_error_of_ours_is_a_page_that_says_so_and_keeps_its_headers(
    office: SampleOffice, browser: Browser, portal: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: object) -> None:
        raise ZeroDivisionError

    for problem, status in (
        (ZeroDivisionError(), 500),
        (StoreUnavailable("database_busy", 3), 503),
        (RuleBroken(409, "not_allowed"), 409),
        (RuleBroken(429, "too_many", retry_after=200), 429),
    ):

        def view(problem: Exception = problem) -> None:
            raise problem

        with monkeypatch.context() as patch:
            patch.setitem(portal.view_functions, "start.show", view)
            page = browser.get("/en/")
        assert page.status == status
        assert_safe(page, str(status))
        assert page.heading
        assert page.html.problems == []
    assert page.headers["Retry-After"] == "200"
    assert "4 minutes" in page.words


def test_a_commit_without_an_answer_is_not_said_to_have_saved_nothing(
    browser: Browser, portal: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    problems = [OutcomeUnknown("database_gone"), StoreUnavailable("database_gone")]

    def view() -> None:
        raise problems.pop(0)

    monkeypatch.setitem(portal.view_functions, "start.show", view)
    for is_told in (False, True):
        page = browser.get("/en/")
        assert page.status == 503
        assert ("was not saved" in page.words) is is_told
        assert ("look whether it is already there" in page.words) is not is_told
        assert ("Retry-After" in page.headers) is is_told


def test_a_refusal_needs_no_database(browser: Browser, office: SampleOffice, monkeypatch: Any) -> None:
    def gone(_: object) -> None:
        raise StoreUnavailable("database_gone")

    office.runtime.office.forget()
    monkeypatch.setattr(office.store, "read", gone)
    page = browser.get("/uk/")
    assert page.status == 503
    assert page.headers["Retry-After"] == "1"
    assert page.html.named("html")[0]["lang"] == "uk"


def test_a_refusal_needs_no_database_to_know_who_this_is(
    browser: Browser, office: SampleOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = Visitor(office, browser)
    visitor.log_in()
    assert browser.get("/en/reservations").status == 200

    def gone(_: object) -> None:
        raise StoreUnavailable("database_gone")

    for way in ("read", "look", "write"):
        monkeypatch.setattr(office.store, way, gone)
    page = browser.get("/en/reservations")
    assert (page.status, page.headers["Retry-After"]) == (503, "1")
    assert page.html.problems == []


def test_the_root_leads_to_the_language_of_the_browser(browser: Browser) -> None:
    wished = {"de": "pl", "uk,ru;q=0.5": "uk", "ru-RU": "ru", "en-GB,pl;q=0.9": "en", "": "pl", "\xe9": "pl"}
    for asked, spoken in wished.items():
        page = browser.get("/", Accept_Language=asked)
        assert (page.status, page.headers["Location"]) == (302, f"/{spoken}/"), asked
        assert "Accept-Language" in page.headers["Vary"]


def test_a_page_says_its_language_and_leads_to_itself_in_the_others(browser: Browser) -> None:
    for code in LANGUAGES:
        page = browser.get(f"/{code}/")
        assert page.html.named("html")[0]["lang"] == code
        others = {each["hreflang"] for each in page.html.named("a") if "hreflang" in each}
        assert others == set(LANGUAGES) - {code}
        assert {f"/{other}/" for other in others} <= set(page.links)
    assert browser.get("/de/").status == 404
    assert browser.get("/uk/nothing").html.named("html")[0]["lang"] == "uk"


def test_the_cookie_is_for_this_host_and_tls_only(browser: Browser, portal: Flask) -> None:
    with portal.test_request_context("/en/"):
        portal.preprocess_request()
        visitor_session.browser()
        response = portal.process_response(portal.make_response("x"))
    (cookie,) = response.headers.getlist("Set-Cookie")
    name, *parts = cookie.split("; ")
    assert name.startswith("__Host-numerek=")
    assert set(parts) == {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"}


def test_on_a_machine_without_tls_the_cookie_has_another_name(portal_with: Callable[..., Flask]) -> None:
    plain = portal_with("http://127.0.0.1:8080")
    with plain.test_request_context("/en/"):
        plain.preprocess_request()
        visitor_session.browser()
        response = plain.process_response(plain.make_response("x"))
    (cookie,) = response.headers.getlist("Set-Cookie")
    name, *parts = cookie.split("; ")
    assert name.startswith("numerek=")
    assert set(parts) == {"HttpOnly", "SameSite=Lax", "Path=/"}


def test_a_log_in_changes_what_the_cookie_holds(portal: Flask) -> None:
    from flask import session

    with portal.test_request_context("/en/"):
        portal.preprocess_request()
        session["csrf_token"] = "old"
        visitor_session.make_mark()
        mark = visitor_session.mark()
        assert mark
        guest = visitor_session.browser()
        visitor_session.enter("token")
        assert dict(session) == {"session": "token", "browser": guest, "mark": mark}
        visitor_session.leave()
        assert dict(session) == {"mark": mark}


def test_too_many_requests_are_told_with_the_time_to_wait(portal_with: Callable[..., Flask]) -> None:
    app = portal_with(block_requests_per_minute=3)
    near, far = Browser(app, "198.51.100.7"), Browser(app, "198.51.101.7")
    assert [near.get("/en/").status for _ in range(4)] == [200, 200, 200, 429]
    page = Browser(app, "198.51.100.200").get("/en/")
    assert page.status == 429
    assert 1 <= int(page.headers["Retry-After"]) <= 60
    assert_safe(page, "429")
    assert near.get("/en/nothing").status == 429
    assert near.get("/assets/x/portal.css").status == 200
    assert far.get("/en/").status == 200


def test_limits_hold_in_this_servers_memory_while_the_common_store_is_away(
    portal_with: Callable[..., Flask],
) -> None:
    browser = Browser(portal_with(limits_store="redis://127.0.0.1:1", requests_per_minute=3))
    assert [browser.get("/en/").status for _ in range(5)] == [200, 200, 200, 200, 429]


def test_who_cannot_be_told_apart_is_counted_together() -> None:
    assert limits.block_of("198.51.100.7") == "198.51.100.0/24"
    assert limits.block_of("::ffff:198.51.100.7") == "198.51.100.0/24"
    assert limits.block_of("2001:db8:1:2345:1::1") == "2001:db8:1:2300::/56"
    assert limits.block_of("") == "unknown"


def test_no_address_that_is_not_ours_is_gone_back_to(portal: Flask) -> None:
    good = ("/en/", "/uk/?a=b", "/pl")
    bad = (
        *("https://evil.test/", "//evil.test", "/\\evil.test", "\\\\evil.test", "/en/\\evil", "javascript:1"),
        *("/en//evil.test", "/nothing", "", None, "/en/\n", "/en/ ", "/en/\x00", "en/", "/api/v1/services"),
        *("/" + "a" * 400, "/en/?x#y", "/%2f%2fevil.test", "//en/", "///en/", "/@evil.test", "http:/en/"),
    )
    with portal.test_request_context("/en/"):
        assert [each for each in good if safe_redirects.inner(each) != each] == []
        assert [each for each in bad if safe_redirects.inner(each) is not None] == []


def test_files_have_an_address_of_their_version_and_none_leads_elsewhere(browser: Browser) -> None:
    page = browser.get("/en/")
    (style,) = [each["href"] for each in page.html.named("link") if each["href"].endswith("portal.css")]
    whole = browser.get(style)
    assert whole.status == 200
    assert whole.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert whole.headers["Content-Type"] == "text/css; charset=utf-8"
    assert browser.get(style, Accept_Encoding="gzip").headers["Content-Encoding"] == "gzip"
    older = browser.get("/assets/0123456789ab/portal.css")
    assert (older.status, older.headers["Cache-Control"]) == (200, "no-store")
    for name in (
        "../application.py",
        "..%2fapplication.py",
        "%2e%2e/application.py",
        "/etc/passwd",
        "x/../portal.css",
    ):
        assert browser.get(f"/assets/x/{name}").status == 404, name


def test_the_log_has_the_pattern_of_an_address_and_never_the_address(
    browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "numerek.requests"):
        browser.get("/en/?secret=1")
        browser.get("/en/secret")
    lines = [record.fields for record in caplog.records if record.name == "numerek.requests"]  # type: ignore[attr-defined]
    assert [line["status"] for line in lines] == [200, 404]
    assert lines[0]["route"].endswith(":language>/")
    assert "secret" not in caplog.text + str(lines)


def test_switched_off_there_are_no_pages(office: SampleOffice) -> None:
    from dataclasses import replace

    from server.app import create_app

    off = replace(office.runtime, portal=office.runtime.portal.model_copy(update={"enabled": False}))
    app = create_app(off)
    assert "portal" not in app.extensions
    assert [app.test_client().get(path).status_code for path in ("/", "/en/", "/healthz")] == [404, 404, 200]
