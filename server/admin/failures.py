"""Turns what the outside world and the operator got wrong into one sentence each."""

from __future__ import annotations

import errno
import socket
from sqlite3 import DatabaseError as SqliteError

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from server.services.context import RuleBroken
from server.store.errors import StoreUnavailable
from server.store.keyring import KeyFileError
from server.store.open_store import database_url
from wire.config_file import ConfigError
from wire.settings import ServerSettings

INIT_FIRST = "run `numerek admin init` first"
_UNAVAILABLE = {
    "database_busy": "the database is busy: try again",
    "overloaded": "the database is busy: try again",
    "disk_full": "the disk of the database is full",
    "disk_error": "the disk of the database reports an error, or it may not be written",
    "database_gone": "the database cannot be opened",
    "database_damaged": "the database is damaged: restore the last backup",
}


class OperatorMistake(Exception):
    """The command cannot be carried out; the text is one sentence for the operator."""


def failure_sentence(error: BaseException, settings: ServerSettings) -> str | None:
    """Say in one sentence what has to be mended; None when the error is a bug of ours."""
    if isinstance(error, OperatorMistake | ConfigError):
        return str(error)
    if isinstance(error, RuleBroken):
        return _rule(error)
    if isinstance(error, KeyFileError):
        return _key(error, settings)
    if isinstance(error, StoreUnavailable):
        return f"{_UNAVAILABLE.get(error.reason, error.reason)}."
    if isinstance(error, DBAPIError | SqliteError):
        return f"the database {_place(settings)} cannot be used: {_first_line(error)}."
    if isinstance(error, ArgumentError | NoSuchModuleError):
        return "config.toml: 'server.database_url' is no database's URL, such as postgresql+psycopg://numerek@/numerek."
    if type(error).__module__.startswith("alembic."):  # not imported for it: that doubles the server's start
        return f"the database {_place(settings)} is of another version of Numerek: {_first_line(error)}."
    return _system(error, settings) if isinstance(error, OSError) else None


def _key(error: KeyFileError, settings: ServerSettings) -> str:
    if not settings.secrets_file.exists():
        return f"there is no key file {settings.secrets_file}: {INIT_FIRST}."
    return f"{error}."


def _rule(error: RuleBroken) -> str:
    if error.reason == "office_file":
        return f"{error.facts['place']}: {error.facts['problem']}."
    if error.reason == "not_found":
        return f"there is no such {error.facts['what']}."
    facts = ", ".join(f"{name}: {value}" for name, value in error.facts.items())
    return f"{error.reason.replace('_', ' ')}{f' ({facts})' if facts else ''}."


def _system(error: OSError, settings: ServerSettings) -> str:
    place = f"{settings.listen}, port {settings.port},"
    if error.filename is not None:
        return f"{error.filename}: {(error.strerror or str(error)).lower()}."
    if error.errno == errno.EADDRINUSE:
        return f"{place} is taken by another program: choose another 'server.port' or stop that program."
    if error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        return f"'server.listen' {settings.listen} is no address of this machine."
    if error.errno == errno.EACCES:
        return f"{place} may not be opened by this account: ports below 1024 are kept for the system."
    return f"{(error.strerror or str(error)).lower()}."


def _place(settings: ServerSettings) -> str:
    return make_url(database_url(settings)).render_as_string(hide_password=True)


def _first_line(error: BaseException) -> str:
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0].rstrip(".")
