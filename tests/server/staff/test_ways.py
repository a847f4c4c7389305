"""The ways in the frame: each reader sees where they may go, and the settings have a row of their own."""

from __future__ import annotations

import re

import pytest

from tests.server.sample_office import SampleOffice
from tests.server.staff.people import People
from wire.vocabulary import Role

AT = "/staff/at/wroclaw"


def row(html: str, name: str) -> list[tuple[str, bool]]:
    """List the words of a row of ways, and whether each is where the page is."""
    found = re.search(rf'<nav class="{name}".*?</nav>', html, re.DOTALL)
    links = re.findall(r"<a ([^>]*)>([^<]+)", found[0]) if found else []
    return [(words, "aria-current" in attributes) for attributes, words in links]


def test_the_settings_have_a_row_of_their_own(office: SampleOffice, people: People) -> None:
    manager = people.signed_in(Role.MANAGER)
    hall = manager.get(f"{AT}/hall").text
    assert row(hall, "staff-ways") == [
        ("Sala", True),
        ("Rezerwacje", False),
        ("Weryfikacja", False),
        ("Statystyki", False),
        ("Co gdyby?", False),
        ("Ustawienia", False),
    ]
    assert row(hall, "staff-within") == []
    users = manager.get(f"{AT}/users").text
    assert ("Ustawienia", True) in row(users, "staff-ways")
    assert row(users, "staff-within") == [
        ("Oddział i usługi", False),
        ("Zasady wzywania", False),
        ("Kalendarz", False),
        ("Pracownicy", True),
        ("Urządzenia", False),
        ("Zmiany", False),
    ]


@pytest.mark.parametrize("page", ["settings/hours", "settings/services/1", "settings/services/new"])
def test_a_page_of_a_setting_belongs_to_the_settings(office: SampleOffice, people: People, page: str) -> None:
    html = people.signed_in(Role.MANAGER).get(f"{AT}/{page}").text
    assert ("Oddział i usługi", True) in row(html, "staff-within")


def test_who_may_open_one_page_of_the_settings_has_its_name_in_the_head(
    office: SampleOffice, people: People
) -> None:
    html = people.signed_in(Role.SUPERVISOR).get(f"{AT}/hall").text
    words = [each for each, _ in row(html, "staff-ways")]
    assert "Zasady wzywania" in words
    assert "Ustawienia" not in words


def test_an_auditor_goes_from_the_rules_to_the_changes(office: SampleOffice, people: People) -> None:
    html = people.signed_in(Role.AUDITOR).get(f"{AT}/rules").text
    assert row(html, "staff-within") == [("Zasady wzywania", True), ("Zmiany", False)]


def test_a_clerk_sees_no_settings(office: SampleOffice, people: People) -> None:
    html = people.signed_in(Role.CLERK).get(f"{AT}/reservations").text
    assert {each for each, _ in row(html, "staff-ways")} <= {"Rezerwacje", "Weryfikacja", "Stanowisko"}
