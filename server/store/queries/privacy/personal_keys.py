"""One person's values: sealed under a key of their own, whose row is all that has to go for their erasure."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.util import identity_key

from server.store.keyring import Box, Keyring
from server.store.prepared import Place, Prepared
from server.store.tables import PersonalKey

BOUND = b"personal"
"""What the keys of persons are sealed beside."""
_ADD = Prepared(insert(PersonalKey), ("id", "sealed_key", "made_at"))
_READ = Prepared(select(PersonalKey.sealed_key).where(PersonalKey.id == bindparam("key")))


def new_key(session: Session, keys: Keyring, now: datetime) -> tuple[int, Box]:
    """Draw a key for one person's values; return the id of its row and the box that it opens.

    The id is drawn too: one that counted up would be given again after a restore, and lead to another's key.
    """
    key, key_id = secrets.token_bytes(32), 1 + secrets.randbits(62)
    _ADD.run(session, {"id": key_id, "sealed_key": keys.seal(key, BOUND), "made_at": now})
    return key_id, Box(key)


def box(session: Session, keys: Keyring, key_id: int | None) -> Box | None:
    """Return the box of a person's key; None when they were erased."""
    if key_id is None:
        return None
    # Who opens many has read their keys ahead.
    ahead = session.identity_map.get(identity_key(PersonalKey, key_id))
    return look(session, keys, key_id) if ahead is None else Box(keys.open(ahead.sealed_key, BOUND))


def look(place: Place, keys: Keyring, key_id: int) -> Box | None:
    """Return the box of a person's key by a hot statement; None when they were erased."""
    row = _READ.first(place, {"key": key_id})
    return None if row is None else Box(keys.open(row[0], BOUND))


def opener(session: Session, keys: Keyring, key_id: int | None) -> Box | None:
    """Return what opens a row's sealed values: its own key; the keyring for rows of before there were such keys.

    None when the key is gone.
    """
    return keys if key_id is None else box(session, keys, key_id)


def shred(session: Session, key_ids: Iterable[int]) -> None:
    """Forget keys: what was sealed under them is noise from now on, here and in every backup of the rows.

    What still points at them must have let go (foreign keys hold it).
    """
    session.execute(delete(PersonalKey).where(PersonalKey.id.in_(list(key_ids))))


def seal_json(box: Box, value: Any, bound_to: bytes) -> bytes:
    """Seal a JSON value."""
    return box.seal(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), bound_to)


def open_json(box: Box | None, sealed: bytes | None, bound_to: bytes) -> Any:
    """Open a sealed JSON value; None when it, or its key, is gone."""
    return None if box is None or sealed is None else json.loads(box.open(sealed, bound_to))
