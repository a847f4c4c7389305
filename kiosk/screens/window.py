"""The kiosk's one window: header, languages, the page of the screen, and the bar at its foot."""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kiosk.screens.choosing import MenuPage, OtherServicePage, PriorityPage, ServicePage
from kiosk.screens.entry import CodePage, StartPage
from kiosk.screens.frame import Frame
from kiosk.screens.look import KEY_MM, LARGER, LETTER_MM, REACH_MM, SMALLEST_KEY_MM, Look, Panel, Place
from kiosk.screens.notice import CheckingPage, HelpPage, OutOfOrderPage, StillTherePage
from kiosk.screens.outcome import RefusedPage, TicketPage
from kiosk.screens.page import Page, Seen
from kiosk.screens.parts import Tile
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
from kiosk.visit.surroundings import Manner
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

WIDE_DESIGN = (1920, 1080)
# Tried in turn until everything fits: nothing is ever cut off.
FITS = (1.0, 0.93, 0.86, 0.8, 0.74, 0.68, 0.62, 0.56, 0.5)
# Below this the panel is too small for keys of 20 mm and for letters of 7.3 mm.
LEAST_ROOMY = 0.56
ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
OKAY = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_Select)


class KioskWindow(QWidget):
    """Shows screens; `happened` carries every touch as an event."""

    happened = Signal(object)

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
        self._cover: QWidget | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.setMinimumSize(320, 320)
        # The window has the focus until an arrow key gives it to a tile: a touch shows no ring.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
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
                return
        self._shown = shown
        self._replace_frame(page)

    def show_place(self, place: Place) -> None:
        """Show where the kiosk stands."""
        self.place = place
        self.show_screen(self._screen)

    def cover(self, page: QWidget) -> None:
        """Lay a page of the staff over everything until `uncover`."""
        self.uncover()
        self._cover = page
        page.setParent(self)
        page.setGeometry(self.rect())
        page.show()
        page.raise_()
        page.setFocus()

    def uncover(self) -> None:
        """Take the staff's page away; visitors see the screen as it is by now."""
        page, self._cover = self._cover, None
        if page is not None:
            page.hide()
            page.deleteLater()
            self.setFocus()

    def staff_look(self) -> Look:
        """Return how a page of the staff looks: in the language of the screen beneath it."""
        return self._look(1.0)

    def manner(self) -> Manner:
        """Return how the visitor of this moment wants to be spoken to."""
        return self._screen.around.manner

    def _seen(self, look: Look) -> Seen:
        return Seen(look, self._screen, self._clock.now())

    def _replace_frame(self, page: type[Page]) -> None:
        old = self.frame
        focused = self._focused()
        for fit in FITS:
            frame = Frame(self._seen(self._look(fit)), page, self.width())
            if self._fits(frame) or fit == FITS[-1]:
                break
            frame.deleteLater()
        self.frame = frame
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
            return self.screen().geometry().width() / self.panel.width_mm
        return theme_for_screen(self.screen(), KIOSK_DESIGN).pixels_per_mm

    def unreached_px(self) -> float:
        """Return how much of the window's top is higher than everybody reaches, in pixels; 0 or less: nothing."""
        return self.height() - (REACH_MM - self.panel.bottom_mm) * self.pixels_per_mm

    def _look(self, fit: float) -> Look:
        manner = self._screen.around.manner
        is_wide = self.width() > self.height()
        palette = HIGH_CONTRAST if manner.high_contrast else NORMAL
        design = WIDE_DESIGN if is_wide else KIOSK_DESIGN
        theme = theme_for(self.width(), self.height(), design, palette)
        is_roomy = fit >= LEAST_ROOMY
        return Look(
            Theme(palette, theme.scale * fit, self.pixels_per_mm),
            self._texts,
            self._screen.around.language,
            self.place,
            LARGER if manner.larger_text else 1.0,
            is_wide,
            KEY_MM if is_roomy else SMALLEST_KEY_MM,
            LETTER_MM if is_roomy and manner.larger_text else 0.0,
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
            self._move_focus(*ARROWS[Qt.Key(event.key())])
            self.happened.emit(Press.ANYWHERE)
        elif event.key() in OKAY:
            focused = self._focused()
            self.happened.emit(focused.meaning if focused else Press.NEXT)
        elif event.text() and event.text() in "0123456789":
            self.happened.emit(Digit(event.text()))
        elif event.key() == Qt.Key.Key_Backspace:
            self.happened.emit(Press.ERASE)
        elif event.key() == Qt.Key.Key_Escape:
            self.happened.emit(Press.BACK)
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
            nearest = nearest_tile(self, here, [tile for tile in tiles if tile is not here], (right, down))
        if nearest is not None:
            nearest.setFocus(Qt.FocusReason.TabFocusReason)


def nearest_tile(window: QWidget, here: Tile, others: list[Tile], way: tuple[int, int]) -> Tile | None:
    """Return the next tile in a direction: near counts, and straight ahead counts more than aside."""
    origin = here.mapTo(window, here.rect().center())
    best: tuple[float, Tile] | None = None
    for tile in others:
        offset = tile.mapTo(window, tile.rect().center()) - origin
        ahead = offset.x() * way[0] + offset.y() * way[1]
        aside = abs(offset.x() * way[1]) + abs(offset.y() * way[0])
        if ahead > 0 and (best is None or ahead + 2 * aside < best[0]):
            best = (ahead + 2 * aside, tile)
    return best[1] if best else None
