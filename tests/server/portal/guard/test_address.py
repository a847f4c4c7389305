"""From where one may book: the branch's countries, and never a word of the visitor about it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask

from server.adapters.challenges import NoChallenges
from server.adapters.countries import FixedCountries
from server.portal.guard import address
from server.services.ports import Outside
from server.web.request_context import request_context
from tests.server.portal.browser import Browser
from tests.server.portal.outer import PapersKept
from tests.server.sample_office import SampleOffice

POLISH, GERMAN, UNKNOWN = "5.173.0.1", "2.16.0.1", "8.0.0.1"


class Table(FixedCountries):
    """A table of a known age."""

    @property
    def as_of(self) -> date | None:
        """Return its age."""
        return date(2026, 11, 1)


@pytest.fixture
def asked(portal_with: Any) -> Any:
    """Ask from an address whether one may book at Wrocław."""
    countries = Table({POLISH: "PL", GERMAN: "DE", "2a01::1": "DE"}, otherwise=None)

    def ask(address_: str, headers: dict[str, str] | None = None, **settings: Any) -> bool:
        app: Flask = portal_with(outside=Outside(PapersKept(), countries, NoChallenges()), **settings)
        environ = {"REMOTE_ADDR": address_}
        with app.test_request_context("/en/", environ_overrides=environ, headers=headers or {}):
            branch = request_context().office.branch_named("wroclaw")
            assert branch is not None
            return address.may_book(branch)

    return ask


def test_one_may_book_from_the_countries_of_the_branch_and_from_where_nobody_knows(asked: Any) -> None:
    assert [asked(each) for each in (POLISH, GERMAN, UNKNOWN, "2a01::1")] == [True, False, True, False]
    assert asked(f"::ffff:{POLISH}")
    assert not asked(f"::ffff:{GERMAN}")


def test_the_house_itself_is_always_allowed(asked: Any) -> None:
    for own in ("127.0.0.1", "10.0.0.7", "192.168.1.1", "::1", "fe80::1%eth0", "", "nonsense"):
        assert asked(own)


def test_an_operator_allows_networks_abroad(asked: Any) -> None:
    assert asked(GERMAN, allowed_networks=("2.16.0.0/24",))
    assert asked("2a01::1", allowed_networks=("2a01::/32",))
    assert not asked(GERMAN, allowed_networks=("2.17.0.0/24", "2a01::/32"))


def test_a_branch_names_other_countries_or_none(office: SampleOffice, asked: Any) -> None:
    office.set_policy(booking_countries=["PL", "DE"])
    assert asked(GERMAN)
    office.set_policy(booking_countries=[])
    assert asked(GERMAN)


@pytest.mark.parametrize("name", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "CF-Connecting-IP"])
def test_what_a_visitor_says_about_the_address_changes_nothing(asked: Any, name: str) -> None:
    value = f"for={POLISH}" if name == "Forwarded" else POLISH
    assert not asked(GERMAN, {name: value})


def test_without_a_table_of_countries_nobody_is_kept_away(portal_with: Any) -> None:
    with portal_with().test_request_context("/en/", environ_overrides={"REMOTE_ADDR": GERMAN}):
        branch = request_context().office.branch_named("wroclaw")
        assert branch is not None
        assert address.may_book(branch)


def test_the_page_for_those_abroad_says_how_old_the_table_is(portal_with: Any) -> None:
    app = portal_with(outside=Outside(PapersKept(), Table(), NoChallenges()))
    page = Browser(app, GERMAN).get("/en/country")
    assert page.status == 200
    assert "1 November 2026" in page.words
    assert "Poland" in page.words
