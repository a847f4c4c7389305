"""The PostgreSQL of trials: real, durable, private, gone afterwards."""

from __future__ import annotations

import psycopg
import pytest

from deploy import postgres
from deploy.postgres import Cluster, PostgresError


def ask(url: str, question: str) -> object:
    with psycopg.connect(url.replace("+psycopg", "", 1)) as connection:
        return connection.execute(question).fetchall()[0][0]


def test_a_worker_gets_an_empty_database_in_utf8(postgres_url: str) -> None:
    assert ask(postgres_url, "show client_encoding") == "UTF8"
    assert ask(postgres_url, "show server_encoding") == "UTF8"
    assert ask(postgres_url, "show listen_addresses") == ""


def test_databases_of_one_cluster_are_apart(postgres_cluster: Cluster, worker_id: str) -> None:
    here = postgres_cluster.create_database(f"here_{worker_id}")
    there = postgres_cluster.create_database(f"there_{worker_id}")
    assert ask(here, "select lo_create(4711)") == 4711
    assert ask(here, "select count(*) from pg_largeobject_metadata") == 1
    assert ask(there, "select count(*) from pg_largeobject_metadata") == 0


def test_a_cluster_of_ones_own_leaves_nothing_behind() -> None:
    with postgres.running_cluster() as cluster:
        assert ask(cluster.url(), "show fsync") == "on"
        assert ask(cluster.url(), "show synchronous_commit") == "on"
        assert cluster.folder.stat().st_mode & 0o077 == 0
    assert not cluster.folder.exists()


def test_a_failure_says_what_the_program_said(postgres_cluster: Cluster) -> None:
    with pytest.raises(PostgresError, match='database "postgres" already exists'):
        postgres_cluster.create_database("postgres")


def test_a_machine_without_postgresql_says_how_to_mend_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "program", lambda name: None)
    assert not postgres.is_installed()
    with pytest.raises(PostgresError, match="apt-get install postgresql"):
        postgres.start_cluster()
