"""The whole cluster in one folder: the database, what stands before it, and three servers."""

from __future__ import annotations

import http.client
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from deploy.cluster.database import ALL_HERE, Database, Passwords, Timing
from deploy.cluster.engine import (
    HERE,
    HOST,
    Engine,
    Machine,
    answers,
    fill_in,
    free_ports,
    give_to_engines,
    write_for_engines,
)
from deploy.demo.serve import prepare
from server.clock import SystemClock
from wire.settings import load_settings

SERVERS = 3
_READY_SECONDS = 180.0


class Cluster:
    """All engines and servers below one folder; `close` ends every one of them."""

    def __init__(self, folder: Path, timing: Timing, machines: Sequence[Machine] = ALL_HERE) -> None:
        """Lay out the settings of all; nothing runs yet. Raises ClusterError when an engine is missing.

        `machines` are those of etcd and PostgreSQL; all else runs on this one.
        """
        self.folder, passwords = folder, Passwords()
        self.database = Database(folder, passwords, timing, machines)
        ports = free_ports(5 + SERVERS)
        self.port, self._primary_port, self._replica_port, self._pooler_port, self._redis_port = ports[:5]
        servers = ports[5:]
        self._front = give_to_engines(_made(folder / "front"))
        self.redis = self._redis(passwords.redis)
        self.balancer = self._balancer(servers)
        self.pooler = self._pooler(passwords.numerek)
        self.servers = [self._server(place, port, passwords.redis) for place, port in enumerate(servers)]
        self._server_ports = servers
        self.told: dict[str, Any] = {}
        """What trials are told of the sample office, as in demo.json."""

    @property
    def base_url(self) -> str:
        """Return where everybody finds the servers."""
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Start the engines, fill the database with the sample office, start the servers. Raises ClusterError."""
        self.redis.start()
        self.balancer.start()  # before the database: what it has not asked yet it takes for ready
        self.database.start()
        self._make_database()
        self.balancer.wait_until(self._leads_to_primary, _READY_SECONDS)
        self.pooler.start()
        self.pooler.wait_until(lambda: answers(self._pooler_port), _READY_SECONDS)
        office = self.folder / "office"
        settings = load_settings(self.folder / "server1" / "config.toml", {})
        self.told = prepare(office, self.base_url, settings, SystemClock(), past=False)
        for server in self.servers:
            server.start()
        self.wait_served()

    def wait_served(self) -> None:
        """Wait until every server is ready, and HAProxy knows of one."""
        for server, port in zip(self.servers, self._server_ports, strict=True):
            server.wait_until(partial(is_ready, port), _READY_SECONDS)
        self.balancer.wait_until(lambda: is_ready(self.port), _READY_SECONDS)

    def close(self) -> None:
        """End all."""
        for each in (*self.servers, self.balancer, self.pooler, self.redis):
            each.kill()
        self.database.close()

    def _leads_to_primary(self) -> bool:
        url = self._url(self._primary_port).replace("+psycopg", "")
        try:
            with psycopg.connect(url, connect_timeout=3) as connection:
                return connection.execute("SELECT pg_is_in_recovery()").fetchone() == (False,)
        except psycopg.Error:
            return False

    def _make_database(self) -> None:
        """Make role and database, as docs/cluster.md has it for operators."""
        primary = self.database.primary()
        with psycopg.connect(self.database.conninfo(primary, "postgres"), autocommit=True) as connection:
            secret = self.database.passwords.numerek
            connection.execute(f"CREATE ROLE numerek LOGIN PASSWORD '{secret}'")
            connection.execute("CREATE DATABASE numerek OWNER numerek")

    def _url(self, port: int) -> str:
        return f"postgresql+psycopg://numerek:{self.database.passwords.numerek}@{HOST}:{port}/numerek"

    def _redis(self, password: str) -> Engine:
        file = self._front / "redis.conf"
        config = fill_in(
            "redis.conf", file, address=HOST, port=self._redis_port, password=password, data=self._front
        )
        return Engine("redis", ["redis-server", str(config)], self._front / "redis.log")

    def _balancer(self, servers: list[int]) -> Engine:
        lines = [f"    server numerek{n + 1} {HOST}:{port}" for n, port in enumerate(servers)]
        nodes = [
            f"    server {each.name} {each.address}:{each.port} check port {each.rest_port}"
            for each in self.database.nodes
        ]
        config = fill_in(
            "haproxy.cfg",
            self._front / "haproxy.cfg",
            address=HOST,
            http_port=self.port,
            primary_port=self._primary_port,
            replica_port=self._replica_port,
            servers_checked="\n".join(f"{each} check" for each in lines),
            servers_unchecked="\n".join(lines),
            nodes="\n".join(nodes),
        )
        return Engine("haproxy", ["haproxy", "-db", "-f", str(config)], self._front / "haproxy.log")

    def _pooler(self, password: str) -> Engine:
        folder = give_to_engines(_made(self.folder / "pgbouncer"))
        write_for_engines(folder / "userlist.txt", f'"numerek" "{password}"\n')
        config = fill_in(
            "pgbouncer.ini",
            folder / "pgbouncer.ini",
            host=HOST,
            port=self._primary_port,
            listen_addr=HOST,
            listen_port=self._pooler_port,
            folder=folder,
            auth_type="scram-sha-256",
        )
        return Engine("pgbouncer", ["pgbouncer", str(config)], folder / "log")

    def _server(self, place: int, port: int, redis_password: str) -> Engine:
        folder = _made(self.folder / f"server{place + 1}")
        return self.server_in(
            folder,
            address=HOST,
            port=port,
            database_url=self._url(self._pooler_port),
            session_database_url=self._url(self._primary_port),
            read_database_url=self._url(self._replica_port),
            proxies=f'"{HOST}"',
            limits_store=f"redis://:{redis_password}@{HOST}:{self._redis_port}",
        )

    def server_in(self, folder: Path, machine: Machine = HERE, **words: object) -> Engine:
        """Lay out a server of this cluster in a folder of its own, on a machine.

        `words` are what `etc/numerek.toml` has in braces, but for what is the same on every server.
        """
        config = fill_in(
            "numerek.toml",
            folder / "config.toml",
            public_url=self.base_url,
            key=self.folder / "numerek.key",
            data=folder,
            mail=folder / "mail",
            **words,
        )
        command = [sys.executable, "-m", "server", "--config", str(config)]
        return Engine(folder.name, command, folder / "log", is_ours=True, machine=machine)


@contextmanager
def running(timing: Timing, machines: Sequence[Machine] = ALL_HERE) -> Iterator[Cluster]:
    """Hold a cluster, laid out and not started, for the length of a with statement; nothing is left of it."""
    folder = give_to_engines(Path(tempfile.mkdtemp(prefix="numerek-cluster-")))
    cluster = None
    try:
        cluster = Cluster(folder, timing, machines)
        yield cluster
    finally:
        if cluster is not None:
            cluster.close()
        _remove(folder)


def is_ready(port: int, address: str = HOST) -> bool:
    """Say whether the server at a port can work."""
    connection = http.client.HTTPConnection(address, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _made(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _remove(folder: Path) -> None:
    """Remove it, also while a process that was killed still ends."""
    for _ in range(50):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.1)
