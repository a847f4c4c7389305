"""Lets reservations lapse at their instant, without a kiosk, and after downtime too (rule 16)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy.orm import Session

from server.services.moment import Moment
from server.store.answers import forget_before
from server.store.errors import StoreUnavailable
from server.store.facts import NewFact, note
from server.store.queries import reservations as rows
from server.store.store import Store
from wire.vocabulary import FactType

_AT_ONCE = 200
_LOOK_EVERY_SECONDS = 1.0
_FORGET_EVERY_LOOKS = 600
ANSWERS_KEPT = timedelta(hours=48)

log = logging.getLogger("numerek.sweeper")


def sweep(session: Session, moment: Moment) -> int:
    """Let those lapse whose instant has passed, a bounded number at once; return how many.

    The place stays taken: nobody could check in for its hour in time any more.
    """
    due = rows.due_to_lapse(session, moment.now, _AT_ONCE)
    if due:
        rows.lapse(session, [row_id for row_id, _, _ in due], moment.now)
    for row_id, branch_id, lapsed_at in due:
        data = {"reservation": row_id, "lapsed_at": lapsed_at.isoformat()}
        note(session, NewFact(FactType.RESERVATION_LAPSED, moment.now, branch_id, data))
    return len(due)


class Sweeper:
    """A thread that sweeps when something is due; a look that finds nothing due does not write."""

    def __init__(self, store: Store, moment: Callable[[], Moment]) -> None:
        self._store = store
        self._moment = moment
        self._stopped = threading.Event()
        self._looks = 0
        self._thread = threading.Thread(target=self._run, name="sweeper", daemon=True)

    def start(self) -> None:
        """Begin; what came due while the server was down lapses first."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the sweep at hand."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(5)

    def look(self) -> int:
        """Sweep all that is due now; return how many lapsed."""
        lapsed = 0
        moment = self._moment()
        due = self._store.read(rows.next_lapse)
        if due is not None and due < moment.now:
            while ended := self._store.write(lambda session: sweep(session, moment)):
                lapsed += ended
        if self._looks % _FORGET_EVERY_LOOKS == 0:
            # By the machine's own days: 48 h of answers are ample for every retry.
            self._store.write(lambda session: forget_before(session, moment.now - ANSWERS_KEPT))
        self._looks += 1
        return lapsed

    def _run(self) -> None:
        while True:
            try:
                self.look()
            except StoreUnavailable as unavailable:
                log.warning("sweep put off: %s", unavailable.reason)
            except Exception:
                # A thread that died of one bad look would let nothing lapse until the next start.
                log.exception("sweep failed")
            if self._stopped.wait(_LOOK_EVERY_SECONDS):
                return
