"""The kiosk's own line: counters of the branch call from it while nobody reaches the server (ADR 0026)."""

from __future__ import annotations

from datetime import timedelta

from kiosk import offline
from kiosk.alone.journal import JournalFailed, Journalled
from kiosk.alone.standby import Standby
from wire.messages import LineAsked, LineNumber, LineRefusal, LineTold, LineWish, SignedLine
from wire.messages.line import is_signed, signed_line

TOLERANCE = timedelta(minutes=2)
"""How far a wish's time may be from the kiosk's: an older one is somebody's who has listened."""
MOST = 60


class LineRefused(Exception):
    """The line is not for whoever asks, or not now; `reason` says why."""

    def __init__(self, reason: LineRefusal) -> None:
        super().__init__(reason)
        self.reason = reason


class OwnLine:
    """Does what clerks want, one after the other: the journal has one writer, so no number is called twice."""

    def __init__(self, standby: Standby) -> None:
        """Serve what this standby's journal holds."""
        self._standby = standby

    def answer(self, signed: SignedLine) -> SignedLine:
        """Do what a counter of the branch wants; the same wish again does nothing more. Raises LineRefused."""
        listed, device = self._standby.desk.listed, self._standby.device
        if listed is None or listed.line_key is None or device is None:
            raise LineRefused(LineRefusal.NO_LINE)
        if not is_signed(listed.line_key, LineAsked, signed):
            raise LineRefused(LineRefusal.NOT_SIGNED)
        asked = LineAsked.model_validate_json(signed.body)
        if abs(asked.at - self._standby.now()) > TOLERANCE:
            raise LineRefused(LineRefusal.TOO_OLD)
        if asked.wish is not LineWish.LOOK:
            try:
                has_changed = self._do(asked)
            except JournalFailed as error:
                raise LineRefused(LineRefusal.JOURNAL_FAILED) from error
            if has_changed:
                self._standby.called.emit()
        return signed_line(listed.line_key, self._told(asked, device.name))

    def _do(self, asked: LineAsked) -> bool:
        journal, now = self._standby.journal, self._standby.now()
        in_hand = self._in_hand(asked)
        if asked.wish is LineWish.CALL_NEXT:
            # The same wish has called somebody already, who may be served by now.
            is_done = any(each.call_key == asked.key for each in self._standby.of_today())
            chosen = next(iter(self._waiting(asked)), None)
            if is_done or in_hand is not None or chosen is None:
                return False
            return journal.call(chosen.key, asked.counter, now, asked.key)
        if in_hand is None or in_hand.number != asked.number:
            if self._is_sent(asked):
                raise LineRefused(LineRefusal.SENT)
            return False
        return journal.end(in_hand.key, now, no_show=asked.wish is LineWish.NO_SHOW)

    def _is_sent(self, asked: LineAsked) -> bool:
        """Say whether the counter's number went to the server before it was ended."""
        own = (each.made for each in self._standby.of_today() if each.number == asked.number)
        return any(made.counter == asked.counter and made.ended_at is None for made in own)

    def _told(self, asked: LineAsked, kiosk: str) -> LineTold:
        in_hand = self._in_hand(asked)
        return LineTold(
            key=asked.key,
            kiosk=kiosk,
            waiting=[self._number(each) for each in self._waiting(asked)[:MOST]],
            in_hand=self._number(in_hand) if in_hand else None,
            saves=self._standby.journal.saves(),
        )

    def _number(self, entry: Journalled) -> LineNumber:
        made = entry.made
        return LineNumber(
            number=entry.number,
            service=made.service,
            language=made.language,
            at=made.at,
            appointment_at=self._standby.hours().get(made.reservation or 0),
            called_at=made.called_at,
        )

    def _waiting(self, asked: LineAsked) -> list[Journalled]:
        """List who waits for the counter's services, in the order of calling."""
        entries = {id(each.made): each for each in self._standby.own_line()}
        made = [each.made for each in entries.values()]
        ordered = offline.calling_order(made, self._standby.hours(), self._standby.now())
        return [entries[id(each)] for each in ordered if each.service in asked.services]

    def _in_hand(self, asked: LineAsked) -> Journalled | None:
        mine = (each for each in self._standby.own_line() if each.made.counter == asked.counter)
        return next((each for each in mine if each.made.ended_at is None), None)
