"""Opens the database and the keys that the settings name: for the server and for an administrator's commands."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from server.store.engine import is_sqlite
from server.store.group_commit import ANSWER_SECONDS
from server.store.key_file import load_key_file
from server.store.keyring import Keyring
from server.store.migrate import upgrade
from server.store.queries.office import keep_key_check
from server.store.store import Store
from wire.settings import ServerSettings

log = logging.getLogger("numerek.store")


def database_url(settings: ServerSettings) -> str:
    """Return the database's URL: the one that is set, else SQLite in the data folder."""
    return settings.database_url or f"sqlite:///{settings.data_dir / 'numerek.db'}"


def _waits_for_ever(session: Session) -> bool:
    return session.execute(text("SHOW lock_timeout")).scalar_one() == "0"


def session_url(settings: ServerSettings) -> str:
    """Return the URL for what needs a connection of its own: past PgBouncer, where there is one."""
    return settings.session_database_url or database_url(settings)


def open_store(settings: ServerSettings, *, answer_seconds: float = ANSWER_SECONDS) -> tuple[Store, Keyring]:
    """Open the database, brought to the present schema, and the keys. Raises KeyFileError.

    `answer_seconds` is how long a write that has begun is waited for before its caller is sent away.
    """
    keys = load_key_file(settings.secrets_file)
    keys.advance(datetime.now(UTC))
    url = database_url(settings)
    if is_sqlite(url):
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    upgrade(session_url(settings))
    store = Store(
        url,
        session_url=settings.session_database_url,
        read_url=settings.read_database_url,
        read_lag_seconds=settings.read_lag_seconds,
        queue_length=settings.max_waiting_writes,
        answer_seconds=answer_seconds,
    )
    if settings.session_database_url and store.read(_waits_for_ever):
        log.warning(
            "nothing limits waits behind PgBouncer: its connect_query is missing (docs/operations.md)"
        )
    store.write(lambda session: keep_key_check(session, keys))
    return store, keys
