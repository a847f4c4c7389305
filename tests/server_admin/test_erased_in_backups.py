"""Who was erased cannot be read in any older backup; everybody else comes back whole from it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from server.admin.backups import sqlite
from server.services.context import Context
from server.services.office.settings import read_office
from server.services.privacy.erasure import erase_account
from server.services.queue.forecasts import Forecasts
from server.store.key_file import load_key_file
from server.store.keyring import Keyring
from server.store.queries.privacy import personal_keys
from server.store.store import Store
from server.store.tables import Account, Branch, Evidence, PersonalKey, Reservation, Service
from tests.server_admin.conftest import Desk

NOW = datetime.now(UTC)
ERASED, KEPT = "Sentinella Erased", "Sentinella Kept"


@pytest.fixture
def keyring(either_desk: Desk) -> Keyring:
    return load_key_file(either_desk.settings.secrets_file)


@pytest.fixture
def store(either_desk: Desk) -> Iterator[Store]:
    store = either_desk.store()
    yield store
    store.close()


def visit(store: Store, keyring: Keyring, name: str) -> int:
    """Write an ended reservation of an account of its own, with evidence, and return the account's id."""

    def work(session: Any) -> int:
        branch = session.execute(select(Branch)).scalars().first()
        service = session.execute(select(Service).where(Service.branch_id == branch.id)).scalars().first()
        account = Account(language="pl", terms_version="1", terms_accepted_at=NOW, made_at=NOW)
        account.personal_key_id, own = personal_keys.new_key(session, keyring, NOW)
        account.email_hash, account.sealed_email = name.encode(), own.seal(name.encode(), b"email")
        session.add(account)
        session.flush()
        key_id, box = personal_keys.new_key(session, keyring, NOW)
        row = Reservation(
            branch_id=branch.id,
            service_id=service.id,
            account_id=account.id,
            personal_key_id=key_id,
            status="cancelled",
            appointment_at=NOW,
            lapses_at=NOW,
            language="pl",
            person_hash=name.encode(),
            sealed_person=box.seal(json.dumps({"name": name}).encode(), b"person"),
            booked_at=NOW,
            ended_at=NOW,
        )
        session.add(row)
        session.flush()
        trace_id, trace = personal_keys.new_key(session, keyring, NOW)
        session.add(
            Evidence(
                reservation_id=row.id,
                personal_key_id=trace_id,
                block_hash=b"b",
                agent_hash=b"a",
                fill_ms=1,
                sealed_details=trace.seal(b"{}", b"details"),
                made_at=NOW,
            )
        )
        return int(account.id)

    return store.write(work)


def names(store: Store, keyring: Keyring) -> list[str | None]:
    """Read the names of all reservations, None where nothing opens."""

    def work(session: Any) -> list[str | None]:
        found: list[str | None] = []
        for row in session.execute(select(Reservation).order_by(Reservation.id)).scalars():
            said = personal_keys.open_json(
                personal_keys.box(session, keyring, row.personal_key_id), row.sealed_person, b"person"
            )
            found.append(said["name"] if said else None)
        return found

    return store.read(work)


def erase(store: Store, keyring: Keyring, account_id: int) -> None:
    def work(session: Any) -> None:
        context = Context(
            NOW + timedelta(seconds=1), read_office(session), Forecasts(), keyring, "https://numerek.test"
        )
        erase_account(session, context, account_id)

    store.write(work)


def folder_of(desk: Desk) -> Path:
    return desk.folder / "data" / "backups"


def backups_of(desk: Desk) -> list[Path]:
    return sorted(folder_of(desk).glob("numerek-*"))


def test_the_drill_an_old_backup_with_the_keys_of_today_gives_back_all_but_the_erased(
    either_desk: Desk, store: Store, keyring: Keyring
) -> None:
    gone = visit(store, keyring, ERASED)
    visit(store, keyring, KEPT)
    either_desk.good("backup")
    erase(store, keyring, gone)
    either_desk.good("backup")
    old, _ = backups_of(either_desk)
    store.close()
    either_desk.good("restore", old)
    again = either_desk.store()
    try:
        assert names(again, keyring) == [None, KEPT]
        erased, kept = again.read(
            lambda session: list(session.execute(select(Reservation).order_by(Reservation.id)).scalars())
        )
        assert (erased.person_hash, erased.sealed_person, erased.account_id) == (None, None, None)
        assert kept.person_hash == KEPT.encode()
        left = again.read(lambda session: list(session.execute(select(Evidence)).scalars()))
        assert [row.reservation_id for row in left] == [kept.id]
        visit(again, keyring, "Somebody New")
    finally:
        again.close()


def test_control_with_the_keys_of_then_the_erased_could_be_read(
    either_desk: Desk, store: Store, keyring: Keyring
) -> None:
    gone = visit(store, keyring, ERASED)
    either_desk.good("backup")
    (keys,) = folder_of(either_desk).glob("personal-keys.*")
    of_then = either_desk.folder / "keys-of-then"
    of_then.write_bytes(keys.read_bytes())
    erase(store, keyring, gone)
    store.close()
    (old,) = backups_of(either_desk)
    either_desk.good("restore", "--keys", of_then, old)
    again = either_desk.store()
    assert names(again, keyring) == [ERASED]
    again.close()


def test_a_backup_has_no_key_of_anybody(either_desk: Desk, store: Store, keyring: Keyring) -> None:
    visit(store, keyring, KEPT)
    sealed = [
        bytes(row.sealed_key)
        for row in store.read(lambda session: list(session.execute(select(PersonalKey)).scalars()))
    ]
    either_desk.good("backup")
    (backup,) = backups_of(either_desk)
    (keys,) = folder_of(either_desk).glob("personal-keys.*")
    assert keys.stat().st_mode & 0o077 == 0
    if store.sqlite:
        assert all(key in keys.read_bytes() for key in sealed)
        assert not any(key in backup.read_bytes() for key in sealed)
    assert "lose all personal data" in either_desk.refused("restore", "--keys", "/nowhere", backup)
    store.close()
    either_desk.good("restore", "--without-keys", backup)
    again = either_desk.store()
    try:
        assert names(again, keyring) == [None]
        assert again.read(lambda session: session.execute(select(PersonalKey)).first()) is None
        (account,) = again.read(lambda session: list(session.execute(select(Account)).scalars()))
        assert account.email_hash is None
        assert account.deleted_at is not None
    finally:
        again.close()


def test_only_the_keys_of_the_newest_backup_are_kept(
    either_desk: Desk, store: Store, keyring: Keyring
) -> None:
    gone = visit(store, keyring, ERASED)
    either_desk.good("backup")
    (before,) = [file.read_bytes() for file in folder_of(either_desk).glob("personal-keys.*")]
    erase(store, keyring, gone)
    either_desk.good("backup")
    (after,) = [file.read_bytes() for file in folder_of(either_desk).glob("personal-keys.*")]
    assert before != after
    assert not list(folder_of(either_desk).glob("*.part*"))


def test_without_the_keys_beside_it_a_restore_says_what_would_be_lost(
    either_desk: Desk, store: Store
) -> None:
    either_desk.good("backup")
    (keys,) = folder_of(either_desk).glob("personal-keys.*")
    elsewhere = keys.rename(either_desk.folder / "kept-elsewhere")
    store.close()
    (backup,) = backups_of(either_desk)
    assert "name it with --keys" in either_desk.refused("restore", backup)
    either_desk.good("restore", "--keys", elsewhere, backup)


def test_a_file_that_holds_no_keys_is_refused(desk: Desk) -> None:
    desk.good("backup")
    (backup,) = backups_of(desk)
    wrong = desk.folder / "wrong.db"
    wrong.write_bytes(b"x" * 9000)
    assert "holds no keys of people" in desk.refused("restore", "--keys", wrong, backup)
    with closing(sqlite3.connect(desk.folder / "empty.db")) as database:
        database.execute("CREATE TABLE note (text)")
    assert "holds no keys of people" in desk.refused("restore", "--keys", desk.folder / "empty.db", backup)


def test_what_a_restore_put_aside_can_be_put_back_with_its_own_keys(desk: Desk) -> None:
    keyring = load_key_file(desk.settings.secrets_file)
    desk.good("backup")
    store = desk.store()
    visit(store, keyring, KEPT)
    store.close()
    desk.good("restore", *backups_of(desk))
    (aside,) = (desk.folder / "data").glob("numerek.db.replaced-*")
    desk.good("restore", aside)
    store = desk.store()
    assert names(store, keyring) == [KEPT]
    store.close()


def test_a_database_of_a_version_without_such_keys_is_copied_too(tmp_path: Path) -> None:
    old, copy, keys = tmp_path / "old.db", tmp_path / "copy.db", tmp_path / "keys.db"
    with closing(sqlite3.connect(old)) as database, database:
        database.execute("CREATE TABLE setting (name, value)")
    sqlite.back_up(f"sqlite:///{old}", copy, keys)
    assert copy.exists()
    assert not keys.exists()
