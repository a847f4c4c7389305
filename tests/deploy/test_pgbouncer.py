"""The PgBouncer of trials: in transaction mode, with the patience that a server asks of PostgreSQL."""

from __future__ import annotations

import re
import signal
import uuid
from pathlib import Path

import psycopg
import pytest

from deploy import pgbouncer
from deploy.pgbouncer import Pooler, PoolerError, running_pooler
from deploy.postgres import Cluster
from server.store.key_file import create_key_file
from server.store.open_store import open_store
from server.store.store import Store
from wire.settings import ServerSettings


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


def test_a_server_says_that_nothing_limits_its_waits_where_the_configuration_lacks_it(
    postgres_cluster: Cluster,
    pooler: Pooler,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    direct = postgres_cluster.create_database(f"limits_{uuid.uuid4().hex[:8]}")
    name = direct.partition("@/")[2].partition("?")[0]
    settings = ServerSettings(secrets_file=tmp_path / "key", session_database_url=direct)
    create_key_file(settings.secrets_file)

    def warnings_behind(one: Pooler) -> list[str]:
        caplog.clear()
        open_store(settings.model_copy(update={"database_url": one.url(name)}))[0].close()
        return [each.message for each in caplog.records if "connect_query" in each.message]

    assert warnings_behind(pooler) == []
    poor = tmp_path / "pgbouncer.ini"
    poor.write_text(re.sub(" connect_query='.*'", "", pgbouncer._CONFIGURATION.read_text("utf-8")))
    monkeypatch.setattr(pgbouncer, "_CONFIGURATION", poor)
    with running_pooler(postgres_cluster.folder) as other:
        assert len(warnings_behind(other)) == 1
