"""A PgBouncer of its own in a temporary folder, for tests, benchmarks and trials."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from string import Template

from deploy.postgres import ROLE, account

_CONFIGURATION = Path(__file__).parent / "cluster" / "etc" / "pgbouncer.ini"
_START_SECONDS = 30
PORT = 6432


class PoolerError(RuntimeError):
    """PgBouncer is not there, or does not start."""


class Pooler:
    """A PgBouncer in transaction mode that listens on a Unix socket inside its folder, and on a port if told."""

    def __init__(self, host: str | Path, port: int = 5432, listen_port: int | None = None) -> None:
        """Say where PostgreSQL is (a folder of sockets or an address), and the port of 127.0.0.1 to listen on."""
        self._host, self._port, self._listen_port = host, port, listen_port
        self.folder = Path(tempfile.mkdtemp(prefix="numerek-pgb-"))
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, database: str = "postgres") -> str:
        """Give the SQLAlchemy URL of a database behind this PgBouncer."""
        return f"postgresql+psycopg://{ROLE}@/{database}?host={self.folder}&port={self._listen_port or PORT}"

    @property
    def process_id(self) -> int:
        """Return the process's id. Raises PoolerError when it does not run."""
        if self._process is None:
            raise PoolerError("PgBouncer does not run")
        return self._process.pid

    def start(self) -> None:
        """Start, again after a kill too, and wait until connections are taken. Raises PoolerError."""
        program = _program()
        if program is None:
            raise PoolerError("PgBouncer is not installed; on Debian: apt-get install pgbouncer")
        file, who = self._write(), account()
        (self.folder / "pgbouncer.pid").unlink(missing_ok=True)
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [program, str(file)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                user=who.pw_uid if who else None,
                group=who.pw_gid if who else None,
                extra_groups=[] if who else None,
            )
        until = time.monotonic() + _START_SECONDS
        while not _listens(self.folder / f".s.PGSQL.{self._listen_port or PORT}"):
            if self._process.poll() is not None or time.monotonic() > until:
                raise PoolerError((self.folder / "log").read_text(errors="replace")[-2000:])
            time.sleep(0.02)

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        """End the process as a crash would; all connections through it are cut."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(_START_SECONDS)
            self._process = None

    def stop(self) -> None:
        """End it and remove its folder."""
        self.kill(signal.SIGTERM)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _write(self) -> Path:
        """Write the configuration that an operator has too, filled in for this folder."""
        file, users = self.folder / "pgbouncer.ini", self.folder / "userlist.txt"
        told = {"host": self._host, "port": self._port, "folder": self.folder, "auth_type": "trust"}
        told |= {
            "listen_addr": "127.0.0.1" if self._listen_port else "",
            "listen_port": self._listen_port or PORT,
        }
        file.write_text(Template(_CONFIGURATION.read_text("utf-8")).substitute(told))
        users.write_text(f'"{ROLE}" ""\n')
        if who := account():
            for each in (self.folder, file, users):
                os.chown(each, who.pw_uid, who.pw_gid)
        return file


def is_installed() -> bool:
    """Say whether PgBouncer is on this machine."""
    return _program() is not None


@contextmanager
def running_pooler(host: str | Path, port: int = 5432, listen_port: int | None = None) -> Iterator[Pooler]:
    """Hold a PgBouncer before the PostgreSQL at `host` for the length of a with statement."""
    pooler = Pooler(host, port, listen_port)
    try:
        pooler.start()
        yield pooler
    finally:
        pooler.stop()


def _program() -> str | None:
    return shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def _listens(place: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as tried:
        return tried.connect_ex(str(place)) == 0
