"""One person's values: sealed under a key of their own, whose row is all that has to go for their erasure."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from server.store.seal import Box, Keyring
from server.store.tables import PersonalKey

_BOUND = b"personal"


def new_key(session: Session, keys: Keyring, now: datetime) -> tuple[int, Box]:
    """Draw a key for one person's values; return the id of its row and the box that it opens.

    The id is drawn too: one that counted up would be given again after a restore, and lead to another's key.
    """
    key = secrets.token_bytes(32)
    row = PersonalKey(id=1 + secrets.randbits(62), sealed_key=keys.seal(key, _BOUND), made_at=now)
    session.add(row)
    session.flush()
    return row.id, Box(key)


def box(session: Session, keys: Keyring, key_id: int | None) -> Box | None:
    """Return the box of a person's key; None when they were erased."""
    row = None if key_id is None else session.get(PersonalKey, key_id)
    return None if row is None else Box(keys.open(row.sealed_key, _BOUND))


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
