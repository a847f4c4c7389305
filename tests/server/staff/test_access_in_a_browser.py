"""The staff's own sign-in and the pages of people in a real browser, with a device that has passkeys."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page
from sqlalchemy.orm import Session

from server.domain.access.roles import Held
from server.services.access import passkeys, recovery_codes, users
from server.staff.application import create_staff
from server.store.tables import Passkey, User
from tests.server.portal.chromium import chromium, complaints, open_page, served, too_wide
from tests.server.sample_office import SampleOffice
from tests.server.staff.people import COOKIE, People
from wire.vocabulary import Role

HOSTILE = "<b>Łucja</b> " + "Nieskończenie-Długie-Nazwisko" * 3
_DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a browser."""
    with chromium() as started:
        yield started


@contextmanager
def served_at_a_name(office: SampleOffice) -> Iterator[str]:
    """Serve the staff's pages at localhost, which is the one name for which passkeys need no https."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app = create_staff(replace(office.runtime, public_url="http://localhost"))
    with served(app) as at:
        address = at.replace("127.0.0.1", "localhost")
        app.extensions["numerek"] = replace(office.runtime, public_url=address)
        yield address


@pytest.fixture
def address(one_office: SampleOffice) -> Iterator[str]:
    """Give the address at which the pages of that office are served."""
    with served_at_a_name(one_office) as at:
        yield at


@pytest.fixture
def people(one_office: SampleOffice) -> People:
    """Give the people of that office."""
    return People(one_office)


def speak(office: SampleOffice, user_id: int, language: str) -> None:
    office.store.write(lambda session: users.speak(session, user_id, language))


def signed_in(browser: Browser, people: People, user_id: int, address: str, width: int) -> BrowserContext:
    cookie = people.sign_in(user_id).cookie_named(COOKIE)
    context = browser.new_context(viewport={"width": width, "height": 900})
    where = {"name": "numerek-staff", "domain": "localhost", "path": "/staff"}
    context.add_cookies([{**where, "value": cookie or ""}])  # type: ignore[list-item]
    return context


def with_device(context: BrowserContext, page: Page) -> tuple[CDPSession, str]:
    """Give the browser a device that has passkeys and knows its owner."""
    talk = context.new_cdp_session(page)
    talk.send("WebAuthn.enable")
    made = talk.send("WebAuthn.addVirtualAuthenticator", {"options": _DEVICE})
    return talk, made["authenticatorId"]


def fill_in(page: Page, login: str, password: str) -> None:
    page.fill("#login", login)
    page.fill("#password", password)
    page.click("button.govuk-button[type=submit]")


def sign_out(page: Page) -> None:
    page.click(".staff-header__me button")
    page.wait_for_url("**/sign-in")


def test_a_passkey_is_made_in_the_browser_and_opens_after_a_password_and_alone(
    browser: Browser, people: People, one_office: SampleOffice, address: str
) -> None:
    people.add(Role.CLERK, login="anna")
    context = browser.new_context()
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    talk, device = with_device(context, page)
    open_page(page, f"{address}/staff/sign-in")
    fill_in(page, "anna", people.password)
    page.wait_for_selector(".staff-header__me")
    open_page(page, f"{address}/staff/me/passkeys/new")
    page.fill("#name", "my laptop")
    page.click("main button[type=submit]")
    page.wait_for_url("**/staff/me")
    assert "my laptop" in page.inner_text("main")
    sign_out(page)

    fill_in(page, "anna", people.password)
    page.wait_for_url("**/sign-in/passkey*")
    page.wait_for_selector("form[data-passkey]:not([hidden])")
    page.click("main button[type=submit]")
    page.wait_for_selector(".staff-header__me")
    sign_out(page)

    talk.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    open_page(page, f"{address}/staff/sign-in/passkey")
    page.click("main button[type=submit]")
    page.wait_for_selector("[data-passkey-told=failed]:not([hidden])", timeout=20_000)
    assert complaints(page) == []
    talk.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": True})
    page.click("main button[type=submit]")
    page.wait_for_selector(".staff-header__me")
    (key,) = one_office.rows(Passkey)
    assert key.used_at is not None
    sign_out(page)

    kept = talk.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]
    assert [each["rpId"] for each in kept] == ["localhost"]

    def as_if_used_elsewhere(session: Session) -> None:
        session.get_one(Passkey, key.id).sign_count = kept[0]["signCount"] + 100

    one_office.store.write(as_if_used_elsewhere)
    open_page(page, f"{address}/staff/sign-in/passkey")
    page.click("main button[type=submit]")
    page.wait_for_selector(".govuk-error-summary")
    assert one_office.facts("sign_in.refused")[-1].data["reason"] == "passkey_copied"
    assert [each for each in said if "422" not in each] == []
    context.close()


def test_without_scripts_a_passkey_page_names_other_ways(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"{address}/staff/sign-in/passkey")
    assert page.is_visible("[data-passkey-told=unknown]")
    assert not page.is_visible("form[data-passkey]")
    page.click("text=Sign in with a password")
    assert page.is_visible("#password")
    context.close()


@pytest.mark.parametrize("language", ["pl", "en"])
@pytest.mark.parametrize("width", [1440, 390])
def test_a_program_that_looks_for_barriers_finds_none(
    browser: Browser, people: People, one_office: SampleOffice, address: str, language: str, width: int
) -> None:
    admin = people.add(Role.ADMINISTRATOR, branch=None, login="ewa")
    speak(one_office, admin, language)
    clerk, manager = people.add(Role.CLERK), people.add(Role.MANAGER)
    context = one_office.runtime.context()

    def enrich(session: Session) -> None:
        users.add(session, context, "l" * 100, HOSTILE, {Held(role) for role in Role})
        key = passkeys.NewKey(b"1", b"2", 0)
        passkeys.add(session, context, admin, key, HOSTILE[:100])
        users.disable(session, context, clerk)

    one_office.store.write(enrich)
    shown = signed_in(browser, people, admin, address, width)
    page = shown.new_page()
    office, here = f"{address}/staff/office/users", f"{address}/staff/at/wroclaw/users"
    me = f"{address}/staff/me"
    paths = (f"{address}/staff/", office, here, f"{office}/new", f"{here}/new", f"{office}/{clerk}")
    for path in (
        *paths,
        f"{office}/{manager}",
        f"{office}/{admin}",
        me,
        f"{me}/password",
        f"{me}/passkeys/new",
        f"{me}/confirm",
        f"{address}/staff/office/people-log",
    ):
        open_page(page, path)
        look(page)
    open_page(page, f"{office}/new")
    page.click("main form button[type=submit]")
    page.wait_for_selector(".govuk-error-summary")
    look(page)
    open_page(page, f"{office}/{manager}")
    page.click("form[action$='/address'] button")
    page.wait_for_selector(".access-address")
    look(page)
    open_page(page, me)
    page.click("form[action$='/recovery-codes'] button")
    page.wait_for_selector(".access-codes")
    look(page)
    shown.close()
    locked = signed_in(browser, people, people.add(Role.MANAGER), address, width)
    page = locked.new_page()
    open_page(page, f"{here}/{admin}")
    look(page)
    locked.close()


@pytest.mark.parametrize(("language", "width"), [("pl", 390), ("en", 1440)])
def test_the_ways_in_have_no_barriers(
    browser: Browser, people: People, one_office: SampleOffice, address: str, language: str, width: int
) -> None:
    user_id = people.add(Role.MANAGER, login="ewa")
    context = one_office.runtime.context()

    def enrich(session: Session) -> None:
        row = session.get_one(User, user_id)
        row.totp_confirmed_at = context.now
        passkeys.add(session, context, user_id, passkeys.NewKey(b"1", b"2", 0), "key")

    one_office.store.write(enrich)
    one_office.store.write(lambda session: recovery_codes.make(session, context, user_id))
    shown = browser.new_context(viewport={"width": width, "height": 900}, locale=language)
    page = shown.new_page()
    open_page(page, f"{address}/staff/sign-in/passkey")
    look(page)
    open_page(page, f"{address}/staff/sign-in")
    look(page)
    fill_in(page, "ewa", people.password)
    page.wait_for_url("**/sign-in/code*")
    look(page)
    for path in ("passkey", "recovery"):
        open_page(page, f"{address}/staff/sign-in/{path}")
        look(page)
    shown.close()


def look(page: Page) -> None:
    """Look at a page as it stands."""
    assert complaints(page) == [], page.url
    assert too_wide(page) <= 0, page.url
