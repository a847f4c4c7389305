"""The monthly report by mail on its page: who sets it up, tries it, and what became of the letters."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from server.store.tables import Branch, Message
from tests.server.movable_clock import WARSAW
from tests.server.portal.outer import outer_world
from tests.server.sample_office import SampleOffice
from tests.server.services.statistics.test_keeping import kept, served
from tests.server.staff.people import Colleague
from tests.server.staff.statistics.test_overview import PAGE, SignedIn
from wire.vocabulary import MessageStatus, Role

SETTINGS = "/staff/at/wroclaw/settings/report"
SEND = f"{PAGE}/report-by-mail"
TO = ["anna@example.org", "jan@example.org"]


class NoMail:
    """A line that is never used: letters wait in the outbox."""

    def send(self, _letter: Any) -> None:
        """Send nothing."""

    def close(self) -> None:
        """Close nothing."""


@pytest.fixture(autouse=True)
def line(office: SampleOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the office send letters."""
    runtime = replace(office.runtime, outside=replace(outer_world(), mailer=NoMail()))
    monkeypatch.setitem(office.app.extensions["staff"]().extensions, "numerek", runtime)


@pytest.fixture
def november(office: SampleOffice) -> SampleOffice:
    """Give an office in which somebody was served on 23 November, a week later."""
    served(office)
    kept(office)
    office.set_policy(report_mail_to=TO)
    office.clock.set(datetime(2026, 11, 30, 12, tzinfo=WARSAW))
    return office


def send(colleague: Colleague, month: str = "2026-11") -> Any:
    token = colleague.get(PAGE).fields["csrf_token"]
    return colleague.send("POST", SEND, {"csrf_token": token, "month": month})


def test_without_addresses_it_says_so_and_has_no_button(signed_in: SignedIn) -> None:
    page = signed_in(Role.MANAGER).get(PAGE)
    assert "Nobody gets the monthly report by e-mail." in page.words
    assert "Send it now" not in page.words
    assert f'href="{SETTINGS}"' in page.text


def test_a_manager_tries_it_and_reads_what_became_of_it(november: SampleOffice, signed_in: SignedIn) -> None:
    manager = signed_in(Role.MANAGER)
    page = manager.get(PAGE)
    assert "Each month on day 1, from six in the morning" in page.words
    assert "Send it now to 2 addresses" in page.words
    assert ", ".join(TO) in page.words
    assert send(manager).status == 303
    page = manager.get(PAGE)
    assert "The report of November 2026 goes to 2 addresses within a few minutes." in page.words
    assert "November 2026, put out on Monday, 30 November 2026, 12:00: 2 wait" in page.words
    assert [row.language for row in november.rows(Message)] == ["pl", "pl"]

    def end(session: Any) -> None:
        first, second = session.query(Message).order_by(Message.id)
        first.status, second.status, second.problem = (
            MessageStatus.SENT,
            MessageStatus.FAILED,
            "address_refused_550",
        )

    november.store.write(end)
    words = manager.get(PAGE).words
    assert "1 sent 1 could not be sent (address_refused_550)" in words
    assert "admin messages list" in words


def test_one_address_stands_on_the_button(november: SampleOffice, signed_in: SignedIn) -> None:
    november.set_policy(report_mail_to=TO[:1])
    assert "Send it now to anna@example.org" in signed_in(Role.MANAGER).get(PAGE).words


def test_twice_at_once_and_too_often_are_told(november: SampleOffice, signed_in: SignedIn) -> None:
    manager = signed_in(Role.MANAGER)
    send(manager)
    send(manager)
    assert "was sent a moment ago already" in manager.get(PAGE).words
    for _ in range(3):
        november.clock.advance(minutes=2)
        assert send(manager).status == 303
    late = send(manager)
    assert (late.status, "Try again in" in late.words) == (429, True)
    assert len(november.rows(Message)) == 8


@pytest.mark.parametrize("month", ["", "x", "2026-12", "2024-01", "2026-11-01"])
def test_a_month_that_is_not_offered_is_not_found(
    november: SampleOffice, signed_in: SignedIn, month: str
) -> None:
    assert send(signed_in(Role.MANAGER), month).status == 404
    assert november.rows(Message) == []


def test_a_month_before_the_branch_is_told(november: SampleOffice, signed_in: SignedIn) -> None:
    manager = signed_in(Role.MANAGER)
    assert send(manager, "2026-10").status == 303
    assert "the branch has no data from October 2026 or before" in manager.get(PAGE).words
    assert november.rows(Message) == []


def test_an_auditor_sees_it_without_addresses_and_does_not_send(
    november: SampleOffice, signed_in: SignedIn
) -> None:
    auditor = signed_in(Role.AUDITOR)
    page = auditor.get(PAGE)
    assert "goes to 2 addresses" in page.words
    assert "example.org" not in page.text
    assert "Send it now" not in page.words
    token = auditor.get("/staff/at/wroclaw/co-signatures").fields["csrf_token"]
    assert auditor.send("POST", SEND, {"csrf_token": token, "month": "2026-11"}).status == 403


def test_without_a_mail_server_it_says_so(
    november: SampleOffice, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = replace(november.runtime, outside=outer_world())
    monkeypatch.setitem(november.app.extensions["staff"]().extensions, "numerek", runtime)
    assert "This server is not set up to send e-mail" in signed_in(Role.MANAGER).get(PAGE).words


def test_addresses_are_set_on_a_page_and_a_wrong_one_is_told_with_its_line(
    office: SampleOffice, signed_in: SignedIn
) -> None:
    manager = signed_in(Role.MANAGER)
    page = manager.get(SETTINGS)
    assert "Who gets the monthly report by e-mail" in page.words
    assert re.search(r"<option[^>]*value=\"uk\"[^>]*>Ukrainian", page.text) or "Ukrainian" in page.words
    sent = {"report_mail_day": "3", "office_language": "en"}
    for typed, told in (
        ("anna@example.org\njan@", "Line 2: this is no e-mail address such as office@example.org"),
        ("\n".join(f"a{number}@example.org" for number in range(21)), "Enter 20 lines at most"),
    ):
        refused = manager.submit(page, SETTINGS, sent | {"report_mail_to": typed})
        assert (refused.status, told in refused.words) == (422, True), refused.words
        assert typed.split()[0] in refused.text, "what was typed stays"
    manager.submit(page, SETTINGS, sent | {"report_mail_to": " anna@example.org \n\n"})
    policy = office.one(Branch, Branch.code == "wroclaw").policy
    assert (policy["report_mail_to"], policy["report_mail_day"], policy["office_language"]) == (
        ["anna@example.org"],
        3,
        "en",
    )
