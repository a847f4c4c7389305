"""PostgreSQL goes away in the middle of something: it is done once, or the caller is told to come again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from server.services import commands
from server.store import answers, engine, write
from server.store.answers import Command
from server.store.errors import StoreUnavailable, as_unavailable
from server.store.store import Store
from server.store.tables import Setting, Ticket
from tests.server.databases import empty
from tests.server.movable_clock import TEN, MovableClock
from tests.server.sample_office import SampleOffice, sample_office
from tests.server.store.cutting_proxy import CuttingProxy

_WRITES, _COMMIT = (b"INSERT INTO ticket",), (b"INSERT INTO ticket", b"COMMIT")


@pytest.fixture
def line(tmp_path: Path, migrated_postgres: str) -> Iterator[CuttingProxy]:
    """Give a line to an empty PostgreSQL database that can be cut."""
    empty(migrated_postgres)
    made = CuttingProxy(tmp_path, migrated_postgres)
    yield made
    made.close()


@pytest.fixture
def office(line: CuttingProxy, clock: MovableClock) -> Iterator[SampleOffice]:
    """Give the sample office at the other end of the line."""
    with sample_office(line.url, clock) as made:
        yield made


def given(office: SampleOffice, key: str) -> tuple[int, Any]:
    """Ask for a ticket under a key; return the status and the number or the reason."""
    said = office.kiosk.post("/tickets", {"service": "N"}, key=key)
    told = said.get_json()
    if said.status_code == 503:
        assert int(said.headers["Retry-After"]) >= 1
    return said.status_code, told["ticket"]["number"] if said.status_code == 201 else told["reason"]


@pytest.mark.parametrize("at", [_COMMIT, _WRITES], ids=["commit", "insert"])
def test_a_command_whose_line_is_cut_is_done_once_and_answered(
    office: SampleOffice, line: CuttingProxy, at: tuple[bytes, ...]
) -> None:
    line.words = at
    first = given(office, "one")
    assert (line.cuts, first) == (1, (201, "N001"))
    assert given(office, "one") == first
    assert [each.number for each in office.rows(Ticket)] == ["N001"]


def test_control_without_the_look_at_its_key_a_commit_whose_answer_is_lost_is_refused(
    office: SampleOffice, line: CuttingProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.words = _COMMIT
    with monkeypatch.context() as patch:
        patch.setattr(commands, "_settled", lambda store, once: store.write(once))
        assert given(office, "one") == (503, "database_gone")
    assert [each.number for each in office.rows(Ticket)] == ["N001"]
    # The caller's own second try is what the key is for.
    assert given(office, "one") == (201, "N001")


def test_control_without_a_second_try_a_line_cut_before_the_commit_is_refused(
    office: SampleOffice, line: CuttingProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.words = _WRITES
    monkeypatch.setattr(write, "may_run_again", lambda error: False)
    assert given(office, "one") == (503, "database_gone")
    assert office.rows(Ticket) == []


def test_an_answer_that_is_found_again_waits_for_a_second_node_as_the_first_did(office: SampleOffice) -> None:
    """Only a transaction that wrote waits for the synchronous standby; the control looks, and does not."""
    command, keys = Command("somebody", "POST /tickets", "one", b"{}"), office.runtime.keys
    office.store.write(lambda session: answers.keep(session, keys, command, (201, b"first"), TEN))

    def found(session: Session, find: Callable[..., object]) -> tuple[object, bool]:
        answer = find(session, keys, command)
        has_written = text("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")
        return answer, session.execute(has_written).scalar_one()

    first = (201, b"first")
    assert office.store.write(lambda session: found(session, answers.replay)) == (first, True)
    assert office.store.write(lambda session: found(session, answers.answer_of)) == (first, False)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_was_handed_out_is_not_handed_out_again_after_a_cut(database_url: str) -> None:
    store, lines = Store(database_url), list[str]()

    def work(session: Session) -> None:
        lines.append("a line of a file")
        if len(lines) == 1:
            session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(StoreUnavailable):
        store.hand_out(work)
    assert len(lines) == 1
    # Control: a read that only finds is run again.
    lines.clear()
    store.read(work)
    assert len(lines) == 2
    store.close()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_is_handed_out_may_take_as_long_as_it_takes(database_url: str) -> None:
    def limit(session: Session) -> object:
        return session.execute(text("SHOW statement_timeout")).scalar_one()

    store = Store(database_url)
    assert (store.read(limit), store.hand_out(limit), store.read(limit)) == ("2750ms", "0", "2750ms")
    store.close()


def test_what_has_no_key_is_not_done_again_once_its_commit_was_under_way(line: CuttingProxy) -> None:
    store, ran = Store(line.url), []

    def work(session: Any) -> None:
        ran.append(1)
        session.add(Setting(name="a", value="1"))

    line.words = (b"INSERT INTO setting", b"COMMIT")
    with pytest.raises(StoreUnavailable):
        store.write(work)
    assert ran == [1]
    store.close()


@pytest.fixture
def demoted(migrated_postgres: str) -> Iterator[Store]:
    """Give a store whose open connections lead to a node that takes no writes any more; new ones do not."""
    empty(migrated_postgres)
    name = migrated_postgres.partition("@/")[2].partition("?")[0]
    with engine.open_single(migrated_postgres).connect() as connection:
        administrator = connection.execution_options(isolation_level="AUTOCOMMIT")
        administrator.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
        try:
            store = Store(migrated_postgres)
            held = [store.engine.connect() for _ in range(3)]
            for each in held:
                each.execute(text("SELECT 1"))
        finally:
            administrator.execute(text("SET default_transaction_read_only = off"))
            administrator.execute(text(f'ALTER DATABASE "{name}" RESET default_transaction_read_only'))
    for each in held:
        each.close()
    yield store
    store.close()


def test_an_old_primary_is_left_for_the_new_one(demoted: Store) -> None:
    demoted.write(lambda session: session.add(Setting(name="a", value="1")))


def test_control_without_it_counting_as_lost_the_old_primary_is_asked_for_ever(
    demoted: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_READ_ONLY", "none")
    for _ in range(3):
        with pytest.raises(StoreUnavailable, match="database_gone"):
            demoted.write(lambda session: session.add(Setting(name="a", value="1")))


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("08P01", "database_gone"),  # PgBouncer: no server connection, the server crashed, waited too long
        ("08006", "database_gone"),
        ("57P01", "database_gone"),
        ("57P05", "database_gone"),
        ("25006", "database_gone"),
        ("25P03", "database_gone"),
        ("53300", "database_busy"),
        ("53400", "database_busy"),
        ("53100", "disk_full"),
        ("40001", "database_busy"),
        ("40P01", "database_busy"),
        ("55P03", "database_busy"),
        ("57014", "database_busy"),
        ("42P01", None),  # no such table: a bug is no fail-over
    ],
)
def test_what_a_fail_over_says_is_told_as_unavailable(state: str, reason: str | None) -> None:
    said = type("Said", (psycopg.OperationalError,), {"sqlstate": state})("said")
    found = as_unavailable(DBAPIError.instance("SELECT 1", None, said, psycopg.Error))
    assert (found and found.reason) == reason
