"""Three etcd and three PostgreSQL under Patroni: who leads, who stands by, and how each of them dies."""

from __future__ import annotations

import base64
import json
import os
import secrets
import signal
import time
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from deploy.cluster.engine import (
    HERE,
    ClusterError,
    Engine,
    Machine,
    answers,
    fill_in,
    free_ports,
    give_to_engines,
)
from deploy.postgres import program

NODES = 3
ALL_HERE = NODES * (HERE,)
_READY_SECONDS = 240.0
_LOOK_SECONDS = 0.1


@dataclass(frozen=True)
class Timing:
    """Patroni's own defaults, in seconds: the lease of who leads, the pause between looks, and of tries."""

    ttl: int = 30
    loop_wait: int = 10
    retry_timeout: int = 10


QUICKEST = Timing(ttl=20, loop_wait=2, retry_timeout=3)
"""The shortest that Patroni takes: 20 seconds is its least lease."""


@dataclass(frozen=True)
class Passwords:
    """The passwords of one cluster."""

    superuser: str = field(default_factory=lambda: secrets.token_hex(16))
    replication: str = field(default_factory=lambda: secrets.token_hex(16))
    rewind: str = field(default_factory=lambda: secrets.token_hex(16))
    rest: str = field(default_factory=lambda: secrets.token_hex(16))
    numerek: str = field(default_factory=lambda: secrets.token_hex(16))
    redis: str = field(default_factory=lambda: secrets.token_hex(16))


class Node:
    """One PostgreSQL with its Patroni."""

    def __init__(
        self,
        name: str,
        folder: Path,
        ports: tuple[int, int],
        settings: dict[str, object],
        machine: Machine = HERE,
    ) -> None:
        """Lay out its folder; ports are PostgreSQL's and that of Patroni's REST."""
        self.name, self.port, self.rest_port = name, ports[0], ports[1]
        self.address = machine.address
        self.folder = give_to_engines(_made(folder))
        self._rest_password = str(settings["rest_password"])
        config = fill_in(
            "patroni.yml",
            folder / "patroni.yml",
            name=name,
            address=self.address,
            port=self.port,
            rest_port=self.rest_port,
            data=folder / "data",
            sockets=folder,
            pgpass=folder / "pgpass",
            **settings,
        )
        self.patroni = Engine(name, ["patroni", str(config)], folder / "log", machine=machine)

    def state(self) -> dict[str, Any]:
        """Ask Patroni how its node is; empty without an answer."""
        return self._ask("/patroni")

    def members(self) -> list[dict[str, Any]]:
        """Ask Patroni who the nodes are and what each does; empty without an answer."""
        return list(self._ask("/cluster").get("members", []))

    def change(self, **settings: object) -> None:
        """Change the settings that all nodes share (`patronictl edit-config`). Raises OSError."""
        self._ask_to("PATCH", "/config", settings)

    def switch_over(self, candidate: str) -> None:
        """Let another node lead, in good order (`patronictl switchover`). Raises OSError."""
        self._ask_to("POST", "/switchover", {"leader": self.name, "candidate": candidate})

    def postmaster(self) -> int | None:
        """Return the id of PostgreSQL's first process, or None."""
        try:
            process_id = int((self.folder / "data/postmaster.pid").read_text().split()[0])
            command = Path(f"/proc/{process_id}/cmdline").read_bytes()
        except (OSError, ValueError, IndexError):
            return None
        return process_id if str(self.folder).encode() in command else None

    def has_ended(self) -> bool:
        """Say whether PostgreSQL does not run."""
        return self.postmaster() is None

    def processes(self, title: str) -> list[int]:
        """List PostgreSQL's processes of a kind, such as `walsender`."""
        postmaster = self.postmaster()
        return [each for each in _children(postmaster) if title in _title(each)] if postmaster else []

    def kill_postgres(self) -> None:
        """SIGKILL PostgreSQL with all its processes; Patroni lives on."""
        postmaster = self.postmaster()
        if postmaster is None:
            return
        for each in [postmaster, *_children(postmaster)]:
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        _wait(self.has_ended, f"{self.name} to die", 10)

    def kill(self) -> None:
        """SIGKILL Patroni and PostgreSQL, as if the machine had lost its power."""
        self.patroni.kill()
        self.kill_postgres()

    def _ask(self, path: str) -> dict[str, Any]:
        try:
            with urllib.request.urlopen(f"http://{self.address}:{self.rest_port}{path}", timeout=3) as answer:
                return dict(json.load(answer))
        except (OSError, ValueError):
            return {}

    def _ask_to(self, method: str, path: str, body: object) -> None:
        known = base64.b64encode(f"patroni:{self._rest_password}".encode()).decode()
        headers = {"Authorization": f"Basic {known}", "Content-Type": "application/json"}
        address = f"http://{self.address}:{self.rest_port}{path}"
        request = urllib.request.Request(address, json.dumps(body).encode(), headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            answer.read()


class Database:
    """The three of each; `start` returns once one leads and one stands by synchronously."""

    def __init__(
        self,
        folder: Path,
        passwords: Passwords,
        timing: Timing,
        machines: Sequence[Machine] = ALL_HERE,
    ) -> None:
        """Lay out their folders and settings; each machine has one of each."""
        self.passwords, self._timing, self._machines = passwords, timing, machines
        ports = free_ports(4 * NODES)
        clients, peers = ports[:NODES], ports[NODES : 2 * NODES]
        self.etcd = [_etcd(folder, place, machines, clients, peers) for place in range(NODES)]
        settings = self._settings(clients)
        own = ports[2 * NODES :]
        self.nodes = [
            Node(
                f"pg{place + 1}",
                folder / f"pg{place + 1}",
                (own[2 * place], own[2 * place + 1]),
                settings,
                machine,
            )
            for place, machine in enumerate(machines)
        ]
        self._etcd_ports = clients

    def start(self) -> None:
        """Start all; the first node makes the cluster, the others copy it. Raises ClusterError."""
        for each in self.etcd:
            each.start()
        for (each, port), machine in zip(self.etcd_ports(), self._machines, strict=True):
            each.wait_until(partial(answers, port, machine.address), _READY_SECONDS)
        first, *others = self.nodes
        first.patroni.start()
        first.patroni.wait_until(lambda: first.state().get("role") in ("master", "primary"), _READY_SECONDS)
        for node in others:
            node.patroni.start()
        self.wait_whole()

    def primary(self) -> Node:
        """Return the node that leads. Raises ClusterError when there is none."""
        return self._of_role(("leader",))

    def synchronous(self) -> Node:
        """Return the node that has all that was acknowledged. Raises ClusterError when there is none."""
        return self._of_role(("sync_standby", "quorum_standby"))

    def wait_primary(self, *others: Node, seconds: float = _READY_SECONDS) -> Node:
        """Wait until a node that is none of `others` leads."""
        found: list[Node] = []

        def leads() -> bool:
            with suppress(ClusterError):
                found[:] = [each for each in [self.primary()] if each not in others]
            return bool(found)

        _wait(leads, "a primary", seconds)
        return found[0]

    def wait_whole(self, seconds: float = _READY_SECONDS) -> None:
        """Wait until one leads, all others follow it, and one of them synchronously where that is asked."""
        _wait(self._is_whole, "three nodes that follow one", seconds)

    def conninfo(self, node: Node, database: str = "numerek") -> str:
        """Give libpq's words for the superuser's way to one node."""
        account = f"user=postgres password={self.passwords.superuser}"
        return f"host={node.address} port={node.port} {account} dbname={database} connect_timeout=5"

    def etcd_ports(self) -> list[tuple[Engine, int]]:
        """List each etcd with the port at which it answers."""
        return list(zip(self.etcd, self._etcd_ports, strict=True))

    def close(self) -> None:
        """End all, without regard for what they have on their disks."""
        for node in self.nodes:
            node.patroni.kill()
            if postmaster := node.postmaster():
                os.kill(postmaster, signal.SIGQUIT)  # at once, and its shared memory goes too
        for node in self.nodes:
            with suppress(ClusterError):
                _wait(node.has_ended, f"{node.name} to end", 10)
            node.kill()
        for each in self.etcd:
            each.kill()

    def _settings(self, etcd_ports: list[int]) -> dict[str, object]:
        postgres = program("postgres")
        if postgres is None:
            raise ClusterError("PostgreSQL is not installed: see deploy/requirements/apt-cluster.txt")
        return asdict(self._timing) | {
            "network": "samenet",
            "etcd": ",".join(_at(self._machines, etcd_ports)),
            "programs": Path(postgres).resolve().parent,
            "superuser_password": self.passwords.superuser,
            "replication_password": self.passwords.replication,
            "rewind_password": self.passwords.rewind,
            "rest_password": self.passwords.rest,
            # A device that starts this machine anew is nothing for a trial.
            "watchdog": "off",
        }

    def _of_role(self, roles: tuple[str, ...]) -> Node:
        members = self._members()
        names = [each["name"] for each in members if each.get("role") in roles and _works(each)]
        for node in self.nodes:
            if names == [node.name] and node.postmaster():
                return node
        raise ClusterError(f"no {' or '.join(roles)} among {members}")

    def _members(self) -> list[dict[str, Any]]:
        """Ask all for the members; empty unless all who answer name the same leader: one may be out of date."""
        told = [members for node in self.nodes if (members := node.members())]
        leaders = {tuple(each["name"] for each in members if each["role"] == "leader") for members in told}
        return told[0] if len(leaders) == 1 else []

    def _is_whole(self) -> bool:
        members = self._members()
        # Who runs on another timeline is about to be rewound: it follows nobody yet.
        are_of_one = len({each.get("timeline") for each in members}) == 1
        with suppress(ClusterError):
            works = sum(map(_works, members)) == NODES and are_of_one
            return works and self.primary() is not self.synchronous()
        return False


def _etcd(
    folder: Path, place: int, machines: Sequence[Machine], clients: list[int], peers: list[int]
) -> Engine:
    own = give_to_engines(_made(folder / f"etcd{place + 1}"))
    config = fill_in(
        "etcd.yml",
        own / "etcd.yml",
        name=f"etcd{place + 1}",
        data=own / "data",
        address=machines[place].address,
        client_port=clients[place],
        peer_port=peers[place],
        members=",".join(f"etcd{n + 1}=http://{each}" for n, each in enumerate(_at(machines, peers))),
    )
    command = ["etcd", "--config-file", str(config)]
    return Engine(f"etcd{place + 1}", command, own / "log", machine=machines[place])


def _at(machines: Sequence[Machine], ports: list[int]) -> list[str]:
    return [f"{each.address}:{port}" for each, port in zip(machines, ports, strict=True)]


def _works(member: dict[str, Any]) -> bool:
    return member.get("state") in ("running", "streaming")


def _made(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _children(process_id: int) -> list[int]:
    found: list[int] = []
    for each in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            if int(each.read_text().rpartition(")")[2].split()[1]) == process_id:
                found.append(int(each.parent.name))
    return found


def _title(process_id: int) -> str:
    try:
        return (
            Path(f"/proc/{process_id}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        )
    except OSError:
        return ""


def _wait(holds: Callable[[], bool], for_what: str, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            raise ClusterError(f"waited {seconds:.0f} s in vain for {for_what}")
        time.sleep(_LOOK_SECONDS)
