"""The web board: a television's browser becomes a board by a code, and then gets what boards get."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from server.services.access import devices
from server.store.tables import Device
from tests.server.portal.browser import Browser, Page
from tests.server.sample_office import SampleOffice
from wire.vocabulary import DeviceRole

COOKIE = "__Secure-numerek-board"
STATIC = Path(__file__).parents[3] / "server/portal/queue/static"


def code_for(office: SampleOffice, role: DeviceRole, counter: int | None = None) -> str:
    """Make a device and its code."""
    context = office.runtime.context()
    branch = context.office.branch_named("wroclaw")
    made = office.store.write(lambda session: devices.add(session, context, branch, role, "A", counter))
    return made.code


def sent(browser: Browser, code: str, address: str = "/board") -> Page:
    """Type a code into the page that asks for it."""
    return browser.send("POST", address, {"code": code})


@pytest.fixture
def television(office: SampleOffice) -> Browser:
    """Give a browser that was enrolled."""
    browser = Browser(office.app)
    assert sent(browser, code_for(office, DeviceRole.BOARD)).status == 303
    return browser


def test_a_code_of_digits_makes_a_browser_a_board_and_stands_in_no_address(office: SampleOffice) -> None:
    browser, code = Browser(office.app), code_for(office, DeviceRole.BOARD)
    assert re.fullmatch(r"\d{4}-\d{4}-\d{4}", code)
    asked = browser.get("/board?halls=A,B", Accept_Language="uk-UA")
    assert (asked.status, asked.html.named("html")[0]["lang"], asked.heading) == (
        200,
        "uk",
        "Код цього табло",
    )
    assert asked.html.problems == []
    done = sent(browser, code.replace("-", ""), "/board?halls=A,B")
    assert (done.status, done.headers["Location"]) == (303, "/board?halls=A,B")
    cookie = done.headers["Set-Cookie"]
    assert all(part in cookie for part in (COOKIE, "HttpOnly", "Secure", "Path=/board", "SameSite=Strict"))
    page = browser.follow(done)
    token = browser.cookie_named(COOKIE, "/board")
    assert (page.status, token is not None) == (200, True)
    assert str(token) not in page.text
    assert page.html.problems == []
    assert [each["data-hall"] for each in page.html.named("section")] == ["A", "B"]


def test_a_code_works_once_and_only_a_boards_does(office: SampleOffice) -> None:
    code = code_for(office, DeviceRole.BOARD)
    assert sent(Browser(office.app), code).status == 303
    for wrong in (code, "", "0000-0000-0000", code_for(office, DeviceRole.KIOSK)):
        refused = sent(Browser(office.app), wrong)
        assert (refused.status, "Set-Cookie" in refused.headers) == (422, False)
    counter = code_for(office, DeviceRole.COUNTER, 7)
    assert sent(Browser(office.app), counter).status == 422
    # It stays good for the counter.
    assert office.door().post("/devices/enrol", {"enrolment_code": counter}).status_code == 201


def test_its_snapshot_is_the_one_of_installed_boards(office: SampleOffice, television: Browser) -> None:
    office.walk_in("P", language="en")
    office.clerk(7).post("/counters/7/call-next")
    # PostgreSQL seals a fact a moment later: both look until the feed stands still.
    for _ in range(50):
        theirs = office.board.get("/boards/A").get_json()
        ours = television.get("/board/halls/A").response.get_json()
        if ours == theirs:
            break
    assert ours == theirs
    assert ours["called"][0]["number"] == "P001"
    assert television.get("/board/halls/C").status == 404


@pytest.mark.parametrize("path", ["/board/setup", "/board/halls/A"])
def test_who_is_no_board_gets_nothing(office: SampleOffice, path: str) -> None:
    assert Browser(office.app).get(path).status == 401
    for name in ("kiosk:wroclaw", "counter:wroclaw:7"):
        other = Browser(office.app)
        other.take_cookie(COOKIE, office.tokens[name], "/board")
        assert other.get(path).status == 401
    # Nor does the cookie open anything else: it is read at the board's addresses alone.
    own = Browser(office.app)
    own.take_cookie(COOKIE, office.tokens["board:wroclaw"], "/")
    assert own.get(path).status == 200
    assert own.get("/api/v1/boards/A").status == 401


def test_a_board_that_was_revoked_is_asked_for_a_code(office: SampleOffice, television: Browser) -> None:
    device = max(row.id for row in office.rows(Device))
    context = office.runtime.context()
    office.store.write(lambda session: devices.revoke(session, context, device))
    assert television.get("/board/setup").status == 401
    page = television.get("/board")
    assert page.heading == "Kod tej tablicy"
    assert "Serwer nie zna już tej tablicy" in page.words


def test_the_setup_has_what_a_board_needs_without_the_server(
    office: SampleOffice, television: Browser
) -> None:
    office.set_policy(languages=["ar", "pl"])
    told = television.get("/board/setup?halls=B,A,X,B").response.get_json()
    assert [each["code"] for each in told["halls"]] == ["B", "A"]
    assert (told["languages"], told["rtl"]) == (["ar", "pl"], ["ar"])
    assert len(told["days"]) == 11
    assert told["texts"]["pl"]["checkpoint"] == "Kod dnia {day}"
    assert "ticket.called" in told["events"]
    assert json.loads(television.get("/board?halls=B,A").html.named("body")[0]["data-setup"])["halls"]


def test_the_day_of_the_clocks_change_is_in_the_offsets(office: SampleOffice, television: Browser) -> None:
    told = television.get("/board/setup").response.get_json()
    assert told["offsets"][0][1] in (60, 120)


SCRIPT = r"\?\.|\?\?|catch *\{|\.\.\.|\.at\(|replaceAll|\.flat|async |import |matchAll|Intl"
TOO_YOUNG = {
    "board.js": SCRIPT,
    "board_page.js": SCRIPT,
    "board.css": r"[^-]\binset|aspect-ratio|:is\(|:where\(|:has\(|clamp\(|\bmin\(|[^-]gap:|@layer|@container|dvh",
}


@pytest.mark.parametrize("name", TOO_YOUNG)
def test_nothing_is_younger_than_a_television_of_2021(name: str) -> None:
    text = re.sub(r"//.*|/\*.*?\*/", "", (STATIC / name).read_text("utf-8"))
    assert re.findall(TOO_YOUNG[name], text) == []


def test_control_younger_words_are_found() -> None:
    assert re.findall(TOO_YOUNG["board.js"], "try { a?.b } catch { }") != []
    assert re.findall(TOO_YOUNG["board.css"], "main { gap: 1rem }") != []
