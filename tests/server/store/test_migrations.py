"""Migrations: from nothing to exactly the tables of the program, on both databases, again without harm."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import IntegrityError, OperationalError

from deploy.postgres import Cluster
from server.store import migrate
from server.store.engine import open_single
from server.store.migrate import _config, bring_to, head, upgrade
from server.store.tables import Table
from tests.server.at_once import at_once


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path, worker_id: str) -> Iterator[str]:
    """Give a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    cluster: Cluster = request.getfixturevalue("postgres_cluster")
    name = f"migrations_{worker_id}"
    url = cluster.create_database(name)
    yield url
    engine = open_single(cluster.url())
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text(f"DROP DATABASE {name}"))
    engine.dispose()


def differences(url: str) -> list[Any]:
    """List what the tables have and the database lacks, and the other way round."""
    engine = open_single(url)
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        found = compare_metadata(MigrationContext.configure(connection, opts=options), Table.metadata)
    engine.dispose()
    return found


def constraints(url: str) -> dict[str, set[str]]:
    """Read the names of all checks, which the comparison leaves out."""
    engine = open_single(url)
    look = inspect(engine)
    found = {
        name: {each["name"] or "" for each in look.get_check_constraints(name)}
        for name in Table.metadata.tables
    }
    engine.dispose()
    return found


def test_from_nothing_the_migrations_make_exactly_the_tables(empty_url: str) -> None:
    upgrade(empty_url)
    assert differences(empty_url) == []


def test_they_make_every_check_of_the_tables_too(empty_url: str) -> None:
    upgrade(empty_url)
    migrated = constraints(empty_url)
    for table in Table.metadata.tables.values():
        wanted = {str(each.name) for each in table.constraints if each.__visit_name__ == "check_constraint"}
        assert migrated[table.name] >= wanted, table.name


def test_control_a_column_too_few_is_found(empty_url: str) -> None:
    upgrade(empty_url)
    engine = open_single(empty_url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE call DROP COLUMN reason"))
    engine.dispose()
    assert len(differences(empty_url)) == 1


def test_again_is_harmless_and_several_servers_may_begin_at_once(empty_url: str) -> None:
    if empty_url.startswith("postgresql"):
        at_once(3, lambda _: upgrade(empty_url))
    upgrade(empty_url)
    upgrade(empty_url)
    engine = open_single(empty_url)
    with engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == head()
    engine.dispose()


_ROWS = (
    "INSERT INTO branch (id, code, name, policy) VALUES (1, 'b', 'B', '{}')",
    "INSERT INTO hall (id, branch_id, code, name) VALUES (1, 1, 'A', 'Sala A')",
    "INSERT INTO service (id, branch_id, letter, position, names, policy) VALUES (1, 1, 'P', 0, '{}', '{}')",
    "INSERT INTO slot (id, service_id, starts_at, capacity, taken) VALUES (1, 1, 1000, 2, 1)",
    "INSERT INTO reservation (id, branch_id, service_id, slot_id, status, appointment_at, lapses_at, language,"
    " booked_at) VALUES (1, 1, 1, 1, 'checked_in', 1000, 900, 'pl', 500)",
    "INSERT INTO ticket (id, branch_id, hall_id, service_id, reservation_id, day, series, ordinal, number, "
    "status, lane, lane_at, language, issued_at, queued_at, call_count)"
    " VALUES (1, 1, 1, 1, 1, '2026-11-23', 'P', 1, 'P001', 'waiting', 'booked', 1000, 'pl', 800, 800, 0)",
)


def test_rows_that_point_at_each_other_outlive_the_second_migration(empty_url: str) -> None:
    engine = open_single(empty_url)
    with engine.connect() as connection:
        command.upgrade(_config(connection), "0001")
        for row in _ROWS:
            connection.execute(text(row))
        connection.commit()
    upgrade(empty_url)
    with engine.connect() as connection:
        kept = connection.execute(
            text(
                "SELECT t.number, r.status, s.taken FROM ticket t JOIN reservation r ON r.id = t.reservation_id"
                " JOIN slot s ON s.id = r.slot_id"
            )
        ).all()
        assert [tuple(row) for row in kept] == [("P001", "checked_in", 1)]
        with pytest.raises(IntegrityError):
            connection.execute(text("UPDATE slot SET taken = 3"))
    engine.dispose()


def test_a_table_is_written_anew_while_views_look_at_it(empty_url: str) -> None:
    engine = open_single(empty_url)
    with engine.connect() as connection:
        command.upgrade(_config(connection), "0005")
        connection.commit()
        connection.execute(text(VIEW_OF_BEFORE[connection.dialect.name]))
        connection.commit()
    upgrade(empty_url)
    assert differences(empty_url) == []
    engine.dispose()


VIEW_OF_BEFORE = {
    "sqlite": "CREATE VIEW statistics_tickets AS SELECT id, counter_id, outcome FROM ticket",
    "postgresql": "CREATE SCHEMA statistics;"
    "CREATE VIEW statistics.tickets AS SELECT id, counter_id, outcome FROM ticket",
}


def test_messages_stay_when_new_kinds_come_and_others_are_still_refused(empty_url: str) -> None:
    engine = open_single(empty_url)
    put = (
        "INSERT INTO message (id, key, kind, channel, language, facts, status, attempts, made_at, due_at) "
        "VALUES ({0}, '{0}', '{1}', 'email', 'pl', '{{}}', '{2}', 1, 0, 0)"
    )
    with engine.connect() as connection:
        command.upgrade(_config(connection), "0039")
        connection.execute(text(put.format(7, "page_link", "sent")))
        connection.commit()
    upgrade(empty_url)
    with engine.begin() as connection:
        kept = connection.execute(text("SELECT id, key, kind FROM message")).all()
        assert [tuple(row) for row in kept] == [(7, "7", "page_link")]
        connection.execute(text(put.format(8, "monthly_report", "sent")))
        connection.execute(text(put.format(9, "checkpoint", "sent")))
    for number, kind, status in ((10, "other", "sent"), (11, "checkpoint", "lost")):
        with engine.connect() as connection, pytest.raises(IntegrityError):
            connection.execute(text(put.format(number, kind, status)))
    engine.dispose()


def behind(url: str) -> None:
    """Bring a database to the version before the last."""
    engine = open_single(url)
    with engine.connect() as connection:
        command.upgrade(_config(connection), "head")
        command.downgrade(_config(connection), "-1")
        connection.commit()
    engine.dispose()


@contextmanager
def held(url: str, statement: str) -> Iterator[Connection]:
    """Hold what a statement locks."""
    engine = open_single(url)
    with engine.connect() as connection:
        connection.execute(text(statement))
        yield connection
    engine.dispose()


# Whatever the last migration changes, all of them take this table.
_HELD = "LOCK TABLE alembic_version IN EXCLUSIVE MODE"


def test_nobody_waits_for_long_behind_a_migration_that_waits(
    postgres_cluster: Cluster, worker_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres_cluster.create_database(f"patient_{worker_id}")
    behind(url)
    monkeypatch.setattr(migrate, "TRIES", 2)
    monkeypatch.setattr(migrate, "PAUSE_SECONDS", 0.0)
    with held(url, _HELD), pytest.raises(OperationalError, match="lock timeout"):
        upgrade(url)
    monkeypatch.setattr(
        migrate, "LOCK_MILLISECONDS", 0
    )  # control: it waits for as long as the other holds it
    with held(url, _HELD) as other:
        thread = threading.Thread(target=upgrade, args=(url,))
        thread.start()
        wait_for_waiter(other)
        assert thread.is_alive()
        other.rollback()
        thread.join(60)
    assert differences(url) == []


def test_a_migration_is_tried_again_until_nobody_is_in_its_way(
    postgres_cluster: Cluster, worker_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres_cluster.create_database(f"again_{worker_id}")
    behind(url)
    with held(url, _HELD) as other:
        monkeypatch.setattr(migrate.time, "sleep", lambda _: other.rollback())
        upgrade(url)
    assert differences(url) == []


@pytest.fixture
def before_indexes(postgres_cluster: Cluster, worker_id: str) -> Iterator[Engine]:
    """Give a database of before a migration that builds indexes beside those who work."""
    engine = open_single(postgres_cluster.create_database(f"beside_{worker_id}_{uuid4().hex[:6]}"))
    with engine.connect() as connection:
        bring_to(connection, "0047")
    yield engine
    engine.dispose()


def indexes(connection: Connection, condition: str) -> int:
    """Count the indexes of a condition."""
    found = text(f"SELECT count(*) FROM pg_index JOIN pg_class c ON c.oid = indexrelid WHERE {condition}")
    return int(connection.execute(found).scalar_one())


def test_indexes_are_built_beside_those_who_write(before_indexes: Engine) -> None:
    url = before_indexes.url.render_as_string(hide_password=False)
    with held(url, "LOCK TABLE call IN ROW EXCLUSIVE MODE") as writer:
        thread = threading.Thread(target=upgrade, args=(url,))
        thread.start()
        wait_for_waiter(writer)
        with before_indexes.begin() as other:
            other.execute(text("SET LOCAL lock_timeout = '10s'"))
            other.execute(text("LOCK TABLE call, ticket, clerk_session IN ROW EXCLUSIVE MODE"))
            assert indexes(other, "relname = 'built_ix_call_hall' AND NOT indisvalid") == 1
        writer.rollback()
        thread.join(60)
    with before_indexes.connect() as connection:
        assert indexes(connection, "relname LIKE 'built%' OR NOT indisvalid") == 0
    assert differences(url) == []


def test_an_index_that_was_left_unfinished_is_built_anew(before_indexes: Engine) -> None:
    with before_indexes.begin() as connection:
        connection.execute(text("CREATE INDEX built_ix_call_hall ON call (hall_id, called_at, id)"))
        unfinished = (
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'built_ix_call_hall'::regclass"
        )
        connection.execute(text(unfinished))
    upgrade(before_indexes.url.render_as_string(hide_password=False))
    with before_indexes.connect() as connection:
        assert indexes(connection, "relname = 'ix_call_hall'") == 1
        assert indexes(connection, "NOT indisvalid") == 0


def wait_for_waiter(connection: Connection) -> None:
    """Wait until somebody waits for a lock of this database's."""
    waiters = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    for _ in range(3_000):
        if connection.execute(waiters).scalar_one():
            return
        connection.execute(text("SELECT pg_sleep(0.01), pg_stat_clear_snapshot()"))
    raise AssertionError("nobody waits")
