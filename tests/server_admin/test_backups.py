"""A backup beside a running server is whole, and brings the office back after the worst."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url

from server.admin.backups import postgres, sqlite
from server.store.engine import libpq_of
from server.store.facts import verify_chain
from server.store.health import BACKUP_MARK, last_backup
from tests.server_admin.conftest import Desk
from tests.server_admin.running import Running

RESTORE_SECONDS = 60


def tickets_of(running: Running, token: str, count: int) -> list[str]:
    numbers = []
    for _ in range(count):
        status, answer = running.post("/tickets", {"service": "T"}, token)
        assert status == 201
        numbers.append(answer["ticket"]["number"])
    return numbers


def backups_of(desk: Desk) -> list[Path]:
    folder = desk.folder / "data" / "backups"
    return sorted(file for file in folder.iterdir() if not file.name.startswith("personal-keys."))


def test_an_office_comes_back_from_a_backup_that_was_made_while_it_worked(either_desk: Desk) -> None:
    desk = either_desk
    enrolment = desk.good("device", "add", "kiosk", "--branch", "wroclaw", "--hall", "A")
    running = desk.serve()
    try:
        token = running.enrol(enrolment)
        assert tickets_of(running, token, 3) == ["T001", "T002", "T003"]
        desk.good("backup")
        (backup,) = backups_of(desk)
        assert tickets_of(running, token, 2) == ["T004", "T005"]
        assert "a server is running" in desk.refused("restore", backup)
        assert tickets_of(running, token, 1) == ["T006"]
    finally:
        running.kill()
    begun = time.monotonic()
    said = desk.good("restore", backup)
    running = desk.serve()
    assert time.monotonic() - begun < RESTORE_SECONDS
    try:
        assert "what was there before is kept as" in said
        assert tickets_of(running, token, 1) == ["T004"]
    finally:
        assert running.stop() == 0
    assert "each fits the one before it" in desk.good("verify")


def test_what_a_restore_replaced_is_kept_whole_beside_it(desk: Desk) -> None:
    desk.good("backup")
    desk.good("integrator", "add", "Portal")
    desk.good("restore", *backups_of(desk))
    assert "Portal" not in desk.good("integrator", "list")
    (replaced,) = (desk.folder / "data").glob("numerek.db.replaced-*")
    with closing(sqlite3.connect(replaced)) as database:
        assert database.execute("SELECT name FROM integrator").fetchall() == [("Portal",)]


def test_a_restore_by_force_does_not_ask_who_has_the_database(desk: Desk) -> None:
    desk.good("backup")
    store = desk.store()
    try:
        assert "a server is running" in desk.refused("restore", *backups_of(desk))
        desk.good("restore", "--force", *backups_of(desk))
    finally:
        store.close()


def test_a_restore_refuses_what_is_no_sound_backup_and_leaves_everything_as_it_was(desk: Desk) -> None:
    desk.good("backup")
    (backup,) = backups_of(desk)
    before = (desk.folder / "data" / "numerek.db").read_bytes()
    broken = desk.folder / "broken.db"
    broken.write_bytes(backup.read_bytes()[:20_000])
    other = desk.folder / "other.db"
    with closing(sqlite3.connect(other)) as database:
        database.execute("CREATE TABLE note (text)")
    assert "is damaged, or no database" in desk.refused("restore", broken)
    assert "is no backup of Numerek" in desk.refused("restore", other)
    assert "there is no file" in desk.refused("restore", desk.folder / "none.db")
    desk.settings.secrets_file.write_text("ab" * 16 + "0123456789abcdef" * 2)
    assert "made with another key" in desk.refused("restore", backup)
    assert (desk.folder / "data" / "numerek.db").read_bytes() == before
    assert not list((desk.folder / "data").glob("*.restoring"))


def test_a_damaged_database_is_replaced(desk: Desk) -> None:
    desk.good("backup")
    database = desk.folder / "data" / "numerek.db"
    database.write_bytes(b"\xff" * 8192)
    assert "cannot be used" in desk.refused("user", "list")
    desk.good("restore", *backups_of(desk))
    assert desk.good("user", "list").startswith("login")


def test_only_the_newest_backups_are_kept(desk: Desk) -> None:
    for _ in range(4):
        desk.good("backup", "--keep", 2)
    kept = backups_of(desk)
    desk.good("backup", "--keep", 2)
    assert len(kept) == 2
    assert backups_of(desk)[0] == kept[1]
    assert all(file.stat().st_mode & 0o077 == 0 for file in backups_of(desk))


def test_when_the_last_backup_was_done_is_told_wherever_it_lies(desk: Desk, tmp_path: Path) -> None:
    data = desk.settings.data_dir
    desk.good("backup", "--keep", 1)
    (data / BACKUP_MARK).unlink()
    assert last_backup(data) == 0
    began = time.time()
    desk.good("backup", "--out", tmp_path / "elsewhere")
    assert began - 2 <= last_backup(data) <= time.time()


def test_a_backup_that_fails_leaves_nothing_that_looks_like_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(*_: object) -> None:
        raise sqlite3.DatabaseError("database disk image is malformed")

    monkeypatch.setattr(sqlite, "_check", damaged)
    assert "cannot be used" in desk.refused("backup")
    assert backups_of(desk) == []


def test_the_programs_of_postgresql_find_the_primary_among_several_hosts(
    postgres_url: str, tmp_path: Path
) -> None:
    there = make_url(postgres_url).query["host"]
    hosts = f"host=/nowhere:5432&host={there}:5432&target_session_attrs=read-write"
    several = f"{postgres_url.partition('?')[0]}?{hosts}"
    postgres.back_up(several, tmp_path / "copy", tmp_path / "keys")
    assert (tmp_path / "copy").stat().st_size


def test_the_password_is_not_among_what_other_accounts_can_see() -> None:
    where, password = libpq_of(make_url("postgresql+psycopg://numerek:hidden1@/numerek?host=a:1&host=b:2"))
    assert (password, "hidden1" in where) == ("hidden1", False)
    assert "host=a,b" in where
    assert "port=1,2" in where


def test_an_edited_row_is_found_in_a_backup_too(desk: Desk) -> None:
    desk.good("backup")
    (backup,) = backups_of(desk)
    with closing(sqlite3.connect(backup)) as database, database:
        database.execute("UPDATE fact SET at = at + 1 WHERE feed_number = 1")
    said = desk.admin("restore", backup)
    assert said.code == 1
    assert "changed at the fact 1" in said.err
    store = desk.store()
    assert store.read(verify_chain) == 1
    store.close()
