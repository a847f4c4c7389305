"""Webhooks on the staff's pages: made with a secret shown once, how they are, sent again, removed."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium

from server.domain.access.scopes import IntegratorScope
from server.services.access import integrators, users
from server.staff.application import create_staff
from server.store.tables import Integrator, Webhook, WebhookDelivery
from tests.server.portal.chromium import chromium, complaints, open_page, served, too_wide
from tests.server.sample_office import SampleOffice
from tests.server.staff.people import COOKIE, Colleague, People
from wire.vocabulary import Role

AT = "/staff/office/webhooks"
URL = "https://city.example.org/" + "long-way/" * 12


@pytest.fixture
def administrator(people: People) -> Colleague:
    return people.signed_in(Role.ADMINISTRATOR, branch=None)


def program(office: SampleOffice, *scopes: IntegratorScope) -> int:
    context = office.runtime.context()
    new = integrators.NewIntegrator("<b>City</b>", scopes or (IntegratorScope.FACTS,))
    return office.store.write(lambda session: integrators.add(session, context, new))[0]


def branch_id(office: SampleOffice) -> int:
    found = office.runtime.context().office.branch_named("wroclaw")
    assert found is not None
    return found.id


def make(office: SampleOffice, browser: Colleague, owner: int, **typed: Any) -> Any:
    filled = {"url": URL, "branch": str(branch_id(office)), "facts": ["ticket.issued", "ticket.called"]}
    return browser.post(f"/staff/office/programs/{owner}/webhooks/new", filled | typed)


def sent(office: SampleOffice, hook: int, problem: str | None) -> int:
    """Write a line of the log."""

    def work(session: Any) -> int:
        row = WebhookDelivery(webhook_id=hook, feed_number=1, type="ticket.issued", attempt=1, took_ms=12)
        row.at, row.problem = office.clock.now(), problem
        session.add(row)
        session.flush()
        return int(row.id)

    return office.store.write(work)


def test_a_webhook_is_made_with_a_secret_that_is_shown_once(
    office: SampleOffice, administrator: Colleague
) -> None:
    owner = program(office)
    page = make(office, administrator, owner)
    found = re.search(r"<code[^>]*>(nw_[\w-]{43})</code>", page.text)
    assert found is not None
    row = office.one(Webhook)
    assert (row.url, row.types) == (URL, ["ticket.issued", "ticket.called"])
    shown = administrator.get(f"{AT}/{row.id}")
    assert found[1] not in shown.text + administrator.get(f"/staff/office/programs/{owner}/webhooks").text
    assert URL in shown.words
    assert "<b>City</b>" not in shown.text


def test_what_is_wrong_is_said_and_nothing_is_made(office: SampleOffice, administrator: Colleague) -> None:
    owner = program(office)
    assert make(office, administrator, owner, url="city.example.org").status == 422
    assert make(office, administrator, owner, url="").status == 422
    assert make(office, administrator, owner, facts=[]).status == 422
    assert make(office, administrator, owner, facts=["user.changed"]).status == 422
    assert make(office, administrator, owner, branch="999").status == 422
    assert make(office, administrator, program(office, IntegratorScope.QUEUE_READ)).status == 403
    assert office.rows(Webhook) == []


def test_one_that_was_given_up_says_so_and_is_switched_on_again(
    office: SampleOffice, administrator: Colleague
) -> None:
    make(office, administrator, program(office))
    row = office.one(Webhook)
    table: Any = Webhook.__table__
    gone = {"gave_up": True, "off_at": office.clock.now(), "failing_since": office.clock.now()}
    office.store.write(lambda session: session.execute(table.update().values(problem="too_slow", **gone)))
    page = administrator.get(f"{AT}/{row.id}")
    assert 'role="alert"' in page.text
    token = {"csrf_token": page.fields["csrf_token"], "to": "on"}
    assert administrator.send("POST", f"{AT}/{row.id}/switch", token).status == 303
    assert 'role="alert"' not in administrator.get(f"{AT}/{row.id}").text
    assert office.one(Webhook).off_at is None


def test_a_line_of_the_log_is_sent_again_and_of_another_webhook_is_not_there(
    office: SampleOffice, administrator: Colleague
) -> None:
    owner = program(office)
    for _ in range(2):
        make(office, administrator, owner)
    first, second = office.rows(Webhook)
    line = sent(office, first.id, "status_500")
    page = administrator.get(f"{AT}/{first.id}")
    assert "500" in page.words
    token = {"csrf_token": page.fields["csrf_token"]}
    assert administrator.send("POST", f"{AT}/{second.id}/deliveries/{line}/again", token).status == 404
    assert administrator.send("POST", f"{AT}/{first.id}/deliveries/{line}/again", token).status == 303
    assert office.one(WebhookDelivery).again_at == office.clock.now()
    assert administrator.send("POST", f"{AT}/{first.id}/remove", token).status == 303
    assert administrator.get(f"{AT}/{first.id}").status == 404
    assert administrator.send("POST", f"{AT}/{first.id}/deliveries/{line}/again", token).status == 404


def test_a_manager_sees_none(office: SampleOffice, administrator: Colleague, people: People) -> None:
    make(office, administrator, program(office))
    manager = people.signed_in(Role.MANAGER)
    assert manager.get(f"{AT}/{office.one(Webhook).id}").status == 403


# --- in a browser ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    """Give a browser."""
    with chromium() as started:
        yield started


@pytest.mark.timeout(240)
@pytest.mark.parametrize("width", [1440, 390])
def test_its_pages_are_open_to_everybody_in_every_state(
    browser: Chromium, one_office: SampleOffice, width: int
) -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    office = one_office
    somebody = People(office).signed_in(Role.ADMINISTRATOR, branch=None)
    office.store.write(lambda session: users.speak(session, somebody.user_id, "pl"))
    owner = program(office)
    for _ in range(3):
        make(office, somebody, owner)
    good, failing, gone = office.rows(Webhook)
    table: Any = Webhook.__table__
    now = office.clock.now()
    bad = {"problem": "inside_address", "failing_since": now - timedelta(hours=25)}
    office.store.write(
        lambda session: session.execute(table.update().where(table.c.id == failing.id).values(**bad))
    )
    off = bad | {"gave_up": True, "off_at": now}
    office.store.write(
        lambda session: session.execute(table.update().where(table.c.id == gone.id).values(**off))
    )
    for problem in (None, "status_500", "tls"):
        sent(office, good.id, problem)
    seen = {"seen_at": now, "expires_at": now}
    programs: Any = Integrator.__table__
    office.store.write(
        lambda session: session.execute(programs.update().where(programs.c.id == owner).values(**seen))
    )
    wrong = []
    with served(create_staff(replace(office.runtime, public_url="http://127.0.0.1"))) as at:
        context = browser.new_context(locale="pl-PL", viewport={"width": width, "height": 900})
        cookie = somebody.cookie_named(COOKIE) or ""
        context.add_cookies([{"name": "numerek-staff", "value": cookie, "url": f"{at}/staff"}])
        page = context.new_page()
        ways = [f"{AT}/{each.id}" for each in (good, failing, gone)]
        for way in [*ways, "/staff/office/programs", f"/staff/office/programs/{owner}/webhooks"]:
            open_page(page, at + way)
            wrong += [f"{way}: {each}" for each in complaints(page)]
            if (wide := too_wide(page)) > 0:
                wrong.append(f"{way}: {wide} px too wide")
        context.close()
    assert wrong == []
