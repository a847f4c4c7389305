"""The marks on the staff's page: figures for those who steer, words for those who may read them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser as Chromium

from server.services.access import users
from server.services.queue import feedback
from server.staff.application import create_staff
from tests.server.portal.chromium import chromium, complaints, open_page, served, too_wide
from tests.server.portal.test_feedback import finished
from tests.server.sample_office import SampleOffice
from tests.server.staff.people import COOKIE, People
from wire.vocabulary import Role

AT = "/staff/at/wroclaw/feedback"
HOSTILE = "<script>alert(1)</script>\"'=cmd|calc" + "Ł" * 300


def answered(office: SampleOffice, *marks: int, words: str = "") -> None:
    """Let visitors answer."""
    office.set_policy(feedback=True)
    for mark in marks:
        token = finished(office).removeprefix("/t/")
        context = office.runtime.context()
        office.store.write(
            lambda session, c=context, t=token, m=mark: feedback.give(session, c, t, m, words)  # type: ignore[misc]
        )


def test_figures_and_words_for_a_manager(office: SampleOffice, people: People) -> None:
    answered(office, 5, 5, 2, words=HOSTILE)
    manager = people.signed_in(Role.MANAGER)
    page = manager.get(AT)
    assert "4,0" in page.words
    assert "67 %" in page.words
    assert HOSTILE in page.words
    assert HOSTILE not in page.text
    assert AT in page.links


def test_an_auditor_sees_the_figures_alone_and_a_clerk_nothing(office: SampleOffice, people: People) -> None:
    answered(office, 4, words="Danke")
    page = people.signed_in(Role.AUDITOR).get(AT)
    assert (page.status, "100 %" in page.words, "Danke" in page.text) == (200, True, False)
    assert people.signed_in(Role.CLERK).get(AT).status == 403
    assert people.signed_in(Role.MANAGER, branch="legnica").get(AT).status == 404


def test_where_nobody_is_asked_no_way_leads_there(office: SampleOffice, people: People) -> None:
    manager = people.signed_in(Role.MANAGER)
    assert AT not in manager.get("/staff/at/wroclaw/hall").links
    office.set_policy(feedback=True)
    assert AT in manager.get("/staff/at/wroclaw/hall").links


def test_a_period_is_one_of_those_offered(office: SampleOffice, people: People) -> None:
    answered(office, 4)
    office.clock.advance(days=8)
    manager = people.signed_in(Role.MANAGER)
    assert "100 %" not in manager.get(f"{AT}?days=7").words
    for days in ("30", "90", "365", "x", "-1", "9" * 50, "30; DROP"):
        assert "100 %" in manager.get(f"{AT}?days={days}").words


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    """Give a browser."""
    with chromium() as started:
        yield started


@pytest.mark.timeout(240)
@pytest.mark.parametrize("width", [1440, 390])
def test_the_page_is_open_to_everybody(browser: Chromium, one_office: SampleOffice, width: int) -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    answered(one_office, 5, 1, words=HOSTILE)
    somebody = People(one_office).signed_in(Role.MANAGER)
    one_office.store.write(lambda session: users.speak(session, somebody.user_id, "pl"))
    with served(create_staff(replace(one_office.runtime, public_url="http://127.0.0.1"))) as at:
        context = browser.new_context(locale="pl-PL", viewport={"width": width, "height": 900})
        cookie = somebody.cookie_named(COOKIE) or ""
        context.add_cookies([{"name": "numerek-staff", "value": cookie, "url": f"{at}/staff"}])
        page = context.new_page()
        open_page(page, at + AT)
        assert complaints(page) == []
        assert too_wide(page) <= 0
        context.close()
