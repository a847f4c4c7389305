"""Brings the journal to the server: in order, each entry under its key, for as long as it takes."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QObject, QTimer, Signal

from kiosk.alone.journal import Journal, Journalled
from terminal.client import WORTH_ANOTHER_TRY, Client, Request, Sending
from wire import messages as wire

log = logging.getLogger(__name__)

PATH = "/api/v1/offline/entries"
PATIENCE_S = 4.0
KNOCK = Request("GET", "/healthz", wire.Alive, patience_seconds=PATIENCE_S)
UNDER_WAY = "command_under_way"
PAUSES_S = (1, 2, 4, 8, 16, 30)


def request_of(entry: Journalled) -> Request:
    """Make the request of an entry, always under its own key."""
    return Request("POST", PATH, wire.EntryTaken, entry.made, PATIENCE_S, entry.key)


class EntrySender(QObject):
    """Sends what is pending, one after the other; `ended` tells that a round is over.

    An entry that the server does not take stays, and the next ones go on. While anything is pending, another
    round follows after a pause that grows to 30 s: a round knows only what was given before it. It begins when
    the server was heard: what was sent may be there, and can be called at the kiosk's own line no more.
    """

    ended = Signal()

    def __init__(
        self, client: Client, journal: Journal, now: Callable[[], datetime], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._client, self._journal, self._now = client, journal, now
        self._round: deque[Journalled] = deque()
        self._sending: Sending | None = None
        self._rounds = 0
        self._again = QTimer(self, singleShot=True)
        self._again.timeout.connect(self.knock)

    def wake(self) -> None:
        """Begin a round now, unless one is under way: the server was heard."""
        if self._sending is None:
            self._rounds = 0
            self._begin()

    def knock(self) -> None:
        """Begin a round if the server is heard, unless one is under way."""
        self._again.stop()
        if self._sending is None and self._journal.pending():
            self._sending = self._client.send(
                KNOCK, lambda _: self._begin(), lambda _: self._unreachable(), self._unreachable
            )

    def soon(self) -> None:
        """Knock in a second, unless a round is under way or waited for: an entry was given."""
        if self._sending is None and not self._again.isActive():
            self._again.start(PAUSES_S[0] * 1000)

    def stop(self) -> None:
        """Send nothing more; what is left goes on after the next start."""
        self._again.stop()
        self._round.clear()
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None

    def _begin(self) -> None:
        self._again.stop()
        self._sending = None
        self._round.extend(self._journal.pending())
        self._send()

    def _send(self) -> None:
        entry = None
        while self._round and entry is None:  # one that cannot be read is passed over
            entry = self._journal.asked(self._round.popleft().key)
        if entry is None:
            self._end()
            return
        self._sending = self._client.send(
            request_of(entry),
            lambda answer: self._taken(entry, answer),
            lambda problem: self._refused(entry, problem),
            self._unreachable,
        )

    def _taken(self, entry: Journalled, answer: wire.EntryTaken) -> None:
        self._sending = None
        self._journal.taken(entry.key, answer, self._now())
        if answer.conflict is not None:
            log.warning("The ticket %s is in conflict (%s): staff are told", answer.number, answer.conflict)
        self._send()

    def _refused(self, entry: Journalled, problem: wire.Problem) -> None:
        self._sending = None
        if entry.problem != problem.reason:
            log.error("The server does not take the ticket %s yet: %s", entry.number, problem.reason)
            self._journal.refused(entry.key, problem.reason)
        if problem.status in WORTH_ANOTHER_TRY and problem.reason != UNDER_WAY:
            # It is not this entry: the server can take none now. The others may be called here meanwhile.
            self._unreachable()
        else:
            self._send()

    def _unreachable(self) -> None:
        self._sending = None
        self._round.clear()
        self._end()

    def _end(self) -> None:
        if self._journal.pending():
            pause_s = PAUSES_S[min(self._rounds, len(PAUSES_S) - 1)]
            self._rounds += 1
            self._again.start(pause_s * 1000)
        else:
            self._rounds = 0
        self.ended.emit()
