"""The pages of the set-up in a real browser: accessible and narrow enough, in Polish and English."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from playwright.sync_api import Browser, Page
from sqlalchemy.orm import Session

from server.services.access import staff_sessions, users
from server.services.office import editing, things
from server.services.office.editing import Author
from server.staff.application import create_staff
from server.staff.office.branch_words import BRANCH_GROUPS
from server.staff.office.publisher_words import PUBLISHER_GROUPS
from server.staff.office.service_words import SERVICE_GROUPS
from server.store.tables import Counter, User
from tests.server.movable_clock import MovableClock
from tests.server.portal.chromium import chromium, complaints, open_page, served, too_wide
from tests.server.sample_office import SampleOffice, sample_office
from tests.server.staff.office.test_settings import demo
from tests.server.staff.people import People
from wire.vocabulary import Role

AT = "/staff/at/wroclaw"
SHOTS = os.environ.get("STAFF_SHOTS")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a browser."""
    with chromium() as started:
        yield started


class Scene:
    """The demo's office served, with a manager signed in."""

    def __init__(self, office: SampleOffice, app: Flask, address: str, browser: Browser) -> None:
        self.office, self.app, self.address, self.browser = office, app, address, browser
        self.user = People(office).add(Role.ADMINISTRATOR, branch=None)

    def page(self, language: str, width: int) -> Page:
        """Open a window in a language."""
        context = self.office.runtime.context()
        limits, user = staff_sessions.StaffLimits(), self.user

        def begin(session: Any) -> str:
            users.speak(session, user, language)
            session.get(User, user).totp_confirmed_at = context.now
            return staff_sessions.begin_session(session, context, user, "totp", {}, limits)

        token = self.office.store.write(begin)
        signer = SecureCookieSessionInterface().get_signing_serializer(self.app)
        assert signer is not None
        window = self.browser.new_context(viewport={"width": width, "height": 900})
        value = str(signer.dumps({"session": token}))
        window.add_cookies([{"name": "numerek-staff", "value": value, "url": f"{self.address}/staff"}])
        return window.new_page()


@pytest.fixture
def scene(tmp_path: Path, migrated_file: Path, clock: MovableClock, browser: Browser) -> Iterator[Scene]:
    """Serve the staff's pages of the demo's office."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    file = tmp_path / "numerek.db"
    file.write_bytes(migrated_file.read_bytes())
    with sample_office(f"sqlite:///{file}", clock) as office:
        demo(office)
        app = create_staff(replace(office.runtime, public_url="http://127.0.0.1"))
        with served(app) as address:
            yield Scene(office, app, address, browser)


def addresses(office: SampleOffice) -> dict[str, list[str]]:
    """List the pages by what they are about."""
    service, counter = office.service_id("K"), office.rows(Counter)[0].id
    return {
        "branch": [f"{AT}/settings", *(f"{AT}/settings/{each}" for each in BRANCH_GROUPS)],
        "service": [f"{AT}/settings/service/{service}/{each}" for each in SERVICE_GROUPS],
        "parts": [
            *(f"{AT}/settings/services/{service}", f"{AT}/settings/services/new"),
            *(f"{AT}/settings/counters/{counter}", f"{AT}/settings/counters/new"),
            *(f"{AT}/records", f"{AT}/settings/calendar?month=2026-05", f"{AT}/settings/template"),
        ],
        "messages": [f"{AT}/settings/messages", f"{AT}/settings/messages/reminder/pl"],
        "office": [
            *("/staff/office", "/staff/office/records", "/staff/office/branches/new"),
            *(f"/staff/office/publisher/{each}" for each in PUBLISHER_GROUPS),
            *("/staff/office/templates", "/staff/office/templates/branch/new"),
        ],
    }


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("language", ["pl", "en"])
@pytest.mark.parametrize("about", ["branch", "service", "parts", "messages", "office"])
def test_every_page_is_accessible_and_fits(scene: Scene, about: str, language: str, width: int) -> None:
    page, wrong = scene.page(language, width), []
    for address in addresses(scene.office)[about]:
        open_page(page, scene.address + address)
        assert page.locator("h1").count() == 1, address
        if SHOTS:
            name = address.removeprefix("/staff/").replace("/", "_").replace("?", "_")
            page.screenshot(path=f"{SHOTS}/{name}-{language}-{width}.png", full_page=True)
        wrong += [f"{address}: {each}" for each in complaints(page)]
        if (wide := too_wide(page)) > 0:
            wrong.append(f"{address}: {wide} px too wide")
    assert wrong == []


def test_a_mistake_and_a_conflict_are_accessible_and_lead_to_the_field(scene: Scene) -> None:
    page = scene.page("en", 1440)
    open_page(page, f"{scene.address}{AT}/settings/arrival")
    page.fill("[name=check_in_lead_minutes]", "99999")
    page.click("text=Save")
    page.wait_for_selector(".govuk-error-summary")
    assert complaints(page) == []
    page.click(".govuk-error-summary a")
    assert page.evaluate("document.activeElement.name") == "check_in_lead_minutes"
    open_page(page, f"{scene.address}{AT}/settings/board")
    scene.office.set_policy(notices={"pl": "Winda nie działa."})
    page.fill("[name='notices.pl']", "W piątek zamknięte.")
    page.click("text=Save")
    page.wait_for_selector(".office-changed")
    assert page.input_value("[name='notices.pl']") == "W piątek zamknięte."
    assert "Winda nie działa." in page.inner_text(".office-now")
    assert complaints(page) == []
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/conflict.png", full_page=True)


@pytest.mark.parametrize("width", [1440, 390])
def test_own_values_beside_a_template_are_accessible_and_fit(scene: Scene, width: int) -> None:
    page = scene.page("pl", width)
    for address, name in (
        ("/staff/office/templates/branch/new?made_from=wroclaw", "template-made-from"),
        (f"{AT}/settings/template", "template-choice"),
        (f"{AT}/settings/calling", "template-own"),
    ):
        if name == "template-own":
            follow_with_own_values(scene)
        open_page(page, scene.address + address)
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)
        assert complaints(page) == []
        assert too_wide(page) <= 0
    assert page.locator("text=W szablonie: pregnancy").count() == 0
    assert page.locator("text=W szablonie: ciąża, niepełnosprawność").count() == 1


def follow_with_own_values(scene: Scene) -> None:
    """Have the branch follow a template that is as it was, with other hours and priorities of its own."""
    branch, template = things.branch("wroclaw"), things.template("branch", "standard")
    author = Author(scene.office.runtime.clock.now(), scene.user)

    def work(session: Session) -> None:
        if things.stated(session, template) is None:
            editing.add_template_of(session, author, template, {"title": "Standard"}, branch)
        editing.follow(session, author, branch, "standard")
        value = things.stated(session, branch) or {}
        own = {"priority_classes": ["elderly", {"code": "veteran", "names": {"pl": "Kombatant"}}]}
        editing.change_alone(session, author, branch, {**value, **own})

    scene.office.store.write(work)
    scene.office.runtime.office.forget()


def test_the_message_follows_what_is_typed_and_opens_as_it_is_sent(scene: Scene) -> None:
    page = scene.page("en", 1440)
    open_page(page, f"{scene.address}{AT}/settings/messages/rejection/pl")
    page.fill("[name='messages.rejection.pl.body']", "Nie możemy: {date}, {time}. {kod}")
    page.wait_for_selector(".wording-preview .office-changed", timeout=20_000)
    assert "{kod} is not one of the fields" in page.inner_text(".wording-preview")
    page.fill("[name='messages.rejection.pl.body']", "Nie możemy: {date}, {time}.")
    page.wait_for_selector(".wording-text >> text=Nie możemy: ", timeout=20_000)
    assert page.locator(".wording-preview .office-changed").count() == 0
    assert complaints(page) == []
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/message-typed.png", full_page=True)
    with page.context.expect_page() as opened:
        page.click("text=Show the letter as it is sent")
    letter = opened.value
    letter.wait_for_selector("main", timeout=20_000)
    assert "Nie możemy: " in letter.inner_text("main")
    assert letter.evaluate("getComputedStyle(document.querySelector('main')).borderTopWidth") == "4px"


def test_the_slip_follows_what_is_typed(scene: Scene) -> None:
    page = scene.page("pl", 1440)
    open_page(page, f"{scene.address}{AT}/settings/slip")
    images = page.locator(".slip-preview img")
    before = images.first.get_attribute("src")
    assert images.count() >= 4
    page.fill("[name='slip.footer.pl']", "Toalety: parter, obok windy")
    page.wait_for_function(
        "before => document.querySelector('.slip-preview img').src !== before", arg=before, timeout=20_000
    )
    typed = images.first.get_attribute("src")
    page.select_option("[name='slip.number_size']", "large")
    page.wait_for_function(
        "before => document.querySelector('.slip-preview img').src !== before", arg=typed, timeout=20_000
    )
    assert complaints(page) == []
    assert not page.locator("button[name=preview]").is_visible(), "a button is for browsers without scripts"
