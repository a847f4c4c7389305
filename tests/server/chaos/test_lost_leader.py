"""The machine of the server that leads is gone without a word, as when its cable is pulled: another one leads."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from deploy.postgres import Cluster, is_installed, running_cluster
from server.store import engine
from server.store.leadership import Leadership
from server.store.store import Store
from tests.server.chaos.metronome import Metronome

_ROOT = Path(__file__).resolve().parents[3]
_PLACE, _CABLE = f"nql{os.getpid()}", f"nqc{os.getpid()}"
_HERE, _THERE = (f"10.233.{os.getpid() % 250}.{end}" for end in (1, 2))
# What is promised; by how much a machine that is shared stands still meanwhile is measured beside it.
_TAKES_OVER_SECONDS = 5.0
_PATIENCE_SECONDS = 20.0
_LEAD = """
import sys, time
from server.store import engine
from server.store.leadership import Leadership
from server.store.store import Store
if sys.argv[2] == "silent":
    engine._SERVER_NOTICES = ""
leadership = Leadership(Store(sys.argv[1]))
leadership.start()
while not leadership.leads():
    time.sleep(0.05)
print("leads", flush=True)
time.sleep(600)
"""


def ip(*words: str) -> subprocess.CompletedProcess[str]:
    """Run iproute2."""
    return subprocess.run(["ip", *words], capture_output=True, text=True, check=False)


@pytest.fixture
def cable() -> Iterator[str]:
    """Give a machine of its own, as a namespace of the network, and the cable to it by its end here."""
    if shutil.which("ip") is None:
        pytest.skip("iproute2 is not there")
    steps = (
        f"netns add {_PLACE}",
        f"link add {_CABLE} type veth peer name far netns {_PLACE}",
        f"address add {_HERE}/30 dev {_CABLE}",
        f"link set {_CABLE} up",
        f"-n {_PLACE} address add {_THERE}/30 dev far",
        f"-n {_PLACE} link set far up",
    )
    try:
        for step in steps:
            done = ip(*step.split())
            if done.returncode:
                pytest.skip(f"no namespaces of the network here: {done.stderr.strip()}")
        yield _CABLE
    finally:
        ip("link", "del", _CABLE)
        ip("netns", "del", _PLACE)


@pytest.fixture
def cluster(cable: str) -> Iterator[Cluster]:
    """Give a PostgreSQL that the other machine reaches."""
    if not is_installed():
        pytest.skip("PostgreSQL is not installed: ./numerek setup --test")
    with running_cluster(fsync=False, listen=_HERE) as made:
        with (made.folder / "data" / "pg_hba.conf").open("a") as rights:
            rights.write(f"host all all {_THERE}/32 trust\n")
        with engine.open_single(made.url()).connect() as connection:
            connection.execute(text("SELECT pg_reload_conf()"))
        yield made


@pytest.mark.parametrize("notices", ["told", "silent"])
def test_another_leads_once_the_leaders_cable_is_pulled(
    cable: str, cluster: Cluster, notices: str, request: pytest.FixtureRequest
) -> None:
    """The control: PostgreSQL that is not told to look after the connection keeps the lock for who is gone."""
    if notices == "silent" and not request.config.getoption("--long"):
        pytest.skip("the control takes long")
    url = cluster.create_database("leaders")
    there = f"postgresql+psycopg://numerek@{_HERE}/leaders"
    command = ["ip", "netns", "exec", _PLACE, sys.executable, "-c", _LEAD, there, notices]
    env = os.environ | {"PYTHONPATH": str(_ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as leader:
        assert leader.stdout is not None
        assert leader.stdout.readline() == "leads\n"
        store = Store(url)
        other = Leadership(store)
        other.start()
        with Metronome() as metronome:
            ip("link", "set", cable, "down")
            began = time.monotonic()
            while not other.leads() and time.monotonic() < began + _PATIENCE_SECONDS:
                time.sleep(0.02)
            took = time.monotonic() - began
        leader.kill()
        print(f"\nafter {took:.2f} s; the machine stood still for {metronome.late:.2f} s of them")
        assert other.leads() is (notices == "told")
        assert (took - metronome.late < _TAKES_OVER_SECONDS) is (notices == "told")
        other.stop()
        store.close()
