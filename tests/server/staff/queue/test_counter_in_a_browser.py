"""A clerk's work at a counter in Chromium: by keys, in both languages, wide and narrow, and with the strip."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route
from sqlalchemy import update

from server.services.access import users
from server.services.queue import steering
from server.services.queue.steering import Supervisor
from server.staff.application import create_staff
from server.store.tables import ClerkSession, Ticket
from tests.server.movable_clock import MovableClock
from tests.server.portal.chromium import chromium, complaints, open_page, served, too_wide
from tests.server.sample_office import PASSWORD, SampleOffice, sample_office
from tests.server.staff.people import People
from tests.server.staff.queue.web_counter import code_for
from wire.vocabulary import Role

COUNTER = "/staff/at/wroclaw/counter"
PATIENCE = 20_000
PICTURES = os.environ.get("COUNTER_PICTURES")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a browser."""
    with chromium() as started:
        yield started


@pytest.fixture
def hall(tmp_path: Path, migrated_file: Path, clock: MovableClock) -> Iterator[SampleOffice]:
    """Give an office; what a page does not depend on the database."""
    file = tmp_path / "numerek.db"
    file.write_bytes(migrated_file.read_bytes())
    with sample_office(f"sqlite:///{file}", clock) as office:
        office.set_policy(undo_seconds=60)
        yield office


@pytest.fixture
def address(hall: SampleOffice) -> Iterator[str]:
    """Give the address at which the staff's pages of that office are served."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with served(create_staff(replace(hall.runtime, public_url="http://127.0.0.1"))) as at:
        yield at


def picture(page: Page, name: str) -> None:
    """Keep what is seen, where somebody wants to look at it."""
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


def looked_at(page: Page, name: str) -> None:
    """Look for barriers, at 1024 and at 390 pixels."""
    for width in (1440, 1024, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert too_wide(page) <= 0, (name, width)
        picture(page, f"{name}-{width}")
    assert complaints(page) == [], name
    page.set_viewport_size({"width": 1440, "height": 800})


def sit_down(hall: SampleOffice, context: BrowserContext, address: str, language: str, role: Role) -> Page:
    """Enrol the browser by its page, and sign in with a password."""
    user_id = People(hall).add(role, login=f"ewa-{language}-{role}")
    hall.store.write(lambda session: users.speak(session, user_id, language))
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    open_page(page, f"{address}{COUNTER}/sign-in")
    looked_at(page, f"code-{language}")
    page.fill("#code", code_for(hall, 7))
    page.keyboard.press("Enter")
    page.wait_for_selector("#login")
    looked_at(page, f"sign-in-{language}")
    page.fill("#login", f"ewa-{language}-{role}")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#desk")
    page.wait_for_selector("body.js-enabled")
    return page


def shows(page: Page, number: str, caption: str) -> None:
    """Wait until a ticket stands large in the hand, and the settling time is over."""
    page.wait_for_function(
        """([number, caption]) =>
        document.getElementById('counter-number').textContent.trim() === number
        && document.querySelector('.counter-caption').textContent.trim() === caption""",
        arg=[number, caption],
    )
    page.wait_for_timeout(800)  # the same key counts again after 700 ms


WORDS = {
    "pl": ("Bilet wezwany", "Bilet w obsłudze", "Brak biletu", "Nikt nie czeka"),
    "en": ("Ticket called", "Ticket being served", "No ticket", "Nobody is waiting"),
}


@pytest.mark.parametrize("language", ["pl", "en"])
def test_a_clerk_works_by_keys(hall: SampleOffice, browser: Browser, address: str, language: str) -> None:
    called, serving, nothing, nobody = WORDS[language]
    context = browser.new_context(locale=language, viewport={"width": 1440, "height": 800})
    page = sit_down(hall, context, address, language, Role.SUPERVISOR)
    said: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        # The server of this test has no stream, and a page asks for it again after half a minute. On a busy
        # machine an answer may take too long, which the page says and asks again.
        is_expected = "/staff/stream" in message.location["url"] or "htmx:error: timeout" in message.text
        if message.type == "error" and not is_expected:
            said.append(message.text)

    page.on("console", heard)
    shows(page, nobody, nothing)
    looked_at(page, f"nobody-{language}")
    booked = hall.book("P", "10:15", name="Olena Kovalenko")
    hall.kiosk.post("/check-ins", {"code": booked["code"]})
    tickets = [hall.walk_in("P") for _ in range(4)]
    hall.clock.advance(minutes=40)
    page.wait_for_selector(".counter-late")
    page.set_viewport_size({"width": 1024, "height": 800})
    lines = "each => each.getBoundingClientRect().height / parseFloat(getComputedStyle(each).lineHeight)"
    assert max(each.evaluate(lines) for each in page.locator(".counter-rows label > span").all()) < 3
    looked_at(page, f"waiting-{language}")
    page.keyboard.press("F8")
    first = page.locator(".counter-caption:has-text('" + called + "') + .counter-number")
    first.wait_for()
    page.wait_for_timeout(800)
    number = first.inner_text()
    looked_at(page, f"called-{language}")
    page.keyboard.press("F8")
    shows(page, number, serving)
    page.keyboard.press("F10")
    page.wait_for_selector("#ask-outcome:popover-open")
    assert complaints(page) == []
    picture(page, f"outcome-{language}")
    page.keyboard.press("Escape")
    page.wait_for_selector("#ask-outcome", state="hidden")
    page.keyboard.press("Control+z")
    shows(page, number, called)
    page.keyboard.press("F12")
    page.wait_for_selector(f".counter-caption:has-text('{nothing}')")
    page.keyboard.press("F6")
    page.wait_for_selector("#tab-parked[aria-current]")
    looked_at(page, f"parked-{language}")
    page.keyboard.press("F8")
    page.wait_for_selector(f".counter-caption:has-text('{called}')")
    page.wait_for_timeout(800)
    page.keyboard.press("Control+F12")
    page.wait_for_selector("#ask-transfer:popover-open")
    picture(page, f"transfer-{language}")
    page.keyboard.press("1")
    page.wait_for_selector(f".counter-caption:has-text('{nothing}')")
    page.keyboard.press("F1")
    page.wait_for_selector("#counter-keys:popover-open")
    picture(page, f"keys-{language}")
    page.keyboard.press("Escape")
    assert len([each for each in tickets if hall.ticket(each["id"]).service_id != hall.service_id("P")]) <= 1
    assert said == []
    context.close()


def test_time_goes_on_while_nothing_happens(hall: SampleOffice, browser: Browser, address: str) -> None:
    tickets = [hall.walk_in("P") for _ in range(2)]
    context = browser.new_context(locale="en", viewport={"width": 1440, "height": 800})
    page = sit_down(hall, context, address, "en", Role.CLERK)
    page.wait_for_timeout(800)
    page.keyboard.press("F8")
    shows(page, tickets[0]["number"], "Ticket called")
    # Looked at before the time passes, so that the page knows all that happened, and asks only for what is new.
    for _ in range(3):
        with page.expect_response(lambda answer: "seen=" in answer.url and answer.status == 204):
            pass
    assert int(page.inner_text(".counter-time").split(":")[1]) >= 4, "seconds pass between two answers"
    assert page.locator(".counter-late").count() == 0
    hall.clock.advance(minutes=40)
    page.wait_for_selector(".counter-late")
    context.close()


def test_one_press_too_many_does_nothing(hall: SampleOffice, browser: Browser, address: str) -> None:
    tickets = [hall.walk_in("P") for _ in range(3)]
    context = browser.new_context(viewport={"width": 1024, "height": 800})
    page = sit_down(hall, context, address, "en", Role.CLERK)
    page.wait_for_timeout(800)
    page.keyboard.press("F8")
    page.keyboard.press("F8")
    page.dblclick("#main", force=True)
    page.wait_for_selector(".counter-caption:has-text('Ticket called')")
    page.wait_for_timeout(1000)
    assert [hall.ticket(each["id"]).status for each in tickets] == ["called", "waiting", "waiting"]
    page.keyboard.press("F8")
    page.wait_for_selector(".counter-caption:has-text('Ticket being served')")
    assert hall.ticket(tickets[0]["id"]).status == "serving", "a control: a press in its time counts"
    context.close()


def test_what_is_typed_and_ticked_outlives_what_happens_in_the_hall(
    hall: SampleOffice, browser: Browser, address: str
) -> None:
    booked = hall.book("P", "10:15")
    hall.kiosk.post("/check-ins", {"code": booked["code"]})
    context = browser.new_context(viewport={"width": 1024, "height": 800})
    page = sit_down(hall, context, address, "en", Role.CLERK)
    page.wait_for_timeout(800)
    page.keyboard.press("F8")
    page.wait_for_selector(".counter-checks [type=checkbox]")
    page.check(".counter-checks [type=checkbox]")
    page.keyboard.press("F7")
    page.keyboard.type("12 34")
    hall.walk_in("P")
    page.wait_for_selector(".counter-rows li")
    assert page.input_value(".counter-verify .counter-input") == "12 34"
    assert page.is_checked(".counter-checks [type=checkbox]")
    assert page.evaluate("document.activeElement.name") == "code"
    page.reload()
    page.wait_for_selector("body.js-enabled")
    assert page.is_checked(".counter-checks [type=checkbox]")
    page.uncheck(".counter-checks [type=checkbox]")
    page.wait_for_function("() => !document.querySelector('.counter-checks [name=checked]').defaultChecked")
    (row,) = [each for each in hall.rows(Ticket) if each.status == "called"]
    assert row.checked == []
    context.close()


@pytest.mark.parametrize("language", ["pl", "en"])
def test_what_was_missing_is_picked_by_digits_and_enter_finishes(
    hall: SampleOffice, browser: Browser, address: str, language: str
) -> None:
    hall.set_policy("P", checklist=["identity", "confirmation", "payment", "photograph"])
    called, serving, nothing, _nobody = WORDS[language]
    ticket = hall.walk_in("P")
    context = browser.new_context(locale=language, viewport={"width": 1024, "height": 800})
    page = sit_down(hall, context, address, language, Role.CLERK)
    page.wait_for_timeout(800)
    page.keyboard.press("F8")
    shows(page, ticket["number"], called)
    page.keyboard.press("F8")
    shows(page, ticket["number"], serving)
    looked_at(page, f"checklist-{language}")
    page.check(".counter-checks li:nth-child(3) input")
    page.wait_for_selector(
        "#ask-missing-without_documents input[value=photograph][checked]", state="attached"
    )
    page.keyboard.press("F10")
    page.wait_for_selector("#ask-outcome:popover-open")
    page.keyboard.press("2")
    page.wait_for_selector("#ask-missing-without_documents:popover-open")
    assert complaints(page) == []
    looked_at(page, f"missing-{language}")
    own = "#ask-missing-without_documents :checked"
    picked = f"[...document.querySelectorAll('{own}')].map((each) => each.value).join()"
    assert page.evaluate(picked) == "identity,confirmation,photograph", "all but what was ticked"
    page.keyboard.press("2")
    page.keyboard.press("Escape")
    page.wait_for_selector("#ask-missing-without_documents", state="hidden")
    page.keyboard.press("2")
    page.wait_for_selector("#ask-missing-without_documents:popover-open")
    assert page.evaluate(picked) == "identity,confirmation,photograph", "a question that was left begins anew"
    page.keyboard.press("1")
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    page.wait_for_selector(f".counter-caption:has-text('{nothing}')")
    row = hall.ticket(ticket["id"])
    assert (row.outcome, row.missing) == ("without_documents", ["photograph"])
    context.close()


def test_a_lost_line_is_said_and_no_button_does_anything(
    hall: SampleOffice, browser: Browser, address: str
) -> None:
    ticket = hall.walk_in("P")
    context = browser.new_context(viewport={"width": 1024, "height": 800})
    page = sit_down(hall, context, address, "en", Role.CLERK)
    context.set_offline(True)
    page.wait_for_selector("#counter-away:visible")
    assert page.inner_text("#counter-link") == "no connection"
    picture(page, "away")
    page.keyboard.press("F8")
    context.set_offline(False)
    page.wait_for_selector("#counter-away", state="hidden")
    assert hall.ticket(ticket["id"]).status == "waiting"
    page.keyboard.press("F8")
    page.wait_for_selector(".counter-caption:has-text('Ticket called')")
    context.close()


def test_the_strip_above_all_windows_has_the_button_and_the_keys(
    hall: SampleOffice, browser: Browser, address: str
) -> None:
    ticket = hall.walk_in("P")
    context = browser.new_context(viewport={"width": 1024, "height": 800})
    page = sit_down(hall, context, address, "en", Role.CLERK)
    assert page.evaluate("'documentPictureInPicture' in window")
    page.click("#counter-strip")
    page.wait_for_function("() => documentPictureInPicture.window?.document.querySelector('.counter-main')")
    page.wait_for_timeout(800)
    page.evaluate("documentPictureInPicture.window.document.querySelector('.counter-main').click()")
    shown = "() => documentPictureInPicture.window.document.body.textContent.includes"
    page.wait_for_function(f"{shown}('{ticket['number']}')")
    page.wait_for_timeout(800)
    page.evaluate(
        """documentPictureInPicture.window.document.body.dispatchEvent(
        new KeyboardEvent('keydown', {key: 'F8', bubbles: true, cancelable: true}))"""
    )
    page.wait_for_selector(".counter-caption:has-text('Ticket being served')")
    page.evaluate("documentPictureInPicture.window.close()")
    page.wait_for_function("() => documentPictureInPicture.window === null")
    assert hall.ticket(ticket["id"]).status == "serving"
    context.close()


def test_the_strip_shows_the_ticket_and_its_button_works(
    hall: SampleOffice, browser: Browser, address: str
) -> None:
    ticket = hall.walk_in("P")
    context = browser.new_context(viewport={"width": 1024, "height": 800})
    page = sit_down(hall, context, address, "en", Role.CLERK)
    page.evaluate("delete window.documentPictureInPicture")
    with context.expect_page() as opened:
        page.click("#counter-strip")
    strip = opened.value
    strip.set_default_timeout(PATIENCE)
    strip.set_viewport_size({"width": 560, "height": 120})
    strip.wait_for_selector("#bar-main")
    assert complaints(strip) == []
    strip.wait_for_timeout(800)
    strip.keyboard.press("F8")
    strip.wait_for_selector(f"#bar-number:has-text('{ticket['number']}')")
    assert too_wide(strip) <= 0
    picture(strip, "strip")
    strip.close()
    page.wait_for_selector(f"#counter-number:has-text('{ticket['number']}')")
    context.close()


def test_help_and_messages_by_their_keys(hall: SampleOffice, browser: Browser, address: str) -> None:
    context = browser.new_context(locale="en", viewport={"width": 1024, "height": 800})
    page = sit_down(hall, context, address, "en", Role.CLERK)
    eight = hall.clerk(8)
    page.keyboard.press("Control+F8")
    page.wait_for_selector(".counter-attention__line:has-text('You have called for help.')")
    eight.post("/counters/7/help/accept")
    page.wait_for_selector(".counter-attention__line:has-text('is coming to help you')")
    looked_at(page, "help")
    page.wait_for_timeout(800)
    page.keyboard.press("Control+F8")
    page.wait_for_selector(".counter-attention", state="detached")
    branch = hall.runtime.context().office.branch_named("wroclaw")
    assert branch is not None
    by, now = Supervisor(People(hall).add(Role.SUPERVISOR), branch), hall.runtime.context()
    hall.store.write(lambda session: steering.tell(session, now, by, 7, "Open <L>, please"))
    eight.post("/counters/8/help")
    page.wait_for_selector(".counter-attention__line:has-text('Counter 8 calls for help')")
    page.wait_for_selector(".counter-attention__line:has-text('Open <L>, please')")
    looked_at(page, "attention")
    page.keyboard.press("Control+F7")
    page.wait_for_selector(".counter-attention__line:has-text('is coming')")
    page.wait_for_timeout(800)
    page.keyboard.press("Control+F7")
    page.wait_for_selector(".counter-attention__line:has-text('Open')", state="detached")
    assert eight.get("/counters/8").get_json()["help"][0]["accepted_by"] is not None
    context.close()


def test_two_tabs_of_one_counter_call_one_visitor(hall: SampleOffice, browser: Browser, address: str) -> None:
    tickets = [hall.walk_in("P") for _ in range(3)]
    context = browser.new_context(locale="en", viewport={"width": 1024, "height": 800})
    first = sit_down(hall, context, address, "en", Role.CLERK)
    second = context.new_page()
    second.set_default_timeout(PATIENCE)
    open_page(second, f"{address}{COUNTER}")
    for page in (first, second):
        page.wait_for_timeout(800)
        page.evaluate("document.getElementById('main').click()")
    second.evaluate("document.getElementById('main').click()")
    for page in (first, second):
        shows(page, tickets[0]["number"], "Ticket called")
    assert [hall.ticket(each["id"]).status for each in tickets] == ["called", "waiting", "waiting"]
    second.keyboard.press("F8")
    for page in (second, first):
        shows(page, tickets[0]["number"], "Ticket being served")
    context.close()


def test_a_session_that_ends_elsewhere_leads_to_the_sign_in(
    hall: SampleOffice, browser: Browser, address: str
) -> None:
    ticket = hall.walk_in("P")
    context = browser.new_context(locale="en", viewport={"width": 1024, "height": 800})
    page = sit_down(hall, context, address, "en", Role.CLERK)
    page.wait_for_timeout(800)
    page.keyboard.press("F8")
    shows(page, ticket["number"], "Ticket called")
    hall.store.write(lambda session: session.execute(update(ClerkSession).values(ended_at=hall.clock.now())))
    page.wait_for_selector("#login")
    page.wait_for_selector("text=Your session has ended. Sign in again – your tickets are waiting.")
    page.fill("#login", "ewa-en-clerk")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#desk")
    assert page.inner_text("#counter-number") == ticket["number"]
    context.close()


def test_a_server_that_answers_late_calls_one_visitor(
    hall: SampleOffice, browser: Browser, address: str
) -> None:
    tickets = [hall.walk_in("P") for _ in range(2)]
    context = browser.new_context(locale="en", viewport={"width": 1024, "height": 800})
    page = sit_down(hall, context, address, "en", Role.CLERK)
    page.wait_for_timeout(800)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)
        if len(held) > 1:
            route.continue_()

    page.route("**/counter/act", hold)
    page.route("**/counter/live**", lambda route: route.abort())
    page.keyboard.press("F8")
    page.wait_for_selector("#counter-away:visible")
    for _ in range(3):
        page.keyboard.press("F8")
        page.wait_for_timeout(300)
    assert len(held) == 1, "no key does anything until the answer"
    page.unroute("**/counter/live**")
    page.wait_for_selector("#counter-lost:visible")
    page.wait_for_selector("#counter-away", state="hidden")
    page.wait_for_timeout(2500)
    assert page.is_visible("#counter-lost"), "looking anew does not take the warning away"
    page.keyboard.press("F8")
    shows(page, tickets[0]["number"], "Ticket called")
    assert page.is_hidden("#counter-lost")
    page.wait_for_selector("#counter-away", state="hidden")
    assert [hall.ticket(each["id"]).status for each in tickets] == ["called", "waiting"]
    context.close()
