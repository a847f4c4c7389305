"""Draws from the console: listed, shown as published, decided by a number once, and run."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from server.store.tables import Draw
from tests.server_admin.conftest import Desk

_OFFICE = """
[[branch]]
code = "wroclaw"
name = "Urząd"
[[branch.hall]]
code = "A"
name = "Sala A"
[[branch.service]]
letter = "R"
names = {pl = "Karta pobytu", en = "Residence card"}
[branch.service.booking]
release = "draw"
slots = [{days = ["mon", "tue"], hours = "08:00-10:00", every_minutes = 30, capacity = 2}]
[branch.service.booking.draw]
window_hours = 168
public_number = {en = "the lottery"}
"""


@pytest.fixture
def drawing_desk(bare_desk: Desk, tmp_path: Path) -> Desk:
    """Give a desk whose service R has a draw open at any time."""
    office = tmp_path / "office.toml"
    office.write_text(_OFFICE, encoding="utf-8")
    bare_desk.good("init", "--office", office)
    assert bare_desk.good("draw", "run") == "numerek: draws opened: 1, closed: 0, given: 0\n"
    return bare_desk


def end_window(desk: Desk) -> None:
    store, now = desk.store(), datetime.now(UTC)
    store.write(
        lambda session: session.execute(update(Draw).values(closes_at=now - timedelta(seconds=1))) and None
    )
    store.close()


def id_of(desk: Desk) -> str:
    found = re.search(r"^([0-9a-f]{12}) ", desk.good("draw", "list"), re.M)
    assert found is not None
    return found[1]


def test_a_draw_is_decided_by_its_number_once(drawing_desk: Desk) -> None:
    desk = drawing_desk
    draw = id_of(desk)
    assert "open" in desk.good("draw", "list", "--branch", "wroclaw", "--service", "R")
    assert "draw is open" in desk.refused("draw", "number", draw, "1 2 3")
    end_window(desk)
    desk.good("draw", "run")
    assert "waits for number" in desk.good("draw", "list")
    assert "the lottery" in desk.good("draw", "show", draw)
    desk.good("draw", "number", draw, "1 2 3")
    assert "number is known" in desk.refused("draw", "number", draw, "4 5 6")
    assert desk.good("draw", "run") == "numerek: draws opened: 0, closed: 0, given: 1\n"
    shown = json.loads(desk.good("draw", "show", draw, "--json"))
    assert (shown["state"], shown["public_number"], shown["order"]) == ("drawn", "1 2 3", [])


def test_what_is_not_there_is_told(drawing_desk: Desk) -> None:
    assert drawing_desk.refused("draw", "show", "nothing") == "there is no such draw."
    assert drawing_desk.refused("draw", "number", "nothing", "1") == "there is no such draw."
    assert "go together" in drawing_desk.refused("draw", "list", "--branch", "wroclaw")
