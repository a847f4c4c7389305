"""What every test shares: the --long flag, a quiet Qt, and one PostgreSQL for the whole run."""

from __future__ import annotations

import fcntl
import gc
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from pytestqt.qtbot import QtBot

from deploy import pgbouncer
from deploy.postgres import Cluster, is_installed, start_cluster
from tests.examples import LONG

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("PYTHONFAULTHANDLER", "1")  # for the programs that tests start; pytest has its own

PATIENCE_MS = 30_000
_SHARED_FOLDER = pytest.StashKey[Path]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --long."""
    parser.addoption("--long", action="store_true", help="also run the tests that take long")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests marked long unless --long is given."""
    if config.getoption("--long"):
        return
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason="runs only with --long"))


class PatientBot(QtBot):
    """The bot of pytest-qt, which waits long enough on a busy machine; what is there sooner is not waited for."""

    def waitUntil(self, callback: Callable[[], object], *, timeout: int = PATIENCE_MS) -> None:
        """Wait until a callback returns something true, or returns without an AssertionError."""
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: object, *, timeout: int = PATIENCE_MS, **others: Any) -> Any:
        """Wait until a signal is sent."""
        return super().waitSignal(signal, timeout=timeout, **others)


@pytest.fixture
def qtbot(qapp: object, request: pytest.FixtureRequest) -> PatientBot:
    """Give the bot of pytest-qt with the patience of this suite."""
    return PatientBot(request)


@pytest.fixture(autouse=True)
def _collected_in_the_thread_of_the_windows(request: pytest.FixtureRequest) -> Iterator[None]:
    """Keep Python's collector out of a printer's thread while there are windows, as `terminal.garbage` does."""
    if "qapp" not in request.fixturenames:
        yield
        return
    gc.disable()
    yield
    gc.collect(0)  # all that this test made is young: nothing was collected meanwhile
    gc.enable()


# One profile for all properties: a busy machine is no failure, and CI tries the same examples each time.
settings.register_profile(
    "numerek",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
settings.load_profile("numerek")


def pytest_configure(config: pytest.Config) -> None:
    """Give all workers of one run a folder in common; the process that made it clears it up."""
    if config.getoption("--long"):
        os.environ[LONG] = "1"
    if not hasattr(config, "workerinput"):
        config.stash[_SHARED_FOLDER] = Path(tempfile.mkdtemp(prefix="numerek-tests-"))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Tell a worker of pytest-xdist the folder in common."""
    node.workerinput["shared_folder"] = str(node.config.stash[_SHARED_FOLDER])  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the PostgreSQL of this run, if a test started one."""
    folder = config.stash.get(_SHARED_FOLDER, None)
    if folder is None:
        return
    note = folder / "cluster"
    if note.exists():
        Cluster(Path(note.read_text())).stop()
    rmtree(folder)


@pytest.fixture(scope="session")
def postgres_cluster(request: pytest.FixtureRequest) -> Cluster:
    """Give the run's one PostgreSQL, started by whichever worker asks first."""
    if not is_installed():
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is not installed, and CI must test on it: see apt-test.txt")
        pytest.skip("PostgreSQL is not installed: ./numerek setup --test")
    worker = getattr(request.config, "workerinput", None)
    folder = Path(worker["shared_folder"]) if worker else request.config.stash[_SHARED_FOLDER]
    note = folder / "cluster"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not note.exists():
            note.write_text(str(start_cluster(fsync=False).folder))
    return Cluster(Path(note.read_text()))


@pytest.fixture
def pooler(postgres_cluster: Cluster) -> Iterator[pgbouncer.Pooler]:
    """Give a PgBouncer of the test's own before the run's PostgreSQL."""
    if not pgbouncer.is_installed():
        if os.environ.get("CI"):
            pytest.fail("PgBouncer is not installed, and CI must test on it: see apt-test.txt")
        pytest.skip("PgBouncer is not installed: ./numerek setup --test")
    with pgbouncer.running_pooler(postgres_cluster.folder) as made:
        yield made


@pytest.fixture(scope="session")
def postgres_url(postgres_cluster: Cluster, worker_id: str) -> str:
    """Give the SQLAlchemy URL of an empty database that belongs to this worker alone."""
    return postgres_cluster.create_database(f"numerek_{worker_id}")
