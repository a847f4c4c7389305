"""The demo's folder: what the programs of the hall find there, each its settings and its token."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from deploy.demo.pictures import keep_qr_pictures
from deploy.demo.sample import write_private

COUNTER = 7
SENDER = "Urząd Wojewódzki <wizyty@demo.example>"
ZONE = ZoneInfo("Europe/Warsaw")
_IDLE_SECONDS = 60


@dataclass(frozen=True)
class DemoFolder:
    """Paths and files below `root`."""

    root: Path

    @property
    def config(self) -> Path:
        """Return where the settings of the demo's programs stand."""
        return self.root / "config.toml"

    @property
    def slips(self) -> Path:
        """Return where the virtual printer leaves its slips."""
        return self.root / "slips"

    @property
    def scan(self) -> Path:
        """Return the folder that stands for the kiosk's camera."""
        return self.root / "scan"

    @property
    def mail(self) -> Path:
        """Return where letters arrive: files that a mail program opens."""
        return self.root / "mail"

    @property
    def sms(self) -> Path:
        """Return where text messages arrive."""
        return self.root / "sms"

    @property
    def qr(self) -> Path:
        """Return where the pictures of the codes lie."""
        return self.root / "qr"

    def log(self, name: str) -> Path:
        """Return where a program's log goes."""
        return self.root / "logs" / f"{name}.log"

    def told(self) -> dict[str, Any]:
        """Read demo.json."""
        told: dict[str, Any] = json.loads((self.root / "demo.json").read_text())
        return told

    def prepare(self, base_url: str, printer: str, idle_seconds: int = _IDLE_SECONDS) -> None:
        """Write settings, tokens and the pictures of the codes."""
        for folder in (self.slips, self.scan, self.root / "logs"):
            folder.mkdir(parents=True, exist_ok=True)
        told = self.told()
        tokens = dict(told["device_tokens"])
        tokens["counter"] = next(each["token"] for each in told["counters"] if each["number"] == COUNTER)
        for role, token in tokens.items():
            write_private(self.root / f"{role}.token", token + "\n")
        self.config.write_text(_config(base_url, printer, idle_seconds), encoding="utf-8")
        keep_qr_pictures(self.qr, told["reservations"], ZONE)

    def clerk(self) -> dict[str, str]:
        """Return login and password of the clerk at the demo's counter."""
        told = self.told()
        place = [each["number"] for each in told["counters"]].index(COUNTER)
        clerk: dict[str, str] = told["clerks"][place]
        return clerk

    def admitted(self, service: str = "P") -> list[dict[str, Any]]:
        """List the reservations of a service that a kiosk admits now, the earliest first."""
        found = [each for each in self.told()["reservations"] if _is_admitted(each, service)]
        return sorted(found, key=lambda each: str(each["appointment_at"]))


def free_port(preferred: int = 0) -> int:
    """Return the preferred port of 127.0.0.1 if it is free, else any free one."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no port is free")


def _is_admitted(reservation: dict[str, Any], service: str) -> bool:
    return bool(reservation["service"] == service and reservation["expect"] == "admitted")


def _config(base_url: str, printer: str, idle_seconds: int) -> str:
    tables: dict[str, dict[str, Any]] = {
        "kiosk": {
            "server_url": base_url,
            "token_file": "kiosk.token",
            "full_screen": False,
            "idle_seconds": idle_seconds,
        },
        "kiosk.printer": {"device": printer},
        "kiosk.scanner": {"images": "scan"},
        "board": {"server_url": base_url, "token_file": "board.token", "full_screen": False},
        "counter": {"server_url": base_url, "token_file": "counter.token", "full_screen": False},
        "log": {"level": "warning", "format": "text"},
    }
    return toml_of(server_tables(base_url) | tables)


def server_tables(base_url: str) -> dict[str, dict[str, Any]]:
    """Return the tables by which `numerek admin --config` finds the demo's database."""
    server = {
        "port": urlsplit(base_url).port,
        "public_url": base_url,
        "data_dir": ".",
        "secrets_file": "numerek.key",
    }
    mail = {"folder": "mail", "sender": SENDER}
    return {"server": server, "mail": mail, "sms": {"folder": "sms"}, "staff": {"second_factor": False}}


def toml_of(tables: dict[str, dict[str, Any]]) -> str:
    """Write tables as a settings file."""
    lines = []
    for name, table in tables.items():
        # What these tables hold is written in JSON as it is in TOML.
        lines += [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in table.items()), ""]
    return "\n".join(lines)
