"""A crawler walks through the portal, as a stranger and as somebody with visits: nothing is an error of ours."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask

from tests.server.portal.addresses import addresses
from tests.server.portal.browser import Browser, Page
from tests.server.portal.safe_scene import Scene, scene
from tests.server.sample_office import SampleOffice

HOSTILE = (
    "",
    "\x00",
    "a\x00b",
    "' OR 1=1 --",
    '"><script>alert(1)</script>',
    "{{7*7}}%(x)s%s{0}",
    "\r\nBcc: evil@example.net",
    "\u202egnol\u2066",
    "👩‍👩‍👧‍👦 Ａｎｎａ",
    "ж" * 10_000,
    "-1",
    "99999999999999999999999999",
    "٣",
    "²",
    "1e309",
    "0001-01-01",
    "9999-12-31",
    "0001-01-01T00:00Z",
    "9999-12-31T23:59Z",
    "2026-11-24T09:00Z",
    "2026-W48-2",
    "\ud800",
    "//evil.test",
    "[" * 5_000,
)
_MOST = 450


@pytest.fixture
def used(office: SampleOffice, portal: Flask) -> Iterator[Scene]:
    portal.extensions["numerek_limiter"].enabled = False
    try:
        yield scene(office)
    finally:
        portal.extensions["numerek_limiter"].enabled = True


def forms(page: Page) -> list[str]:
    """List where the forms of a page lead; "" is the page itself."""
    return [each.get("action") or "" for each in page.html.named("form") if each.get("method") == "post"]


def walk(browser: Browser, start: str, dice: random.Random, seen: Counter[int]) -> None:
    """Follow all links and send all forms with nonsense, each address once."""
    queue, known = [start], {start}
    while queue and sum(seen.values()) < _MOST:
        path = queue.pop(0)
        page = browser.get(path)
        note(page, f"GET {path}", seen)
        if page.headers.get("Location", "").startswith("/"):
            page.html.elements.append(("a", {"href": page.headers["Location"]}))
        for link in page.links:
            address = link.partition("#")[0]
            # A walk ends with the log-out.
            if address.startswith("/en/") and address not in known and "/log-out" not in address:
                known.add(address)
                queue.append(address)
        for action in forms(page):
            for _ in range(2):
                sent = {name: dice.choice([value, *dice.sample(HOSTILE, 3)]) for name, value in fields(page)}
                sent["csrf_token"] = page.fields.get("csrf_token", "")
                answer = browser.send("POST", action or path, encoded(sent))
                note(answer, f"POST {action or path} {sent}", seen)


def fields(page: Page) -> Iterator[tuple[str, str]]:
    """List what a page's forms send, by name."""
    for tag in ("input", "select", "textarea", "button"):
        for each in page.html.named(tag):
            if each.get("name"):
                yield each["name"], each.get("value", "")


def encoded(sent: dict[str, str]) -> dict[str, Any]:
    """A browser has no lone surrogates; bytes that are no UTF-8 stand for them."""
    return {name: value.encode("utf-8", "surrogatepass") for name, value in sent.items()}


def note(page: Page, what: str, seen: Counter[int]) -> None:
    assert page.status < 500, what[:600]
    assert page.status in (302, 303) or page.html.problems == [], what[:600]
    seen[page.status] += 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("logged_in", [False, True])
def test_a_walk_through_all_links_and_forms_meets_no_error(used: Scene, logged_in: bool) -> None:
    browser = used.owner.browser if logged_in else Browser(used.office.app)
    seen: Counter[int] = Counter()
    dice = random.Random(7)
    for start in (
        "/en/",
        "/en/book",
        "/en/account",
        f"/en/draws/{used.draw}",
        f"/en/questions/{used.questions}",
    ):
        walk(browser, start, dice, seen)
    walk(browser, f"/en/v/{used.link}", dice, seen)
    assert sum(seen.values()) > 150
    assert seen[200] > 40


def test_nonsense_in_any_place_of_any_address_is_no_error(used: Scene, portal: Flask) -> None:
    seen: Counter[int] = Counter()
    queries = ("next", "hour", "day", "line", "from", "gone", "why", "branch", "known", "x")
    for value in HOSTILE:
        if value in ("", "\ud800"):
            continue
        for word in ("token", "link", "draw", "day", "branch", "letter", "version", "name"):
            for address in addresses(portal, "GET", **{**used.words, word: "WORD"}):
                if "WORD" in address:
                    path = address.replace("WORD", quote(value[:300], safe=""))
                    note(used.owner.browser.get(path), path, seen)
        asked = "&".join(f"{name}={quote(value[:900])}" for name in queries)
        for path in ("/en/log-in", used.owner.path("hour"), f"/en/draws/{used.draw}", "/en/country"):
            note(used.owner.browser.get(f"{path}?{asked}"), f"{path} {value!r}", seen)
    assert seen[404] > 100


def test_nonsense_in_any_field_of_any_form_is_no_error(used: Scene, portal: Flask) -> None:
    seen: Counter[int] = Counter()
    browser = used.owner.browser
    for address in addresses(portal, "POST", **used.words):
        page = browser.get(address)
        names = {name for name, _ in fields(page)} | {"hour", "which", "remove", "known", "add", "code"}
        token = browser.get("/en/terms/send").fields["csrf_token"]
        if "/log-out" in address:
            continue
        for value in HOSTILE:
            sent = encoded(dict.fromkeys(names, value) | {"csrf_token": token})
            note(browser.send("POST", address, sent), f"{address} {value[:40]!r}", seen)
    assert seen[422] > 50


def test_a_day_that_no_clock_has_and_an_address_with_nul_are_not_there(used: Scene) -> None:
    browser = used.owner.browser
    for day in ("0001-01-01", "9999-12-31", "1999-12-31", "3000-01-01", "2026-W48-2", "2026-02-30"):
        assert browser.get(f"/en/book/wroclaw/L/{day}").status == 404, day
        assert browser.get(f"{used.owner.path('hour')}?day={day}").status == 200, day
    assert browser.get(f"/en/book/wroclaw/L/{used.words['day']}").status == 200
    for hour in ("0001-01-01T00:00Z", "9999-12-31T23:59Z"):
        assert browser.post(used.owner.path("hour"), {"hour": hour}).status == 200, hour
        assert browser.get(used.owner.path("check")).status == 200, hour
    assert browser.get("/en/draws/%00").status == 404
    assert browser.get(f"/en/draws/{used.draw}").status == 200


def test_files_and_json_are_no_fields_of_a_form(used: Scene, portal: Flask) -> None:
    browser = used.owner.browser
    token = browser.get("/en/terms/send").fields["csrf_token"]
    for address in addresses(portal, "POST", **used.words):
        if "/log-out" in address:
            continue
        names = sorted({name for name, _ in fields(browser.get(address))} - {"csrf_token"})
        head = '--x\r\nContent-Disposition: form-data; name="'
        files = "".join(f'{head}{name}"; filename="a"\r\n\r\n\x00abc\r\n' for name in names)
        body = f'{head}csrf_token"\r\n\r\n{token}\r\n{files}--x--\r\n'
        kind = {"Content_Type": "multipart/form-data; boundary=x"}
        note(browser.send("POST", address, body, kind), address, Counter())
        for value in (5, None, [1], {"a": 1}):
            sent = json.dumps(dict.fromkeys(names, value))
            kind = {"Content_Type": "application/json", "X_CSRFToken": token}
            note(browser.send("POST", address, sent, kind), address, Counter())
        note(browser.send("POST", address, "[1]", kind), address, Counter())
