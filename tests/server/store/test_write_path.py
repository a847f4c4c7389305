"""The one write path: all or nothing, one fault harms nobody else, and a held database is told of in time."""

from __future__ import annotations

import sqlite3
import threading
import time
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from server.store.errors import StoreUnavailable
from server.store.store import Store
from server.store.tables import Branch, Setting
from tests.server.at_once import at_once


@pytest.fixture
def store(database_url: str) -> Any:
    """Give an empty store on each database."""
    # A disk that stands still for some seconds is no matter of these tests.
    made = Store(database_url, queue_length=8, answer_seconds=20.0)
    yield made
    made.close()


def add(store: Store, name: str, value: str = "") -> None:
    """Write one row."""
    store.write(lambda session: session.add(Setting(name=name, value=value)))


def names(store: Store) -> list[str]:
    """Read the rows' names."""
    return store.read(lambda session: list(session.execute(select(Setting.name).order_by("name")).scalars()))


def test_what_was_answered_is_there_for_the_next_reader(store: Store) -> None:
    add(store, "a")
    assert names(store) == ["a"]


def test_work_that_raises_leaves_nothing_behind(store: Store) -> None:
    def work(session: Session) -> None:
        session.add(Setting(name="a", value=""))
        session.flush()
        raise KeyError("stop")

    with pytest.raises(KeyError):
        store.write(work)
    assert names(store) == []


def test_a_fault_at_any_statement_undoes_all_of_it(store: Store) -> None:
    add(store, "taken")
    for place in range(3):

        def work(session: Session, place: int = place) -> None:
            for turn in range(3):
                session.add(Setting(name="taken" if turn == place else f"new {turn}", value=""))
                session.flush()

        with pytest.raises(IntegrityError):
            store.write(work)
        assert names(store) == ["taken"]


def test_one_callers_fault_harms_nobody_else_in_the_batch(store: Store) -> None:
    add(store, "taken")

    def work(place: int) -> str:
        try:
            add(store, "taken" if place % 2 else f"new {place}")
        except IntegrityError:
            return "refused"
        return "written"

    assert at_once(8, work) == ["written", "refused"] * 4
    assert len(names(store)) == 5


def test_what_was_read_is_not_changed_by_reading(store: Store) -> None:
    store.read(lambda session: session.add(Branch(code="x", name="x")))
    assert store.read(lambda session: session.execute(select(Branch)).all()) == []


def test_more_work_than_the_queue_holds_is_refused_at_once(store: Store) -> None:
    if not store.sqlite:
        pytest.skip("PostgreSQL has no queue of ours")
    busy, go = threading.Event(), threading.Event()

    def slow(session: Session) -> None:
        busy.set()
        go.wait(10)

    first = threading.Thread(target=store.write, args=(slow,))
    first.start()
    busy.wait(10)
    waiting = [threading.Thread(target=add, args=(store, f"n{turn}")) for turn in range(8)]
    for thread in waiting:
        thread.start()
    until = time.monotonic() + 5
    while store._writer._jobs.qsize() < 8 and time.monotonic() < until:  # type: ignore[attr-defined]
        time.sleep(0.005)
    with pytest.raises(StoreUnavailable) as refused:
        add(store, "one too many")
    assert refused.value.reason == "overloaded"
    go.set()
    for thread in (first, *waiting):
        thread.join(10)
    assert len(names(store)) == 8


def test_a_database_that_somebody_else_holds_is_told_within_three_seconds(store: Store) -> None:
    if not store.sqlite:
        pytest.skip("row locks of PostgreSQL have a test of their own")
    add(store, "before")
    holder = sqlite3.connect(store.engine.url.database or "")
    holder.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    with pytest.raises(StoreUnavailable) as refused:
        add(store, "meanwhile")
    assert time.monotonic() - began < 3.5
    assert refused.value.reason == "database_busy"
    holder.rollback()
    holder.close()
    add(store, "after")
    assert names(store) == ["after", "before"]


def test_a_row_that_somebody_else_holds_is_told_within_three_seconds(store: Store) -> None:
    if store.sqlite:
        pytest.skip("SQLite has no row locks")
    add(store, "held")
    with Session(store.engine) as other:
        other.execute(select(Setting).with_for_update()).all()
        began = time.monotonic()
        with pytest.raises(StoreUnavailable) as refused:
            store.write(lambda session: session.execute(Setting.__table__.update().values(value="x")))
        assert time.monotonic() - began < 3.5
    assert refused.value.reason == "database_busy"
    store.write(lambda session: session.execute(Setting.__table__.update().values(value="x")))


def test_sqlite_is_opened_for_durability(store: Store) -> None:
    if not store.sqlite:
        pytest.skip("pragmas are SQLite's")
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
    with store.engine.connect() as connection:
        kept = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted}
    assert kept == wanted


def test_closing_finishes_what_is_queued(database_url: str) -> None:
    store = Store(database_url)
    threads = [threading.Thread(target=add, args=(store, f"n{turn}")) for turn in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    store.close()
    again = Store(database_url)
    assert len(names(again)) == 6
    again.close()
