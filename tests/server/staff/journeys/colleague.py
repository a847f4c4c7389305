"""A colleague in Chromium: presses what is written on the page in their language, and has each page looked at."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pyotp
from babel.messages.catalog import Catalog
from playwright.sync_api import Browser, Locator, Page

from deploy.texts.collecting import read_po
from server.texts import STAFF
from tests.server.movable_clock import MovableClock
from tests.server.portal.chromium import complaints, too_wide

PASSWORD = "zielone rowery jadą nad rzekę"
PATIENCE_MS = 20_000
_LOCALES = {"pl": "pl-PL", "en": "en-GB"}


@cache
def _catalogue() -> Catalog:
    return read_po("pl", STAFF)


def said(language: str, sentence: str) -> str:
    """Return a sentence of the pages as they say it in a language."""
    if language == "en":
        return sentence
    found = _catalogue().get(sentence)
    assert found is not None, sentence
    assert isinstance(found.string, str), sentence
    return found.string


class Colleague:
    """Somebody of the staff at a browser of their own."""

    def __init__(self, browser: Browser, address: str, clock: MovableClock, language: str) -> None:
        self.address, self.clock, self.language = address, clock, language
        self.secret = self.login = ""
        self.wrong: list[str] = []
        self.context = browser.new_context(locale=_LOCALES[language], viewport={"width": 1440, "height": 900})
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("console", self._note)

    def say(self, sentence: str, **facts: Any) -> str:
        """Return what the pages say to this colleague."""
        text = said(self.language, sentence)
        return text % facts if facts else text

    def open(self, path: str) -> None:
        """Type an address; the page that comes is looked at."""
        self.page.goto(path if "://" in path else self.address + path)
        self.look()

    def press(self, sentence: str, within: str = "main") -> None:
        """Press the button or link with these words, and look at the page behind it."""
        with self.page.expect_navigation():
            self.find(sentence, within).click()
        self.look()

    def find(self, sentence: str, within: str = "main") -> Locator:
        """Find the first button or link with these words; it may tell blind readers for which counter it is."""
        words = re.compile(rf"^\s*{re.escape(self.say(sentence))}(\s+\d+)?\s*$")
        return (
            self.page.locator(f"{within} button, {within} a, {within} summary").filter(has_text=words).first
        )

    def fill(self, **typed: str) -> None:
        """Type into fields by their names, `__` standing for a dot."""
        for name, text in typed.items():
            self.page.fill(f"main [name='{name.replace('__', '.')}']", text)

    def send(self, sentence: str, **typed: str) -> None:
        """Fill in a form and send it by the button with these words."""
        self.fill(**typed)
        self.press(sentence)

    def reads(self, words: str) -> None:
        """Wait until the page says these words."""
        self.page.get_by_text(words).first.wait_for()

    def until(self, seen: Callable[[], bool], what: str) -> None:
        """Wait for what a live page shows."""
        for _ in range(PATIENCE_MS // 50):
            if seen():
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"{what}: not seen; the page says: {self.page.inner_text('main')[:400]}")

    def look(self) -> None:
        """Look at the page of now: its language, its title, its width, and what bars anybody's way."""
        page, at = self.page, self.page.url.removeprefix(self.address).partition("?")[0]
        page.wait_for_selector("body.js-enabled")
        if page.evaluate("document.documentElement.lang") != self.language:
            self.wrong.append(f"{at}: not in {self.language}")
        if not page.title().strip(" –"):
            self.wrong.append(f"{at}: no title")
        if (wide := too_wide(page)) > 0:
            self.wrong.append(f"{at}: {wide} px too wide")
        self.wrong += [f"{at}: {each}" for each in complaints(page)]

    def shows_second_factor(self) -> None:
        """Set an authenticator app up, as the page asks for it."""
        self.secret = (self.page.text_content("main code") or "").replace(" ", "")
        self.send("Continue", code=pyotp.TOTP(self.secret).at(self.clock.now()))

    def chooses_password(self, address: str, *, second_factor: bool) -> None:
        """Open the one-time address that was handed over, and come in."""
        self.open(address)
        self.send("Continue", password=PASSWORD)
        if second_factor:
            self.shows_second_factor()

    def may_not_open(self, *paths: str) -> None:
        """Try addresses that are nothing for this colleague."""
        for path in paths:
            answer = self.page.goto(self.address + path)
            assert answer is not None
            assert answer.status == 403, path

    def ways(self) -> list[str]:
        """List the ways in the head of the page."""
        return [each.split("\n")[0].strip() for each in self.page.locator(".staff-ways a").all_inner_texts()]

    def leave(self) -> None:
        """Close the browser; nothing may have been wrong on the way."""
        self.context.close()
        assert self.wrong == []

    def _note(self, message: Any) -> None:
        if message.type == "error" and "403" not in message.text:
            self.wrong.append(f"{self.page.url}: {message.text}")
