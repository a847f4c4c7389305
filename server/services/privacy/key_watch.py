"""A server follows its key file: it reads another one at once, and uses a new key when its time has come."""

from __future__ import annotations

import logging
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
    used, drawn = store.read(rows.key_checks)
    if used is not None and keys.holds(used) and keys.is_newer(keys.check, used):
        store.write(partial(rows.keep_key_check, keys=keys))
    _tell_lack(keys, used, drawn)
    return int(is_new)


def _tell_lack(keys: Keyring, used: str | None, drawn: str | None) -> None:
    lacks = ""
    if drawn is not None and not keys.holds(drawn):
        lacks = "next_missing"
    if used is not None and not keys.holds(used):
        lacks = "missing"
    if lacks and lacks != keys.lacks:
        log.error("the key file of this server lacks a key that others have: %s", lacks)
    keys.lacks = lacks
