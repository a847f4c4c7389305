"""The demo's server alone: a folder with database, key and demo.json, made at the first start."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deploy.demo.folder import SENDER, DemoFolder, server_tables, toml_of
from deploy.demo.sample import fill, renew, write_told
from deploy.demo.staff import manager_address
from server.app import build_runtime
from server.clock import Clock, FileClock, SystemClock
from server.run import open_store, serve
from server.store.key_file import create_key_file
from wire.settings import Settings

TOLD = "demo.json"
# So long one write of a fresh demo may take: a slow machine is no failure.
_FILLING_SECONDS = 120.0


def demo_settings(data: Path, port: int, base_url: str) -> Settings:
    """Return the settings of a demo server: everything inside one folder, on loopback."""
    folder = data.absolute()
    server = {
        "port": port,
        "public_url": base_url,
        "data_dir": folder,
        "secrets_file": folder / "numerek.key",
    }
    mail = {"folder": folder / "mail", "sender": SENDER}
    # Whoever tries the demo has no authenticator app at hand; who set one up is asked for its code all the same.
    staff = {"second_factor": False}
    return Settings.model_validate(
        {"server": server, "mail": mail, "sms": {"folder": folder / "sms"}, "staff": staff}
    )


def prepare(
    data: Path, base_url: str, settings: Settings, clock: Clock, *, past: bool = True
) -> dict[str, Any]:
    """Fill the folder at the first start; later ones find everything as it was left. Return demo.json.

    past: as for `fill`.
    """
    data.mkdir(parents=True, exist_ok=True)
    told_file = data / TOLD
    if told_file.exists():
        told: dict[str, Any] = json.loads(told_file.read_text())
        if told["base_url"] != base_url:
            told |= {"base_url": base_url, "staff_url": f"{base_url}/staff/"}
            write_told(told_file, told)
        return told
    if not settings.server.secrets_file.exists():
        create_key_file(settings.server.secrets_file)
    store, keys = open_store(settings.server, answer_seconds=_FILLING_SECONDS)
    try:
        told = fill(build_runtime(store, clock, keys, base_url), base_url, past=past)
    finally:
        store.close()
    write_told(told_file, told)
    return told


def renew_day(data: Path, settings: Settings, clock: Clock) -> bool:
    """Let an old folder have visitors again; return whether a fresh day of reservations was added."""
    told_file = data / TOLD
    told: dict[str, Any] = json.loads(told_file.read_text())
    store, keys = open_store(settings.server, answer_seconds=_FILLING_SECONDS)
    try:
        is_added = renew(build_runtime(store, clock, keys, told["base_url"]), told)
    finally:
        store.close()
    write_told(told_file, told)
    return is_added


def staff_address(settings: Settings, clock: Clock) -> str:
    """Make the manager's one-time address; no server may run on the folder yet."""
    store, keys = open_store(settings.server)
    try:
        return manager_address(build_runtime(store, clock, keys, settings.server.public_url))
    finally:
        store.close()


def serve_only(data: Path, port: int, clock_file: Path | None, ready: Callable[[int], None]) -> None:
    """Prepare the folder and serve until told to stop."""
    base_url = f"http://127.0.0.1:{port}"
    clock: Clock = FileClock(clock_file) if clock_file else SystemClock()
    settings = demo_settings(data, port, base_url)
    prepare(data, base_url, settings, clock)
    config = DemoFolder(data).config
    if not config.exists():  # a hall has written its own, with more in it
        config.write_text(toml_of(server_tables(base_url)), encoding="utf-8")
    serve(settings, clock, ready)
