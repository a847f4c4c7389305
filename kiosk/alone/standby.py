"""Keeps the kiosk ready for a time without its server, and brings what it gave then to the server."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from kiosk.alone import kept
from kiosk.alone.desk import Desk
from kiosk.alone.journal import Journal, Journalled
from kiosk.alone.sending import EntrySender
from terminal.client import UNREADABLE, Client, Known, Request, Sending
from wire import messages as wire

log = logging.getLogger(__name__)

LIST_PATH = "/api/v1/offline/list"
LIST_MS = 60_000
LIST_PATIENCE_S = 10.0
# Told by the server itself: other answers may be a proxy's, or those of a server that is being mended.
_NO_LIST = frozenset({"offline_off", "no_letter"})
_STRANGER = frozenset({401, 403})


class Standby(QObject):
    """Takes the list each minute, and keeps it beside the device's token, with the journal.

    `desk` answers while the server is silent; `entries` brings what it gave to the server. `gave` tells of each
    ticket that was given so, `called` of each step of a clerk with one.
    """

    gave = Signal()
    called = Signal()

    def __init__(
        self,
        client: Client,
        beside: Path,
        local_now: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        has_line: bool = False,
    ) -> None:
        """Read what was kept beside this file. `local_now` is the machine's own clock.

        `has_line`: counters may call from its own line, for which its list has the key of the day.
        """
        super().__init__()
        self._client, self._local_now = client, local_now
        self._path = f"{LIST_PATH}?line=1" if has_line else LIST_PATH
        self._file = beside.with_suffix(".offline")
        self._keeper = kept.Keeper(self._file)
        self.journal = Journal(beside.with_suffix(".journal"))
        self.desk = Desk(self.journal, self.now)
        self.entries = EntrySender(client, self.journal, self.now, self)
        self.gave.connect(self.entries.soon)
        self.device: wire.Device | None = None
        self._signed: wire.SignedList | None = None
        self._known = Known()
        self._asking: Sending | None = None
        self._timer = QTimer(self, interval=LIST_MS)
        self._timer.timeout.connect(self._ask)
        self._read()

    def hours(self) -> dict[int, datetime]:
        """Tell the hours of the day's visits, by reservation."""
        listed = self.desk.listed
        return {each.id: each.appointment_at for each in listed.reservations} if listed else {}

    def of_today(self) -> list[Journalled]:
        """List what was given alone on the day of the list."""
        return self.journal.of(self.desk.listed.day) if self.desk.listed else []

    def own_line(self) -> list[Journalled]:
        """List what of it the server was never asked to take: all else may be on its boards."""
        return [each for each in self.of_today() if not each.asked and each.taken_at is None]

    def calls(self) -> tuple[tuple[str, int], ...]:
        """List the numbers that are called now at the kiosk's own line with their counters, the latest first."""
        called = [each for each in self.own_line() if each.made.called_at and each.made.ended_at is None]
        called.sort(key=lambda each: each.made.called_at or each.made.at, reverse=True)
        return tuple((each.number, each.made.counter) for each in called if each.made.counter is not None)

    @property
    def unsent(self) -> int:
        """Count the entries that the server has not taken."""
        return len(self.journal.pending())

    def now(self) -> datetime:
        """Tell the server's time as it is known here; never earlier than what was given or listed last."""
        known = [self._client.clock.now(), self.journal.newest_at()]
        if self.desk.listed is not None:
            known.append(self.desk.listed.made_at)
        return max(each for each in known if each is not None)

    def start(self) -> None:
        """Begin to ask for lists and to send what is left of before."""
        self._timer.start()
        self._ask()
        self.entries.knock()

    def stop(self) -> None:
        """Ask and send nothing more."""
        self._timer.stop()
        self.entries.stop()
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None
        self.journal.close()
        self._keeper.close()

    def is_back(self) -> None:
        """The server is heard again: send at once, and take a fresh list."""
        self.entries.wake()
        self._ask()

    def remember(self, device: wire.Device) -> None:
        """Take in what the office rules, for a start without the server; the first report brings a letter."""
        is_new, self.device = self.device is None, device
        if is_new:
            self._keep()
        if self._signed is None:
            self._ask()

    def _keep(self) -> None:
        if self._signed is not None and self.device is not None:
            ahead = (self._client.clock.now() - self._local_now()).total_seconds()
            self._keeper.keep(kept.Kept(signed=self._signed, device=self.device, ahead_seconds=ahead))

    def _read(self) -> None:
        found = kept.read(self._file)
        listed = kept.opened(found.signed, self._client.token or "") if found else None
        if found is None or listed is None:
            return
        if found.device.branch.code != listed.branch or found.device.branch.zone != listed.zone:
            log.error("The list for a time without connection is of another branch: it is not used")
            return
        self.desk.listed, self.device = listed, found.device
        if not self._client.clock.is_known:
            ahead = timedelta(seconds=found.ahead_seconds)
            known = (self._local_now() + ahead, listed.made_at, self.journal.newest_at() or listed.made_at)
            self._client.clock.heard(max(known))

    def _ask(self) -> None:
        if self._asking is None:
            request = Request(
                "GET",
                self._path,
                wire.SignedList,
                patience_seconds=LIST_PATIENCE_S,
                known=self._known,
            )
            self._asking = self._client.send(request, self._listed, self._refused, self._over)

    def _listed(self, signed: wire.SignedList | None) -> None:
        """Take a list in; None where the server has the one that is kept."""
        self._over()
        self.entries.wake()
        if signed is None:
            if self._keeper.has_failed:
                self._keep()
            return
        listed = kept.opened(signed, self._client.token or "")
        if listed is None:
            self._known.etag = ""
            return
        if self.desk.listed is None or self.desk.listed.day != listed.day:
            self.journal.forget_before(listed.day)
        self.desk.listed, self._signed = listed, signed
        self._keep()

    def _refused(self, problem: wire.Problem) -> None:
        """Forget the list where the office wants none, or does not know this kiosk; all else changes nothing."""
        self._over()
        is_stranger = problem.status in _STRANGER and problem.reason != UNREADABLE
        if is_stranger or problem.reason in _NO_LIST:
            self.desk.listed = self._signed = None
            self._known.etag = ""
            self._keeper.drop()

    def _over(self) -> None:
        self._asking = None
