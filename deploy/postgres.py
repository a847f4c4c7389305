"""A PostgreSQL of its own in a temporary folder, for tests, benchmarks and trials."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROLE = "numerek"
START_SECONDS = 60


class PostgresError(RuntimeError):
    """PostgreSQL is not there, or one of its programs failed."""


@dataclass(frozen=True)
class Cluster:
    """A running PostgreSQL that listens on a Unix socket inside its folder only."""

    folder: Path

    def url(self, database: str = "postgres") -> str:
        """Give the SQLAlchemy URL of a database in this cluster."""
        return f"postgresql+psycopg://{ROLE}@/{database}?host={self.folder}"

    def create_database(self, name: str) -> str:
        """Create an empty database and give its URL."""
        run("createdb", "--host", str(self.folder), "--username", ROLE, name)
        return self.url(name)

    def start(self) -> None:
        """Start what is stopped; what lay in its folder is brought up to date first, as after a crash."""
        run(
            *("pg_ctl", "start", "--pgdata", str(self.folder / "data"), "--wait"),
            *("--timeout", str(START_SECONDS), "--log", str(self.folder / "log")),
        )

    def halt(self) -> None:
        """Stop the server in good order and keep its folder."""
        run("pg_ctl", "stop", "--pgdata", str(self.folder / "data"), "--mode", "fast", "--wait")

    def restart(self) -> None:
        """Cut all sessions as a crash would, and start again with what is on the disk."""
        run(
            *("pg_ctl", "restart", "--pgdata", str(self.folder / "data"), "--mode", "immediate", "--wait"),
            *("--timeout", str(START_SECONDS), "--log", str(self.folder / "log")),
        )

    def follow(self) -> Cluster:
        """Copy this server into a folder of its own, and start the copy as a standby that follows it."""
        copy = Cluster(_own_folder())
        data = copy.folder / "data"
        try:
            run(
                *("pg_basebackup", "--host", str(self.folder), "--username", ROLE, "--pgdata", str(data)),
                *("--checkpoint", "fast", "--write-recovery-conf", "--no-sync"),
            )
            with (data / "postgresql.conf").open("a") as settings:
                settings.write(f"unix_socket_directories = '{copy.folder}'\n")
            copy.start()
        except PostgresError:
            shutil.rmtree(copy.folder, ignore_errors=True)
            raise
        return copy

    def stop(self) -> None:
        """Stop the server at once and remove its folder; sessions that are open are cut."""
        try:
            if (self.folder / "data" / "postmaster.pid").exists():
                run("pg_ctl", "stop", "--pgdata", str(self.folder / "data"), "--mode", "immediate")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)


def is_installed() -> bool:
    """Say whether PostgreSQL's server programs are on this machine."""
    return program("initdb") is not None


def start_cluster(*, fsync: bool = True, listen: str = "") -> Cluster:
    """Make a fresh cluster in a temporary folder and start it; `listen` is an address beside its socket.

    Root hands it to the account `postgres` (else `nobody`), since PostgreSQL refuses to run as root.
    Raises PostgresError when the programs are missing or fail.
    """
    folder = _own_folder()
    data = str(folder / "data")
    try:
        run("initdb", "--pgdata", data, "--auth", "trust", "--username", ROLE, *_INITDB_OPTIONS)
        with (folder / "data" / "postgresql.conf").open("a") as settings:
            settings.write(f"listen_addresses = '{listen}'\nunix_socket_directories = '{folder}'\n")
            settings.write(f"max_connections = 200\nfsync = {'on' if fsync else 'off'}\n")
        Cluster(folder).start()
    except PostgresError as error:
        log = folder / "log"
        said = log.read_text(errors="replace")[-2000:] if log.exists() else ""
        shutil.rmtree(folder, ignore_errors=True)
        raise PostgresError(f"{error}\n{said}".strip()) from error
    return Cluster(folder)


@contextmanager
def running_cluster(*, fsync: bool = True, listen: str = "") -> Iterator[Cluster]:
    """Hold a fresh cluster for the length of a with statement."""
    cluster = start_cluster(fsync=fsync, listen=listen)
    try:
        yield cluster
    finally:
        cluster.stop()


_INITDB_OPTIONS = ("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync")


def _own_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="numerek-pg-"))
    who = account()
    if who:
        os.chown(folder, who.pw_uid, who.pw_gid)
    return folder


def account() -> pwd.struct_passwd | None:
    """Return the account that a database's programs run as in place of root; None when we are not root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def program(name: str) -> str | None:
    """Find a program of PostgreSQL: Debian keeps the server's outside PATH, one folder per version."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    return str(found[-1]) if found else shutil.which(name)


def run(name: str, *arguments: str) -> None:
    """Run a program as the account of the database. Raises PostgresError with what it said when it fails."""
    path = program(name)
    if path is None:
        raise PostgresError(f"PostgreSQL is not installed ({name}); on Debian: apt-get install postgresql")
    who = account()
    # A file, not a pipe: the server that pg_ctl leaves behind would hold a pipe open for ever.
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        done = subprocess.run(
            [path, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            timeout=2 * START_SECONDS,
            user=who.pw_uid if who else None,
            group=who.pw_gid if who else None,
            extra_groups=[] if who else None,
        )
        output.seek(0)
        if done.returncode != 0:
            raise PostgresError(f"{name} failed: {output.read().strip()}")
