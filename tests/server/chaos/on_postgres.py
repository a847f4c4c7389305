"""The sample office on PostgreSQL, for as many real servers as a test starts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from deploy.demo.sample import fill
from server.app import build_runtime
from server.clock import SystemClock
from server.store.keyring import create_key_file
from server.store.open_store import open_store
from tests.server.chaos.running import Served, free_port
from wire.settings import load_settings


class OfficeOnPostgres:
    """An office in a database that several servers share, and what is told of it (`told`)."""

    def __init__(self, folder: Path, url: str) -> None:
        """Fill an empty database."""
        self.folder, self.url = folder, url
        settings = load_settings(self._config(0, url, ""), {}).server
        create_key_file(settings.secrets_file)
        store, keys = open_store(settings)
        runtime = build_runtime(store, SystemClock(), keys, "https://numerek.test")
        self.told: dict[str, Any] = fill(runtime, "https://numerek.test", past=False)
        store.close()

    @property
    def kiosk(self) -> str:
        """Return the kiosk's token."""
        return str(self.told["device_tokens"]["kiosk"])

    def server(self, pooled_url: str = "") -> Served:
        """Return one more server on a port of its own, behind PgBouncer if told; not started yet."""
        port = free_port()
        config = self._config(port, pooled_url or self.url, self.url if pooled_url else "")
        command = [sys.executable, "-m", "server", "--config", str(config)]
        return Served(command, port, self.folder / f"{port}.log")

    def _config(self, port: int, url: str, session_url: str) -> Path:
        file = self.folder / f"{port}.toml"
        file.write_text(
            f'[server]\nport = {port}\ndata_dir = "{self.folder}"\nsecrets_file = "{self.folder}/key"\n'
            f'database_url = "{url}"\nsession_database_url = "{session_url}"\n[log]\nlevel = "warning"\n'
        )
        return file
