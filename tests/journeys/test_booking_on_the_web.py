"""A person books on the web, in each language, with scripts or not, and takes a ticket with the printed QR."""

from __future__ import annotations

import email
import re
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page
from PySide6.QtWidgets import QApplication

from deploy.demo.offscreen.waiting import until
from kiosk.visit.screens import SlipState, TicketShown
from server.texts import LANGUAGES
from tests.journeys.conftest import Hall, MovedClock
from tests.server.portal.chromium import chromium, complaints, too_wide

_PASSWORD = "seven green bicycles"
_BEGAN = datetime.fromisoformat("2027-05-12T10:00:00+02:00")
_PHONE, _DESK = {"width": 320, "height": 800}, {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> MovedClock:
    """Give a clock that stands at ten in the morning."""
    clock = MovedClock(tmp_path_factory.mktemp("clock") / "clock")
    clock.is_now(_BEGAN)
    return clock


@pytest.fixture(scope="module")
def hall(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory, clock: MovedClock) -> Iterator[Hall]:
    """Give a hall whose office can be booked on the web."""
    stage = Hall(tmp_path_factory.mktemp("hall"), clock.file)
    yield stage
    stage.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a browser."""
    with chromium() as started:
        yield started


class Person:
    """Somebody at a browser: reads, clicks and types, and opens their letters."""

    def __init__(self, hall: Hall, clock: MovedClock, context: BrowserContext, language: str) -> None:
        self.hall, self.clock, self.context = hall, clock, context
        self.language = language
        self.page: Page = context.new_page()
        self.has_scripts = False
        self.address = ""
        self._now = _BEGAN
        self._read: set[Path] = set()

    def wait(self, seconds: int) -> None:
        """Let time pass at the office."""
        self._now += timedelta(seconds=seconds)
        self.clock.is_now(self._now)

    def open(self, path: str) -> None:
        """Type an address."""
        self.page.goto(self.hall.base_url + path)

    def follow(self, ending: str) -> None:
        """Click the first link in the content whose address ends so."""
        with self.page.expect_navigation():
            self.page.locator(f"main a[href$='{ending}']").first.click()

    def send(self, **typed: str) -> None:
        """Fill in the form at a person's pace and send it by its button."""
        for name, value in typed.items():
            self.page.locator(f"main [name='{name}']").first.fill(value)
        self.wait(12)
        if self.has_scripts and self.page.locator("altcha-widget").count():
            self.page.wait_for_selector("input[name=altcha][value]", state="attached", timeout=30_000)
        with self.page.expect_navigation():
            self.page.locator("main form button.govuk-button:not(.govuk-button--secondary)").first.click()

    def letter(self, holding: str) -> EmailMessage:
        """Wait for the next letter to this person that holds some words."""
        found: list[EmailMessage] = []

        def look() -> bool:
            if found:
                return True
            for file in sorted((self.hall.folder.root / "mail").glob("*.eml")):
                if file in self._read:
                    continue
                message = email.message_from_bytes(file.read_bytes(), policy=default)
                body = message.get_body(("plain",))
                text = body.get_content() if body else ""
                if self.address in str(message["To"]) and re.search(holding, text):
                    self._read.add(file)
                    found.append(message)
                    return True
            return False

        until(look, f"a letter with {holding}", 30)
        return found[0]

    def look_closely(self) -> None:
        """Have the page checked for barriers, and for fitting a small phone."""
        assert too_wide(self.page) <= 0, self.page.url
        if self.has_scripts:
            assert complaints(self.page) == [], self.page.url


def text_of(letter: EmailMessage) -> str:
    """Return a letter's words."""
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def make_account(person: Person) -> None:
    """From the start page to a log-in with a confirmed address."""
    person.open(f"/{person.language}/")
    person.look_closely()
    person.follow("/account/new") if person.page.locator(
        "main a[href$='/account/new']"
    ).count() else person.open(f"/{person.language}/account/new")
    person.page.locator("main [name=terms]").check()
    person.send(email=person.address, password=_PASSWORD)
    link = re.search(r"http://\S+/account/confirm/\S+", text_of(person.letter("/account/confirm/")))
    assert link is not None
    person.page.goto(link[0])
    person.send()
    person.open(f"/{person.language}/log-in")
    person.send(email=person.address, password=_PASSWORD)


def choose_an_hour(person: Person) -> None:
    """From the start page by its links to the first free hour of today."""
    person.open(f"/{person.language}/")
    for ending in ("/book", "/book/wroclaw", "/book/wroclaw/L", "/book/wroclaw/L/2027-05-12"):
        person.follow(ending)
        person.look_closely()
    person.page.locator("main input[name=hour]").first.check()
    person.send()


def fill_in(person: Person, number: int) -> None:
    """Answer all that is asked and check it."""
    year, month, day = person.page.locator("main input[name=birth_date]").all()[::-1]
    for field, value in ((day, "3"), (month, "4"), (year, "1988")):
        field.fill(value)
    person.look_closely()
    person.send(
        given_names="Олена", surname=f"Коваленко {'абвгдежз'[number] * 3}", document=f"FA10020{number}"
    )
    while "/check" not in person.page.url:
        person.look_closely()
        stay = person.page.locator("main input[name=legal_stay_until]").all()
        if stay:
            person.page.locator("main input[name=legal_stay][value=until]").check()
        for field, value in zip(stay, ("1", "6", "2027"), strict=False):
            field.fill(value)
        person.send()
    person.look_closely()
    person.send()


def activate(person: Person) -> None:
    """Type the code from the letter."""
    code = re.search(r"\b(\d{3} ?\d{3})\b", text_of(person.letter(r"\b\d{3} ?\d{3}\b")))
    assert code is not None
    person.look_closely()
    person.send(code=code[1])
    person.look_closely()


def printed(person: Person, folder: Path) -> Image.Image:
    """Download the PDF of the confirmation and print it, coarsely."""
    answer = person.context.request.get(
        person.page.locator("main a[href$='confirmation.pdf']").first.evaluate("link => link.href")
    )
    assert answer.status == 200
    (folder / "confirmation.pdf").write_bytes(answer.body())
    subprocess.run(
        ["pdftoppm", "-r", "110", "-png", "-singlefile", folder / "confirmation.pdf", folder / "page"],
        check=True,
    )
    return Image.open(folder / "page.png")


@pytest.mark.timeout(240)
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_from_the_start_page_to_the_slip(
    hall: Hall, clock: MovedClock, browser: Browser, tmp_path: Path, language: str, scripts: bool
) -> None:
    number = LANGUAGES.index(language) + 4 * scripts
    context = browser.new_context(viewport=_PHONE if number % 2 else _DESK, java_script_enabled=scripts)
    person = Person(hall, clock, context, language)
    person.has_scripts, person.address = scripts, f"person{number}@example.org"
    clock.is_now(_BEGAN)
    make_account(person)
    choose_an_hour(person)
    fill_in(person, number)
    activate(person)
    sheet = printed(person, tmp_path)
    context.close()
    (read,) = zxingcpp.read_barcodes(sheet)
    assert read.text.startswith("NQ1:")
    hall.ready_kiosk()
    before = len(hall.printer.machine.slips)
    hall.kiosk.camera.hold_up(around_the_code(sheet, read))
    hall.kiosk.until_shows(TicketShown)
    hall.kiosk.camera.take_away()
    assert hall.ticket().service.code == "L"
    until(lambda: hall.slip_is(SlipState.PRINTED), "the slip printed")
    assert len(hall.printer.machine.wait_for_slips(before + 1, 5)) == before + 1


def around_the_code(sheet: Image.Image, read: zxingcpp.Barcode) -> Image.Image:
    """Cut out what a camera sees of a sheet that is held before it."""
    corner, opposite = read.position.top_left, read.position.bottom_right
    x, y = (corner.x + opposite.x) // 2, (corner.y + opposite.y) // 2
    return sheet.convert("L").crop((x - 320, y - 240, x + 320, y + 240))
