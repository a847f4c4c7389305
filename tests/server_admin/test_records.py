"""What was done can be handed out and checked by others."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.store.facts import NewFact, note
from server.store.tables import Branch, Fact, User
from tests.server_admin.conftest import Desk
from wire.vocabulary import FactType


def test_the_log_goes_out_as_json_lines_whose_chain_can_be_walked(either_desk: Desk) -> None:
    desk = either_desk
    desk.good("integrator", "add", "Portal")
    desk.good("export", "--out", desk.folder / "log.jsonl")
    printed = desk.good("export").splitlines()
    lines = [json.loads(line) for line in (desk.folder / "log.jsonl").read_text().splitlines()]
    assert [json.loads(line) for line in printed] == lines
    assert [line["feed_number"] for line in lines] == [1, 2, 3]
    assert [line["type"] for line in lines] == ["office.changed", "office.changed", "integrator.changed"]
    said = desk.good("verify")
    assert "3 facts, and each fits" in said
    assert lines[-1]["chain_hash"] in said
    assert (desk.folder / "log.jsonl").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("edited", [{"data": {"branch": "elsewhere"}}, {"type": "no.such_type"}])
def test_an_edited_row_is_found(either_desk: Desk, edited: dict[str, object]) -> None:
    desk = either_desk
    store = desk.store()
    edit = update(Fact).where(Fact.feed_number == 2).values(**edited)
    store.write(lambda session: session.execute(edit) and None)
    store.close()
    assert "the fact 2 does not fit" in desk.refused("verify")


def test_the_times_of_tickets_go_out_as_csv(desk: Desk) -> None:
    enrolment = desk.good("device", "add", "kiosk", "--branch", "wroclaw", "--hall", "A")
    running = desk.serve()
    try:
        running.post("/tickets", {"service": "T"}, running.enrol(enrolment))
    finally:
        running.stop()
    assert "1 ticket in" in desk.good("export", "--tickets", desk.folder / "tickets.csv")
    with (desk.folder / "tickets.csv").open(newline="") as file:
        (ticket,) = csv.DictReader(file)
    assert (ticket["branch"], ticket["number"], ticket["status"]) == ("wroclaw", "T001", "waiting")
    assert ticket["wait_seconds"] == ""
    assert ticket["issued_at"].endswith("+00:00")


def test_who_saw_whose_data_goes_out_as_csv(desk: Desk) -> None:
    desk.good(
        "user", "add", "anna.nowak", "--branch", "wroclaw", "--name", "Anna Nowak", typed="long enough 1\n"
    )
    store = desk.store()
    seen = {"reservations": [41, 42], "way": "name"}

    def look(session: Session) -> None:
        anna = session.execute(select(User.id).where(User.login == "anna.nowak")).scalar_one()
        branch = session.execute(select(Branch.id).where(Branch.code == "wroclaw")).scalar_one()
        at = datetime(2026, 11, 23, 9, tzinfo=UTC)
        note(session, NewFact(FactType.RESERVATION_LOOKED_AT, at, branch, seen | {"user": anna}))
        note(session, NewFact(FactType.PERSONAL_DATA_GIVEN, at, data={"account": 7}))
        note(session, NewFact(FactType.COUNTER_OPENED, at, branch, {"user": anna}))

    store.write(look)
    store.close()
    file = desk.folder / "access.csv"
    assert "3 times that somebody's data was seen" in desk.good("export", "--access", file)
    assert file.stat().st_mode & 0o077 == 0
    first, second, own = csv.DictReader(file.read_text().splitlines())
    assert (first["user"], first["branch"], first["way"]) == ("anna.nowak", "wroclaw", "name")
    assert (first["reservation"], second["reservation"]) == ("41", "42")
    assert first["at"] == "2026-11-23T09:00:00+00:00"
    assert (own["what"], own["account"], own["user"]) == ("personal_data.given", "7", "")


def test_one_export_writes_one_file(desk: Desk) -> None:
    said = desk.admin("export", "--tickets", desk.folder / "t.csv", "--access", desk.folder / "a.csv")
    assert said.code == 2
    assert "not allowed with argument" in said.err
    assert not (desk.folder / "t.csv").exists()
