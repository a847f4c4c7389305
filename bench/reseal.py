"""How fast `admin keys reseal` makes reservations anew, and how long a ticket waits beside it.

The command runs as a process of its own, as beside a server; the tickets are written by this one.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from bench.in_process import opened
from bench.table import Row
from deploy.postgres import running_cluster
from server.api.authentication import Runtime
from server.app import create_app
from server.clock import SystemClock
from server.services.booking.one_per_person import texts_of
from server.store.key_file import add_key, load_key_file
from server.store.keyring import Box
from server.store.queries.privacy import personal_keys
from server.store.tables import PersonalKey, Reservation
from wire.codes import new_code, new_token

RESERVATIONS, AT_ONCE = 10_000, 1_000
"""A voivodeship books 200 000 a year: twenty times as many take twenty times as long."""
_EVERY_SECONDS = 0.05


def run() -> list[Row]:
    """Measure on both databases."""
    rows = _measured("SQLite", None)
    with running_cluster() as cluster:
        return rows + _measured("PostgreSQL", cluster.create_database("bench"))


def _measured(name: str, url: str | None) -> list[Row]:
    with tempfile.TemporaryDirectory() as made, opened(Path(made), url) as place:
        folder, runtime = Path(made), place.runtime
        _book(runtime)
        # Used from a moment ago: everybody who opens the file now makes all with it.
        add_key(folder / "numerek.key", SystemClock().now() - timedelta(seconds=1))
        keys = load_key_file(folder / "numerek.key")
        runtime.keys.take(keys.keys, keys.blind, runtime.keys.check)
        runtime.keys.advance(SystemClock().now())
        with _somebody_comes(runtime, place.told["device_tokens"]["kiosk"]) as came:
            began = time.perf_counter()
            subprocess.run(_command(folder, url), check=True, stdout=subprocess.DEVNULL)
            taken = time.perf_counter() - began
    return [
        Row(f"{name}: reservations and their persons' keys, each", RESERVATIONS, "rows"),
        Row(f"{name}: reseal", taken, "s"),
        Row(f"{name}: rows made anew", 2 * RESERVATIONS / taken, "a second"),
        Row(f"{name}: longest wait for a ticket beside it", max(came.waits) * 1e3, "ms"),
        Row(f"{name}: tickets meanwhile", len(came.waits), ""),
        Row(f"{name}: tickets refused (503) meanwhile", came.refused, "", "0", came.refused == 0),
    ]


def _command(folder: Path, url: str | None) -> list[str]:
    config = folder / "config.toml"
    config.write_text(
        f'[server]\ndata_dir = "{folder}"\nsecrets_file = "{folder}/numerek.key"\ndatabase_url = "{url or ""}"\n'
    )
    return [sys.executable, "-m", "server.admin", "keys", "reseal", "--config", str(config)]


def _book(runtime: Runtime) -> None:
    """Copy a reservation of the sample office for so many persons, each with a key, a code and a name."""
    store = runtime.store
    for _ in range(RESERVATIONS // AT_ONCE):
        store.write(lambda session: _book_some(session, runtime))


def _book_some(session: Session, runtime: Runtime) -> None:
    columns = [column for column in Reservation.__table__.columns if column.name != "id"]
    sample: Any = session.execute(select(*columns).limit(1)).mappings().one()
    keys, rows = [], []
    for _ in range(AT_ONCE):
        secret, key_id = secrets.token_bytes(32), 1 + secrets.randbits(62)
        sealed = runtime.keys.seal(secret, personal_keys.BOUND)
        keys.append({"id": key_id, "sealed_key": sealed, "made_at": SystemClock().now()})
        rows.append(dict(sample) | _own(runtime, Box(secret)) | {"personal_key_id": key_id, "slot_id": None})
    session.execute(insert(PersonalKey), keys)
    session.execute(insert(Reservation), rows)


def _own(runtime: Runtime, box: Box) -> dict[str, Any]:
    """Return the columns that are one person's own."""
    code, token = new_code().digits, new_token().text
    person = {
        "name": f"Anna {secrets.token_hex(6)}",
        "birth_date": "1980-02-03",
        "document": secrets.token_hex(5),
    }
    marks = {column: runtime.keys.lookup(*text) for column, text in texts_of(person).items()}
    return marks | {
        "code_hash": runtime.keys.lookup("code", code),
        "token_hash": runtime.keys.lookup("token", token),
        "sealed_codes": box.seal(json.dumps({"code": code, "token": token}).encode(), b"codes"),
        "sealed_person": personal_keys.seal_json(box, person, b"person"),
    }


@dataclass
class Came:
    """The tickets that were taken: how long each took, in seconds, and how many were refused as busy."""

    waits: list[float] = field(default_factory=list)
    refused: int = 0


@contextmanager
def _somebody_comes(runtime: Runtime, kiosk: str) -> Iterator[Came]:
    """Take tickets one after the other."""
    came = Came()
    over, client = threading.Event(), create_app(runtime).test_client()
    _is_given(client, kiosk)

    def come() -> None:
        while not over.wait(_EVERY_SECONDS):
            began = time.perf_counter()
            came.refused += not _is_given(client, kiosk)
            came.waits.append(time.perf_counter() - began)

    thread = threading.Thread(target=come)
    thread.start()
    try:
        yield came
    finally:
        over.set()
        thread.join()


def _is_given(client: FlaskClient, kiosk: str) -> bool:
    headers = {"Authorization": f"Bearer {kiosk}", "Idempotency-Key": secrets.token_hex(16)}
    return client.post("/api/v1/tickets", json={"service": "N"}, headers=headers).status_code == 201
