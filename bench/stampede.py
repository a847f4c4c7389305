"""Ten thousand people ask for four hundred places at once: how fast, and whether each place is sold once."""

from __future__ import annotations

import random
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from bench import load
from bench.commands import serial_commits
from bench.crowd import came_of, fill_in, hold, log_in
from bench.hall import free_port, running
from bench.table import Row
from deploy.postgres import Cluster, is_installed, start_cluster
from server.api.authentication import Runtime
from server.app import build_runtime, create_app
from server.clock import SystemClock
from server.services.booking.slots.planning import plan_service
from server.services.office.set_up import set_up_office
from server.store.engine import open_single
from server.store.key_file import create_key_file
from server.store.open_store import open_store
from server.store.tables import PageVisits, Reservation, Slot
from wire.settings import Settings

PEOPLE, PLACES, CLIENTS = 10_000, 400, 64
_GOAL = 1_000
_BARE = 4_000
_BRANCH = "wroclaw"
# The same number of places both times: in many hours of one place each, and in one hour.
_SHAPES = {"P": f"{PLACES} hours of 1", "L": f"1 hour of {PLACES}"}
# The crowd comes from one address, and every request is counted: the limit is only set beyond what one run sends.
_CONFIG = """
[server]
port = {port}
public_url = "http://127.0.0.1:{port}"
data_dir = "{folder}"
secrets_file = "{folder}/numerek.key"
database_url = "{database}"
[portal]
requests_per_minute = 1000000
newcomers_per_ten_minutes = 1000000
block_requests_per_minute = 1000000
[mail]
folder = "{folder}/mail"
sender = "Numerek <wizyty@bench.example>"
"""


@dataclass(frozen=True, slots=True)
class Wave:
    """One POST of each person, all for the places of one service."""

    service_id: int
    requests: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Sold:
    """What the database holds of a service.

    `held` reservations of so many `people`, `taken` places; `wrong` hours have more visits than places, or
    another number than is counted.
    """

    held: int
    people: int
    taken: int
    wrong: int

    def is_exactly(self, places: int) -> bool:
        """Say whether so many places were sold, none twice, and nobody has two."""
        return self == Sold(places, places, places, 0)


def run() -> list[Row]:
    """Measure on both databases: SQLite bears one server, PostgreSQL is measured with one and with two."""
    rows = _measure("SQLite", None)
    if not is_installed():
        return [*rows, Row("stampede, PostgreSQL", "not installed", "")]
    cluster = start_cluster()
    try:
        rows += _measure("PostgreSQL, one server", cluster)
        return rows + _measure("PostgreSQL, two servers", cluster, servers=2)
    finally:
        cluster.stop()


def count_sold(session: Session, service_id: int) -> Sold:
    """Count what was sold of a service."""
    of_service = Reservation.service_id == service_id
    per_hour = dict(
        session.execute(select(Reservation.slot_id, func.count()).where(of_service).group_by("slot_id")).all()
    )
    people = select(func.count(Reservation.account_id.distinct())).where(of_service)
    slots = session.execute(select(Slot.id, Slot.taken, Slot.capacity).where(Slot.service_id == service_id))
    found = [(per_hour.get(row.id, 0), row.taken, row.capacity) for row in slots]
    return Sold(
        sum(per_hour.values()),
        session.execute(people).scalar_one(),
        sum(taken for _, taken, _ in found),
        sum(1 for visits, taken, capacity in found if visits != taken or taken > capacity),
    )


def _measure(name: str, cluster: Cluster | None, servers: int = 1) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="numerek-bench-") as text, ExitStack() as running_ones:
        folder, ports = Path(text), [free_port() for _ in range(servers)]
        database = (
            cluster.create_database(f"stampede{servers}") if cluster else f"sqlite:///{folder}/numerek.db"
        )
        waves = prepare(folder, database)
        raw = _postgres_commits(database) if cluster else serial_commits(folder)
        processes = [running_ones.enter_context(served(folder, database, port)) for port in ports]
        bare = load.run(ports, _nothing(), CLIENTS)
        rows = [
            Row(f"raw, {name}: fsync'd commits one by one", raw, "/s", "the disk's limit"),
            Row(f"raw, {name}: health, {CLIENTS} clients", bare.per_second, "/s", "the processor's limit"),
        ]
        with Session(open_single(database)) as session:
            for shape, wave in zip(_SHAPES.values(), waves, strict=True):
                used = _processor_seconds(processes)
                result = load.run(ports, iter(wave.requests), CLIENTS, came_of)
                used = _processor_seconds(processes) - used
                what, sold = f"stampede, {name}, {shape}", count_sold(session, wave.service_id)
                rows += _rows(what, result, sold)
                rows.append(Row(f"{what}: processor", used / PEOPLE * 1e3, "ms an attempt"))
                session.rollback()
    return rows


@contextmanager
def served(folder: Path, database: str, port: int, of_the_portal: str = "") -> Iterator[int]:
    """Serve from the database, with the pages loaded and more settings of [portal]; give the process's id."""
    config = folder / f"{port}.toml"
    text = _CONFIG.format(port=port, folder=folder, database=database)
    config.write_text(text.replace("[portal]\n", f"[portal]\n{of_the_portal}\n"))
    with running(("server", "--config", str(config)), folder, port) as (process, _):
        _wait_for_pages(port)
        yield process.pid


def _rows(what: str, result: load.Result, sold: Sold) -> list[Row]:
    told = result.came_of
    is_right = sold.is_exactly(PLACES) and told == {"held": PLACES, "slot_full": PEOPLE - PLACES}
    found = f"{sold.held} held by {sold.people}, {sold.taken} taken, {sold.wrong} wrong; told {told}"
    return [
        Row(f"{what}: attempts", result.per_second, "/s", f"≥ {_GOAL}", result.per_second >= _GOAL),
        Row(f"{what}: refused", told.get("slot_full", 0) / result.seconds, "/s"),
        Row(f"{what}: p50", result.p50_ms, "ms"),
        Row(f"{what}: p99", result.p99_ms, "ms"),
        Row(f"{what}: sold", sold.held if is_right else found, "", f"{PLACES}, one each", is_right),
    ]


# --- before the doors open ------------------------------------------------------------------------------


def prepare(folder: Path, database: str, people: int = PEOPLE) -> list[Wave]:
    """Fill an empty database: the office with its hours, and everybody one click from a place, in both waves."""
    create_key_file(folder / "numerek.key")
    server = {"data_dir": folder, "secrets_file": folder / "numerek.key", "database_url": database}
    settings = Settings.model_validate({"server": server})
    store, keys = open_store(settings.server)
    try:
        runtime = build_runtime(store, SystemClock(), keys, "http://127.0.0.1", portal=settings.portal)
        store.write(lambda session: set_up_office(session, runtime.clock.now(), _office(runtime.clock.now())))
        runtime.office.forget()
        return _waves(runtime, people)
    finally:
        store.close()


def _waves(runtime: Runtime, count: int) -> list[Wave]:
    context, portal = runtime.context(), create_app(runtime).extensions["portal"]()
    branch = context.office.branch_named(_BRANCH)
    assert branch is not None
    people = log_in(runtime, portal, count)
    dice, waves = random.Random(400), []
    for letter in _SHAPES:
        service = branch.services[letter]
        plan_service(runtime.store, context, service)
        of_service = select(Slot.starts_at).where(Slot.service_id == service.id)
        hours = runtime.store.read(lambda session, of=of_service: list(session.execute(of).scalars()))  # type: ignore[misc]
        drafts = fill_in(runtime, people, service, [dice.choice(hours) for _ in people])
        cookie = portal.config["SESSION_COOKIE_NAME"]
        requests = [hold(*each, cookie) for each in zip(people, drafts, strict=True)]
        dice.shuffle(requests)
        waves.append(Wave(service.id, tuple(requests)))
    return waves


def _office(now: datetime) -> dict[str, Any]:
    """Describe a branch with two services on the web: one has 20 hours a day for 20 days, the other one hour."""
    first, last = now.date() + timedelta(days=2), now.date() + timedelta(days=21)
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    many = {"days": days, "hours": "08:00-18:00", "every_minutes": 30, "first": str(first), "last": str(last)}
    one = many | {"hours": "12:00-12:30", "capacity": PLACES, "last": str(first)}
    services = [
        {"letter": letter, "names": {"pl": f"Usługa {letter}"}, "booking": {"slots": [template]}}
        for letter, template in (("P", many), ("L", one))
    ]
    hall = {"code": "A", "name": "Sala A"}
    named = {"code": _BRANCH, "name": "Urząd Wojewódzki", "public_holidays": "none"}
    return {"branch": [named | {"hall": [hall], "service": services}]}


# --- the machine's own limits ---------------------------------------------------------------------------


def _postgres_commits(database: str, seconds: float = 2.0) -> float:
    """Measure single rows a second, each in a transaction of its own on one connection."""
    engine, count = open_single(database), 0
    with engine.connect() as connection:
        began = time.perf_counter()
        while time.perf_counter() - began < seconds:
            connection.execute(insert(PageVisits).values(page=f"x{count:099}", visits=count))
            connection.commit()
            count += 1
    return count / seconds


def _processor_seconds(process_ids: Sequence[int]) -> float:
    """Return the processor time that processes have used so far: on a busy machine it tells more than seconds."""
    used = [psutil.Process(each).cpu_times() for each in process_ids]
    return float(sum(each.user + each.system for each in used))


def _nothing() -> Iterator[bytes]:
    return (b"GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n" for _ in range(_BARE))


def _wait_for_pages(port: int) -> None:
    """Open a page; a visitor who comes before the pages are loaded waits for them."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/pl/", timeout=60) as answer:
        answer.read()
