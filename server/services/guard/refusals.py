"""Attempts that pages refuse before any transaction: facts gathered in memory and written by a job (rule 26).

In a rush thousands are refused within a second; a transaction for each would slow down those who are served.
"""

from __future__ import annotations

import threading
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy.orm import Session

from server.services.context import Context
from server.services.ports import Outside
from server.store.facts import NewFact, note
from server.store.store import Store
from wire.vocabulary import FactType

MOST_GATHERED = 10_000
_AT_ONCE = 500
_lock = threading.Lock()
_gathered: WeakKeyDictionary[Store, list[NewFact]] = WeakKeyDictionary()
_left_out: WeakKeyDictionary[Store, int] = WeakKeyDictionary()


def refused(store: Store, context: Context, reason: str, branch_id: int | None = None, **data: Any) -> None:
    """Have it noted that a booking was refused, for a reason and with codes and ids only.

    It is in the log within a second; what is gathered when the power goes is lost. Beyond MOST_GATHERED the
    number is kept, not each attempt.
    """
    fact = NewFact(FactType.BOOKING_REFUSED, context.now, branch_id, {"reason": reason} | data)
    with _lock:
        waiting = _gathered.setdefault(store, [])
        if len(waiting) < MOST_GATHERED:
            waiting.append(fact)
        else:
            _left_out[store] = _left_out.get(store, 0) + 1


def write_refusals(store: Store, context: Context, _outside: Outside | None = None) -> int:
    """Write what was gathered; it stays gathered when the store cannot take it now. Return how many."""
    written = 0
    while some := _gathered.get(store, [])[:_AT_ONCE]:
        store.write(lambda session, some=some: _note_all(session, some))  # type: ignore[misc]
        with _lock:
            del _gathered[store][: len(some)]
        written += len(some)
    with _lock:
        left_out = _left_out.pop(store, 0)
    if left_out:
        data = {"reason": "too_many", "count": left_out}
        store.write(lambda session: note(session, NewFact(FactType.BOOKING_REFUSED, context.now, None, data)))
    return written


def _note_all(session: Session, facts: list[NewFact]) -> None:
    for fact in facts:
        note(session, fact)
