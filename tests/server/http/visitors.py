"""Browsers before the line in front of the pages, a clock that is moved, and pages behind that answer at once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from server.http.arrivals import Arrivals
from server.http.dispatch import EXTRAS
from server.http.line import OwnLine
from server.services.release.arrivals import Counting, Line, StoreCounts
from server.store.errors import StoreUnavailable
from server.store.store import Store
from tests.server.sample_office import SampleOffice


@dataclass(frozen=True)
class Answer:
    """What a browser was answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def leads_to(self) -> str:
        """Return where it is sent to; empty where it stays."""
        return self.headers.get("location", "")


class Site:
    """A server with the line in front of its pages; `seen` are the paths that came through."""

    def __init__(
        self,
        office: SampleOffice,
        per_second: float,
        counting: Counting | None = None,
        store: Store | None = None,
        **settings: Any,
    ) -> None:
        self.office = office
        self.seconds = 1_000.0
        self.status = 200
        self.took = 0.0
        self.seen: list[tuple[str, Any]] = []
        portal = replace_settings(office, settings)
        runtime = replace(office.runtime, portal=portal, store=store or office.store)
        shared = Line(runtime.store, counting or StoreCounts(runtime.store))
        self.line = OwnLine(shared, per_second, lambda: self.seconds)
        self.runtime = runtime
        self.arrivals = Arrivals(self._pages, self.line, runtime)

    def tick(self, seconds: float = 1.0, *others: Site) -> None:
        """Let time pass, here and at other servers, and let each of them look at the line."""
        self.office.clock.advance(seconds=seconds)
        for site in (self, *others):
            site.seconds += seconds
            site.line.saw(site.line.look(site.runtime.context(), seconds), seconds)

    async def _pages(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()
        self.seen.append((scope["path"], scope.get(EXTRAS)))
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": b"a page"})


def replace_settings(office: SampleOffice, settings: dict[str, Any]) -> Any:
    """Return the portal's settings with others in them."""
    return office.runtime.portal.model_copy(update=settings)


@dataclass
class Browser:
    """A browser with its cookies, at an address of its own."""

    site: Site
    address: str = "203.0.113.7"
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """Send a request and keep the cookies of the answer."""
        path, _, query = path.partition("?")
        sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        if self.cookies:
            jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            sent.append((b"cookie", jar.encode()))
        scope = {"type": "http", "method": method, "path": path, "query_string": query.encode()}
        scope |= {"headers": sent, "client": (self.address, 1)}
        told: list[Any] = []

        async def send(message: Any) -> None:
            told.append(message)

        async def receive() -> Any:
            return {"type": "http.request", "body": b""}

        asyncio.run(self.site.arrivals(scope, receive, send))
        named = {name.decode(): value.decode() for name, value in told[0]["headers"]}
        if cookie := named.get("set-cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return Answer(told[0]["status"], named, told[1]["body"])

    @property
    def number(self) -> int:
        """Return the number in the line that the browser was given."""
        (value,) = self.cookies.values()
        kind, number = value.split(".")[1:3]
        assert kind == "w", value
        return int(number)

    @property
    def is_in(self) -> bool:
        """Say whether the browser comes through to a page."""
        return self.ask("/pl/").body == b"a page"


class Counted:
    """Counts in memory that note how often they were asked; `is_away` when they are not to be asked."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.added: list[int] = []
        self.is_away = False

    def add(self, name: str, more: int) -> int:
        self._ask()
        self.added.append(more)
        self.counts[name] = self.counts.get(name, 0) + more
        return self.counts[name]

    def read(self, _stored: Mapping[str, int]) -> tuple[int, int]:
        self._ask()
        return self.counts.get("given", 0), self.counts.get("let in", 0)

    def _ask(self) -> None:
        if self.is_away:
            raise StoreUnavailable("database_busy")


def crowd(site: Site, count: int) -> list[Browser]:
    """Let so many come one after the other; return those who wait."""
    browsers = [Browser(site) for _ in range(count)]
    return [each for each in browsers if each.ask("/pl/book/wroclaw/P?day=2026-12-01").status == 303]
