"""Copies a PostgreSQL database with pg_dump, and puts a copy back in its place with pg_restore.

The keys of people go into a file of their own: without it, what was sealed in a backup is noise (parting.py).
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, TextClause, inspect, make_url, select, text
from sqlalchemy.exc import DBAPIError

from server.admin.backups.parting import KEYS_TABLE, erasing_again, no_keys
from server.admin.failures import OperatorMistake
from server.store.engine import libpq_of, open_single
from server.store.errors import sqlstate
from server.store.queries.office import KEY_CHECK
from server.store.tables import Setting

SUFFIX = ".pgdump"
_IN_USE = "55006"


def back_up(url: str, file: Path, keys_file: Path) -> None:
    """Write a durable copy of the database as it is at one instant. Raises OperatorMistake.

    The keys of people are not in it: those of a little later take the place of whatever `keys_file` held.
    """
    address = make_url(url)
    part = file.with_name(file.name + ".part")
    keys_part = keys_file.with_name(keys_file.name + ".part")
    dump = ("pg_dump", "--format=custom", "--no-owner", "--no-privileges")
    try:
        _run(address, *dump, f"--exclude-table-data={KEYS_TABLE}", f"--file={part}")
        # Later and put in place first: whoever is in the backup has a key in it, or was erased in between.
        # A database of a version that had no such table is brought up to date when it is opened.
        with _connected(address) as connection:
            has_keys = inspect(connection).has_table(KEYS_TABLE)
        if has_keys:
            _run(address, *dump, "--data-only", f"--table={KEYS_TABLE}", f"--file={keys_part}")
        for done, place in (*([(keys_part, keys_file)] if has_keys else []), (part, file)):
            with done.open("rb") as written:
                os.fsync(written.fileno())
            done.replace(place)
    finally:
        part.unlink(missing_ok=True)
        keys_part.unlink(missing_ok=True)


def restore(
    url: str, file: Path, keys_file: Path | None, is_ours: Callable[[str], bool], stamp: str, *, force: bool
) -> str:
    """Fill a new database from `file`, give it the name of the old one, and return the old one's new name.

    With the keys of `keys_file` people's values can be read again, those that were erased since stay erased;
    None: without any of them. The account needs CREATEDB. Raises OperatorMistake for a file that is no backup or
    is sealed with another key, and, unless `force`, while somebody uses the database; nothing was changed then.
    """
    address = make_url(url)
    name, fresh = str(address.database), f"{address.database}_restoring"
    replaced = f"{name}_replaced_{stamp.lower()}"
    with _connected(address.set(database="postgres")) as neighbour:
        neighbour.execute(_statement("DROP DATABASE IF EXISTS {}", fresh))
        neighbour.execute(_statement("CREATE DATABASE {} TEMPLATE template0", fresh))
        try:
            fresh_address = address.set(database=fresh)
            _fill(fresh_address, file, keys_file, is_ours)
            _exchange(neighbour, name, replaced, fresh, force=force)
        finally:
            neighbour.execute(_statement("DROP DATABASE IF EXISTS {}", fresh))
    return replaced


def _fill(address: URL, file: Path, keys_file: Path | None, is_ours: Callable[[str], bool]) -> None:
    """Fill an empty database: tables and rows, then the keys, and last the references, which need them."""
    fill = ("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error")
    for section in ("pre-data", "data"):
        _run(address, *fill, f"--section={section}", str(file))
    _check_key(address, file, is_ours)
    with _connected(address) as connection:
        if inspect(connection).has_table(KEYS_TABLE):
            if keys_file is not None and not keys_file.is_file():
                raise no_keys(keys_file)
            if keys_file is not None:
                _run(address, *fill, "--data-only", f"--table={KEYS_TABLE}", str(keys_file))
            for statement in erasing_again():
                connection.execute(text(statement))
    _run(address, *fill, "--section=post-data", str(file))


def _exchange(neighbour: Connection, name: str, replaced: str, fresh: str, *, force: bool) -> None:
    """Give the databases their names, from a third one: nobody renames the one they are in."""
    if force:
        others = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
        neighbour.execute(others, {"name": name})
    try:
        neighbour.execute(_statement("ALTER DATABASE {} RENAME TO {}", name, replaced))
    except DBAPIError as error:
        if sqlstate(error) != _IN_USE:
            raise
        raise OperatorMistake(
            f"a server is running on {name}: stop it first (systemctl stop numerek-server)."
        ) from None
    neighbour.execute(_statement("ALTER DATABASE {} RENAME TO {}", fresh, name))


def _check_key(address: URL, file: Path, is_ours: Callable[[str], bool]) -> None:
    with _connected(address) as connection:
        if not inspect(connection).has_table(Setting.__tablename__):
            raise OperatorMistake(f"{file} is no backup of Numerek.")
        found = connection.execute(
            select(Setting.value).where(Setting.name == KEY_CHECK)
        ).scalar_one_or_none()
    if found is None or not is_ours(found):
        raise OperatorMistake(f"{file} was made with another key than the one of this installation.")


@contextmanager
def _connected(address: URL) -> Iterator[Connection]:
    engine = open_single(address.render_as_string(hide_password=False))
    with engine.connect() as connection:
        yield connection.execution_options(isolation_level="AUTOCOMMIT")
    engine.dispose()


def _statement(template: str, *names: str) -> TextClause:
    """Write a statement about databases, whose names cannot be parameters."""
    quoted = (f'"{name.replace(chr(34), chr(34) * 2)}"' for name in names)
    return text(template.format(*quoted).replace(":", "\\:"))


def _run(address: URL, program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL; the password goes by the environment, where `ps` does not show it."""
    where, password = libpq_of(address)
    environment = os.environ | ({"PGPASSWORD": password} if password else {})
    command = [program, f"--dbname={where}", *arguments]
    try:
        subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise OperatorMistake(f"{program} is not installed: apt-get install postgresql-client.") from None
    except subprocess.CalledProcessError as error:
        said_last = (error.stderr.strip().splitlines() or ["no reason told"])[-1]
        raise OperatorMistake(f"{program} failed: {said_last}.") from None
