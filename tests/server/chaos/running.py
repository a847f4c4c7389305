"""A real server process on a folder of its own, that tests kill, start again, and load with commands."""

from __future__ import annotations

import http.client
import json
import queue
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from deploy.demo.sample import BRANCH
from deploy.demo.serve import demo_settings, prepare
from server.app import build_runtime
from server.clock import FileClock
from server.services.access import devices
from server.services.booking import integrators
from server.services.context import Context
from server.store.open_store import open_store
from server.store.tables import Device, Slot
from wire.vocabulary import DeviceRole

# A fixed noon: no test runs across midnight, when a day's numbers begin anew.
NOON = "2026-11-23T12:00:00+01:00"
START_SECONDS = 120.0
_A_WRITE = 250
_BOARDS = 50


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


class Served:
    """A server process; it always comes back on the same port."""

    def __init__(self, command: list[str], port: int, log: Path) -> None:
        self.port = port
        self.log = log
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Served:
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill()

    @property
    def process_id(self) -> int:
        """Return the running process's id."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> float:
        """Start and wait until requests are served; return the seconds that it took."""
        began = time.perf_counter()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        while True:
            try:
                if send(self.port, "GET", "/readyz").status == 200:
                    return time.perf_counter() - began
            except OSError:
                pass
            assert self._process.poll() is None, self.log.read_text()[-2000:]
            assert time.perf_counter() - began < START_SECONDS, self.log.read_text()[-2000:]
            time.sleep(0.01)

    def kill(self) -> None:
        """SIGKILL: no handler runs, nothing is put away."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)

    def stop(self) -> None:
        """SIGTERM, and wait for the orderly end."""
        assert self._process is not None
        self._process.terminate()
        self._process.wait(15)

    def resident_kib(self) -> int:
        """Return the process's resident memory in KiB."""
        for line in Path(f"/proc/{self.process_id}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise AssertionError("no memory figure")

    def open_sockets(self) -> int:
        """Count the process's open sockets."""
        links = Path(f"/proc/{self.process_id}/fd").iterdir()
        return sum(1 for link in links if _target(link).startswith("socket:"))


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except FileNotFoundError:
        return ""


@dataclass(frozen=True)
class Prepared:
    """A folder with the sample office, and what trials are told of it."""

    folder: Path
    port: int
    told: dict[str, Any]
    codes: tuple[str, ...]
    boards: tuple[str, ...]

    @property
    def kiosk(self) -> str:
        """Return the kiosk's token."""
        return str(self.told["device_tokens"]["kiosk"])

    @property
    def board(self) -> str:
        """Return the board's token."""
        return str(self.told["device_tokens"]["board"])

    @property
    def database(self) -> str:
        """Return the database's URL."""
        return f"sqlite:///{self.folder / 'numerek.db'}"

    def served(self) -> Served:
        """Return the demo's server on this folder, at a fixed noon; not started yet."""
        command = [sys.executable, "-m", "deploy.demo", "--serve-only", "--data", str(self.folder)]
        command += ["--port", str(self.port), "--clock", str(self.folder / "clock")]
        return Served(command, self.port, self.folder.with_suffix(".log"))

    def sign_in(self, place: int = 0) -> tuple[int, str]:
        """Sign a clerk in at the place-th counter; return its number and the session's token."""
        counter = self.told["counters"][place]
        said = command(self.port, "sessions", self.told["clerks"][place], counter["token"])
        assert said.status == 201, said.body
        return int(counter["number"]), str(said.json["token"])


def prepare_office(folder: Path, booked: int = 0) -> Prepared:
    """Make the sample office in a folder, with `booked` reservations that can check in at the fixed noon."""
    folder.mkdir(exist_ok=True)
    (folder / "clock").write_text(NOON)
    clock = FileClock(folder / "clock")
    port = free_port()
    settings = demo_settings(folder, port, f"http://127.0.0.1:{port}")
    told = prepare(folder, f"http://127.0.0.1:{port}", settings, clock, past=False)
    store, keys = open_store(settings.server)
    context = build_runtime(store, clock, keys, "https://numerek.test").context()
    branch = context.office.branch_named(BRANCH)
    assert branch is not None
    hour = datetime.fromisoformat(NOON) + timedelta(minutes=25)
    visit = integrators.Visit(BRANCH, "P", hour, "pl", {"name": "Jan Nowak", "children": []})

    def book(session: Session, count: int) -> list[str]:
        made = [integrators.book(session, context, visit) for _ in range(count)]
        return [each.token.qr for each in made]  # type: ignore[union-attr]

    slot = Slot(service_id=branch.services["P"].id, starts_at=hour, capacity=max(1, booked))
    store.write(lambda session: session.add(slot))
    codes: list[str] = []
    while len(codes) < booked:
        some = min(_A_WRITE, booked - len(codes))
        codes += store.write(lambda session, some=some: book(session, some))
    hall_id = next(iter(branch.halls.values())).id
    boards = store.write(lambda session: _hang_boards(session, context, branch.id, hall_id))
    store.close()
    return Prepared(folder, port, told, tuple(codes), boards)


def _hang_boards(session: Session, context: Context, branch_id: int, hall_id: int) -> tuple[str, ...]:
    """Hang enough boards into the hall for trials with many streams, and return their tokens."""
    rows = [
        Device(branch_id=branch_id, hall_id=hall_id, role=DeviceRole.BOARD, name=f"Board {place}", status={})
        for place in range(_BOARDS)
    ]
    session.add_all(rows)
    session.flush()
    return tuple(devices.give_token(session, context, row.id) for row in rows)


@dataclass(frozen=True, slots=True)
class Answer:
    """A response as it came."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)

    @property
    def reason(self) -> str:
        """Return a problem's reason code."""
        return str(self.json["reason"])


def send(
    port: int, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> Answer:
    """Send one request on a connection of its own. Raises OSError when no whole answer came."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        named = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, named, response.read())
    except http.client.HTTPException as error:
        raise ConnectionError(str(error)) from error
    finally:
        connection.close()


def command(port: int, path: str, body: Any, token: str, key: str | None = None) -> Answer:
    """POST a command below /api/v1 under the given idempotency key, or a fresh one."""
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Idempotency-Key": key or uuid.uuid4().hex,
    }
    return send(port, "POST", f"/api/v1/{path}", json.dumps(body).encode(), headers)


@dataclass(frozen=True, slots=True)
class Given:
    """A command that was answered in the end: its key, and the answer that counts."""

    key: str
    path: str
    body: dict[str, Any]
    answer: Answer
    tries: int

    @property
    def number(self) -> str:
        """Return the ticket's number."""
        return str(self.answer.json["ticket"]["number"])


@dataclass
class Load:
    """Clients that send commands at once, each under one key until it has an answer that is no 503."""

    port: int
    token: str
    clients: int = 8
    given: list[Given] = field(default_factory=list)
    refused: list[Answer] = field(default_factory=list)
    cut: int = 0  # requests that were sent and had no answer

    def __post_init__(self) -> None:
        self._wishes: queue.SimpleQueue[tuple[str, dict[str, Any]]] = queue.SimpleQueue()
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._client, daemon=True) for _ in range(self.clients)]

    def start(self, wishes: Iterable[tuple[str, dict[str, Any]]]) -> None:
        """Begin to send these commands, each a path and a body."""
        for wish in wishes:
            self._wishes.put(wish)
        for thread in self._threads:
            thread.start()

    def end(self, seconds: float = 30) -> None:
        """Let every client finish the command in its hands."""
        self._ended.set()
        for thread in self._threads:
            thread.join(seconds)
            assert not thread.is_alive(), "a client had no answer in time"

    def _client(self) -> None:
        while not self._ended.is_set():
            try:
                path, body = self._wishes.get_nowait()
            except queue.Empty:
                return
            self.given.append(self._insist(path, body))

    def _insist(self, path: str, body: dict[str, Any]) -> Given:
        key, tries = uuid.uuid4().hex, 0
        while True:
            tries += 1
            try:
                answer = command(self.port, path, body, self.token, key)
            except ConnectionRefusedError:
                pass
            except OSError:
                self.cut += 1
            else:
                if answer.status != 503:
                    return Given(key, path, body, answer, tries)
                self.refused.append(answer)
            time.sleep(0.03)
