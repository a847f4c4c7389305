"""Requests that no browser sends: other hosts, methods, sizes, cookies and threads (quality.md, Safe 2 and 3)."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from server.store.tables import Account, AccountSession, Message, Reservation
from tests.server.at_once import at_once
from tests.server.portal.addresses import addresses, print_of
from tests.server.portal.booking_visitor import TOMORROW_TEN, Visitor
from tests.server.portal.browser import Browser
from tests.server.portal.safe_scene import Scene, scene
from tests.server.sample_office import PASSWORD, SampleOffice

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ELSEWHERE = (
    *("//evil.test", "///evil.test", "////evil.test/en/", "/\\evil.test", "\\/evil.test", "\\\\evil.test"),
    *(
        "%2f%2fevil.test",
        "/%2f%2fevil.test",
        "/%5cevil.test",
        "/%09/evil.test",
        "/\t/evil.test",
        "\t//evil.test",
    ),
    *(
        "https://evil.test",
        "HTTPS:evil.test",
        "https:/\\evil.test",
        "http:\\\\evil.test",
        "javascript:alert(1)",
    ),
    *("java\nscript:alert(1)", "data:text/html,x", "/en/@evil.test", "@evil.test", "/en/..//evil.test"),
    *("/./\\evil.test", "/en/\r\nSet-Cookie: a=b", "/en/%0d%0aSet-Cookie:a=b", "//numerek.test@evil.test"),
    *(
        "https://numerek.test.evil.test/en/",
        "//evil.test/en/",
        "/en//evil.test",
        ".evil.test",
        "／／evil.test",
    ),
    *("/en/log-out?next=//evil.test#x", "/en/?x\\evil", "/assets/../en/", "/en/\u2028", "x" * 5_000),
)


@pytest.fixture
def visitor(office: SampleOffice, portal: Flask) -> Iterator[Visitor]:
    portal.extensions["numerek_limiter"].enabled = False
    made = Visitor(office, Browser(office.app))
    made.rule(account_limit=2, one_per_person=False)
    made.open(capacity=50)
    yield made
    portal.extensions["numerek_limiter"].enabled = True


@pytest.fixture
def used(office: SampleOffice, portal: Flask) -> Iterator[Scene]:
    portal.extensions["numerek_limiter"].enabled = False
    try:
        yield scene(office)
    finally:
        portal.extensions["numerek_limiter"].enabled = True


def is_inside(location: str) -> bool:
    """Say whether a browser at https://numerek.test stays there, whatever it makes of backslashes and tabs."""
    plain = location.replace("\t", "").replace("\n", "").replace("\r", "").replace("\\", "/")
    return plain.startswith("/") and not plain.startswith("//") and ":" not in plain.split("?")[0]


@sqlite_only
def test_no_word_in_next_leads_to_another_host(visitor: Visitor) -> None:
    visitor.log_in()
    for there in ELSEWHERE:
        query = {"next": there.encode("utf-8", "surrogatepass")}
        answer = visitor.browser._client.get(
            "/en/log-in", query_string=query, base_url="https://numerek.test"
        )
        assert answer.status_code == 303, there
        assert is_inside(answer.headers["Location"]), there
        assert "Set-Cookie: a" not in str(answer.headers), there
    good = visitor.browser.get("/en/log-in?next=/uk/reservations")
    assert good.headers["Location"] == "/uk/reservations"


def test_control_the_addresses_elsewhere_would_be_seen() -> None:
    assert not any(
        is_inside(each) for each in ("//evil.test", "/\\evil.test", "/\t/evil.test", "https://evil.test")
    )


@sqlite_only
def test_no_redirect_or_page_repeats_the_host_that_a_request_names(used: Scene, portal: Flask) -> None:
    evil = {"X_Forwarded_Host": "evil.test", "X_Original_URL": "/en/evil", "Forwarded": "host=evil.test"}
    client, cookie = used.owner.browser._client, used.owner.browser.cookie
    for path in [*addresses(portal, "GET", **used.words), "/en", "//en/", "/en//book", "/en/book/"]:
        answer = client.get(
            path,
            headers={
                "Host": "evil.test",
                "Cookie": f"__Host-numerek={cookie}",
                **{name.replace("_", "-"): value for name, value in evil.items()},
            },
        )
        assert answer.status_code < 500, path
        assert "evil" not in answer.headers.get("Location", ""), path
        assert "evil.test" not in answer.text.replace("%2F", "/"), path


@sqlite_only
def test_links_of_letters_come_from_the_public_address_only(visitor: Visitor) -> None:
    browser = Browser(visitor.office.app, host="https://evil.test")
    sent = {"email": "new@example.org", "password": "a long new password", "terms": "y"}
    page = browser.post("/en/account/new", sent, X_Forwarded_Host="evil.test")
    assert page.status == 303, page.mistakes
    browser.post("/en/account/reset", {"email": "new@example.org"}, X_Forwarded_Host="evil.test")
    browser.post("/en/terms/send", {"email": "b@example.org"}, X_Forwarded_Host="evil.test")
    rows = visitor.office.rows(Message)
    assert len(rows) >= 2
    for row in rows:
        values = visitor.office.store.read(lambda session, row=row: visitor._values(session, row))
        assert values["url"].startswith("https://numerek.test/"), row.kind


@sqlite_only
def test_other_methods_do_nothing(used: Scene, portal: Flask) -> None:
    before = print_of(used.office)
    for path in addresses(portal, **used.words):
        for method in ("HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "PROPFIND", "FOO"):
            page = used.owner.browser.send(
                method, path, headers={"X_HTTP_Method_Override": "POST", "X_Method_Override": "POST"}
            )
            assert page.status < 500, f"{method} {path}"
            assert page.status in (404, 405) or method == "HEAD", f"{method} {path}"
            assert page.response.data == b"" or method != "HEAD"
        page = used.owner.browser.get(f"{path}?_method=POST", X_HTTP_Method_Override="POST")
        assert page.status < 500
    assert print_of(used.office) == before


@sqlite_only
def test_bombs_are_refused_before_they_are_read(visitor: Visitor) -> None:
    browser = visitor.browser
    token = browser.get("/en/terms/send").fields["csrf_token"]
    many = {f"f{number}": "x" for number in range(4_000)}
    part = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    multipart = {"Content_Type": "multipart/form-data; boundary=x"}
    plain = {"Content_Type": "application/x-www-form-urlencoded"}
    bombs: list[tuple[Any, dict[str, str], set[int]]] = [
        ({"csrf_token": token, **many, "email": "x"}, {}, {413, 422}),
        ({"csrf_token": token, "email": "a" * 10_000_000}, {}, {413}),
        ("&".join(["a"] * 30_000), plain, {400, 413}),
        ("&" * 60_000, plain, {400}),
        ("a" + "[" * 50_000 + "=1", plain, {400}),
        ("%" * 60_000, plain, {400}),
        ("=".join(["x"] * 30_000), plain, {400}),
        (part * 1_200 + "--x--\r\n", multipart, {400, 413}),
        ("--x\r\n" * 10_000, multipart, {400, 413}),
        ("--x\r\nContent-Disposition: " + "a" * 60_000, multipart, {400, 413}),
        ("[" * 60_000, {"Content_Type": "application/json"}, {400}),
        ("x", {"Content_Type": "multipart/form-data"}, {400}),
        ("x", {"Content_Type": "multipart/form-data; boundary=" + "b" * 5_000}, {400}),
        ("x", {"Content_Type": "text/xml; charset=utf-7"}, {400}),
    ]
    for body, headers, expected in bombs:
        begun = time.perf_counter()
        page = browser.send("POST", "/en/terms/send", body, headers)
        assert page.status in expected, (str(body)[:40], headers, page.status)
        assert time.perf_counter() - begun < 2, str(body)[:40]
    assert visitor.office.rows(Message) == []


@sqlite_only
def test_forged_and_broken_cookies_are_nobodys(used: Scene) -> None:
    good = used.owner.browser.cookie or ""
    head, _, rest = good.partition(".")
    for cookie in (
        *("", "x", "....", good[:-1], good + "x", f"{head}x.{rest}", good.swapcase(), "é" * 100, "a" * 8_000),
        *("eyJzZXNzaW9uIjoxfQ.x.y", f".{good}", "\x00", "null", "[" * 3_000),
    ):
        client = used.office.app.test_client(use_cookies=False)
        sent = {"Cookie": f"__Host-numerek={cookie}".encode().decode("latin-1")}
        answer = client.get("/en/account", base_url="https://numerek.test", headers=sent)
        assert answer.status_code == 303, cookie[:50]
        assert answer.headers["Location"].startswith("/en/log-in"), cookie[:50]
    sent = {"Cookie": f"__Host-numerek={good}"}
    client = used.office.app.test_client(use_cookies=False)
    assert client.get("/en/account", base_url="https://numerek.test", headers=sent).status_code == 200


@sqlite_only
def test_a_cookie_that_somebody_planted_is_worth_nothing_after_the_log_in(visitor: Visitor) -> None:
    thief = Browser(visitor.office.app)
    thief.get("/en/log-in")
    planted = thief.cookie
    assert planted
    visitor.browser._client.set_cookie("__Host-numerek", planted, domain="numerek.test", secure=True)
    visitor.log_in()
    assert visitor.browser.cookie != planted
    assert thief.get("/en/account").status == 303
    stolen = visitor.browser.cookie or ""
    thief._client.set_cookie("__Host-numerek", stolen, domain="numerek.test", secure=True)
    assert thief.get("/en/account").status == 200
    visitor.browser.post("/en/log-out")
    assert thief.get("/en/account").status == 303
    assert [row for row in visitor.office.rows(AccountSession) if row.ended_at is None] == []


@sqlite_only
def test_every_personal_page_is_kept_by_nobody_and_every_cookie_is_safe(used: Scene, portal: Flask) -> None:
    seen: Counter[str] = Counter()
    for path in addresses(portal, "GET", **used.words):
        page = used.owner.browser.get(path)
        if "/assets/" not in path and "/open/" not in path:  # the open queue has nobody's data
            assert "no-store" in page.headers["Cache-Control"], path
        for cookie in page.headers.getlist("Set-Cookie"):
            assert cookie.startswith("__Host-numerek="), path
            for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
                assert word in cookie, path
            assert "Domain" not in cookie, path
            seen["cookies"] += 1
        seen["pages"] += 1
    assert seen["pages"] > 50


@sqlite_only
def test_a_forwarded_header_moves_nobody_into_another_block(portal_with: Callable[..., Flask]) -> None:
    app = portal_with(newcomers_per_ten_minutes=3)
    codes = []
    for number in range(5):
        forged = f"10.{number}.0.1"
        page = Browser(app).get(
            "/en/", X_Forwarded_For=forged, X_Real_IP=forged, Forwarded=f"for={forged}", True_Client_IP=forged
        )
        codes.append(page.status)
    assert codes == [200] * 3 + [429] * 2


def test_twenty_threads_of_one_account_hold_no_more_than_its_limit(visitor: Visitor) -> None:
    visitor.log_in()
    drafts = []
    for number in range(20):
        visitor.begin()
        visitor.fill_in(document=f"QQ {number:06}")
        drafts.append(visitor.path("hold"))
    token = visitor.browser.get("/en/terms/send").fields["csrf_token"]
    cookie = visitor.browser.cookie or ""

    def hold(place: int) -> str:
        browser = Browser(visitor.office.app)
        browser._client.set_cookie("__Host-numerek", cookie, domain="numerek.test", secure=True)
        page = browser.send("POST", drafts[place], {"csrf_token": token})
        assert page.status == 303, page.status
        return page.headers["Location"]

    answers = at_once(20, hold)
    assert len(visitor.office.rows(Reservation)) == 2
    assert sum("/reservations/" in each for each in answers) == 2
    assert sum("why=account_limit" in each for each in answers) == 18
    assert visitor.taken() == 2


@sqlite_only
def test_a_code_is_over_with_its_hold_and_opens_nothing_twice(visitor: Visitor) -> None:
    visitor.log_in()
    visitor.begin()
    visitor.fill_in()
    there = visitor.hold().headers["Location"] + "/activate"
    code = visitor.code()
    (row,) = visitor.reservations()
    assert row.lapses_at - visitor.office.clock.now() <= timedelta(minutes=10)
    form = visitor.browser.get(there)
    visitor.office.clock.set(row.lapses_at + timedelta(seconds=1))
    late = visitor.browser.submit(form, there, {"code": code})
    assert late.status == 303
    assert visitor.reservations()[0].status == "lapsed"
    assert visitor.browser.submit(form, there, {"code": code}).status == 303
    assert visitor.reservations()[0].status == "lapsed"


@sqlite_only
def test_what_is_stale_replayed_or_doubled_books_once(visitor: Visitor) -> None:
    visitor.log_in()
    visitor.begin()
    first = visitor.draft
    visitor.fill_in()
    check = visitor.browser.get(visitor.path("check"))
    places = {visitor.browser.submit(check, visitor.path("hold")).headers["Location"] for _ in range(4)}
    assert len(places) == 1
    assert len(visitor.reservations()) == 1
    # Two tabs: the second has a draft of its own; the first's pages lead to what came of it.
    visitor.begin()
    assert visitor.draft != first
    back = visitor.browser.get(f"/en/book/draft/{first}/details")
    assert "/reservations/" in back.headers["Location"]
    stale = visitor.browser.send(
        "POST", f"/en/book/draft/{first}/details", {**check.fields, "surname": "Other"}
    )
    assert "/reservations/" in stale.headers["Location"]
    visitor.browser.post(places.pop() + "/cancel")
    assert visitor.browser.submit(check, f"/en/book/draft/{first}/hold").status == 303
    assert [row.status for row in visitor.reservations()] == ["cancelled"]
    assert visitor.office.rows(Account)[0].confirmed_at is not None
    assert PASSWORD not in check.text
    assert visitor.office.clock.now() < TOMORROW_TEN


def test_a_program_that_books_a_day_that_no_clock_has_is_told_that_there_is_no_such_hour(
    office: SampleOffice,
) -> None:
    for hour in ("9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59-14:00"):
        wish = office.wish("P", TOMORROW_TEN) | {"appointment_at": hour}
        answer = office.integrator.post("/reservations", wish)
        assert (answer.status_code, answer.get_json()["reason"]) == (409, "no_such_slot"), hour
