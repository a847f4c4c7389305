"""The kiosk's one window: header, languages, the page of the screen, and the bar at its foot."""

from __future__ import annotations

import math
from collections.abc import Hashable
from functools import partial
from time import monotonic

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kiosk.lengths import KEY_MM, LETTER_MM, REACH_MM, SMALLEST_KEY_MM
from kiosk.screens.aloud import heard
from kiosk.screens.arrows import next_tile
from kiosk.screens.choosing import MenuPage, OtherServicePage, PriorityPage, ServicePage
from kiosk.screens.entry import CodePage, StartPage
from kiosk.screens.fitting import FITS, LEAST_SCALE, Fitting, Trial
from kiosk.screens.frame import Frame
from kiosk.screens.lens import Lens
from kiosk.screens.look import LARGER, Look, Panel, Place
from kiosk.screens.notice import CheckingPage, HelpPage, OutOfOrderPage, StillTherePage
from kiosk.screens.outcome import RefusedPage, TicketPage
from kiosk.screens.page import Page, Seen
from kiosk.screens.parts import Tile
from kiosk.speech import Heard
from kiosk.visit.events import Digit, Press
from kiosk.visit.screens import (
    Checking,
    CodeEntry,
    Help,
    OtherService,
    OutOfOrder,
    PriorityQuestion,
    Refused,
    Screen,
    Start,
    StillThere,
    TicketShown,
    WalkInMenu,
    WhichService,
)
from kiosk.visit.surroundings import Surroundings
from terminal.clock import ServerClock
from terminal.held_keys import HeldKeys
from terminal.texts import Texts
from terminal.theme import HIGH_CONTRAST, KIOSK_DESIGN, NORMAL, Theme, theme_for, theme_for_screen

PAGES: dict[type[Screen], type[Page]] = {
    Start: StartPage,
    CodeEntry: CodePage,
    WhichService: ServicePage,
    Checking: CheckingPage,
    OtherService: OtherServicePage,
    WalkInMenu: MenuPage,
    PriorityQuestion: PriorityPage,
    TicketShown: TicketPage,
    Refused: RefusedPage,
    OutOfOrder: OutOfOrderPage,
    Help: HelpPage,
    StillThere: StillTherePage,
}

PAUSE_S = 0.4
"""So long no touch is heard after a page of the staff came or went."""
WIDE_DESIGN = (1920, 1080)
ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
MEANINGS = {
    Qt.Key.Key_Backspace: Press.ERASE,
    Qt.Key.Key_Escape: Press.BACK,
    Qt.Key.Key_VolumeUp: Press.LOUDER,
    Qt.Key.Key_VolumeDown: Press.QUIETER,
}
OKAY = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_Select)


class KioskWindow(QWidget):
    """Shows screens; `happened` carries every touch as an event, `changed` tells that there is more to hear.

    `voiceless` are the languages that cannot be read aloud here.
    """

    happened = Signal(object)
    changed = Signal()

    def __init__(
        self, texts: Texts, clock: ServerClock, place: Place | None = None, panel: Panel | None = None
    ) -> None:
        super().__init__()
        self.setWindowTitle("Numerek")
        self._texts, self._clock = texts, clock
        self.panel = panel or Panel()
        self.place = place or Place()
        self._screen: Screen = Start()
        self._shown: Hashable = None
        self.frame: Frame | None = None
        self.lens: Lens | None = None
        self.voiceless: frozenset[str] = frozenset()
        self._cover: QWidget | None = None
        self._heard_from_s = -math.inf
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.setMinimumSize(320, 320)
        # The window has the focus until an arrow key gives it to a tile: a touch shows no ring.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._fitting = Fitting()
        HeldKeys(self)

    def show_screen(self, screen: Screen) -> None:
        """Show a screen: the page as it is when only its contents moved, else a new one."""
        self._screen = screen
        page = PAGES[type(screen)]
        shown = (
            page,
            page.key(screen),
            screen.around.manner,
            screen.around.language,
            self.place,
            self.size(),
        )
        if self.frame is not None and shown == self._shown:
            self.frame.refresh(self._seen(self.frame.page.look))
            if self._fits(self.frame):
                self.changed.emit()
                return
        self._shown = shown
        self._replace_frame(page)
        self.changed.emit()

    def show_place(self, place: Place) -> None:
        """Show where the kiosk stands."""
        self.place = place
        self.show_screen(self._screen)

    @property
    def is_covered(self) -> bool:
        """Say whether a page of the staff lies over everything."""
        return self._cover is not None

    def cover(self, page: QWidget) -> None:
        """Lay a page of the staff over everything until `uncover`."""
        self.uncover()
        self._cover = page
        page.setParent(self)
        page.setGeometry(self.rect())
        page.show()
        page.raise_()
        page.setFocus()
        self.pause_touches()

    def uncover(self) -> None:
        """Take the staff's page away; visitors see the screen as it is by now."""
        page, self._cover = self._cover, None
        if page is not None:
            page.hide()
            page.deleteLater()
            self.setFocus()
            self.pause_touches()

    def pause_touches(self, seconds: float = PAUSE_S) -> None:
        """Hear no touch that begins within a moment: the second of a double tap is not meant for what comes now.

        However long the finger stays: a key counts when it is let go, which may be after the pause.
        """
        self._heard_from_s = max(self._heard_from_s, monotonic() + seconds)

    def screen_came(self, seconds: float) -> None:
        """Pause touches for a screen of visitors that has just come, unless the staff's page lies over it."""
        if self._cover is None:
            self.pause_touches(seconds)

    @property
    def hears_touches(self) -> bool:
        """Say whether that moment is over."""
        return monotonic() >= self._heard_from_s

    def staff_look(self, fit: float = 1.0) -> Look:
        """Return how a page of the staff looks: in the language of the screen beneath it, smaller by `fit`."""
        return self._look(fit, float(fit == 1.0))

    def around(self) -> Surroundings:
        """Return what is true around the screen of this moment."""
        return self._screen.around

    def heard(self) -> Heard:
        """Return the screen of this moment as it can be heard."""
        assert self.frame is not None
        return heard(self.frame, self._screen, self._focused())

    def _seen(self, look: Look) -> Seen:
        return Seen(look, self._screen, self._clock.now(), self.lens)

    def _replace_frame(self, page: type[Page]) -> None:
        old = self.frame
        focused = self._focused()
        self.frame = frame = self._fitting_frame(page)
        frame.pressed.connect(self.happened)
        self._column.addWidget(frame)
        if old is not None:
            self._column.removeWidget(old)
            old.hide()
            old.deleteLater()
        frame.show()
        if self._cover is not None:
            self._cover.raise_()
        elif focused is not None:
            self._focus_again(focused)
        else:
            self.setFocus()

    def _fitting_frame(self, page: type[Page]) -> Frame:
        """Make the first frame that fits; the last one where none does."""
        around = self._screen.around
        kind = (
            page,
            self.panel,
            self.pixels_per_mm,
            self.width(),
            self.height(),
            around.manner,
            around.language,
        )
        # What only refreshes a page, as what was typed wrongly, takes room too: the whole screen counts here.
        states = (around.typing_paused_s > 0, around.language in self.voiceless, self.lens is None)
        trial = Trial(self._looks, partial(self._frame, page), self._fits)
        return self._fitting.frame(trial, (Page.key(self._screen), self.place, *states, kind), kind)

    def _looks(self, share: float) -> list[Look]:
        """Return what may be tried on this screen, the largest first."""
        looks = [self._look(fit, share) for fit in FITS[share]]
        if not looks[0].letter_mm:
            return looks if share in (0, 1) else []
        return [look for look in looks if look.theme.scale >= LEAST_SCALE * share]

    def _frame(self, page: type[Page], look: Look) -> Frame:
        return Frame(self._seen(look), page, self.width())

    def _fits(self, frame: Frame) -> bool:
        column = frame.column
        if column.totalMinimumSize().width() > self.width():
            return False
        if column.totalMinimumHeightForWidth(self.width()) > self.height():
            return False
        unreached = self.unreached_px()
        return unreached <= 0 or frame.highest_tile_px(self.width(), self.height()) >= unreached

    @property
    def pixels_per_mm(self) -> float:
        """How many pixels of this screen are a millimetre on the glass."""
        if self.panel.width_mm:
            # A window is wider than its screen only where there is no glass at all.
            return max(self.width(), self.screen().geometry().width()) / self.panel.width_mm
        return theme_for_screen(self.screen(), KIOSK_DESIGN).pixels_per_mm

    def unreached_px(self) -> float:
        """Return how much of the window's top is higher than everybody reaches, in pixels; 0 or less: nothing."""
        return self.height() - (REACH_MM - self.panel.bottom_mm) * self.pixels_per_mm

    def _look(self, fit: float, share: float = 1.0) -> Look:
        manner = self._screen.around.manner
        is_wide = self.width() > self.height()
        palette = HIGH_CONTRAST if manner.high_contrast else NORMAL
        design = WIDE_DESIGN if is_wide else KIOSK_DESIGN
        theme = theme_for(self.width(), self.height(), design, palette)
        return Look(
            Theme(palette, theme.scale * fit, self.pixels_per_mm),
            self._texts,
            self._screen.around.language,
            self.place,
            LARGER if manner.larger_text else 1.0,
            is_wide,
            KEY_MM if share == 1.0 else SMALLEST_KEY_MM,
            LETTER_MM * share if manner.larger_text else 0.0,
            self._screen.around.language not in self.voiceless,
        )

    # --- touches and keys ----------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the screen out anew for another size."""
        super().resizeEvent(event)
        if self._cover is not None:
            self._cover.setGeometry(self.rect())
        self.show_screen(self._screen)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Report a touch beside everything: it counts as a sign of life."""
        self.happened.emit(Press.ANYWHERE)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the focus, press the tile that has it, or take what the keys say."""
        if event.key() in ARROWS:
            self.happened.emit(Press.ANYWHERE)
            self._move_focus(*ARROWS[Qt.Key(event.key())])
        elif event.key() in MEANINGS:
            self.happened.emit(MEANINGS[Qt.Key(event.key())])
        elif event.key() in OKAY:
            focused = self._focused()
            self.happened.emit(focused.meaning if focused else Press.NEXT)
        elif event.text() and event.text() in "0123456789":
            self.happened.emit(Digit(event.text()))
        else:
            self.happened.emit(Press.ANYWHERE)

    def _focused(self) -> Tile | None:
        widget = self.focusWidget()
        return widget if isinstance(widget, Tile) and widget.hasFocus() else None

    def _focus_again(self, before: Tile) -> None:
        """Give the focus to the tile that means the same, else to the first: the keypad's user never loses it."""
        assert self.frame is not None
        tiles = self.frame.tiles()
        same = [tile for tile in tiles if tile.meaning == before.meaning]
        for tile in (same or tiles)[:1]:
            tile.setFocus(Qt.FocusReason.OtherFocusReason)

    def _move_focus(self, right: int, down: int) -> None:
        assert self.frame is not None
        tiles, here = self.frame.tiles(), self._focused()
        if here is None:
            nearest = tiles[0] if tiles else None
        else:
            nearest = next_tile(self, here, tiles, (right, down))
        if nearest is not None:
            nearest.setFocus(Qt.FocusReason.TabFocusReason)
            self.changed.emit()
