"""Counts how often an information page is opened: in memory, as reading changes nothing; a job writes it."""

from __future__ import annotations

import threading
from collections import Counter
from weakref import WeakKeyDictionary

from sqlalchemy.orm import Session

from server.services.context import Context
from server.services.ports import Outside
from server.store.queries import page_visits as rows
from server.store.store import Store

_lock = threading.Lock()
_gathered: WeakKeyDictionary[Store, Counter[str]] = WeakKeyDictionary()


def opened(store: Store, page: str) -> None:
    """Count that a page was opened; `page` is its address without the language, and a page that there is."""
    with _lock:
        _gathered.setdefault(store, Counter())[page] += 1


def visits(session: Session, store: Store, page: str) -> int:
    """Tell how often a page was opened: what is written, and what this server has gathered since."""
    written = rows.of(session, page)
    with _lock:
        return written + _gathered.get(store, Counter())[page]


def write_visits(store: Store, _context: Context, _outside: Outside | None = None) -> None:
    """Write what was gathered; it stays gathered when the store cannot take it now."""
    with _lock:
        gathered = dict(_gathered.get(store, Counter()))
    if not gathered:
        return
    store.write(lambda session: rows.add(session, gathered))
    with _lock:
        _gathered[store].subtract(gathered)
        _gathered[store] += Counter()  # drops what is nothing now
