"""What one office of the tests compiled is not compiled again for the next one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.engine.interfaces import CacheStats

from server.store.store import Store
from server.store.tables import Branch
from tests.server.kept_statements import keep_statements


def found(url: str, prepare: Callable[[Store], None]) -> CacheStats:
    """Open a database, look for branches, and tell whether the statement was known."""
    store, told = Store(url), list[CacheStats]()

    def note(_1: Any, _2: Any, _3: Any, _4: Any, context: Any, _5: Any) -> None:
        told.append(context.cache_hit)

    prepare(store)
    event.listen(store.engine, "before_cursor_execute", note)
    store.read(lambda session: session.execute(select(Branch.name).where(Branch.code == "x")).all())
    store.close()
    return told[-1]


def test_a_second_store_finds_the_statements_of_the_first(database_url: str) -> None:
    found(database_url, keep_statements)
    assert found(database_url, keep_statements) is CacheStats.CACHE_HIT


def test_control_without_it_each_store_compiles_for_itself(database_url: str) -> None:
    assert found(database_url, lambda _: None) is CacheStats.CACHE_MISS
    assert found(database_url, lambda _: None) is CacheStats.CACHE_MISS
