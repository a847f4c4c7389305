"""One program of the cluster as a child process: filled-in settings, a log, a death and a return."""

from __future__ import annotations

import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

from deploy.postgres import account, program

HOST = "127.0.0.1"
ETC = Path(__file__).with_name("etc")
PROGRAMS = ("patroni", "etcd", "pgbouncer", "haproxy", "redis-server")
# Below the ports that the system gives to outgoing connections: an engine that was killed finds its own again.
_PORTS = range(12_000, 32_000)
_STOP_SECONDS = 8.0
_LOOK_SECONDS = 0.05
_LAST_CHARACTERS = 2_000
_ROOT = Path(__file__).resolve().parents[2]
_OURS = os.environ | {"PYTHONPATH": str(_ROOT), "PYTHONSAFEPATH": "1"}
# Patroni runs on Debian's own Python, which must not meet our libraries.
_THEIRS = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent"}


class ClusterError(RuntimeError):
    """An engine is missing, ended, or did not become ready; the text tells which and what it said last."""


def missing() -> list[str]:
    """List the engines that this machine lacks."""
    return [name for name in PROGRAMS if found(name) is None] + [
        name for name in ("postgres",) if program(name) is None
    ]


def found(name: str) -> str | None:
    """Find an engine's program; Debian keeps those of administrators outside a person's PATH."""
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def free_ports(count: int) -> list[int]:
    """Find neighbouring ports of 127.0.0.1 that nobody listens on. Raises ClusterError after many tries."""
    for _ in range(100):
        first = random.choice(_PORTS)
        ports = list(range(first, first + count))
        if all(map(_is_free, ports)):
            return ports
    raise ClusterError("no ports are free")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def fill_in(name: str, file: Path, /, **values: object) -> Path:
    """Write the settings `etc/name` to a file with its ${…} filled in, for the engines' account only."""
    filled = Template((ETC / name).read_text("utf-8")).substitute(
        {key: str(each) for key, each in values.items()}
    )
    return write_for_engines(file, filled)


def write_for_engines(file: Path, text: str) -> Path:
    """Write a file that only the engines' account reads."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        stream.write(text)
    give_to_engines(file)
    return file


def give_to_engines(path: Path) -> Path:
    """Hand a file or folder to the account that the engines run as, where that is another one."""
    owner = account()
    if owner:
        os.chown(path, owner.pw_uid, owner.pw_gid)
    return path


@dataclass(frozen=True)
class Machine:
    """Where an engine runs: an address, and the namespace of the network that has it (none: ours)."""

    address: str = HOST
    namespace: str = ""

    def entered(self, command: list[str], owner: pwd.struct_passwd | None) -> list[str]:
        """Give the command that runs a program there as an account; only root enters a namespace."""
        if not self.namespace:
            return command
        ids = [f"--setuid={owner.pw_uid}", f"--setgid={owner.pw_gid}"] if owner else []
        return ["/usr/bin/nsenter", f"--net=/run/netns/{self.namespace}", *ids, "--", *command]


HERE = Machine()


class Engine:
    """A program with a log and a session of its own: Ctrl+C reaches whoever started it, who ends it."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        *,
        is_ours: bool = False,
        machine: Machine = HERE,
    ) -> None:
        """Say what it is and where; `is_ours` for a program of Numerek, which runs as whoever started it."""
        self.name, self.log, self._machine = name, log, machine
        self._command = list(command)
        self._account = None if is_ours else account()
        self._environ = _OURS if is_ours else _THEIRS
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def process_id(self) -> int:
        """Return the running process's id."""
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Say whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it, for the first time or again. Raises ClusterError when it is not installed."""
        path = found(self._command[0])
        if path is None:
            raise ClusterError(
                f"{self._command[0]} is not installed: see deploy/requirements/apt-cluster.txt"
            )
        command = self._machine.entered([path, *self._command[1:]], self._account)
        owner = None if self._machine.namespace else self._account
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd="/",
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                user=owner.pw_uid if owner else None,
                group=owner.pw_gid if owner else None,
                extra_groups=[] if owner else None,
                start_new_session=True,
            )

    def wait_until(self, is_ready: Callable[[], bool], seconds: float) -> None:
        """Wait until it is ready. Raises ClusterError when it ends or takes longer."""
        until = time.monotonic() + seconds
        while not is_ready():
            if not self.is_running:
                raise ClusterError(f"{self.name} ended. It said last:\n{self.last_words()}")
            if time.monotonic() > until:
                raise ClusterError(f"{self.name} is not ready after {seconds:.0f} s:\n{self.last_words()}")
            time.sleep(_LOOK_SECONDS)

    def kill(self) -> None:
        """SIGKILL: no handler runs, nothing is put away."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """Ask it to end, and end it if it does not."""
        if self._process is None or not self.is_running:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def last_words(self) -> str:
        """Return the end of its log."""
        return self.log.read_text("utf-8", "replace")[-_LAST_CHARACTERS:] if self.log.exists() else ""


def answers(port: int, address: str = HOST) -> bool:
    """Say whether somebody takes connections on a port."""
    try:
        with socket.create_connection((address, port), timeout=1):
            return True
    except OSError:
        return False
