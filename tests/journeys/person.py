"""Somebody at a browser: reads, clicks and types, opens their letters, and books on the web step by step."""

from __future__ import annotations

import email
import re
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

from deploy.demo.offscreen.waiting import until
from tests.journeys.conftest import Hall, MovedClock
from tests.server.portal.chromium import complaints, too_wide

PASSWORD = "seven green bicycles"
_LOOKS, _PAUSE_MS = 60, 500
_CODE = r"\b\d{3} ?\d{3}\b"


class Person:
    """Somebody at a browser: reads, clicks and types, and opens their letters."""

    def __init__(self, hall: Hall, clock: MovedClock, context: BrowserContext, language: str) -> None:
        self.hall, self.clock, self.context = hall, clock, context
        self.language = language
        self.page: Page = context.new_page()
        self.has_scripts = False
        self.address = ""
        self._read: set[Path] = set()

    def open(self, path: str) -> None:
        """Type an address, without the language in front of it."""
        self.page.goto(f"{self.hall.base_url}/{self.language}{path}")

    def press(self, button: str) -> None:
        """Click the first link or button of the content that a selector finds."""
        with self.page.expect_navigation():
            self.page.locator(f"main {button}").first.click()

    def follow(self, ending: str) -> None:
        """Click the first link in the content whose address ends so."""
        self.press(f"a[href$='{ending}']")

    def send(self, **typed: str) -> None:
        """Fill in the form at a person's pace and send it by its button."""
        for name, value in typed.items():
            self.page.locator(f"main [name='{name}']").first.fill(value)
        self.clock.advance(seconds=12)
        if self.has_scripts and self.page.locator("altcha-widget").count():
            self.page.wait_for_selector("input[name=altcha][value]", state="attached", timeout=30_000)
        self.press("form button.govuk-button:not(.govuk-button--secondary)")

    def words(self, part: str) -> str:
        """Return what a part of the content says."""
        return self.page.locator(f"main {part}").first.inner_text()

    def until_shown(self, path: str, part: str) -> None:
        """Open a page again and again until its content has a part."""
        for _ in range(_LOOKS):
            self.open(path)
            if self.page.locator(f"main {part}").count():
                return
            self.page.wait_for_timeout(_PAUSE_MS)
        raise AssertionError(f"{path} did not come to show {part}")

    def download(self, ending: str) -> bytes:
        """Get the file behind the first link whose address ends so."""
        link = self.page.locator(f"main a[href$='{ending}']").first
        answer = self.context.request.get(link.evaluate("link => link.href"))
        assert answer.status == 200
        return answer.body()

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
                if self.address in str(message["To"]) and re.search(holding, text_of(message)):
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
    return str(body.get_content()) if body else ""


def make_account(person: Person) -> None:
    """From the start page to a log-in with a confirmed address."""
    person.open("/")
    person.look_closely()
    person.open("/account/new")
    confirm_account(person)
    person.open("/log-in")
    log_in(person)


def confirm_account(person: Person) -> None:
    """From the form of a new account to the page that says that its address is confirmed."""
    person.page.locator("main [name=terms]").check()
    person.send(email=person.address, password=PASSWORD)
    link = re.search(r"http://\S+/account/confirm/\S+", text_of(person.letter("/account/confirm/")))
    assert link is not None
    person.page.goto(link[0])
    person.send()


def log_in(person: Person) -> None:
    """Fill in the form of the log-in."""
    person.send(email=person.address, password=PASSWORD)


def choose_an_hour(person: Person, service: str, day: str) -> str:
    """From the start page by its links to the first free hour of a day; return the hour as the form has it."""
    person.open("/")
    for ending in ("/book", "/book/wroclaw", f"/book/wroclaw/{service}", f"/book/wroclaw/{service}/{day}"):
        person.follow(ending)
        person.look_closely()
    first = person.page.locator("main input[name=hour]").first
    first.check()
    chosen = str(first.get_attribute("value"))
    person.send()
    return chosen


def fill_in(person: Person, number: int, stay_until: tuple[str, str, str] = ("1", "6", "2027")) -> None:
    """Answer all that is asked, up to the check of the answers."""
    year, month, day = person.page.locator("main input[name=birth_date]").all()[::-1]
    for field, value in ((day, "3"), (month, "4"), (year, "1988")):
        field.fill(value)
    person.look_closely()
    person.send(
        given_names="Олена",
        surname=f"Коваленко {'абвгдежзиклмнопр'[number] * 3}",
        document=f"FA10020{number:02}",
    )
    while "/check" not in person.page.url:
        person.look_closely()
        stay = person.page.locator("main input[name=legal_stay_until]").all()
        if stay:
            person.page.locator("main input[name=legal_stay][value=until]").check()
        for field, value in zip(stay, stay_until, strict=False):
            field.fill(value)
        person.send()
    person.look_closely()


def activate(person: Person) -> None:
    """Type the code from the letter."""
    code = re.search(_CODE, text_of(person.letter(_CODE)))
    assert code is not None
    person.look_closely()
    person.send(code=code[0])
    person.look_closely()
