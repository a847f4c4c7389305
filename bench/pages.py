"""What a page of the portal costs: processor time of the server, and how much goes over the wire."""

from __future__ import annotations

import asyncio
import gzip
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bench.crowd import fill_in, log_in
from bench.hall import UNLIMITED
from bench.table import Row
from deploy.postgres import is_installed, start_cluster
from server.api.authentication import Runtime
from server.app import build_runtime, create_app
from server.clock import SystemClock
from server.http.asgi import HttpFront, Limits
from server.services.booking import integrators
from server.services.booking.slots.planning import plan_service
from server.services.office.set_up import set_up_office
from server.store.key_file import create_key_file
from server.store.open_store import open_store
from server.store.tables import Slot
from wire.settings import Settings

GOAL_MS = 1.2
_BRANCH, _LETTER = "wroclaw", "P"
_DAYS = 90
_WARM, _TIMED, _ROUNDS = 20, 40, 5
# As Firefox sends them, without and with brotli.
_HEADERS = (
    (b"host", b"bench"),
    (b"user-agent", b"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"),
    (b"accept", b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    (b"accept-language", b"pl,en-US;q=0.7,en;q=0.3"),
    (b"accept-encoding", b"gzip, deflate, br, zstd"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers (names in small letters) and the body as it goes over the wire."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes


class Visitor:
    """A browser in front of the server's ASGI application, in this process; it keeps its cookie."""

    def __init__(self, front: HttpFront, cookie: str, **more: str) -> None:
        self._front = front
        named = ((name.replace("_", "-").encode(), value.encode()) for name, value in more.items())
        self._headers, self._cookie = [*_HEADERS, *named], cookie.encode()

    async def get(self, path: str) -> Answer:
        """Open a page."""
        sent: list[Any] = []
        scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "scheme": "http",
            "headers": [*self._headers, (b"cookie", self._cookie)],
            "client": ("198.51.100.7", 1),
        }

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b""}

        async def send(message: Any) -> None:
            sent.append(message)

        await self._front(scope, receive, send)
        answer = Answer(sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"])
        if kept := answer.headers.get(b"set-cookie"):
            self._cookie = kept.partition(b";")[0]
        return answer


def run() -> list[Row]:
    """Measure each page on both databases, in one process with the server."""
    rows = [Row("raw: a loop of 10 000 turns", _raw_ms(), "ms of processor", "the machine's own")]
    rows += _measure("SQLite", None)
    if not is_installed():
        return [*rows, Row("pages, PostgreSQL", "not installed", "")]
    cluster = start_cluster()
    try:
        return rows + _measure("PostgreSQL", cluster.create_database("pages"))
    finally:
        cluster.stop()


def _measure(name: str, database: str | None) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="numerek-bench-") as text:
        folder = Path(text)
        create_key_file(folder / "numerek.key")
        server = {
            "data_dir": folder,
            "secrets_file": folder / "numerek.key",
            "database_url": database or f"sqlite:///{folder}/numerek.db",
        }
        settings = Settings.model_validate({"server": server, "portal": UNLIMITED})
        store, keys = open_store(settings.server)
        try:
            runtime = build_runtime(store, SystemClock(), keys, "http://bench", portal=settings.portal)
            return asyncio.run(_all_pages(name, runtime))
        finally:
            store.close()


async def _all_pages(name: str, runtime: Runtime) -> list[Row]:
    runtime.store.write(lambda session: set_up_office(session, runtime.clock.now(), _office()))
    runtime.office.forget()
    app = create_app(runtime)
    pages, cookie = _pages(runtime, app.extensions["portal"]())
    visitor = Visitor(HttpFront(app, runtime, Limits()), cookie)
    rows = []
    for what, path in pages:
        rows += await _page(f"{what}, {name}", visitor, path)
    return rows


async def _page(what: str, visitor: Visitor, path: str) -> list[Row]:
    for _ in range(_WARM):
        answer = await visitor.get(path)
    if answer.status != 200:
        raise RuntimeError(f"{path} was answered {answer.status}")
    rounds = []
    for _ in range(_ROUNDS):
        began = time.process_time()
        for _ in range(_TIMED):
            await visitor.get(path)
        rounds.append((time.process_time() - began) * 1e3 / _TIMED)
    # What others do on the machine only adds to a round.
    spent = min(rounds)
    return [
        Row(f"page: {what}", spent, "ms of processor", f"≤ {GOAL_MS}", spent <= GOAL_MS),
        Row(f"page: {what}: plain", len(_plain(answer)) / 1e3, "kB"),
        Row(f"page: {what}: on the wire", len(answer.body) / 1e3, "kB"),
    ]


def _plain(answer: Answer) -> bytes:
    how = answer.headers.get(b"content-encoding")
    return gzip.decompress(answer.body) if how == b"gzip" else answer.body


def _pages(runtime: Runtime, portal: Any) -> tuple[Sequence[tuple[str, str]], str]:
    """Prepare what is on the pages: 90 days of places, a draft that is filled in, and a visit that stands.

    Return the pages by name, and the cookie of whoever is logged in and looks at them.
    """
    context = runtime.context()
    branch = context.office.branch_named(_BRANCH)
    assert branch is not None
    service = branch.services[_LETTER]
    plan_service(runtime.store, context, service)
    hours = runtime.store.read(
        lambda session: list(
            session.execute(select(Slot.starts_at).where(Slot.service_id == service.id)).scalars()
        )
    )
    (person,) = log_in(runtime, portal, 1)
    (draft,) = fill_in(runtime, [person], service, [hours[500]])
    link = _visit(runtime, hours[501])
    day = f"{hours[500].astimezone(branch.policy.zone):%Y-%m-%d}"
    service_at = f"/pl/book/{_BRANCH}/{_LETTER}"
    pages = (
        ("start", "/pl/"),
        ("services", f"/pl/book/{_BRANCH}"),
        (f"calendar of {_DAYS} days", service_at),
        ("hours of a day", f"{service_at}/{day}"),
        ("details", f"/pl/book/draft/{draft}/details"),
        ("check of all answers", f"/pl/book/draft/{draft}/check"),
        ("confirmation", f"/pl/v/{link}"),
    )
    return pages, f"{portal.config['SESSION_COOKIE_NAME']}={person.cookie}"


def _visit(runtime: Runtime, hour: datetime) -> str:
    """Book a visit; return the secret of the link by which its confirmation is found."""
    context = runtime.context()
    wish = integrators.Visit(_BRANCH, _LETTER, hour, "pl", {"name": "Jan Nowak", "children": []})
    booked = runtime.store.write(lambda session: integrators.book(session, context, wish))
    assert isinstance(booked, integrators.Booked)
    return context.keys.visit_token(booked.id)


def _office() -> dict[str, Any]:
    """Describe a branch with three services on the web, each of 40 hours a working day."""
    days = ["mon", "tue", "wed", "thu", "fri"]
    template = {"days": days, "hours": "08:00-18:00", "every_minutes": 15, "capacity": 3}
    booking = {"slots": [template], "horizon_days": _DAYS}
    services = [
        {"letter": letter, "names": {"pl": f"Usługa {letter}"}, "booking": booking}
        for letter in (_LETTER, "L", "K")
    ]
    hall = {"code": "A", "name": "Sala A"}
    named = {"code": _BRANCH, "name": "Urząd Wojewódzki", "public_holidays": "none"}
    return {"branch": [named | {"hall": [hall], "service": services}]}


def _raw_ms() -> float:
    each = []
    for _ in range(20):
        began = time.process_time()
        for _ in range(10_000):
            pass
        each.append(time.process_time() - began)
    return min(each) * 1e3
