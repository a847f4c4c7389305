"""A server follows its key file: it reads another one at once, and uses a new key when its time has come."""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial

from server.services.context import Context
from server.services.ports import Outside
from server.store.key_file import read_again
from server.store.keyring import KeyFileError, Keyring
from server.store.queries import office as rows
from server.store.store import Store

log = logging.getLogger("numerek.keys")


def follow_keys(store: Store, context: Context, _outside: Outside | None = None) -> int:
    """Read the file again if it is another one, and use the key whose time it is: a job; return 1 if that is new.

    Which keys other servers have is learned from the database.
    """
    keys = context.keys
    try:
        read_again(keys)
    except KeyFileError as error:
        log.warning("the key file cannot be read, the keys from before are used: %s", error)
    is_new = keys.advance(context.now)
    if is_new:
        log.info("the key %s is in use now", keys.in_use.id)
    used, told = store.read(rows.key_checks)
    if used is not None and keys.holds(used) and keys.is_newer(keys.check, used):
        store.write(partial(rows.keep_key_check, keys=keys))
    _note_lack(keys, used, told, context.now)
    return int(is_new)


def _note_lack(keys: Keyring, used: str | None, told: str | None, now: datetime) -> None:
    """Note from when others use a key that we have not: by what was told of it, or since they do."""
    since: datetime | None = None
    check, _, instant = (told or "").partition(" ")
    if used is not None and not keys.holds(used):
        since = now
    elif check and not keys.holds(check):
        since = datetime.fromisoformat(instant) if instant else now
    if since is not None and keys.lacking_from is None:
        log.error("the key file of this server lacks a key that others use from %s on", since)
    keys.lacking_from = since
