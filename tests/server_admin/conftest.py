"""An installation in a folder of its own, on each database, and the commands run on it."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from server.admin.__main__ import main
from server.store.migrate import upgrade
from server.store.open_store import open_store
from server.store.store import Store
from tests.server.databases import Image, empty, image_of, lay_out
from tests.server_admin.running import Running, start
from wire.settings import ServerSettings, load_settings

ROOT = Path(__file__).resolve().parents[2]
OFFICE = ROOT / "deploy" / "demo" / "office.toml"


def _config(database_url: str) -> str:
    return (
        '[server]\nport = 0\ndata_dir = "data"\nsecrets_file = "data/numerek.key"\n'
        f'database_url = "{database_url}"\nstop_seconds = 2\n'
    )


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Desk:
    """An administrator's desk: a folder with config.toml, and the commands."""

    def __init__(self, folder: Path, capsys: Any, monkeypatch: Any, database_url: str = "") -> None:
        self.folder = folder
        self.config = folder / "config.toml"
        self._capsys = capsys
        self._monkeypatch = monkeypatch
        self.config.write_text(_config(database_url))

    @property
    def settings(self) -> ServerSettings:
        """Read config.toml."""
        return load_settings(self.config, {}).server

    def admin(self, *arguments: object, typed: str | None = "") -> Said:
        """Run `numerek admin` with these arguments and this standard input; None stands for a terminal."""
        self._monkeypatch.setattr("sys.stdin", _Terminal() if typed is None else io.StringIO(typed))
        self._capsys.readouterr()
        try:
            code = main([*map(str, arguments), "--config", str(self.config)])
        except SystemExit as left:
            code = int(left.code or 0)
        captured = self._capsys.readouterr()
        return Said(code, captured.out, captured.err)

    def good(self, *arguments: object, typed: str | None = "") -> str:
        """Run a command that must succeed, and give what it printed."""
        said = self.admin(*arguments, typed=typed)
        assert (said.code, said.err) == (0, "")
        return said.out

    def refused(self, *arguments: object, typed: str | None = "") -> str:
        """Run a command that must fail with a sentence, and give the sentence."""
        said = self.admin(*arguments, typed=typed)
        assert (said.code, said.out) == (1, "")
        assert said.err.startswith("numerek: ")
        assert "Traceback" not in said.err
        return said.err.removeprefix("numerek: ").strip()

    def store(self) -> Store:
        """Open the database beside the commands; the caller closes it."""
        return open_store(self.settings)[0]

    def serve(self) -> Running:
        """Start a real server on this installation."""
        return start(self.config)


@pytest.fixture
def _own_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def bare_desk(_own_umask: None, tmp_path: Path, capsys: Any, monkeypatch: Any) -> Desk:
    """Give a desk on SQLite before anything was set up."""
    return Desk(tmp_path, capsys, monkeypatch)


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Set up the sample office on SQLite once; give the folder of its data, to be copied."""
    return _set_up(tmp_path_factory.mktemp("installed"), "")


@pytest.fixture(scope="session")
def installed_on_postgres(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> tuple[Path, Image]:
    """Set up the sample office on PostgreSQL once; give the folder of its key, and what the database held."""
    upgrade(postgres_url)
    empty(postgres_url)
    return _set_up(tmp_path_factory.mktemp("installed"), postgres_url), image_of(postgres_url)


def _set_up(folder: Path, url: str) -> Path:
    config, before = folder / "config.toml", os.umask(0o022)
    config.write_text(_config(url))
    with contextlib.redirect_stdout(io.StringIO()):
        assert main(["init", "--office", str(OFFICE), "--config", str(config)]) == 0
    os.umask(before)
    return folder / "data"


@pytest.fixture
def desk(bare_desk: Desk, installed: Path) -> Desk:
    """Give a desk on SQLite with the sample office."""
    shutil.copytree(installed, bare_desk.folder / "data")
    return bare_desk


@pytest.fixture(params=["sqlite", "postgresql"])
def either_desk(
    request: pytest.FixtureRequest, _own_umask: None, tmp_path: Path, capsys: Any, monkeypatch: Any
) -> Desk:
    """Give a desk with the sample office on each database."""
    if request.param == "sqlite":
        return request.getfixturevalue("desk")  # type: ignore[no-any-return]
    data, image = request.getfixturevalue("installed_on_postgres")
    url = request.getfixturevalue("postgres_url")
    empty(url)
    lay_out(url, image)
    shutil.copytree(data, tmp_path / "data")
    return Desk(tmp_path, capsys, monkeypatch, url)
