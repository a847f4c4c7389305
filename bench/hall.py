"""A server of its own for a benchmark: the sample branch with as many reservations and walk-ins as wanted."""

from __future__ import annotations

import contextlib
import json
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from deploy.demo.folder import server_tables, toml_of
from deploy.demo.sample import BRANCH
from deploy.demo.serve import demo_settings, prepare
from server.app import build_runtime
from server.clock import SystemClock
from server.domain.access.roles import Held
from server.run import open_store
from server.services.access import devices, users
from server.services.access.passwords import hash_password
from server.services.booking import integrators
from server.services.context import Context
from server.services.queue import issue
from server.store.queries.access.principals import devices_of
from server.store.store import Store
from server.store.tables import Device, Slot, Ticket
from wire.vocabulary import DeviceRole, Role

_A_WRITE = 250
# All clients of a benchmark come from one address: the limits are set beyond what one run sends.
UNLIMITED = {
    "requests_per_minute": 1_000_000,
    "newcomers_per_ten_minutes": 1_000_000,
    "block_requests_per_minute": 1_000_000,
}
READY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Hall:
    """A running server, with what a load needs to know."""

    port: int
    told: dict[str, Any]
    codes: tuple[str, ...]
    process_id: int
    ready_seconds: float
    folder: Path
    boards: tuple[str, ...] = ()
    supervisors: tuple[str, ...] = ()
    password: str = ""

    @property
    def kiosk(self) -> str:
        """Return the kiosk's token."""
        return str(self.told["device_tokens"]["kiosk"])

    @property
    def manager(self) -> tuple[str, str]:
        """Return the manager's login and password."""
        found = next(each for each in self.told["staff"] if each["role"] == Role.MANAGER)
        return str(found["login"]), str(found["password"])

    def post(self, path: str, body: dict[str, Any], token: str) -> dict[str, Any]:
        """Post a command and return its answer; any refusal is an error of the benchmark."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            json.dumps(body).encode(),
            {
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/json",
                "Idempotency-Key": uuid.uuid4().hex,
            },
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            raw = answer.read()
        found: dict[str, Any] = json.loads(raw) if raw else {}
        return found

    def sign_in(self, place: int) -> tuple[int, str]:
        """Sign a clerk in at the place-th counter; return its number and the session's token."""
        counter = self.told["counters"][place]
        said = self.post("/api/v1/sessions", self.told["clerks"][place], counter["token"])
        return int(counter["number"]), str(said["token"])


@contextlib.contextmanager
def hall(
    booked: int = 0,
    waiting: int = 0,
    past_days: int = 0,
    boards: int = 0,
    supervisors: int = 0,
    tables: dict[str, dict[str, Any]] | None = None,
    more: Callable[[Store, Context], object] | None = None,
    database: str = "",
) -> Iterator[Hall]:
    """Run a server with `booked` reservations to check in and `waiting` walk-ins in the line for O.

    `past_days` adds so many days of history, 100 finished tickets each; `boards` so many boards in the hall,
    `supervisors` so many supervisors of the branch. `tables` of config.toml are the server's beside the demo's;
    `more` is done to the database before it starts; `database` is the URL of an empty one on PostgreSQL.
    """
    with tempfile.TemporaryDirectory(prefix="numerek-bench-") as name:
        folder, port = Path(name), free_port()
        base_url = f"http://127.0.0.1:{port}"
        settings = demo_settings(folder, port, base_url)
        settings = settings.model_copy(
            update={"server": settings.server.model_copy(update={"database_url": database})}
        )
        told = prepare(folder, base_url, settings, SystemClock(), past=False)
        store, keys = open_store(settings.server)
        context = build_runtime(store, SystemClock(), keys, base_url).context()
        codes = book(store, context, booked)
        join_line(store, context, waiting)
        remember(store, context, past_days)
        tokens = store.write(lambda session: _boards(session, context, boards))
        password = secrets.token_hex(6)
        logins = _supervisors(store, context, supervisors, hash_password(password))
        if more is not None:
            more(store, context)
        store.close()
        serve: tuple[str, ...] = ("deploy.demo", "--serve-only", "--data", str(folder), "--port", str(port))
        if tables is not None:
            said = server_tables(base_url) | tables
            said["server"] = said["server"] | {"database_url": database}
            config = folder / "bench.toml"
            config.write_text(toml_of(said), encoding="utf-8")
            serve = ("server", "--config", str(config))
        with running(serve, folder, port) as (process, seconds):
            yield Hall(port, told, codes, process.pid, seconds, folder, tokens, logins, password)


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@contextlib.contextmanager
def running(module: Sequence[str], folder: Path, port: int) -> Iterator[tuple[subprocess.Popen[str], float]]:
    """Start a server (a module and its arguments); its log goes to the folder.

    The start is timed from the first instruction to `ready`.
    """
    began = time.perf_counter()
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *module],
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
        )
    try:
        address = f"http://127.0.0.1:{port}/readyz"
        while True:
            with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=1):
                break
            if process.poll() is not None or time.perf_counter() - began > READY_SECONDS:
                raise RuntimeError(f"no server: {(folder / 'server.log').read_text()[-500:]}")
            time.sleep(0.005)
        yield process, time.perf_counter() - began
    finally:
        process.terminate()
        process.wait(15)


def book(store: Store, context: Context, count: int) -> tuple[str, ...]:
    """Book so many visits for P in half an hour from now, and return their QR texts.

    In the last half hour of a day in Warsaw they are tomorrow's, and refused today: begin after midnight.
    """
    branch = context.office.branch_named(BRANCH)
    assert branch is not None
    at = context.now.replace(second=0, microsecond=0) + timedelta(minutes=30)
    codes: list[str] = []

    def some(session: Session) -> list[str]:
        made = []
        for _ in range(min(_A_WRITE, count - len(codes))):
            visit = integrators.Visit(BRANCH, "P", at, "pl", {"name": "Jan Nowak", "children": []})
            booked = integrators.book(session, context, visit)
            assert isinstance(booked, integrators.Booked)
            assert booked.token is not None
            made.append(booked.token.qr)
        return made

    def slot(session: Session) -> None:
        found = session.query(Slot).filter_by(service_id=branch.services["P"].id, starts_at=at).one_or_none()
        if found is None:
            session.add(Slot(service_id=branch.services["P"].id, starts_at=at, capacity=count))
        else:
            found.capacity += count

    store.write(slot)
    while len(codes) < count:
        codes += store.write(some)
    return tuple(codes)


def _boards(session: Session, context: Context, count: int) -> tuple[str, ...]:
    """Hang so many boards into the hall and return their tokens."""
    branch = context.office.branch_named(BRANCH)
    assert branch is not None
    hall_id = next(iter(branch.halls.values())).id
    rows = [
        Device(branch_id=branch.id, hall_id=hall_id, role=DeviceRole.BOARD, name=f"Board {place}", status={})
        for place in range(count)
    ]
    session.add_all(rows)
    session.flush()
    return tuple(devices.give_token(session, context, row.id) for row in rows)


def _supervisors(store: Store, context: Context, count: int, hashed: str) -> tuple[str, ...]:
    """Let so many supervisors in, all with one password, and return their logins."""
    branch = context.office.branch_named(BRANCH)
    assert branch is not None
    held = {Held(Role.SUPERVISOR, branch.id)}
    logins = tuple(f"supervisor{place}" for place in range(count))

    def all_of_them(session: Session) -> None:
        for login in logins:
            users.add(session, context, login, login.capitalize(), held, hashed)

    store.write(all_of_them)
    return logins


def join_line(store: Store, context: Context, count: int) -> None:
    """Put so many walk-ins in the line for O."""
    branch = context.office.branch_named(BRANCH)
    assert branch is not None
    kiosk = store.read(lambda session: devices_of(session, branch.id))[0]
    newcomer = issue.NewTicket(branch.services["N"].id, "pl")

    def some(session: Session, most: int) -> None:
        for _ in range(most):
            issue.issue(session, context, kiosk, newcomer)

    for begun in range(0, count, _A_WRITE):
        store.write(partial(some, most=min(_A_WRITE, count - begun)))


def remember(store: Store, context: Context, days: int) -> None:
    """Write so many days of history: issued, called, started and finished, a hundred tickets a day."""
    branch = context.office.branch_named(BRANCH)
    assert branch is not None
    kiosk = store.read(lambda session: devices_of(session, branch.id))[0]
    counter = next(iter(branch.counters.values()))

    def day(session: Session, then: Context) -> None:
        newcomer = issue.NewTicket(branch.services["N"].id, "pl")
        made = [issue.issue(session, then, kiosk, newcomer).id for _ in range(100)]
        session.execute(
            update(Ticket)
            .where(Ticket.id.in_(made))
            .values(
                status="finished",
                outcome="served",
                counter_id=counter.id,
                called_at=then.now,
                started_at=then.now,
                finished_at=then.now,
            )
        )

    for ago in range(days, 0, -1):
        then = replace(context, now=context.now - timedelta(days=ago))
        store.write(partial(day, then=then))
