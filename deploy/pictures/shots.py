"""Which pictures there are, of whose pages, and how each is taken."""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, StorageState, sync_playwright

from deploy.pictures.day import Day, lived_day
from deploy.pictures.looks import LOOK, written

LANGUAGES = {"en": "English", "pl": "Polski"}
_LOCALES = {"en": "en-GB", "pl": "pl-PL"}
AT = "/staff/at/wroclaw"
COUNTER = 7
_SIZE = (1440, 900)
_TALLEST = 1100
_COLOURS = 64
_PATIENCE_MS = 20_000
_FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture: whose page, at which address, and what is done there before it is taken."""

    name: str
    login: str
    address: str
    then: Callable[[Page], None] | None = None


def _unfold(which: str) -> Callable[[Page], None]:
    return lambda page: page.locator(which).click()


def _with_what_comes(page: Page) -> None:
    """Wait for what is worked out beside the server: the page asks for it by itself."""
    page.wait_for_selector(".hall-day__band:visible")


def _try_rules(page: Page) -> None:
    page.fill("[name=maximum_wait_minutes]", "25")
    page.locator("main form.rules-form button").first.click()
    page.wait_for_load_state()


def _first_in_list(page: Page) -> None:
    page.locator("main tbody th a").first.click()
    page.wait_for_load_state()


def _keys(page: Page) -> None:
    page.keyboard.press("F1")
    page.wait_for_selector("#counter-keys:popover-open")


_ADMINISTRATOR, _MANAGER, _CLERK = "administrator", "kierownik", f"counter {COUNTER}"
SHOTS = (
    Shot("sign-in", "", "/staff/sign-in"),
    Shot("office", _ADMINISTRATOR, "/staff/office"),
    Shot("people", _ADMINISTRATOR, f"{AT}/users"),
    Shot("new-colleague", _ADMINISTRATOR, f"{AT}/users/new"),
    Shot("colleague", _ADMINISTRATOR, f"{AT}/users", _first_in_list),
    Shot("devices", _ADMINISTRATOR, f"{AT}/devices"),
    Shot("own-page", _ADMINISTRATOR, "/staff/me"),
    Shot("people-log", _ADMINISTRATOR, "/staff/office/people-log"),
    Shot("hall", _MANAGER, f"{AT}/hall", _with_what_comes),
    Shot("counter-menu", _MANAGER, f"{AT}/hall", _unfold("#counter-3-menu summary")),
    Shot("line", _MANAGER, f"{AT}/hall/A/services/P"),
    Shot("settings", _MANAGER, f"{AT}/settings"),
    Shot("settings-group", _MANAGER, f"{AT}/settings/arrival"),
    Shot("calendar", _MANAGER, f"{AT}/settings/calendar"),
    Shot("rules", _MANAGER, f"{AT}/rules", _try_rules),
    Shot("close-day", _MANAGER, f"{AT}/reservations/close?day=2026-11-27"),
    Shot("reservations", _CLERK, f"{AT}/reservations"),
    Shot("reservation", _CLERK, f"{AT}/verification", _first_in_list),
    Shot("book", _CLERK, f"{AT}/reservations/new?service=P"),
    Shot("verification", _CLERK, f"{AT}/verification"),
    Shot("counter", _CLERK, f"{AT}/counter"),
    Shot("keys", _CLERK, f"{AT}/counter", _keys),
)


def take_all(folder: Path) -> None:
    """Take every picture in both languages, each with what the page shows beside it."""
    for language in LANGUAGES:
        (folder / language).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, lived_day(Path(scratch)) as day, _chromium() as browser:
        for login in dict.fromkeys(shot.login for shot in SHOTS):
            _take_those_of(login, day, browser, folder)


def _take_those_of(login: str, day: Day, browser: Browser, folder: Path) -> None:
    if not login:
        for language in LANGUAGES:
            with _window(browser, day, language) as page:
                _take(page, day, login, folder / language)
        return
    with _window(browser, day, "en") as page:
        if login == _CLERK:
            cookie = {"name": "numerek-counter", "value": day.tokens[COUNTER], "path": "/staff"}
            page.context.add_cookies([cookie | {"domain": "127.0.0.1"}])  # type: ignore[list-item]
            _sign_in(page, day, day.clerk_of(COUNTER))
            _sit_down(page, day)
        else:
            _sign_in(page, day, login)
        cookies = page.context.storage_state()
    for language, own_name in LANGUAGES.items():
        with _window(browser, day, language, cookies) as page:
            page.goto(f"{day.base_url}/staff/me")
            if page.evaluate("document.documentElement.lang") != language:
                page.get_by_role("button", name=own_name).click()
                page.wait_for_load_state()
            _take(page, day, login, folder / language)


def _take(page: Page, day: Day, login: str, folder: Path) -> None:
    for shot in SHOTS:
        if shot.login == login:
            page.goto(day.base_url + shot.address)
            page.wait_for_selector("body.js-enabled")
            if shot.then:
                shot.then(page)
            page.mouse.move(0, 0)
            look = written(page.evaluate(LOOK))
            (folder / f"{shot.name}.txt").write_text(look, "utf-8")
            (folder / f"{shot.name}.png").write_bytes(_picture(page))


def _picture(page: Page) -> bytes:
    """Take what the page shows, few colours of it: a picture in docs is to be small."""
    seen = page.screenshot(full_page=True, animations="disabled", caret="hide")
    with Image.open(io.BytesIO(seen)) as opened:
        cut = opened.convert("RGB").crop((0, 0, opened.width, min(opened.height, _TALLEST)))
    small = cut.quantize(_COLOURS, dither=Image.Dither.NONE)
    out = io.BytesIO()
    small.save(out, "PNG", optimize=True)
    return out.getvalue()


def _sign_in(page: Page, day: Day, login: str) -> None:
    password, code = day.person(login)
    page.goto(f"{day.base_url}/staff/sign-in")
    page.fill("[name=login]", login)
    page.fill("[name=password]", password)
    page.keyboard.press("Enter")
    if code:
        page.fill("[name=code]", code)
        page.keyboard.press("Enter")
    page.wait_for_selector(".staff-header__me")


def _sit_down(page: Page, day: Day) -> None:
    """Sit down at the counter, where the installed program is in use: it is taken over."""
    page.goto(f"{day.base_url}{AT}/counter")
    if take_over := page.locator("main input[type=checkbox]").all():
        take_over[0].check()
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_selector("#desk")


@contextmanager
def _window(browser: Browser, day: Day, language: str, cookies: StorageState | None = None) -> Iterator[Page]:
    context = browser.new_context(
        locale=_LOCALES[language],
        viewport={"width": _SIZE[0], "height": _SIZE[1]},
        timezone_id="Europe/Warsaw",
        storage_state=cookies,
    )
    page = context.new_page()
    page.clock.set_fixed_time(day.now)
    page.set_default_timeout(_PATIENCE_MS)
    try:
        yield page
    finally:
        context.close()


@contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=list(_FLAGS))
        try:
            yield browser
        finally:
            browser.close()
