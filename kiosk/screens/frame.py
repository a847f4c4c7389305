"""What stands around a page: header, languages, and the bar at the foot with the help in its one place."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from kiosk.screens.icons import Icon
from kiosk.screens.look import Look
from kiosk.screens.page import Page, Seen
from kiosk.screens.parts import BOLD, CENTER, DEMI, RIGHT, Ink, Tile, Words, key
from kiosk.visit.answers import seconds_left
from kiosk.visit.events import LanguageChosen, Press
from kiosk.visit.screens import Checking, OutOfOrder, Screen, Start, StillThere, TicketShown
from terminal.texts import own_name, reads_right_to_left

LANGUAGES_IN_A_ROW = 4
ICON_OF_LETTERS = 1.2
"""The least side of an icon of the bar, in type sizes of the words below it."""
WITHOUT_BACK = (Start, Checking, StillThere, TicketShown)


class Ground(QWidget):
    """A strip of one colour, with a line at its top or its foot."""

    def __init__(self, look: Look, tint: str, line: str = "") -> None:
        super().__init__()
        self._color, self._line_color = look.color(tint), look.color("line")
        self._line, self._thick = line, max(1, look.px(2))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the strip."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._color)
        if self._line:
            top = 0 if self._line == "top" else self.height() - self._thick
            painter.fillRect(0, top, self.width(), self._thick, self._line_color)
        painter.end()


class Header(Ground):
    """Where the visitor is, what this is about, and the server's time."""

    def __init__(self, look: Look, caption: str) -> None:
        super().__init__(look, "primary_deep", "foot")
        self._look = look
        row = QHBoxLayout(self)
        row.setContentsMargins(look.px(56), look.px(36), look.px(56), look.px(36))
        place = QVBoxLayout()
        place.setSpacing(look.px(4))
        where = " · ".join(filter(None, (look.place.office, look.place.hall)))
        place.addWidget(Words(look, where, Ink(34, BOLD, "on_deep")))
        place.addWidget(Words(look, look.say(caption), Ink(26, tint="on_deep")))
        row.addLayout(place, 1)
        self.clock = Words(look, "", Ink(50, BOLD, "on_deep"), RIGHT)
        self.clock.setWordWrap(False)
        row.addWidget(self.clock)

    def refresh(self, seen: Seen) -> None:
        """Show the time."""
        self.clock.setText(self._look.hour(seen.now))


class Languages(Ground):
    """Every language by its own name, four in a row, or as many as there is room for."""

    def __init__(self, look: Look, languages: tuple[str, ...], width: int) -> None:
        super().__init__(look, "paper", "top")
        self.setAccessibleName(look.say("languages.name"))
        grid = QGridLayout(self)
        grid.setContentsMargins(look.px(56), look.px(28), look.px(56), look.px(28))
        grid.setSpacing(look.gap_px(16))
        self.tiles = [self._tile(look, language) for language in languages]
        room = width - 2 * look.px(56)
        columns = columns_for(self.tiles, room, look.gap_px(16), min(LANGUAGES_IN_A_ROW, len(languages)))
        for place, tile in enumerate(self.tiles):
            grid.addWidget(tile, place // columns, place % columns)
            grid.setColumnStretch(place % columns, 1)

    def _tile(self, look: Look, language: str) -> Tile:
        kind = "primary" if language == look.language else "plain"
        tile = key(look, own_name(language), LanguageChosen(language), kind, step=30)
        tile.setMinimumHeight(look.key_px(84))
        # Which one is chosen is told to screen readers too.
        tile.setCheckable(True)
        tile.setAutoExclusive(True)
        tile.setChecked(language == look.language)
        return tile


def columns_for(tiles: Sequence[Tile], room: int, gap: int, most: int) -> int:
    """Return how many tiles, all as wide as the widest has to be, stand beside each other in `room` pixels."""
    widest = max(tile.minimumSizeHint().width() for tile in tiles)
    return max(1, min(most, (room + gap) // (widest + gap)))


def two_lines_px(words: Words) -> int:
    """Return how wide a text must be to stand in two lines, in pixels."""
    parts, width = words.text().split(" "), words.fontMetrics().horizontalAdvance
    splits = ((" ".join(parts[:place]), " ".join(parts[place:])) for place in range(len(parts)))
    return 1 + min(max(width(line) for line in lines) for lines in splits)


class Speech(Ground):
    """While the screens are read aloud: once more, quieter, louder; and whether there is a voice at all."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "paper", "top")
        lines = QVBoxLayout(self)
        lines.setContentsMargins(look.px(56), look.px(16), look.px(56), look.px(16))
        if not look.has_voice:
            lines.addWidget(Words(look, look.say("speech.no_voice"), Ink(30, DEMI, "bad"), CENTER))
        row = QHBoxLayout()
        row.setSpacing(look.gap_px(16))
        lines.addLayout(row)
        presses = (Press.SAY_AGAIN, Press.QUIETER, Press.LOUDER)
        self.tiles = [key(look, look.say(f"speech.{press}"), press, step=30) for press in presses]
        for tile in self.tiles:
            tile.setMinimumHeight(look.key_px(84))
            row.addWidget(tile, 1)


class Bar(Ground):
    """Back, text, contrast, reading and help: on every screen in the same places, in two rows for long words."""

    def __init__(self, look: Look, screen: Screen, width: int) -> None:
        super().__init__(look, "paper", "top")
        self._look = look
        manner = screen.around.manner
        grid = QGridLayout(self)
        grid.setContentsMargins(look.px(16), 0, look.px(16), 0)
        grid.setSpacing(look.gap_px(8))
        self.back = self._cell("back", look.say("bar.back"), Press.BACK)
        letters = ("smaller", "bar.normal_text") if manner.larger_text else ("larger", "bar.larger_text")
        colours = "bar.normal_contrast" if manner.high_contrast else "bar.contrast"
        aloud = ("silent", "bar.stop_reading") if manner.read_aloud else ("aloud", "bar.read_aloud")
        self.tiles = [
            self.back,
            self._cell(letters[0], look.say(letters[1]), Press.TEXT_SIZE),
            self._cell("contrast", look.say(colours), Press.CONTRAST),
            self._cell(aloud[0], look.say(aloud[1]), Press.READ_ALOUD),
            self._cell("help", look.say("bar.help"), Press.HELP),
        ]
        room, gap = width - 2 * look.px(16), look.gap_px(8)
        columns = columns_for(self.tiles, room, gap, len(self.tiles))
        columns = columns if columns == len(self.tiles) else (len(self.tiles) + 1) // 2
        for place, tile in enumerate(self.tiles):
            policy = tile.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            tile.setSizePolicy(policy)
            grid.addWidget(tile, place // columns, place % columns)
            grid.setColumnStretch(place % columns, 1)
        self.back.setVisible(has_back(screen))

    def _cell(self, icon: str, text: str, press: Press) -> Tile:
        look = self._look
        tile = Tile(look, "flat", press, height=130).named(text)
        tile.row.setContentsMargins(look.px(8), look.px(18), look.px(8), look.px(14))
        lines = QVBoxLayout()
        lines.setSpacing(look.px(8))
        words = Words(look, text, Ink(26, DEMI), CENTER)
        words.setMinimumWidth(two_lines_px(words))
        side = max(44 * look.letters, ICON_OF_LETTERS * words.font().pixelSize() / look.theme.scale)
        lines.addWidget(Icon(look, icon, side, "ink"), 0, Qt.AlignmentFlag.AlignHCenter)
        lines.addWidget(words)
        tile.row.addLayout(lines)
        return tile


def has_back(screen: Screen) -> bool:
    """Tell whether the bar shows the way back: not where there is none, or a tile of the page is it."""
    if isinstance(screen, OutOfOrder):
        return screen.question is not None
    return not isinstance(screen, WITHOUT_BACK)


class Frame(QWidget):
    """One screen as a whole."""

    pressed = Signal(object)

    def __init__(self, seen: Seen, make_page: type[Page], width: int) -> None:
        super().__init__()
        look, screen = seen.look, seen.screen
        if reads_right_to_left(look.language):
            self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self._ground = look.color(make_page.ground_of(screen))
        self.column = column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.header = Header(look, make_page.caption) if make_page.has_header else None
        if self.header:
            column.addWidget(self.header)
        self.page = make_page(seen)
        column.addWidget(self.page, 1)
        self.languages: Languages | None = None
        languages = screen.around.office.languages
        if isinstance(screen, Start) and len(languages) > 1:
            # Below the page: within reach from a wheelchair.
            self.languages = Languages(look, languages, width)
            column.addWidget(self.languages)
        self.speech = Speech(look) if screen.around.manner.read_aloud else None
        if self.speech:
            column.addWidget(self.speech)
        self.countdown = Words(look, "", Ink(26, tint="ink_soft"), CENTER)
        self.countdown.setMinimumHeight(look.px(26 * look.letters * 1.6))
        column.addWidget(self.countdown)
        self.bar = Bar(look, screen, width)
        column.addWidget(self.bar)
        self.page.pressed.connect(self.pressed)
        for tile in self._around_the_page():
            tile.clicked.connect(lambda _=False, tile=tile: self.pressed.emit(tile.meaning))
        self._look = look
        self.refresh(seen)

    def refresh(self, seen: Seen) -> None:
        """Show what has changed without another page."""
        if self.header:
            self.header.refresh(seen)
        self.page.refresh(seen)
        seconds = None if isinstance(seen.screen, StillThere | Start) else seconds_left(seen.screen)
        text = "" if seconds is None else self._look.say("bar.until_start", seconds=round(seconds))
        self.countdown.setText(text)

    def highest_tile_px(self, width: int, height: int) -> int:
        """Return how far below the top the highest tile of the page is in a window of this size, in pixels."""
        self.column.setGeometry(QRect(0, 0, width, height))
        self.page.panes.setGeometry(self.page.rect())
        below = self.page.highest_answer_px()
        return height if below is None else self.page.y() + below

    def tiles(self) -> list[Tile]:
        """List what can be touched, in the order of focus: the page, the languages, the speech, the bar."""
        return [*self.page.tiles(), *(tile for tile in self._around_the_page() if tile.isVisibleTo(self))]

    def _around_the_page(self) -> list[Tile]:
        strips = (self.languages, self.speech, self.bar)
        return [tile for strip in strips if strip is not None for tile in strip.tiles]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground of the page."""
        QPainter(self).fillRect(self.rect(), self._ground)
