"""`admin keys`: the keys of the key file: list, rotate, reseal, retire."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from server.admin.failures import OperatorMistake
from server.admin.installation import Installation, opened
from server.admin.listing import counted, print_columns
from server.services.privacy import hanging
from server.store.engine import is_sqlite
from server.store.key_file import add_key, drop_key
from server.store.keyring import SecretKey
from server.store.open_store import database_url
from server.store.queries.office import tell_next_key
from wire.settings import ServerSettings
from wire.systemd import CREDENTIALS_VARIABLE

MOST = 5
"""So many keys are kept at most: each is tried when something is looked for."""
_LETS_OTHERS_SECONDS = 0.12
_ALONE_MINUTES, _SEVERAL_MINUTES = 1, 60


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    keys = commands.add_parser("keys", help="the keys of the key file: list, rotate, reseal, retire")
    actions = keys.add_subparsers(required=True, metavar="list | rotate | reseal | retire")
    listed = actions.add_parser("list", help="the keys, the newest first, and since when each is used")
    listed.set_defaults(run=_list)
    rotate = actions.add_parser(
        "rotate",
        help="draw a new key, with which all is made from an instant on",
        description="Old keys stay in the file and are read. Copy the file to every server before that instant.",
    )
    rotate.add_argument(
        "--in-minutes",
        type=int,
        metavar="N",
        help=f"when it is used (default: {_ALONE_MINUTES} with SQLite, {_SEVERAL_MINUTES} with PostgreSQL)",
    )
    rotate.set_defaults(run=_rotate)
    reseal = actions.add_parser("reseal", help="make anew with the key in use what an old one made")
    reseal.set_defaults(run=_reseal)
    retire = actions.add_parser("retire", help="take an old key out of the file, once nothing hangs on it")
    retire.add_argument("id", metavar="ID", help="the key's, as `list` shows it")
    retire.set_defaults(run=_retire)


def _list(_chosen: argparse.Namespace, settings: ServerSettings) -> None:
    with opened(settings) as place:
        rows = [(key.id, _since(key), _state(place, key)) for key in place.keys.keys]
    print_columns(("key", "used from", "state"), rows)


def _since(key: SecretKey) -> str:
    return "the beginning" if key.used_from is None else f"{key.used_from:%Y-%m-%d %H:%M} UTC"


def _state(place: Installation, key: SecretKey) -> str:
    if key is place.keys.in_use:
        return "in use"
    return "read" if place.keys.used_until(key) else "to come"


def _rotate(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    _refuse_handed_over(settings.secrets_file)
    minutes = chosen.in_minutes
    if minutes is None:
        minutes = _ALONE_MINUTES if is_sqlite(database_url(settings)) else _SEVERAL_MINUTES
    if minutes < 1:
        raise OperatorMistake("--in-minutes is at least 1: servers read the file before the key is used.")
    with opened(settings) as place:
        keys = place.keys
        if keys.keys[0] is not keys.in_use:
            raise OperatorMistake(
                f"the key {keys.keys[0].id} waits for its time already (`admin keys list`)."
            )
        if len(keys.keys) >= MOST:
            raise OperatorMistake(f"there are {MOST} keys: `admin keys retire` an old one first.")
        # The file first: a database that tells of a key has it in a file for certain.
        used_from = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=minutes)
        key = add_key(settings.secrets_file, used_from)
        place.write(lambda session: tell_next_key(session, key))
    print(f"numerek: the key {key.id} is in {settings.secrets_file} and is used from {_since(key)}")
    print("numerek: before that copy the file to every other server, and to where you keep a copy of it;")
    print("numerek: after it: `admin keys reseal`")


def _refuse_handed_over(file: Path) -> None:
    folder = os.environ.get(CREDENTIALS_VARIABLE)
    if folder and file.resolve().is_relative_to(Path(folder).resolve()):
        raise OperatorMistake(
            f"{file} is handed over by systemd: set secrets_file to the file that it comes from for this command."
        )


def _reseal(_chosen: argparse.Namespace, settings: ServerSettings) -> None:
    with opened(settings) as place:
        newest = place.keys.keys[0]
        if newest is not place.keys.in_use:
            raise OperatorMistake(
                f"the key {newest.id} is used from {_since(newest)} on: come back after it."
            )
        done = hanging.reseal(partial(_write_gently, place), place.keys)
    for name, count in done.items():
        print(f"numerek: {name}: {counted(count, 'row')} made anew")


def _write_gently(place: Installation, work: Callable[[Session], Any]) -> Any:
    """Write, then let others write: who waits for SQLite's writer looks every tenth of a second at last."""
    done = place.write(work)
    if place.store.sqlite:
        time.sleep(_LETS_OTHERS_SECONDS)
    return done


def _retire(chosen: argparse.Namespace, settings: ServerSettings) -> None:
    _refuse_handed_over(settings.secrets_file)
    with opened(settings) as place:
        keys, now = place.keys, datetime.now(UTC)
        key = next((each for each in keys.keys if each.id == chosen.id), None)
        if key is None:
            raise OperatorMistake(
                f"there is no key {chosen.id}: there are {', '.join(k.id for k in keys.keys)}."
            )
        if key is keys.in_use:
            raise OperatorMistake(f"the key {key.id} is in use.")
        refuse_needed(place, key, now)
        drop_key(settings.secrets_file, key.id)
        place.write(lambda session: tell_next_key(session, keys.in_use))
    print(f"numerek: the key {key.id} is out of {settings.secrets_file}; copy the file to every other server")


def refuse_needed(place: Installation, key: SecretKey, now: datetime) -> None:
    """Raise OperatorMistake with what cannot be read any more without a key."""
    found = hanging.hanging_on(place.store, place.keys, key, now)
    if found:
        told = ", ".join(f"{name}: {count}" for name, count in found.items())
        raise OperatorMistake(
            f"{found.total()} hang on the key {key.id} ({told}): the file was left as it is."
        )
    until = hanging.may_go_from(place.keys, key)
    if until is not None and now < until:
        raise OperatorMistake(
            f"cookies and kiosks may hang on the key {key.id} until {until:%Y-%m-%d %H:%M} UTC."
        )
