"""What docs/scale.md reckons with: processor time, facts and bytes of a visit, and the memory of a stream."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import func, select, text

from bench.hall import Hall, book, hall
from bench.in_process import Opened, opened
from bench.memory import resident_megabytes
from bench.streams import STREAMS_EACH, Clerk, calm_down, open_stream, server_clock
from bench.table import Row
from deploy.postgres import Cluster, is_installed, start_cluster
from server.app import create_app
from server.store.engine import open_single
from server.store.tables import Fact

VISITS, STREAMS = 200, 800


def run() -> list[Row]:
    """Let visits happen from the reservation to the end, on both databases, and open streams of boards."""
    rows = [*_over_http(), *_bytes("SQLite", None)]
    if not is_installed():
        return [*rows, Row("scale: a visit on PostgreSQL", "not installed", "")]
    cluster = start_cluster()
    try:
        return [*rows, *_bytes("PostgreSQL", cluster)]
    finally:
        cluster.stop()


def _over_http() -> list[Row]:
    """Time the server's own processor for visits over HTTP, and weigh the streams."""
    with hall(booked=VISITS, boards=STREAMS // STREAMS_EACH) as office:
        calm_down(office)
        number, token = office.sign_in(_place(office.told))
        clerk, before = Clerk(office, number, token), server_clock(office.process_id)
        for code in office.codes:
            office.post("/api/v1/check-ins", {"code": code}, office.kiosk)
            clerk.make_room()
            clerk.call()
        clerk.make_room()
        used = server_clock(office.process_id) - before
        return [
            Row("scale: check-in, call, start and finish: server", used / VISITS * 1e3, "ms of processor"),
            Row("scale: one stream more: server", _kilobytes_of_a_stream(office), "kB of memory"),
        ]


def _kilobytes_of_a_stream(office: Hall) -> float:
    before = resident_megabytes(office.process_id)
    with ExitStack() as streams:
        for place in range(STREAMS):
            board = office.boards[place // STREAMS_EACH]
            streams.enter_context(open_stream(office.port, board, "hall:A"))
        return (resident_megabytes(office.process_id) - before) * 1024 / STREAMS


def _bytes(name: str, cluster: Cluster | None) -> list[Row]:
    """Weigh the database before and after visits, packed both times."""
    with tempfile.TemporaryDirectory(prefix="numerek-bench-") as folder:
        database = cluster.create_database("scale") if cluster else None
        with opened(Path(folder), database) as office:
            size, store = _packed(database or f"sqlite:///{folder}/numerek.db"), office.runtime.store
            facts = store.read(lambda session: session.execute(select(func.count(Fact.id))).scalar_one())
            begun = size()
            _visits(office)
            after = store.read(lambda session: session.execute(select(func.count(Fact.id))).scalar_one())
            return [
                Row(f"scale: a visit, {name}", (size() - begun) / VISITS, "bytes"),
                Row(f"scale: a visit, {name}: facts", (after - facts) / VISITS, ""),
            ]


def _packed(database: str) -> Callable[[], int]:
    """Return what tells the bytes of a database without its gaps."""
    engine = open_single(database).execution_options(isolation_level="AUTOCOMMIT")
    is_postgres = engine.dialect.name == "postgresql"

    def size() -> int:
        with engine.connect() as connection:
            connection.execute(text("VACUUM FULL" if is_postgres else "VACUUM"))
            if is_postgres:
                return int(
                    connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
                )
            pages = connection.execute(text("PRAGMA page_count")).scalar_one()
            return int(pages) * int(connection.execute(text("PRAGMA page_size")).scalar_one())

    return size


def _visits(office: Opened) -> None:
    """Book, check in, call, start and finish, one visit after the other."""
    runtime, app = office.runtime, create_app(office.runtime)
    codes = book(runtime.store, runtime.context(), VISITS)
    at, kiosk = _place(office.told), office.told["device_tokens"]["kiosk"]
    counter = office.told["counters"][at]
    session = _post(app, "/api/v1/sessions", office.told["clerks"][at], counter["token"])
    for place, code in enumerate(codes):
        _post(app, "/api/v1/check-ins", {"code": code}, kiosk, place)
        path = f"/api/v1/counters/{counter['number']}/call-next"
        ticket = _post(app, path, {}, session["token"], place)["ticket"]["id"]
        _post(app, f"/api/v1/tickets/{ticket}/start", {}, session["token"], place)
        _post(app, f"/api/v1/tickets/{ticket}/finish", {"outcome": "served"}, session["token"], place)


def _place(told: dict[str, Any]) -> int:
    """Return which of the counters calls those who have booked (P)."""
    return next(place for place, each in enumerate(told["counters"]) if "P" in each["services"])


def _post(app: Flask, path: str, body: Any, token: str, place: int = 0) -> Any:
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"{path}/{place}"}
    answer = app.test_client().post(path, json=body, headers=headers)
    if answer.status_code >= 300:
        raise RuntimeError(f"{path}: {answer.status_code} {answer.text}")
    return answer.json
