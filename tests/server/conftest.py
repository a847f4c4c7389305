"""The server's tests run whole on both databases: whoever asks for `database_url` or `office` runs twice."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.store.migrate import upgrade
from tests.server.databases import empty
from tests.server.movable_clock import MovableClock
from tests.server.sample_office import SampleOffice, sample_office

# Where the limits of a write are themselves what is tested.
IMPATIENT = {"chaos", "store"}


@pytest.fixture(autouse=True)
def patient_database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let writes wait longer than in an office: a machine that tests may stand still for some seconds."""
    if not IMPATIENT.intersection(request.path.parts):
        monkeypatch.setattr("server.store.engine.PATIENCE_SECONDS", 30.0)
    if "chaos" not in request.path.parts:
        monkeypatch.setattr("tests.server.sample_office.ANSWER_SECONDS", 30.0)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a SQLite file that has the tables and no rows, to be copied."""
    file = tmp_path_factory.mktemp("migrated") / "numerek.db"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture
def one_office(tmp_path: Path, migrated_file: Path, clock: MovableClock) -> Iterator[SampleOffice]:
    """Give an office; what its pages look like does not depend on the database."""
    file = tmp_path / "numerek.db"
    file.write_bytes(migrated_file.read_bytes())
    with sample_office(f"sqlite:///{file}", clock) as made:
        yield made


@pytest.fixture(scope="session")
def migrated_postgres(postgres_url: str) -> str:
    """Give the worker's PostgreSQL database with its tables."""
    upgrade(postgres_url)
    return postgres_url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give a migrated database without rows: once SQLite, once PostgreSQL."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "numerek.db")
        return f"sqlite:///{tmp_path / 'numerek.db'}"
    url: str = request.getfixturevalue("migrated_postgres")
    empty(url)
    return url


@pytest.fixture
def clock() -> MovableClock:
    """Give a clock at ten on a Monday."""
    return MovableClock()


@pytest.fixture
def office(database_url: str, clock: MovableClock) -> Iterator[SampleOffice]:
    """Give the sample office on each database."""
    with sample_office(database_url, clock) as made:
        yield made
