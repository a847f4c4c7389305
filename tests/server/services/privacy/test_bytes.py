"""What was erased is not in the files of the database any more: neither in its pages nor in its logs."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from server.services.privacy.erasure import erase
from server.store import purge
from server.store.queries.privacy import personal_keys
from server.store.tables import PersonalKey, Reservation
from tests.server.sample_office import KEYS, SampleOffice

NAME = "Sentinella Ziółkowska-Böhm"


def sqlite_files(office: SampleOffice) -> bytes:
    folder = Path(make_url(office.url).database or "").parent
    return b"".join(file.read_bytes() for file in sorted(folder.iterdir()) if file.is_file())


def keys_of_postgres(office: SampleOffice) -> bytes:
    """Read the file of the table of keys; the rest was sealed with them."""
    with office.store.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("CHECKPOINT"))
        folder = connection.execute(text("SHOW data_directory")).scalar_one()
        file = connection.execute(text("SELECT pg_relation_filepath('personal_key')")).scalar_one()
    return (Path(folder) / file).read_bytes()


def bytes_of(office: SampleOffice) -> bytes:
    return sqlite_files(office) if office.store.sqlite else keys_of_postgres(office)


def booked(office: SampleOffice, count: int) -> list[int]:
    ids = [office.book("P", "12:00", name=f"{NAME} {number}")["id"] for number in range(count)]
    for each in ids:
        office.integrator.delete(f"/reservations/{each}")
    return ids


def secrets_of(office: SampleOffice, ids: list[int]) -> list[bytes]:
    """Return the bytes of the sealed keys, and with SQLite those of the sealed names."""
    rows = office.rows(Reservation, Reservation.id.in_(ids))
    keys = office.rows(PersonalKey, PersonalKey.id.in_([row.personal_key_id for row in rows]))
    sealed = [bytes(row.sealed_person) for row in rows] if office.store.sqlite else []
    return [bytes(key.sealed_key) for key in keys] + sealed


def test_names_are_never_there_in_plain_and_sealed_ones_only_until_they_are_erased(
    office: SampleOffice,
) -> None:
    ids = booked(office, 40)
    office.clock.advance(days=10)
    stay = booked_later(office)
    gone, kept = secrets_of(office, ids), secrets_of(office, stay)
    office.store.read(lambda session: session.execute(text("SELECT 1")))
    before = bytes_of(office)
    assert NAME.encode() not in before
    assert all(secret in before for secret in gone + kept)
    office.clock.advance(days=5)
    assert erase(office.store, office.runtime.context()) == len(ids)
    swept(office)
    after = bytes_of(office)
    assert not any(secret in after for secret in gone)
    assert all(secret in after for secret in kept)
    assert_opens(office, stay)


def swept(office: SampleOffice) -> None:
    """Sweep again until nobody is in the way: the database's own workers may look at its tables, too."""
    for _ in range(100):
        if purge.forget_bytes(office.store):
            return
        time.sleep(0.1)
    raise AssertionError("somebody stayed in the way")


def test_an_older_look_at_the_tables_is_told_of_and_the_next_sweep_takes_the_keys(
    office: SampleOffice,
) -> None:
    if office.store.sqlite:
        pytest.skip("SQLite waits for its readers")
    ids = booked(office, 40)
    gone = secrets_of(office, ids)
    office.clock.advance(days=15)
    with office.store.engine.connect() as other:
        other.execution_options(isolation_level="REPEATABLE READ").execute(
            text("SELECT count(*) FROM branch")
        )
        assert erase(office.store, office.runtime.context()) == len(ids)
        assert not purge.forget_bytes(office.store)
    swept(office)
    assert not any(secret in bytes_of(office) for secret in gone)


def booked_later(office: SampleOffice) -> list[int]:
    office.open_slot("P", office.clock.now().replace(hour=11, minute=0), 10)
    hour = office.clock.now().replace(hour=11, minute=0)
    ids = [office.book("P", hour, name=f"{NAME} later {number}")["id"] for number in range(3)]
    for each in ids:
        office.integrator.delete(f"/reservations/{each}")
    return ids


def assert_opens(office: SampleOffice, ids: list[int]) -> None:
    def work(session: Any) -> list[str]:
        rows = [session.get(Reservation, each) for each in ids]
        boxes = [personal_keys.box(session, KEYS, row.personal_key_id) for row in rows]
        return [
            personal_keys.open_json(box, row.sealed_person, b"person")["name"]
            for box, row in zip(boxes, rows, strict=True)
        ]

    assert all(name.startswith(NAME) for name in office.store.read(work))


def leave(_store: object) -> bool:
    return True


def test_control_without_the_last_step_the_bytes_stay(
    office: SampleOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = booked(office, 40)
    gone = secrets_of(office, ids)
    office.clock.advance(days=15)
    monkeypatch.setattr("server.services.privacy.erasure.forget_bytes", leave)
    erase(office.store, office.runtime.context())
    assert any(secret in bytes_of(office) for secret in gone)


def test_keys_stay_whole_while_their_table_is_written_anew(office: SampleOffice) -> None:
    ids = booked(office, 5)
    before = [(row.id, bytes(row.sealed_key), row.made_at) for row in office.rows(PersonalKey)]
    assert purge.forget_bytes(office.store)
    assert [(row.id, bytes(row.sealed_key), row.made_at) for row in office.rows(PersonalKey)] == before
    assert_opens(office, ids)


def test_a_rewriting_that_fails_leaves_every_key_and_the_references_watched(office: SampleOffice) -> None:
    if not office.store.sqlite:
        pytest.skip("PostgreSQL does it in one statement")
    booked(office, 3)
    before = len(office.rows(PersonalKey))
    fails = _failing_at("INSERT INTO main.personal_key")
    with office.store.engine.connect() as connection:
        with pytest.raises(RuntimeError):
            purge._write_keys_anew(fails(connection))
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
    assert len(office.rows(PersonalKey)) == before


def _failing_at(beginning: str) -> Callable[[Any], Any]:
    class Failing:
        def __init__(self, connection: Any) -> None:
            self._connection = connection

        def exec_driver_sql(self, statement: str) -> Any:
            if statement.startswith(beginning):
                raise RuntimeError("the power went")
            return self._connection.exec_driver_sql(statement)

    return Failing
