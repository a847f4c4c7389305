"""The sample office on PostgreSQL, for as many real servers as a test starts."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from deploy.demo.sample import fill
from server.api.authentication import Runtime
from server.app import build_runtime
from server.clock import SystemClock
from server.store.facts import verify_chain
from server.store.key_file import create_key_file
from server.store.open_store import open_store
from server.store.store import Store
from tests.server.chaos.running import Served, free_port, send
from wire.settings import ServerSettings, load_settings

_SEALED_SECONDS = 60.0
_LEADS_SECONDS = 60.0


class OfficeOnPostgres:
    """An office in a database that several servers share, and what is told of it (`told`)."""

    def __init__(self, folder: Path, url: str, more: str = "") -> None:
        """Fill an empty database; `more` are further tables of config.toml."""
        self.folder, self.url, self._more = folder, url, more
        create_key_file(self._settings().secrets_file)
        with self.opened() as runtime:
            self.told: dict[str, Any] = fill(runtime, "https://numerek.test", past=False)

    @property
    def config(self) -> Path:
        """Return the config.toml of commands beside the servers."""
        return self._config(0, self.url, "")

    @contextmanager
    def opened(self) -> Iterator[Runtime]:
        """Give the office to the test itself, beside the servers."""
        store, keys = open_store(self._settings())
        try:
            yield build_runtime(store, SystemClock(), keys, "https://numerek.test")
        finally:
            store.close()

    @property
    def kiosk(self) -> str:
        """Return the kiosk's token."""
        return str(self.told["device_tokens"]["kiosk"])

    def server(self, pooled_url: str = "", key: str = "key") -> Served:
        """Return one more server on a port of its own, behind PgBouncer if told; not started yet.

        `key` names its key file in the folder.
        """
        port = free_port()
        config = self._config(port, pooled_url or self.url, self.url if pooled_url else "", key)
        command = [sys.executable, "-m", "server", "--config", str(config)]
        return Served(command, port, self.folder / f"{port}.log")

    def _settings(self) -> ServerSettings:
        return load_settings(self.config, {}).server

    def _config(self, port: int, url: str, session_url: str, key: str = "key") -> Path:
        file = self.folder / f"{port}.toml"
        file.write_text(
            f'[server]\nport = {port}\ndata_dir = "{self.folder}"\nsecrets_file = "{self.folder}/{key}"\n'
            f'database_url = "{url}"\nsession_database_url = "{session_url}"\n'
            f'[log]\nlevel = "warning"\n{self._more}'
        )
        return file


def leads(served: Served) -> bool:
    """Read from its metrics whether a server leads."""
    return "numerek_leader 1.0" in send(served.port, "GET", "/metrics").body.decode()


def seconds_until_one_leads(servers: Sequence[Served]) -> float:
    """Wait until exactly one of them leads."""
    began = time.monotonic()
    while sum(map(leads, servers)) != 1:
        assert time.monotonic() < began + _LEADS_SECONDS, "nobody leads"
        time.sleep(0.05)
    return time.monotonic() - began


def plain(url: str) -> str:
    """Return a URL of SQLAlchemy as libpq reads it."""
    return url.replace("postgresql+psycopg", "postgresql")


def sealed_tip(url: str) -> int:
    """Wait until everything is sealed; return the last place in the feed."""
    until = time.monotonic() + _SEALED_SECONDS
    with psycopg.connect(plain(url), autocommit=True) as database:
        while True:
            row = database.execute("SELECT max(feed_number), count(*) FROM fact").fetchone()
            assert row is not None
            if row[0] == row[1]:
                return int(row[0])
            assert time.monotonic() < until, "nobody seals"
            time.sleep(0.05)


def assert_whole(url: str, acknowledged: list[str]) -> None:
    """Check that the tickets are those acknowledged, numbered without gaps, with an unbroken, sealed log."""
    sealed_tip(url)
    with psycopg.connect(plain(url)) as database:
        tickets = database.execute("SELECT number, ordinal FROM ticket").fetchall()
    assert sorted(acknowledged) == sorted(number for number, _ in tickets)
    assert sorted(ordinal for _, ordinal in tickets) == list(range(1, len(tickets) + 1))
    store = Store(url)
    assert store.read(verify_chain) is None
    store.close()
