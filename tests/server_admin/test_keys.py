"""`admin keys`: another key beside running servers, made anew, and the old one out when nothing hangs on it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from server.admin import keys as admin_keys
from server.services.privacy import hanging
from server.services.queue.check_in import lookups
from server.store.engine import is_sqlite
from server.store.key_file import load_key_file
from server.store.open_store import database_url, open_store
from server.store.queries.booking.reservations import by_code
from tests.server_admin.conftest import Desk
from wire.codes import parse_scan


def ids(desk: Desk) -> list[str]:
    """List the keys of the file, the newest first."""
    return [key.id for key in load_key_file(desk.settings.secrets_file).keys]


def let_pass(desk: Desk, **length: float) -> None:
    """Write the instants of the file so much earlier, as if that time had passed."""
    file = desk.settings.secrets_file

    def earlier(found: re.Match[str]) -> str:
        return (datetime.fromisoformat(found[0]) - timedelta(**length)).isoformat()

    file.write_text(re.sub(r"\d{4}-\S+T\S+", earlier, file.read_text()))


def visit(desk: Desk) -> str:
    """Import a reservation; return its code."""
    where = ("--branch", "wroclaw", "--service", "P")
    when = ("--from", "2030-01-07T10:00", "--to", "2030-01-07T11:00", "--every", 30, "--capacity", 2)
    desk.good("slots", "add", *where, *when)
    desk.folder.joinpath("v.csv").write_text(
        "branch,service,appointment_at,name,birth_date\nwroclaw,P,2030-01-07 10:00,Ala Nowak,1980-02-03\n"
    )
    desk.good("reservation", "import", desk.folder / "v.csv")
    found = re.search(r"\b\d{3} ?\d{3} ?\d{3}\b", desk.folder.joinpath("v.codes.csv").read_text())
    assert found is not None
    return found[0]


def is_found(desk: Desk, code: str) -> bool:
    """Look for a code as a server does that starts now."""
    store, keys = open_store(desk.settings)
    try:
        context: Any = type("Asking", (), {"keys": keys})
        hashes = lookups(context, parse_scan(code))
        return store.read(lambda session: by_code(session, hashes, scanned=False)) is not None
    finally:
        store.close()


def test_a_key_is_changed_beside_a_visit_that_is_booked(either_desk: Desk) -> None:
    desk = either_desk
    code, (old,) = visit(desk), ids(desk)
    assert "is used from" in desk.good("keys", "rotate", "--in-minutes", "30")
    new, _ = ids(desk)
    assert re.search(rf"{new} .*to come\n{old} .*the beginning .*in use", desk.good("keys", "list"))
    assert "come back after it" in desk.refused("keys", "reseal")
    assert f"{new} waits for its time" in desk.refused("keys", "rotate")
    assert is_found(desk, code)
    let_pass(desk, minutes=30)
    assert re.search(rf"{new} .*in use\n{old} .*read", desk.good("keys", "list"))
    assert is_found(desk, code)
    said = desk.refused("keys", "retire", old)
    assert "persons' keys: 1" in said
    assert "reservations: 1" in said
    assert "reservations: 1 row made anew" in desk.good("keys", "reseal")
    assert "links of visits: 1" in desk.refused("keys", "retire", old)
    assert ids(desk) == [new, old]
    assert is_found(desk, code)


def test_others_may_write_between_some_rows_and_the_next(
    either_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    rests: list[float] = []
    monkeypatch.setattr(admin_keys, "time", SimpleNamespace(sleep=rests.append))
    either_desk.good("keys", "rotate", "--in-minutes", "1")
    let_pass(either_desk, minutes=2)
    either_desk.good("keys", "reseal")
    # SQLite's other writers look every tenth of a second at last; PostgreSQL's are in nobody's way.
    if is_sqlite(database_url(either_desk.settings)):
        assert len(rests) >= len(hanging.HOLDERS)
        assert min(rests) > 0.1
    else:
        assert rests == []


def test_a_key_on_which_nothing_hangs_goes_after_two_days(desk: Desk) -> None:
    (old,) = ids(desk)
    desk.good("keys", "rotate")
    new = ids(desk)[0]
    assert f"{old} is in use" in desk.refused("keys", "retire", old)
    let_pass(desk, minutes=2)
    assert f"{new} is in use" in desk.refused("keys", "retire", new)
    assert "there is no key abcd" in desk.refused("keys", "retire", "abcd")
    desk.good("keys", "reseal")
    assert "cookies and kiosks" in desk.refused("keys", "retire", old)
    let_pass(desk, hours=48)
    assert "is out of" in desk.good("keys", "retire", old)
    assert ids(desk) == [new]
    assert desk.settings.secrets_file.stat().st_mode & 0o777 == 0o600
    assert "1 row" not in desk.good("verify")


def test_a_key_that_is_not_used_yet_may_be_taken_back(desk: Desk) -> None:
    before = ids(desk)
    desk.good("keys", "rotate")
    assert "is out of" in desk.good("keys", "retire", ids(desk)[0])
    assert ids(desk) == before


def test_a_server_without_the_key_in_use_does_not_start(desk: Desk) -> None:
    file = desk.settings.secrets_file
    old = file.read_text()
    desk.good("keys", "rotate")
    let_pass(desk, minutes=2)
    desk.good("keys", "list")
    file.write_text(old)
    assert "copy the key file of a server that has it" in desk.refused("keys", "list")


def test_five_keys_are_kept_at_most(desk: Desk) -> None:
    for _ in range(4):
        desk.good("keys", "rotate")
        let_pass(desk, minutes=2)
    assert "there are 5 keys" in desk.refused("keys", "rotate")


def test_a_file_that_systemd_hands_over_is_not_written(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(desk.settings.secrets_file.parent))
    before = desk.settings.secrets_file.read_bytes()
    assert "handed over by systemd" in desk.refused("keys", "rotate")
    assert desk.settings.secrets_file.read_bytes() == before


def test_no_key_is_printed(desk: Desk) -> None:
    said = desk.good("keys", "rotate") + desk.good("keys", "list")
    for line in desk.settings.secrets_file.read_text().splitlines():
        assert line.split()[0] not in said


def test_a_backup_of_before_the_change_is_restored(desk: Desk) -> None:
    desk.good("backup")
    (backup,) = (desk.settings.data_dir / "backups").glob("numerek-*.db")
    desk.good("keys", "rotate")
    let_pass(desk, minutes=2)
    desk.good("keys", "reseal")
    assert "is in place" in desk.good("restore", backup)
