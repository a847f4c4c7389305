"""The steps of an installation: what a role gets, in an order that finds mistakes before they cost time."""

from __future__ import annotations

import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.install.config_lines import with_values
from deploy.install.plan import CONSOLE, ENTRY, LOCK, LOCKED, PROGRAMS, ROLES, SCREENS, Order, plan
from deploy.install.steps import (
    Account,
    Answers,
    Command,
    Config,
    Copy,
    Data,
    Enable,
    Mask,
    Packages,
    Programs,
    SetUp,
)
from tests.house.tracked import ROOT
from wire.settings import load_settings

URL = "https://numerek.example.org"
SHIPPED = (ROOT / "config.toml").read_text("utf-8")


def order(role: str, code: str | None = None) -> Order:
    return Order(role, URL, code, clerk="anna" if role == "counter" else "")


def of(kind: type, role: str, code: str | None = None) -> list[object]:
    return [step for step in plan(order(role, code)) if isinstance(step, kind)]


@pytest.mark.parametrize("role", ROLES)
def test_the_units_that_start_are_put_there_before(role: str) -> None:
    steps = plan(order(role))
    for place, step in enumerate(steps):
        if isinstance(step, Enable):
            put = {each.source.name for each in steps[:place] if isinstance(each, Copy)}
            assert set(step.units) <= put


@pytest.mark.parametrize("role", ROLES)
def test_what_is_put_there_is_in_the_project(role: str) -> None:
    assert [step for step in of(Copy, role) if not (ROOT / step.source).exists()] == []


@pytest.mark.parametrize("role", SCREENS)
def test_a_screen_belongs_to_one_program(role: str) -> None:
    assert Mask(CONSOLE) in of(Mask, role)
    assert of(Packages, role) == [Packages(("apt.txt", "apt-build.txt", "apt-screen.txt"))]
    unit = (ROOT / f"deploy/systemd/numerek-{role}.service").read_text()
    (account,) = of(Account, role)
    assert f"User={account.name}\n" in unit


@pytest.mark.parametrize("role", ROLES)
def test_where_apt_brought_the_programs_only_what_is_the_roles_own_is_left_to_do(role: str) -> None:
    whole, left = plan(order(role)), plan(order(role), packaged=True)
    own = [step for step in whole if not isinstance(step, Packages | Programs | SetUp)]
    assert [step for step in left if not isinstance(step, Packages)] == own
    lists = [step.lists for step in left if isinstance(step, Packages)]
    assert lists == ([("apt-screen.txt",)] if role in SCREENS else [])


def test_a_kiosk_has_every_file_of_its_lock_where_the_file_itself_says() -> None:
    placed = {step.source.name: step.target for step in LOCKED if isinstance(step, Copy)}
    # A bare X server instead of cage is an operator's own choice.
    assert set(placed) == {file.name for file in (ROOT / LOCK).iterdir()} - {"xorg.conf"}
    for name, target in placed.items():
        first = (ROOT / LOCK / name).read_text().splitlines()[0]
        assert str(target) in first or str(target.parent) in first
    for role, has in (("kiosk", True), ("board", False)):
        assert [step in plan(order(role)) for step in LOCKED] == [has] * len(LOCKED)


def test_the_server_keeps_its_data_where_its_unit_may_write() -> None:
    (data,) = of(Data, "server")
    assert (
        f"StateDirectory={data.folder.name}\n" in (ROOT / "deploy/systemd/numerek-server.service").read_text()
    )
    assert of(Mask, "server") == []


def test_a_counter_is_its_clerks_own() -> None:
    assert of(Account, "counter") == []
    assert of(Data, "counter") == [Data(Path("/var/lib/numerek-counter"), "anna")]


def test_the_menu_starts_the_clerks_program_with_its_settings_and_nobody_elses(tmp_path: Path) -> None:
    (line,) = re.findall(r"(?m)^Exec=(.*)$", (ROOT / ENTRY).read_text())
    (data,), (config,) = of(Data, "counter"), of(Config, "counter")
    for named, there in ((data.folder, tmp_path), (config.file, tmp_path / "config.toml")):
        assert f"{named}" in line
        line = line.replace(f"{named}", f"{there}")
    own = f"{PROGRAMS}/.venv/bin/python -m counter_client --enrol"
    assert own in line
    said = shlex.split(line.replace(own, "sh -c 'echo $NUMEREK_CONFIG'"))
    assert subprocess.run(said, capture_output=True, text=True).stdout == f"{tmp_path / 'config.toml'}\n"
    elsewhere = shlex.split(line.replace(f"{tmp_path} ", f"{tmp_path / 'gone'} "))
    assert subprocess.run(elsewhere, capture_output=True, text=True).stdout == ""


@pytest.mark.parametrize("role", ["kiosk", "board", "counter"])
def test_a_code_is_used_once_after_the_server_was_found_and_all_is_set_up(role: str) -> None:
    steps = plan(order(role, "ABCD"))
    (enrol,) = (step for step in steps if isinstance(step, Command))
    kinds = [type(step) for step in steps]
    assert kinds.index(Answers) < kinds.index(SetUp) < kinds.index(Command)
    (config,) = of(Config, role)
    assert str(enrol.made) == config.values[role, "token_file"]
    assert of(Command, role) == []


@pytest.mark.parametrize("role", ROLES)
def test_the_settings_that_are_written_are_understood(role: str, tmp_path: Path) -> None:
    (config,) = of(Config, role)
    file = tmp_path / "config.toml"
    file.write_text(with_values(SHIPPED, config.values), "utf-8")
    read = load_settings(file, {})
    for (table, key), value in config.values.items():
        held = getattr(getattr(read, table), key)
        # Of an address the settings make a network.
        assert (
            [each.removesuffix("/32") for each in held] if isinstance(value, list) else str(held)
        ) == value


@given(st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=40))
def test_any_text_is_written_and_nothing_else_changes(value: str) -> None:
    before, after = (
        tomllib.loads(SHIPPED),
        tomllib.loads(with_values(SHIPPED, {("board", "token_file"): value})),
    )
    assert after["board"].pop("token_file") == value
    del before["board"]["token_file"]
    assert after == before


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", '[kiosk]\nserver_url = "x"\n'),
        ("[board]\nchime = true", '[board]\nchime = true\n\n[kiosk]\nserver_url = "x"\n'),
        ("[kiosk]", '[kiosk]\nserver_url = "x"\n'),
        ("[kiosk] # its\n# address\nserver_url='y'\n", '[kiosk] # its\n# address\nserver_url = "x"\n'),
        ("[kiosk.printer]\nserver_url = 1\n", '[kiosk.printer]\nserver_url = 1\n\n[kiosk]\nserver_url = "x"\n'),
    ],
)  # fmt: skip
def test_a_value_finds_its_table(text: str, expected: str) -> None:
    once = with_values(text, {("kiosk", "server_url"): "x"})
    assert once == expected
    assert with_values(once, {("kiosk", "server_url"): "x"}) == once
