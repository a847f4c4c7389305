"""The staff's menu: a hidden way and a one-time code lead to the states of the parts and what can be done."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from PySide6.QtCore import QEvent, QKeyCombination, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QMouseEvent

from kiosk.screens.fitting import SIZES
from kiosk.screens.look import Look
from kiosk.screens.staff_menu import StaffCodePage, StaffMenuPage, StaffPage
from kiosk.screens.window import KioskWindow
from kiosk.staff_access import StaffAccess, Verdict
from terminal.client import Client, Request, Sending
from terminal.kiosk_mode import STAFF_MODIFIERS, handle_of
from wire import messages as wire

P = TypeVar("P", StaffCodePage, StaffMenuPage)
log = logging.getLogger(__name__)

MENU_KEYS = QKeyCombination(STAFF_MODIFIERS, Qt.Key.Key_M)
TOUCHES = 5
WITHIN_MS = 3_000
CORNER = (0.3, 0.08)
"""The share of the window's width and height in which the clock stands, whatever the screen shows."""
LEFT_ALONE_MS = 60_000
LOOK_MS = 1_000
_TOUCHES = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick)


@dataclass(frozen=True)
class Part:
    """A part of the kiosk: the key of its name, and how it is, as a word of `staff_menu.state` or as it is."""

    name: str
    state: str
    is_well: bool = True
    is_word: bool = True


@dataclass(frozen=True)
class Entry:
    """Something to do: the key of its name, and what is done; what that returns is said, under its key."""

    name: str
    do: Callable[[], str | None]


class StaffMenu(QObject):
    """Watches for the way in, asks for the code, shows the menu, and ends by itself after a minute.

    Whatever staff can do is an Entry of `entries`; `parts` tells how the kiosk is.
    """

    def __init__(
        self, window: KioskWindow, access: StaffAccess, parts: Callable[[], Sequence[Part]], report: Report
    ) -> None:
        super().__init__(window)
        self._window, self._access, self._parts, self._report = window, access, parts, report
        self.entries: list[Entry] = []
        self.ended: Callable[[], None] | None = None
        self.is_busy = False
        self.page: StaffPage | None = None
        self._touches: deque[int] = deque(maxlen=TOUCHES)
        self._left_alone = QTimer(self, singleShot=True, interval=LEFT_ALONE_MS)
        self._left_alone.timeout.connect(self.close)
        self._looking = QTimer(self, interval=LOOK_MS)
        self._looking.timeout.connect(self._look)
        handle_of(window).installEventFilter(self)

    def learn(self, device: wire.Device) -> None:
        """Take the secret from what the server says of this kiosk, and tell it what it does not know."""
        self._access.learn(device.staff_secret)
        self._report.send()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice the way in, before the mode of the kiosk swallows its keys (Qt's own name and signature).

        Touches just after a page of the staff came or went, or something was done there, are not heard.
        """
        is_touch = event.type() in _TOUCHES
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            is_the_way = event.keyCombination() == MENU_KEYS
        elif event.type() == QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent):
            is_the_way = self._is_fifth(event)
        else:
            is_the_way = False
        if is_the_way:
            self.ask()
        return is_the_way or (is_touch and not self._window.hears_touches)

    def ask(self) -> None:
        """Ask for the code, unless a page of the staff is shown already."""
        if self._window.is_covered:
            return
        page = self._fitting(StaffCodePage, "wrong")
        page.typed.connect(self._judge)
        self._show(page)

    def close(self) -> None:
        """Give the kiosk back to visitors, unless something runs; `ended` then does what has to follow."""
        if self.page is None:
            return
        if self.is_busy:
            self._left_alone.start()
            return
        self.page = None
        self._left_alone.stop()
        self._looking.stop()
        self._window.uncover()
        if self.ended is not None:
            self.ended()

    def makes_way(self) -> bool:
        """Give the screen to a visitor who scans while the code is asked for; say whether it is theirs now.

        Behind the menu nobody would see what a scan brings: staff who try a slip check nobody in.
        """
        if isinstance(self.page, StaffCodePage):
            self.close()
        return not self._window.is_covered

    def say(self, name: str) -> None:
        """Tell on the menu what became of an entry, by its key; a menu that was closed says nothing."""
        if isinstance(self.page, StaffMenuPage):
            self._left_alone.start()
            self.page.say(self.page.look.say(f"staff_menu.{name}"))

    def _is_fifth(self, event: QMouseEvent) -> bool:
        """Say whether this is the last of five quick touches where the clock stands."""
        at, size = event.position(), self._window.size()
        from_edge = min(at.x(), size.width() - at.x())
        if from_edge > size.width() * CORNER[0] or at.y() > size.height() * CORNER[1]:
            self._touches.clear()
            return False
        self._touches.append(event.timestamp())
        is_fifth = len(self._touches) == TOUCHES and self._touches[-1] - self._touches[0] <= WITHIN_MS
        if is_fifth:
            self._touches.clear()
        return is_fifth

    def _show(self, page: StaffPage) -> None:
        self.page = page
        page.closed.connect(self.close)
        page.touched.connect(self._left_alone.start)
        self._window.cover(page)
        self._left_alone.start()

    def _judge(self, code: str) -> None:
        assert isinstance(self.page, StaffCodePage)
        verdict = self._access.judge(code)
        if verdict is Verdict.RIGHT:
            log.info("The staff's menu was opened.")
            self._report.send()
            self._open()
            return
        # The second tap on the last digit is no first digit of the next code: it would take the sentence away.
        self._window.pause_touches()
        seconds = round(self._access.pause_left_s)
        name = "paused" if seconds else verdict
        self.page.say(self.page.look.say(f"staff_menu.{name}", **({"seconds": seconds} if seconds else {})))

    def _open(self) -> None:
        page = self._fitting(self._menu_page, "failed")
        page.chosen.connect(self._do)
        self._show(page)
        self._looking.start()

    def _menu_page(self, look: Look) -> StaffMenuPage:
        page = StaffMenuPage(look, [look.say(entry.name) for entry in self.entries])
        self._show_parts(page)
        return page

    def _fitting(self, make: Callable[[Look], P], longest: str) -> P:
        """Make a page as large as it has room for, with its longest sentence too."""
        for fit in SIZES:
            page = make(self._window.staff_look(fit))
            page.say(page.look.say(f"staff_menu.{longest}"))
            if page.fits(self._window.size()):
                break
        page.say("")
        return page

    def _look(self) -> None:
        """Show how the parts are by now."""
        assert isinstance(self.page, StaffMenuPage)
        self._show_parts(self.page)

    def _show_parts(self, page: StaffMenuPage) -> None:
        say = page.look.say
        parts = self._parts()
        states = [say(f"staff_menu.state.{part.state}") if part.is_word else part.state for part in parts]
        names = [say(f"staff_menu.{part.name}") for part in parts]
        page.show_parts(list(zip(names, states, [part.is_well for part in parts], strict=True)))

    def _do(self, place: int) -> None:
        self._window.pause_touches()
        said = self.entries[place].do()
        if said is not None:
            self.say(said)
        if self.ended is not None and isinstance(self.page, StaffMenuPage):
            self.page.lock()


class Report:
    """Tells the server when the menu was opened, one after the other, whenever it is there."""

    def __init__(self, client: Client, access: StaffAccess) -> None:
        self._client, self._access = client, access
        self._sending: Sending | None = None

    def send(self) -> None:
        """Tell the oldest opening that the server does not know, and the others after it."""
        openings = self._access.openings
        if self._sending is not None or not openings:
            return
        body = wire.StaffMenuRequest(opened_at=openings[0])
        request = Request("POST", "/api/v1/devices/me/staff-menu", None, body)
        self._sending = self._client.send(
            request,
            lambda _: self._told(openings[0]),
            lambda problem: self._refused(openings[0], problem),
            self._unheard,
        )

    def stop(self) -> None:
        """Tell nothing more."""
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None

    def _told(self, opened_at: datetime) -> None:
        self._sending = None
        self._access.told(opened_at)
        self.send()

    def _refused(self, opened_at: datetime, problem: wire.Problem) -> None:
        if problem.status in (400, 422):
            log.warning("The server does not take that the menu was opened: %s", problem.reason)
            self._told(opened_at)
        else:
            self._unheard()

    def _unheard(self) -> None:
        self._sending = None
