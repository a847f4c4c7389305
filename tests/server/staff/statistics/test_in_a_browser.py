"""The filled page in Chromium, wide, narrow and dark: one ticket, a year; no barrier, nothing too wide."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from server.domain.statistics.mailing import read_month
from server.services.access import users
from server.services.statistics.monthly_letters import send_now
from server.staff.application import create_staff
from server.store.tables import Message
from tests.server.movable_clock import MovableClock
from tests.server.portal.chromium import chromium, complaints, open_page, served, too_wide
from tests.server.portal.outer import outer_world
from tests.server.sample_office import SampleOffice, sample_office
from tests.server.services.statistics.test_keeping import kept
from tests.server.services.statistics.test_keeping import served as serve_somebody
from tests.server.staff.people import COOKIE, People
from tests.server.staff.statistics.test_overview import PAGE, PlotsKept, made
from wire.vocabulary import MessageStatus, Role

STATES = ("period=today&compare=nothing", "period=year&compare=before", "period=today&figures=raw")


@pytest.fixture
def filled(tmp_path: Path, migrated_file: Path, clock: MovableClock) -> Iterator[SampleOffice]:
    """Give an office with a made history, and one ticket of today."""
    shutil.copy(migrated_file, tmp_path / "numerek.db")
    with sample_office(f"sqlite:///{tmp_path / 'numerek.db'}", clock) as office:
        made(office)
        office.set_policy(report_mail_to=["kierowniczka.oddzialu@urzad.example.org", "jan@example.org"])
        serve_somebody(office)
        kept(office)
        yield office


def _one_fails(session: Any) -> None:
    """Let one letter with a report be given up."""
    message = session.query(Message).order_by(Message.id).first()
    message.status, message.problem = MessageStatus.FAILED, "address_refused_550"


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (320, "light"), (390, "dark")])
def test_no_barrier_and_nothing_too_wide(filled: SampleOffice, width: int, theme: str) -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    context, october = filled.runtime.context(), read_month("2026-10")
    branch = context.office.branch_named("wroclaw")
    assert branch is not None
    assert october is not None
    filled.store.write(lambda session: send_now(session, context, branch, october))
    filled.store.write(_one_fails)
    people = People(filled)
    manager = people.signed_in(Role.MANAGER)
    filled.store.write(lambda session: users.speak(session, manager.user_id, "pl"))
    outside = replace(outer_world(), plots=PlotsKept())
    app = create_staff(replace(filled.runtime, public_url="http://127.0.0.1", outside=outside))
    wrong = []
    with served(app) as at, chromium() as browser:
        window = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)  # type: ignore[arg-type]
        cookie = {"name": "numerek-staff", "value": manager.cookie_named(COOKIE), "url": f"{at}/staff"}
        window.add_cookies([cookie])  # type: ignore[list-item]
        page = window.new_page()
        for state in STATES:
            open_page(page, f"{at}{PAGE}?{state}")
            assert page.locator("section").count() > 3
            wrong += [f"{state}: {each}" for each in complaints(page)]
            if too_wide(page) > 0:
                wrong.append(f"{state}: too wide")
        window.close()
    assert wrong == []
