"""Looks: statements without a transaction around them, on connections that are still there."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import bindparam, select, text
from sqlalchemy.exc import ProgrammingError

from server.store import engine, write
from server.store.errors import StoreUnavailable
from server.store.prepared import Prepared
from server.store.store import Store
from server.store.tables import Setting
from tests.server.at_once import at_once

_VALUE = Prepared(select(Setting.value).where(Setting.name == bindparam("name")))


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """Give an empty store on each database."""
    made = Store(database_url)
    yield made
    made.close()


def value(store: Store) -> Any:
    """Look for the value of one setting."""
    row = store.look(lambda place: _VALUE.first(place, {"name": "a"}))
    return row and row[0]


def test_a_look_sees_what_was_answered(store: Store) -> None:
    assert value(store) is None
    store.write(lambda session: session.add(Setting(name="a", value="1")))
    assert value(store) == "1"


def test_a_look_holds_nothing_and_sees_each_commit(store: Store) -> None:
    store.write(lambda session: session.add(Setting(name="a", value="1")))

    def twice(place: Any) -> list[Any]:
        first = _VALUE.first(place, {"name": "a"})
        store.write(lambda session: session.execute(text("UPDATE setting SET value = '2'")))
        return [first, _VALUE.first(place, {"name": "a"})]

    assert store.look(twice) == [("1",), ("2",)]


def test_a_call_that_joined_the_writer_looks_at_what_its_batch_has_come_to(store: Store) -> None:
    def call() -> Any:
        store.write(lambda session: session.add(Setting(name="a", value="1")))
        return value(store)

    joined = store.join(call)
    assert (call() if joined is None else joined.result(10)) == "1"


def test_many_look_at_once(store: Store) -> None:
    store.write(lambda session: session.add(Setting(name="a", value="1")))
    assert at_once(24, lambda _: [value(store) for _ in range(20)]) == [["1"] * 20] * 24


def test_what_goes_wrong_in_a_look_is_told_and_harms_no_other(store: Store) -> None:
    missing = Prepared(text("SELECT nothing FROM nowhere"))
    for _ in range(3):
        with pytest.raises((StoreUnavailable, ProgrammingError)):
            store.look(lambda place: missing.first(place, {}))
    assert value(store) is None


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_connections_that_rested_and_were_cut_are_replaced_unseen(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for look in (value, lambda one: one.read(lambda session: session.execute(text("SELECT 1")).scalar())):
        look(store)
        with engine.open_single(store.url).connect() as other:
            other.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'idle'"
                )
            )
        with monkeypatch.context() as patch:
            patch.setattr(engine, "_TRUSTED_SECONDS", 0.0)
            look(store)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("again", [True, False])
def test_a_connection_that_just_worked_is_not_asked_so_after_a_cut_it_is_tried_again(
    store: Store, monkeypatch: pytest.MonkeyPatch, again: bool
) -> None:
    if not again:
        monkeypatch.setattr(write, "may_run_again", lambda error: False)
    value(store)
    with engine.open_single(store.url).connect() as other:
        other.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'idle'"
            )
        )
    if not again:
        with pytest.raises(StoreUnavailable):
            value(store)
    assert value(store) is None


def test_a_connection_that_comes_back_after_the_end_is_closed(database_url: str) -> None:
    ended = Store(database_url)
    held = ended.engine.connect()
    driver: Any = held.connection.dbapi_connection
    ended.close()
    assert _is_open(driver)
    held.close()
    assert not _is_open(driver)


def _is_open(driver: Any) -> bool:
    try:
        driver.execute("SELECT 1")
    except (sqlite3.ProgrammingError, psycopg.OperationalError):
        return False
    return True
