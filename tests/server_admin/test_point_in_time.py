"""A drill with the real pgBackRest: an office on PostgreSQL is brought back as it was at a second."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from string import Template
from typing import Any

import psycopg
import pytest

from deploy.postgres import ROLE, Cluster, account, is_installed, run, start_cluster
from tests.server_admin.conftest import OFFICE, ROOT, Desk
from tests.server_admin.test_backups import tickets_of

TEMPLATE = ROOT / "deploy" / "cluster" / "etc" / "pgbackrest.conf"
PATIENCE_SECONDS = 60
BackRest = Callable[..., None]


def ask(cluster: Cluster, question: str, database: str = "postgres") -> Any:
    """Ask a database for one value."""
    address = cluster.url(database).replace("+psycopg", "", 1)
    with psycopg.connect(address, autocommit=True) as connection:
        row = connection.execute(question).fetchone()  # type: ignore[arg-type]
        return None if row is None else row[0]


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """Give a PostgreSQL of the drill's own."""
    if not is_installed() or shutil.which("pgbackrest") is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL or pgBackRest is missing, and CI must do the drill: see apt-test.txt")
        pytest.skip("PostgreSQL or pgBackRest is missing: ./numerek setup --test")
    made = start_cluster(fsync=False)
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture
def backrest(cluster: Cluster) -> BackRest:
    """Give pgBackRest on this PostgreSQL, by the operators' own configuration; the log is archived with it."""
    folder = cluster.folder
    places = {name: folder / name for name in ("repo", "logs", "locks")}
    config = folder / "pgbackrest.conf"
    config.touch(mode=0o600)
    for place in places.values():
        place.mkdir()
    if who := account():
        for each in (config, *places.values()):
            os.chown(each, who.pw_uid, who.pw_gid)
    filled = {"data": folder / "data", "socket": folder, "port": 5432, "user": ROLE, "days": 14} | places
    config.write_text(Template(TEMPLATE.read_text("utf-8")).substitute(filled))

    def backrest(*arguments: str) -> None:
        run("pgbackrest", f"--config={config}", "--stanza=numerek", *arguments)

    push = f"pgbackrest --config={config} --stanza=numerek archive-push %p"
    with (folder / "data" / "postgresql.conf").open("a") as settings:
        settings.write(f"archive_mode = on\narchive_command = '{push}'\n")
    cluster.halt()
    cluster.start()
    backrest("stanza-create")
    backrest("check")
    return backrest


def wait_until(cluster: Cluster, question: str, database: str = "postgres") -> None:
    """Wait until a database says yes."""
    for _ in range(PATIENCE_SECONDS * 20):
        if ask(cluster, question, database):
            return
        ask(cluster, "SELECT pg_sleep(0.05)")
    raise AssertionError(question)


def test_an_office_comes_back_as_it_was_at_a_second(
    cluster: Cluster, backrest: BackRest, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tmp_path, capsys, monkeypatch, cluster.create_database("office"))
    desk.good("init", "--office", OFFICE)
    enrolment = desk.good("device", "add", "kiosk", "--branch", "wroclaw", "--hall", "A")
    running = desk.serve()
    try:
        token = running.enrol(enrolment)
        assert tickets_of(running, token, 2) == ["T001", "T002"]
        backrest("backup", "--type=full")
        assert tickets_of(running, token, 2) == ["T003", "T004"]
        wait_until(cluster, "SELECT count(*) = 0 FROM fact WHERE feed_number IS NULL", "office")
        second: datetime = ask(cluster, "SELECT clock_timestamp()")
        facts = ask(cluster, "SELECT count(*) FROM fact", "office")
        assert tickets_of(running, token, 3) == ["T005", "T006", "T007"]
    finally:
        running.stop()
    backrest("check")  # waits until all of the log so far is in the archive
    cluster.halt()
    (label,) = (each.name for each in (cluster.folder / "repo/backup/numerek").glob("*F"))
    target = ("--type=time", f"--target={second.isoformat(sep=' ')}", "--target-action=promote")
    backrest("restore", "--delta", f"--set={label}", *target)
    cluster.start()
    wait_until(cluster, "SELECT NOT pg_is_in_recovery()")
    assert ask(cluster, "SELECT count(*) FROM ticket", "office") == 4
    assert ask(cluster, "SELECT count(*) FROM fact", "office") == facts
    assert "each fits the one before it" in desk.good("verify")
    assert "login" in desk.good("user", "list")
