"""How soon a program of others hears of a fact, and how many a second; alone and beside one that hangs."""

from __future__ import annotations

import json
import multiprocessing
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from typing import Any

from sqlalchemy.orm import Session

from bench import load
from bench.hall import UNLIMITED, Hall, hall
from bench.table import Row
from deploy.demo.sample import BRANCH
from server.domain.access.scopes import IntegratorScope
from server.services.access import integrators, webhooks
from server.services.context import Context
from server.store.store import Store
from wire.vocabulary import FactType

PACED, BURST = 40, 300
_EVERY_SECONDS = 0.5
_LIMIT_SECONDS = 120.0
_HANGS_SECONDS = 300.0
_TABLES: dict[str, dict[str, Any]] = {
    "portal": UNLIMITED,
    "webhooks": {"networks": ["127.0.0.0/8"], "timeout_seconds": 10},
}
Heard = list[tuple[float, float]]


def run() -> list[Row]:
    """Tell one willing receiver, and then the same while another address takes what comes and never answers."""
    return [*_measured("alone", hanging=False), *_measured("beside one that hangs", hanging=True)]


def _measured(name: str, *, hanging: bool) -> list[Row]:
    with _receiver() as there:
        port, heard = there

        def hooks(store: Store, context: Context) -> None:
            store.write(lambda session: _add_hooks(session, context, port, hanging=hanging))

        with hall(tables=_TABLES, more=hooks) as office:
            for _ in range(PACED):
                office.post("/api/v1/tickets", {"service": "N"}, office.kiosk)
                time.sleep(_EVERY_SECONDS)
            paced = sorted((came - at) * 1e3 for at, came in _told(heard, PACED))
            burst = _burst(office, heard)
    return [
        Row(f"webhook {name}, 2 facts a second: fact -> received, p50", paced[len(paced) // 2], "ms"),
        Row(f"webhook {name}, 2 facts a second: fact -> received, p99", paced[int(len(paced) * 0.99)], "ms"),
        Row(f"webhook {name}, {BURST} facts at once: told", burst, "/s"),
    ]


def _burst(office: Hall, heard: Connection) -> float:
    """Issue many tickets as fast as they go; return how many a second were told until the last one was."""
    requests = (load.command("/api/v1/tickets", office.kiosk, b'{"service":"N"}') for _ in range(BURST))
    began = time.time()
    load.run(office.port, requests, 4)
    return BURST / (max(came for _, came in _told(heard, BURST)) - began)


def _told(heard: Connection, count: int) -> Heard:
    """Wait for so many facts; return of each when it happened and when it was received."""
    found: dict[int, tuple[float, float]] = {}
    until = time.monotonic() + _LIMIT_SECONDS
    while len(found) < count:
        if not heard.poll(max(0.0, until - time.monotonic())):
            raise TimeoutError(f"{len(found)} of {count} facts were told")
        number, at, came = heard.recv()
        found.setdefault(number, (at, came))
    return list(found.values())


def _add_hooks(session: Session, context: Context, port: int, *, hanging: bool) -> None:
    branch = context.office.branch_named(BRANCH)
    assert branch is not None
    program, _ = integrators.add(session, context, integrators.NewIntegrator("City", {IntegratorScope.FACTS}))
    for path in ("told", "hangs") if hanging else ("told",):
        url = f"http://127.0.0.1:{port}/{path}"
        new = webhooks.NewWebhook(program, branch.id, url, (FactType.TICKET_ISSUED,))
        webhooks.add(session, context, new, by=1)


# --- the receiver, a process of its own ---------------------------------------------------------------


@contextmanager
def _receiver() -> Iterator[tuple[int, Connection]]:
    """Run the receiver; give its port, and what it hears: the fact's number, its instant and when it came."""
    heard, tells = multiprocessing.Pipe(duplex=False)
    stop = multiprocessing.Event()
    process = multiprocessing.Process(target=_receive, args=(tells, stop), daemon=True)
    process.start()
    try:
        if not heard.poll(_LIMIT_SECONDS):
            raise TimeoutError("the receiver did not start")
        yield heard.recv(), heard
    finally:
        stop.set()
        process.join(10)
        process.kill()


def _receive(tells: Connection, stop: Event) -> None:
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came, body = time.time(), self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/hangs":
                stop.wait(_HANGS_SECONDS)
                return
            said = json.loads(body)
            with lock:
                tells.send((said["id"], datetime.fromisoformat(said["at"]).timestamp(), came))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    tells.send(server.server_port)
    stop.wait()
    server.shutdown()
