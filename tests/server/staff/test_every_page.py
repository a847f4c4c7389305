"""Every page of the url map in Chromium, wide and narrow: no barrier, nothing too wide, a title, in Polish."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from deploy.texts.collecting import read_po
from server.services.access import users
from server.staff.application import create_staff
from server.store.tables import Counter, Hall, User
from server.texts import STAFF
from tests.server.portal.chromium import chromium, complaints, open_page, served, too_wide
from tests.server.portal.outer import outer_world
from tests.server.sample_office import SampleOffice
from tests.server.staff.booking.desk_pages import addresses
from tests.server.staff.people import COOKIE, People
from wire.vocabulary import Role

# What only an address of one time, a step before it or a program opens; each has tests of its own.
ELSEWHERE = {
    *("asset", "links.first", "links.welcome", "sign_in.show", "sign_in.prove", "passkeys.prove"),
    *("recovery.prove", "desk.booked", "desk.confirmation", "counter.strip"),
    *("templates.one", "templates.group", "own_texts.one", "counter_slip.show", "webhooks.one"),
    *("statistics.plot", "statistics_files.one_csv", "statistics_files.all_csv"),
    *("statistics_files.workbook", "statistics_files.all_json", "what_if.plot", "what_if_kept.plot"),
    "treatment.as_csv",
    "statistics_paper.pdf",
}
_LEAST = 12
_KINDS = {"own_texts.add": "terms", "templates.add": "service", "wording.one": "reminder"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a browser."""
    with chromium() as started:
        yield started


def paths(app: Flask, office: SampleOffice, user_id: int) -> dict[str, str]:
    """Give every page that can be opened an address, with arguments of the sample office."""
    reservation = addresses(office)["card"].rpartition("/")[2]
    service, counter = office.service_id("P"), office.rows(Counter)[0].id
    kinds = {"services": service, "counters": counter, "halls": office.rows(Hall)[0].id}
    plain = {
        "branch": "wroclaw",
        "hall": "A",
        "letter": "P",
        "number": reservation,
        "user_id": user_id,
        "integrator_id": 1,
        "language": "pl",
    }
    plain["language"] = "pl"
    found = {}
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in ELSEWHERE or rule.rule.endswith("/live"):
            continue
        path = rule.rule
        own = {"row_id": service, "kind": "services", "step": "services"} | plain
        own["group"] = "service" if "/service/" in path else "privacy" if "publisher" in path else "arrival"
        own["kind"] = {"own_texts.add": "terms", "templates.add": "service", "wording.one": "reminder"}.get(
            rule.endpoint, "services"
        )
        for name, value in own.items():
            for form in (f"<{name}>", f"<int:{name}>"):
                path = path.replace(form, str(value))
        found[f"{rule.endpoint} {rule.rule}"] = path
        if "<kind>" in rule.rule and own["kind"] == "services":
            for kind, row in kinds.items():
                found[f"{rule.endpoint} {kind} {rule.rule}"] = path.replace("services", kind).replace(
                    str(service), str(row)
                )
    return found


def english() -> frozenset[str]:
    """List what the pages say otherwise in Polish: whole sentences and labels."""
    told = [(m.id, m.string) for m in read_po("pl", STAFF) if isinstance(m.id, str) and m.id]
    polish = {string for _, string in told}
    return frozenset(one for one, other in told if one != other and one not in polish and len(one) >= _LEAST)


def lines(page: Page) -> set[str]:
    """List the lines that a page shows."""
    return {line.strip() for line in page.inner_text("body").splitlines()}


@pytest.mark.timeout(400)
@pytest.mark.parametrize("width", [1440, 390])
def test_every_page_is_open_to_everybody_and_speaks_polish(
    browser: Browser, one_office: SampleOffice, width: int
) -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    people = People(one_office)
    roles = (Role.ADMINISTRATOR, Role.MANAGER, Role.SUPERVISOR)
    somebody = people.signed_in(*roles, branch=None)
    one_office.store.write(lambda session: users.speak(session, somebody.user_id, "pl"))
    app = create_staff(replace(one_office.runtime, public_url="http://127.0.0.1", outside=outer_world()))
    other, wrong = english(), []
    with served(app) as at:
        context = browser.new_context(locale="pl-PL", viewport={"width": width, "height": 900})
        cookie = somebody.cookie_named(COOKIE)
        context.add_cookies([{"name": "numerek-staff", "value": cookie, "url": f"{at}/staff"}])  # type: ignore[list-item]
        page = context.new_page()
        for name, path in paths(app, one_office, one_office.rows(User)[0].id).items():
            assert "<" not in path, f"give {name} an argument"
            answer = page.goto(at + path)
            if answer is None or answer.status != 200:
                wrong.append(f"{name}: {answer.status if answer else 'nothing'}")
                continue
            open_page(page, at + path)
            if page.title().count(" – ") < 1 or page.title().startswith(" –"):
                wrong.append(f"{name}: its title is {page.title()!r}")
            wrong += [f"{name}: {each}" for each in complaints(page)]
            if (wide := too_wide(page)) > 0:
                wrong.append(f"{name}: {wide} px too wide")
            wrong += [f"{name}: says {each!r}" for each in sorted(lines(page) & other)]
        context.close()
    assert wrong == []


def test_a_page_in_english_would_be_found() -> None:
    assert "Settings" not in english()  # too short to be told from a name
    assert {"Opening hours", "What wants attention"} <= english()
