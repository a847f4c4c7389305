"""The web board in a browser beside a real server: a call comes by the stream, nothing is cut."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page

from server.http.asgi import Limits
from tests.server.portal.chromium import chromium
from tests.server.portal.test_phone_in_a_browser import comes
from tests.server.portal.test_web_board import COOKIE, code_for
from tests.server.sample_office import SampleOffice
from tests.server.served.conftest import Served
from wire.vocabulary import DeviceRole

EIGHT = ["pl", "en", "uk", "ru", "be", "vi", "ar", "ka"]
PICTURES = os.environ.get("NUMEREK_PICTURES")
SCREENS = {"wide": (1920, 1080, ""), "small": (1280, 720, ""), "tall": (1080, 1920, ""),
           "turned": (1920, 1080, "layout=portrait"), "two": (1920, 1080, "halls=A,B"),
           "three_tall": (1080, 1920, "halls=A,B,C"), "three": (1920, 1080, "halls=A,B,C")}  # fmt: skip
CUT = """() => {
  const page = [innerWidth, innerHeight], found = [];
  const isSeen = (each) => each.getClientRects().length && each.textContent.trim();
  const texts = '.fit, .rest, .notice, .clock, .checkpoint, .recent li, .waiting li, .figure';
  document.querySelectorAll(texts).forEach((each) => {
    if (!isSeen(each)) return;
    const box = each.getBoundingClientRect(), what = each.className + ': ' + each.textContent.slice(0, 30);
    if (each.scrollWidth > each.clientWidth + 2) found.push('cut ' + what);
    const isOutside = box.left < -2 || box.top < -2 || box.right > page[0] + 2 || box.bottom > page[1] + 2;
    if (isOutside) found.push('outside ' + what);
  });
  document.querySelectorAll('.call, .recent, .waiting, .notice, .sign').forEach((each) => {
    if (isSeen(each) && each.scrollHeight > each.clientHeight + 3) found.push('too high ' + each.className);
  });
  const all = document.querySelectorAll('header, .name, .call, .recent, .waiting, footer');
  const parts = [].filter.call(all, isSeen);
  parts.forEach((one, i) => parts.slice(i + 1).forEach((other) => {
    const a = one.getBoundingClientRect(), b = other.getBoundingClientRect();
    const isBeside = a.left > b.right - 1 || b.left > a.right - 1 || a.top > b.bottom - 1 || b.top > a.bottom - 1;
    if (!isBeside) found.push(one.className + ' on ' + other.className);
  }));
  return found;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    """Give a browser."""
    with chromium() as started:
        yield started


@pytest.fixture
def running(one_office: SampleOffice) -> Iterator[Served]:
    """Serve an office as it is served in earnest."""
    started = Served(one_office, Limits())
    started.wait()
    yield started
    started.stop()


def television(browser: Chromium, running: Served, width: int = 1920, height: int = 1080) -> BrowserContext:
    """Give a browser that holds a board's cookie, for a server without TLS."""
    context = browser.new_context(viewport={"width": width, "height": height})
    cookie = f"{COOKIE}={running.office.tokens['board:wroclaw']}"
    context.set_extra_http_headers({"Cookie": cookie})
    return context


def opened(context: BrowserContext, running: Served, more: str = "") -> Page:
    """Open the board, and wait until it follows its stream."""
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{running.port}/board?{more}")
    assert comes(page, "numerekBoards.every((each) => each.board.snapshot && each.board.downAt === null)")
    return page


def shown(page: Page) -> str:
    """Return the huge number; nothing while the board rests."""
    return (
        page.inner_text(".hall:not(.resting) .number") if page.query_selector(".hall:not(.resting)") else ""
    )


@pytest.mark.timeout(120)
def test_a_code_is_typed_and_the_board_stands(browser: Chromium, running: Served) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{running.port}/board")
    page.keyboard.type(code_for(running.office, DeviceRole.BOARD))
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/code.png")
    page.keyboard.press("Enter")
    page.wait_for_selector(".board")
    assert COOKIE in {each.get("name") for each in context.cookies(f"http://127.0.0.1:{running.port}/board")}
    context.close()


@pytest.mark.timeout(120)
def test_a_call_comes_by_the_stream_and_a_reload_does_not_announce_it_again(
    browser: Chromium, running: Served
) -> None:
    context, office = television(browser, running), running.office
    page = opened(context, running)
    office.walk_in("P", language="en")
    office.clerk(7).post("/counters/7/call-next")
    page.wait_for_selector(".number:has-text('P001')", timeout=3000)
    assert page.evaluate("numerekBoards[0].board.shownAt !== null")
    page.close()
    again = opened(context, running)
    again.wait_for_selector(".number:has-text('P001')")
    assert again.evaluate("numerekBoards[0].board.shownAt") is None
    context.close()


@pytest.mark.timeout(120)
def test_a_server_that_is_away_is_told_after_five_seconds(browser: Chromium, running: Served) -> None:
    context = television(browser, running)
    page = opened(context, running)
    assert page.is_hidden(".sign")
    running.stop()
    assert comes(page, "numerekBoards[0].board.downAt !== null")
    assert page.is_hidden(".sign")
    page.wait_for_selector(".sign:has-text('Brak połączenia z systemem')", timeout=9000)
    context.close()


@pytest.mark.timeout(120)
def test_a_browser_without_streams_asks_every_few_seconds(browser: Chromium, running: Served) -> None:
    context, office = television(browser, running), running.office
    context.add_init_script("delete window.EventSource")
    page = opened(context, running)
    office.walk_in("P")
    office.clerk(7).post("/counters/7/call-next")
    page.wait_for_selector(".number:has-text('P001')", timeout=8000)
    context.close()


def crowd(page: Page, calls: int, lines: int, language: str) -> None:
    """Put so many calls and lines on the page, as a snapshot of now would, over what the server says."""
    page.evaluate(
        """([calls, lines, language]) => {
          const now = Date.now(), at = (age) => new Date(now - age * 1000).toISOString();
          numerekBoards.forEach((hall) => {
            const known = hall.board.snapshot, rows = [];
            for (let n = 0; n < calls; n++) rows.push({id: 1000 - n, number: 'K' + (142 - n),
              counter: n ? n + 9 : 112, called_at: at(1 + n), language: language, active: true});
            const waiting = [];
            for (let n = 0; n < lines; n++) waiting.push({service: 'PLNTKQWM'[n], names: {}, total: 40,
              numbers: [...Array(12).keys()].map((each) => 'PLNTKQWM'[n] + (201 + each))});
            const board = NumerekBoard.begun();
            const notices = {}, text = 'Prosimy przygotować dokument tożsamości i potwierdzenie opłaty. ';
            notices[document.documentElement.lang] = text.repeat(2);
            const told = Object.assign({}, known, {called: rows, waiting: waiting, as_of: 0, notices: notices,
              checkpoint: {day: '2026-11-23', code: 'G4HOZ-7NX4L'}});
            hall.board = NumerekBoard.advance(board, {type: 'snapshot', snapshot: told, anew: true},
              {at: performance.now() / 1000 - 60, now: now}).board;
            hall.board.queue = []; hall.board.asOf = 1e9;
            if (rows.length) hall.board.recent = rows.map((row) => Object.assign({calledAt: now}, row));
            hall.board.shown = hall.board.recent[0] || null;
          });
        }""",
        [calls, lines, language],
    )
    page.wait_for_timeout(400)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("language", EIGHT)
def test_nothing_is_cut_nor_on_top_of_another_with_few_calls_and_many(
    browser: Chromium, running: Served, language: str
) -> None:
    running.office.set_policy(languages=[language, *(each for each in ("pl", "en") if each != language)])
    wrong: list[Any] = []
    for name, (width, height, more) in SCREENS.items():
        context = television(browser, running, width, height)
        page = opened(context, running, more)
        for what, calls, lines in (("empty", 0, 0), ("one", 1, 2), ("five", 5, 4), ("many", 12, 8)):
            crowd(page, calls, lines, "uk" if language != "uk" else "pl")
            wrong += [f"{name} {what}: {each}" for each in page.evaluate(CUT)]
            if PICTURES and language in ("pl", "ar"):
                page.screenshot(path=f"{PICTURES}/{name}_{what}_{language}.png")
        context.close()
    assert wrong == []


def test_control_a_number_that_is_too_wide_and_a_part_on_another_are_found(
    browser: Chromium, running: Served
) -> None:
    context = television(browser, running)
    page = opened(context, running)
    crowd(page, 3, 2, "pl")
    assert page.evaluate(CUT) == []
    page.evaluate("document.querySelector('.number').style.fontSize = '900px'")
    page.evaluate("document.querySelector('footer').style.marginTop = '-300px'")
    found = page.evaluate(CUT)
    assert any(each.startswith("cut number") for each in found)
    assert any(" on " in each for each in found)
    context.close()
