"""A server is ready while it can serve; what else is wrong is named and keeps nobody away."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.exc import ProgrammingError

from deploy.doctor.devices import _MISSING, _WARNINGS
from server.api import readiness
from server.store.health import Disk
from tests.server.api.test_metrics import read
from tests.server.sample_office import SampleOffice
from tests.server.services.messages.test_outbox import message, post
from wire.settings import ReadinessSettings

Told = Callable[..., tuple[int, dict[str, str]]]


@pytest.fixture
def told(office: SampleOffice, monkeypatch: pytest.MonkeyPatch) -> Told:
    """Ask whether the server is ready, with bounds of the test's choice; return the status and the parts."""

    def ask(**bounds: Any) -> tuple[int, dict[str, str]]:
        runtime = replace(office.runtime, readiness=ReadinessSettings(**({"disk_low_mb": 0} | bounds)))
        monkeypatch.setitem(office.app.extensions, "numerek", runtime)
        answer = office.door().get("//readyz")
        said = json.loads(answer.text)
        parts: dict[str, str] = said["parts"] if answer.status_code == 200 else said["facts"]["parts"]
        if answer.status_code != 200:
            assert said["facts"]["missing"] == [
                each for each in parts if (each, parts[each]) in readiness.MISSING
            ]
        return answer.status_code, parts

    return ask


def test_every_part_is_named(told: Told) -> None:
    assert told() == (200, dict.fromkeys(("disk", "database", "outbox", "keys", "office"), "ok"))


def test_a_message_that_waits_for_long_is_a_warning(office: SampleOffice, told: Told) -> None:
    post(office, message())
    office.clock.advance(minutes=15)
    assert told()[1]["outbox"] == "ok"
    office.clock.advance(minutes=1)
    status, parts = told()
    assert (status, parts["outbox"]) == (200, "stuck")


def test_a_disk_that_fills_warns_and_where_sqlite_writes_ends_the_service(
    office: SampleOffice, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "database" if office.store.sqlite else "data"
    monkeypatch.setattr(readiness, "look_at_disks", lambda *_: {name: Disk(free=50_000_000, size=10**9)})
    assert told(disk_low_mb=50, disk_full_mb=50)[1]["disk"] == "ok"
    assert told(disk_low_mb=51, disk_full_mb=50)[1]["disk"] == "low"
    status, parts = told(disk_low_mb=51, disk_full_mb=51)
    # PostgreSQL writes elsewhere: a full data folder keeps nobody away.
    assert (status, parts["disk"]) == ((503, "full") if office.store.sqlite else (200, "low"))


def test_a_real_disk_is_measured(office: SampleOffice, told: Told, tmp_path: Path) -> None:
    free = os.statvfs(tmp_path)
    runtime = replace(office.runtime, data_dir=tmp_path)
    assert readiness.look_at_disks(office.store, tmp_path)["data"].size == free.f_blocks * free.f_frsize
    low = replace(runtime, readiness=ReadinessSettings(disk_low_mb=1_000_000))
    if free.f_bavail * free.f_frsize < 10**12:
        assert readiness._disk(low) == "low"


def test_a_database_that_takes_no_writes_ends_the_service(office: SampleOffice, told: Told) -> None:
    if office.store.sqlite:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "access", lambda *_: False)
            assert told()[1]["database"] == "read_only"
        return
    with office.store.engine.begin() as connection:
        name = connection.engine.url.database
        connection.exec_driver_sql(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    try:
        office.store.engine.dispose()
        status, parts = told()
        assert (status, parts["database"]) == (503, "read_only")
    finally:
        with office.store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("SET default_transaction_read_only = off")
            connection.exec_driver_sql(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
        office.store.engine.dispose()
    assert told()[1]["database"] == "ok"


def test_a_database_that_is_away_is_told_and_the_rest_of_the_metrics_too(
    office: SampleOffice, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_: object) -> None:
        raise ProgrammingError("SELECT 1", {}, Exception("no such table"))

    monkeypatch.setattr(office.store, "read", gone)
    status, parts = told()
    assert (status, parts["database"]) == (503, "gone")
    metrics = read(office)
    assert metrics["numerek_database_writable",] == 0
    assert ("numerek_waiting", "wroclaw", "N") not in metrics
    assert metrics["numerek_requests_total", "5xx", "server", "GET", "/readyz"] >= 1


def test_a_standby_server_that_is_behind_is_a_warning(
    office: SampleOffice, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    health = readiness.look_at_database(office.store)
    assert (health.standbys, health.lag_seconds) == (0, 0.0)
    for lag, word in ((29.0, "ok"), (31.0, "lagging"), (None, "unknown")):
        late = replace(health, standbys=2, lag_seconds=lag)
        monkeypatch.setattr(readiness, "look_at_database", lambda _, late=late: late)
        status, parts = told(lag_seconds=30.0)
        assert (status, parts["replication"]) == (200, word)


def test_a_replica_that_is_not_read_is_a_warning_and_its_figures_are_told(
    office: SampleOffice, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not any(name[0].startswith("numerek_replica_") for name in read(office))
    for state, lag in (("ok", 0.5), ("lagging", 7.0), ("gone", None)):
        with monkeypatch.context() as patch:
            replica = SimpleNamespace(state=state, lag_seconds=lag)
            patch.setattr(office.store, "replica", replica)
            patch.setattr(type(office.store), "connections", {})
            status, parts = told()
            metrics = read(office)
        assert (status, parts["replica"]) == (200, state)
        assert metrics["numerek_replica_fit",] == (state == "ok")
        assert metrics.get(("numerek_replica_lag_seconds",)) == lag
        assert metrics["numerek_recent_reads_total", "replica"] == 0


def test_the_doctor_has_a_sentence_for_each(told: Told) -> None:
    assert set(_MISSING) == readiness.MISSING
    several = {("replica", "lagging"), ("replica", "gone"), ("keys", "next_missing")}
    assert set(_WARNINGS) == {("replication", "lagging"), ("disk", "low"), ("outbox", "stuck")} | several
