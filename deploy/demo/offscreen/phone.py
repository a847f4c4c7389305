"""A visitor's phone: Debian's Chromium at the booking pages, and the letters that come to it."""

from __future__ import annotations

import email
import importlib.util
import re
import shutil
import time
from email.policy import default
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.demo.folder import DemoFolder
from deploy.demo.offscreen.waiting import NotSeen

if TYPE_CHECKING:
    from playwright.sync_api import Page

NARROW, WIDE = (390, 844), (1280, 900)
READING_SECONDS = 3.2
"""A form that is answered in less wants a puzzle first, as robots do."""
_BROWSER = "chromium"
_FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
_LETTER_SECONDS = 30.0
_SOLVED = "input[name=altcha][value]"
_SEND = "main form button.govuk-button:not(.govuk-button--secondary)"


def has_browser() -> bool:
    """Tell whether this machine has Chromium and the library that drives it; the demo itself needs neither."""
    return bool(shutil.which(_BROWSER) and importlib.util.find_spec("playwright"))


def browser_errors() -> tuple[type[Exception], ...]:
    """List what the browser's driver raises, where there is one."""
    if not has_browser():
        return ()
    from playwright.sync_api import Error

    return (Error,)


class Phone:
    """A browser with one page, and the mailbox of its owner."""

    def __init__(self, base_url: str, folder: DemoFolder) -> None:
        """Start the browser."""
        from playwright.sync_api import sync_playwright

        self._base_url, self._folder = base_url, folder
        self._driver = sync_playwright().start()
        self._browser = self._driver.chromium.launch(
            executable_path=shutil.which(_BROWSER), args=list(_FLAGS)
        )
        self._shown_at = 0.0
        self.page = self._browser.new_page()
        self.hold(NARROW)

    def hold(self, size: tuple[int, int]) -> None:
        """Let the window have this size from now on."""
        self.page.set_viewport_size({"width": size[0], "height": size[1]})

    def open(self, address: str) -> Page:
        """Go to an address, by its path or whole; return the page."""
        self.page.goto(address if "://" in address else self._base_url + address)
        self._shown_at = time.monotonic()
        return self.page

    def follow(self, ending: str) -> None:
        """Touch the first link of the content whose address ends so."""
        with self.page.expect_navigation():
            self.page.locator(f"main a[href$='{ending}']").first.click()
        self._shown_at = time.monotonic()

    def fill(self, **typed: str) -> None:
        """Type into the fields with these names."""
        for name, text in typed.items():
            self.page.locator(f"main input[name={name}]").fill(text)

    def fill_date(self, name: str, *typed: str) -> None:
        """Type day, month and year."""
        for field, text in zip(self.page.locator(f"main input[name={name}]").all(), typed, strict=True):
            field.fill(text)

    def send(self) -> None:
        """Send the form by its button, once there was time to read it and its puzzle is solved."""
        time.sleep(max(0.0, self._shown_at + READING_SECONDS - time.monotonic()))
        if self.page.locator("altcha-widget").count():
            self.page.wait_for_selector(_SOLVED, state="attached")
        with self.page.expect_navigation():
            self.page.locator(_SEND).first.click()
        self._shown_at = time.monotonic()

    def must_be_at(self, ending: str) -> None:
        """Raise NotSeen with what the page says, unless its address ends so."""
        if not self.page.url.endswith(ending):
            raise NotSeen(f"the page {ending}, not {self.page.url}: {self.page.title()}")

    def letter(self, address: str, pattern: str) -> str:
        """Wait for a letter to this address in which a pattern is found; return the pattern's first group."""
        deadline = time.monotonic() + _LETTER_SECONDS
        # No window of the hall is open yet, so there are no events of Qt to run meanwhile.
        while time.monotonic() < deadline:
            for file in self._folder.mail.glob("*.eml"):
                if found := _found(file, address, pattern):
                    return found
            self.page.wait_for_timeout(100)
        raise NotSeen(f"a letter to {address}: not seen within {_LETTER_SECONDS:.0f} s")

    def stop(self) -> None:
        """End the browser."""
        self._browser.close()
        self._driver.stop()


def _found(file: Path, address: str, pattern: str) -> str:
    letter = email.message_from_bytes(file.read_bytes(), policy=default)
    body = letter.get_body(("plain",))
    found = re.search(pattern, str(body.get_content())) if body and address in str(letter["To"]) else None
    return found[1] if found else ""
