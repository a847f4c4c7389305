"""Reaches the kiosks' own lines over the local network while the server is away (ADR 0026)."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from counter_client.alone import NO_ANSWER, UNANSWERED, AloneLine, Wish
from counter_client.state import Desk, Key
from terminal.client import Client, Request, Sending, new_key
from terminal.clock import ServerClock
from wire.messages import LineAsked, LineKey, LineRefusal, LineTold, LineWish, Problem, SignedLine
from wire.messages.line import is_signed, signed_line

log = logging.getLogger(__name__)

LOOK_MS = 2_000
PATIENCE_S = 1.8
KEY_EVERY_S = 600.0
KEY_AGAIN_S = 30.0
"""After a fault of the server: the connection may be cut soon after."""
REFUSALS = frozenset(map(str, LineRefusal))
KEYS = frozenset({Key.MAIN, Key.FINISH, Key.NO_SHOW})
"""What a clerk can press in a kiosk's line."""


def wish_of(line: AloneLine, key: Key) -> Wish | None:
    """Tell what a key wants, and of which kiosk; None where it means nothing now."""
    in_hand = line.in_hand
    if key is Key.MAIN and line.calls:
        return (line.head[0], LineWish.CALL_NEXT, None) if line.head is not None else None
    if key not in KEYS or in_hand is None:
        return None
    wish = LineWish.NO_SHOW if key is Key.NO_SHOW else LineWish.FINISH
    return in_hand[0], wish, in_hand[1].number


class KioskLines(QObject):
    """Keeps what the kiosks tell; `changed` carries it as an AloneLine, None while the server is there.

    Beside it the key by which the clerk changed it, None where it is what a look told.

    The branch's key is asked for while the server is there, and only ever in memory: a clerk who signed in before
    the cut can call, nobody else.
    """

    changed = Signal(object, object)

    def __init__(
        self, clerk: Client, addresses: Sequence[str], desk: Callable[[], Desk], parent: QObject | None = None
    ) -> None:
        """Ask these kiosks; `clerk` is the client with the clerk's token, `desk` the counter's state."""
        super().__init__(parent)
        self._clerk, self._desk = clerk, desk
        # Clocks of their own: whoever answers at a kiosk's address must not set the program's.
        self._kiosks = {address: Client(address, None, ServerClock()) for address in addresses}
        self._sendings: dict[str, Sending] = {}
        self._learning: Sending | None = None
        self._learn_at = 0.0
        self._key: str | None = None
        self._line: AloneLine | None = None
        self._pressed: Key | None = None  # a wish is on its way
        self._unsure: dict[str, Key] = {}  # what was pressed and not answered, until a look tells
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)
        if addresses:
            self._timer.start()

    def stop(self) -> None:
        """Ask nothing more."""
        self._timer.stop()
        self.forget()

    def forget(self) -> None:
        """Forget the key: nobody is signed in."""
        self._key, self._learn_at = None, 0.0
        if self._learning is not None:
            self._learning.cancel()
            self._learning = None
        self._close()

    def press(self, key: Key, at_ms: int) -> bool:
        """Take a key, and say whether it was for a kiosk's line; it rests there as it does everywhere."""
        line, desk = self._line, self._desk()
        if line is None or not line.told or key not in KEYS:
            return False
        if desk.connected and line.in_hand is None:
            return self._has_more()
        is_behind = desk.current is not None and line.in_hand is None and not line.is_open
        if is_behind and key is not Key.MAIN:
            return False
        if self._pressed is not None or not desk.hears(key, at_ms):
            return True
        if is_behind:
            self._show(replace(line, is_open=True), key)
        elif (wish := wish_of(line, key)) is not None:
            self._pressed = key
            self._ask(wish)
        return True

    def linked(self) -> None:
        """Look at once, and give up no kiosk before it was tried anew: the server is back, or away."""
        if self._line is not None:
            self._show(replace(self._line, in_vain={}))
        self.look()

    def look(self) -> None:
        """Ask every kiosk how its line is while the server is away, or while a number of theirs is in hand."""
        desk = self._desk()
        if desk.clerk is None or desk.snapshot is None:
            return
        if desk.connected:
            self._learn()
        if self._key is None or self._is_over():
            self._close()
            return
        for address in self._kiosks:
            if address not in self._sendings:
                self._ask((address, LineWish.LOOK, None))

    def _is_over(self) -> bool:
        return self._desk().connected and not self._has_more()

    def _has_more(self) -> bool:
        """Say whether a kiosk is still needed with the server there: one that is gone for good is not."""
        line = self._line or AloneLine()
        needed = {*self._unsure, *(at for at, _ in line.all_in_hand)}
        is_held = any(not line.is_given_up(at) for at in needed)
        return is_held or self._pressed is not None

    def _close(self) -> None:
        for sending in self._sendings.values():
            sending.cancel()
        self._sendings.clear()
        self._pressed = None
        self._unsure.clear()
        if self._line is not None:
            self._show(None)

    def _show(self, line: AloneLine | None, key: Key | None = None) -> None:
        self._line = line
        self.changed.emit(line, key)

    # --- the key -------------------------------------------------------------------------------------

    def _learn(self) -> None:
        if self._learning is not None or time.monotonic() < self._learn_at:
            return
        request = Request("GET", "/api/v1/offline/line-key", LineKey, patience_seconds=PATIENCE_S)
        self._learning = self._clerk.send(request, self._learned, self._not_learned, self._unheard)

    def _learned(self, told: LineKey) -> None:
        self._learning = None
        self._key, self._learn_at = told.key, time.monotonic() + KEY_EVERY_S

    def _not_learned(self, problem: Problem) -> None:
        """Keep no key where the office lets no kiosk go on alone; a fault changes nothing."""
        self._learning = None
        is_off = problem.reason == "offline_off"
        self._learn_at = time.monotonic() + (KEY_EVERY_S if is_off else KEY_AGAIN_S)
        if is_off:
            self._key = None
            self._close()

    def _unheard(self) -> None:
        self._learning = None

    # --- the kiosks ----------------------------------------------------------------------------------

    def _ask(self, wish: Wish) -> None:
        """Ask a kiosk; the wish has a key, so that it is done once though it may be sent more than once."""
        address, what, number = wish
        snapshot = self._desk().snapshot
        assert self._key is not None
        assert snapshot is not None
        asked = LineAsked(
            at=self._clerk.clock.now(),
            key=new_key(),
            counter=snapshot.number,
            wish=what,
            services=[each.code for each in snapshot.services],
            number=number,
        )
        if (before := self._sendings.pop(address, None)) is not None:
            before.cancel()  # its answer would tell of a time before this wish
        self._sendings[address] = self._kiosks[address].send(
            Request("POST", "/line", SignedLine, signed_line(self._key, asked), PATIENCE_S, asked.key),
            lambda told: self._told(wish, asked, told),
            lambda problem: self._refused(wish, problem),
            lambda: self._unanswered(wish),
        )

    def _told(self, wish: Wish, asked: LineAsked, signed: SignedLine) -> None:
        told = self._read(asked, signed)
        if told is None:
            self._unanswered(wish)
            return
        address, what, _ = wish
        unsure = self._unsure.pop(address, None)
        pressed = self._over(wish) or unsure
        if self._is_late():
            return
        self._show((self._line or AloneLine()).with_told(address, told, what), pressed)
        if self._is_over():
            self._close()

    def _read(self, asked: LineAsked, signed: SignedLine) -> LineTold | None:
        if self._key is None or not is_signed(self._key, LineTold, signed):
            return None
        try:
            told = LineTold.model_validate_json(signed.body)
        except ValueError:
            return None
        return told if told.key == asked.key else None

    def _refused(self, wish: Wish, problem: Problem) -> None:
        if problem.reason in REFUSALS:
            self._failed(wish, problem.reason)
        else:
            self._unanswered(wish)

    def _unanswered(self, wish: Wish) -> None:
        self._failed(wish, NO_ANSWER if wish[1] is LineWish.LOOK else UNANSWERED)

    def _failed(self, wish: Wish, why: str) -> None:
        """Note why a kiosk did not do what it was asked; whether it did all the same, a look tells at once."""
        pressed = self._over(wish)
        if self._is_late():
            return
        (address, what, _), line = wish, self._line or AloneLine()
        if pressed is not None and why == UNANSWERED:
            self._unsure[address] = pressed
        if line.told or why != NO_ANSWER:
            if line.troubles.get(address) != why:
                log.warning("The kiosk at %s does not do what it is asked: %s", address, why)
            self._show(line.with_trouble(address, why))
        if self._is_over():
            self._close()
        elif what is not LineWish.LOOK:
            self._ask((address, LineWish.LOOK, None))

    def _is_late(self) -> bool:
        """Say whether the server was back first: then no line comes into view any more."""
        return self._line is None and self._desk().connected

    def _over(self, wish: Wish) -> Key | None:
        """Await no answer any more; return what was pressed for it."""
        self._sendings.pop(wish[0], None)
        if wish[1] is LineWish.LOOK:
            return None
        pressed, self._pressed = self._pressed, None
        return pressed
