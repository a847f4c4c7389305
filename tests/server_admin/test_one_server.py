"""A second server on the same SQLite folder does not start, and says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.run import _alone
from wire.config_file import ConfigError
from wire.settings import Settings


def test_sqlite_bears_one_server_and_the_next_may_start_when_it_is_gone(tmp_path: Path) -> None:
    own = Settings.model_validate({"server": {"data_dir": str(tmp_path)}}).server
    with _alone(own), pytest.raises(ConfigError, match="another server runs"), _alone(own):
        pass
    with _alone(own):
        assert (tmp_path / "server.lock").exists()


def test_on_postgresql_several_servers_may_run(tmp_path: Path) -> None:
    said = {"data_dir": str(tmp_path), "database_url": "postgresql+psycopg://numerek@/numerek"}
    own = Settings.model_validate({"server": said}).server
    with _alone(own), _alone(own):
        assert not (tmp_path / "server.lock").exists()
