"""The PgBouncer of trials: in transaction mode, with the patience that a server asks of PostgreSQL."""

from __future__ import annotations

import signal

import psycopg
import pytest

from deploy import pgbouncer
from deploy.pgbouncer import Pooler, PoolerError, running_pooler
from server.store.store import Store


def ask(url: str, question: str) -> object:
    with psycopg.connect(url.replace("+psycopg", "", 1), connect_timeout=5) as connection:
        return connection.execute(question).fetchall()[0][0]


def test_waits_are_limited_behind_it_as_before_it(pooler: Pooler, postgres_url: str) -> None:
    direct, behind = Store(postgres_url), Store(pooler.url(postgres_url.partition("@/")[2].partition("?")[0]))
    for name in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
        said = [
            store.read(
                lambda session, name=name: session.connection().exec_driver_sql(f"show {name}").scalar()
            )  # type: ignore[misc]
            for store in (direct, behind)
        ]
        assert said[0] == said[1] != "0", name
    direct.close()
    behind.close()


def test_a_connection_is_lent_for_a_transaction(pooler: Pooler) -> None:
    url = pooler.url().replace("+psycopg", "", 1)
    with psycopg.connect(url, autocommit=True) as one, psycopg.connect(url, autocommit=True) as other:
        assert (
            one.execute("select pg_backend_pid()").fetchone()
            == other.execute("select pg_backend_pid()").fetchone()
        )


def test_it_starts_again_after_a_kill_and_leaves_nothing_behind(pooler: Pooler) -> None:
    pooler.kill(signal.SIGKILL)
    with pytest.raises(psycopg.OperationalError):
        ask(pooler.url(), "select 1")
    pooler.start()
    assert ask(pooler.url(), "select 1") == 1
    pooler.stop()
    assert not pooler.folder.exists()


def test_a_machine_without_it_says_how_to_mend_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pgbouncer, "_program", lambda: None)
    with pytest.raises(PoolerError, match="apt-get install pgbouncer"), running_pooler("/nowhere"):
        pass
