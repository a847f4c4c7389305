"""What was done can be handed out and checked by others."""

from __future__ import annotations

import csv
import json

import pytest
from sqlalchemy import update

from server.store.tables import Fact
from tests.server_admin.conftest import Desk


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
    assert "1 tickets in" in desk.good("export", "--tickets", desk.folder / "tickets.csv")
    with (desk.folder / "tickets.csv").open(newline="") as file:
        (ticket,) = csv.DictReader(file)
    assert (ticket["branch"], ticket["number"], ticket["status"]) == ("wroclaw", "T001", "waiting")
    assert ticket["wait_seconds"] == ""
    assert ticket["issued_at"].endswith("+00:00")
