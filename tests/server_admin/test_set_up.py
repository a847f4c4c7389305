"""From an empty folder to an office: once, again, and changed while a server runs."""

from __future__ import annotations

import time

import pytest

from server.services.office.settings import read_office
from tests.server_admin.conftest import OFFICE, Desk

TAKEN_OVER_SECONDS = 20


def test_an_empty_folder_becomes_an_installation_for_its_owners_eyes(bare_desk: Desk) -> None:
    said = bare_desk.good("init")
    data = bare_desk.folder / "data"
    assert "new key in" in said
    assert "numerek admin office FILE" in said
    assert data.stat().st_mode & 0o777 == 0o700
    assert (data / "numerek.key").stat().st_mode & 0o777 == 0o600
    assert (data / "numerek.db").stat().st_mode & 0o077 == 0


def test_a_second_time_changes_neither_key_nor_office(desk: Desk) -> None:
    key = desk.settings.secrets_file.read_bytes()
    said = desk.good("init", "--office", OFFICE)
    assert "wroclaw: 7 services, 6 counters, 1 hall" in said
    assert desk.settings.secrets_file.read_bytes() == key


def test_a_lost_key_is_not_replaced_by_one_that_opens_nothing(either_desk: Desk) -> None:
    desk = either_desk
    desk.settings.secrets_file.unlink()
    assert "bring it back" in desk.refused("init")
    assert not desk.settings.secrets_file.exists()


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ('letter = "P"', 'letter = "pp"', "branch 1.service 1.letter: one letter"),
        ('letter = "P"', 'letter = "O"', "O001 would be taken for 0001: choose another letter"),
        ('letter = "P"', 'letter = "I"', "branch 1.service 1.letter: on a ticket I101"),
        (
            "help_counter = 1",
            "help_conter = 1",
            "branch 1.help_conter: unknown setting; did you mean help_counter?",
        ),
        ('hall = "A"\nservices = ["T", "N"]', 'hall = "B"\nservices = ["T", "N"]', "branch 1.counter 1.hall"),
        ('languages = ["pl", "en"]', "languages = [", "this is not TOML"),
        (
            'status = "partial"',
            'status = "good"',
            "publisher.accessibility.status: one of full, partial, none",
        ),
        ('kind = "clause"', 'kind = "claws"', "publication 2.kind: one of terms, clause"),
    ],
)
def test_a_wrong_office_file_is_told_with_its_place_and_changes_nothing(
    desk: Desk, before: str, after: str, place: str
) -> None:
    text = OFFICE.read_text()
    assert before in text
    wrong = desk.folder / "office.toml"
    wrong.write_text(text.replace('name = "Urząd Wojewódzki"', 'name = "Changed"').replace(before, after, 1))
    said = desk.refused("office", wrong)
    assert place in said
    assert str(wrong) in said
    store = desk.store()
    names = [branch.name for branch in store.read(read_office).branches.values()]
    store.close()
    assert "Changed" not in names


def test_what_the_office_has_not_stated_is_listed(desk: Desk) -> None:
    assert "not stated" not in desk.good("office", OFFICE)
    file = desk.folder / "office.toml"
    file.write_text(OFFICE.read_text().replace('status = "partial"', "", 1))
    said = desk.good("office", file)
    assert "the office has not stated yet: publisher.accessibility.status" in said
    assert "the built-in ones" not in said


def test_a_changed_office_reaches_a_running_server(desk: Desk) -> None:
    enrolment = desk.good("device", "add", "kiosk", "--branch", "wroclaw", "--hall", "A")
    running = desk.serve()
    try:
        token = running.enrol(enrolment)
        assert running.post("/tickets", {"service": "T"}, token)[0] == 201
        changed = desk.folder / "office.toml"
        changed.write_text(
            OFFICE.read_text().replace('letter = "T"', 'letter = "T"\nwalk_in_daily_limit = 1', 1)
        )
        desk.good("office", changed)
        until = time.monotonic() + TAKEN_OVER_SECONDS
        while (answer := running.post("/tickets", {"service": "T"}, token))[0] == 201:
            assert time.monotonic() < until
        assert (answer[0], answer[1]["reason"]) == (409, "limit_reached")
    finally:
        running.stop()


def test_help_names_every_command(bare_desk: Desk) -> None:
    said = bare_desk.admin("--help")
    assert said.code == 0
    for command in (
        "init",
        "office",
        "user",
        "device",
        "integrator",
        "slots",
        "reservation",
        "export",
        "verify",
    ):
        assert f"    {command} " in said.out
    assert bare_desk.admin("nonsense").code == 2


def test_a_letter_like_a_digit_stays_where_it_is_and_can_be_allowed(desk: Desk) -> None:
    file = desk.folder / "office.toml"
    with_o = OFFICE.read_text().replace('letter = "Z"', 'letter = "O"', 1)
    file.write_text(with_o.replace("help_counter = 1", "help_counter = 1\nletters_like_digits = true", 1))
    desk.good("office", file)
    file.write_text(with_o)
    desk.good("office", file)
