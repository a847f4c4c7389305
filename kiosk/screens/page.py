"""What every page has: the question, then the answers; below each other, or side by side on a wide screen."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QVBoxLayout, QWidget

from kiosk.screens.lens import Lens
from kiosk.screens.look import Look
from kiosk.screens.parts import BOLD, CENTER, LEFT, NORMAL, Ink, Tile, Words
from kiosk.visit.screens import Screen

MOST_IN_A_COLUMN = 5
COLUMNS = 2


@dataclass(frozen=True)
class Seen:
    """A screen and how it is to be shown now; `now` is the server's time, `lens` a camera, if there is one."""

    look: Look
    screen: Screen
    now: datetime
    lens: Lens | None = None


class Page(QWidget):
    """A page shows a screen; `pressed` carries the event that a touch means."""

    pressed = Signal(object)

    ground: ClassVar[str] = "mist"
    caption: ClassVar[str] = ""
    has_header: ClassVar[bool] = True
    # On a tall screen the answers stand at its lower end, where everybody reaches them.
    lowers_answers: bool = True

    def __init__(self, seen: Seen) -> None:
        super().__init__()
        self.look = look = seen.look
        self.has_foot = False
        # What may change while the page stays, and has to be told to those who listen.
        self.news: list[Words] = []
        self.refreshers: list[Callable[[Seen], None]] = []
        way = QBoxLayout.Direction.LeftToRight if look.is_wide else QBoxLayout.Direction.TopToBottom
        self.panes = panes = QBoxLayout(way, self)
        side = look.px(56)
        panes.setContentsMargins(side, look.px(44), side, look.px(28))
        panes.setSpacing(look.px(64 if look.is_wide else 36))
        self.told, self.done = QVBoxLayout(), QVBoxLayout()
        for pane in (self.told, self.done):
            pane.setSpacing(look.gap_px(24 if look.is_wide else 32))
            panes.addLayout(pane, 1 if look.is_wide or pane is self.done else 0)
        self.build(seen)
        if look.is_wide:
            self.told.addStretch()
        if self.lowers_answers and not look.is_wide:
            self.done.insertStretch(0, 1)
        elif not self.has_foot:
            self.done.addStretch()
        self.refresh(seen)

    @classmethod
    def ground_of(cls, screen: Screen) -> str:
        """Return the colour behind the page, by its name in the theme."""
        return cls.ground

    @classmethod
    def key(cls, screen: Screen) -> Hashable:
        """Return what the page is built from: another key, another page."""
        around = replace(
            screen.around,
            now_s=0.0,
            touched_s=0.0,
            changed_s=0.0,
            typing_from_s=0.0,
            asks=0,
            extensions=0,
            offers=(),
            # That there is a place for the code builds a page; which code it is, only refreshes it.
            hall_code=None if screen.around.hall_code is None else "",
        )
        offers = tuple(offer.model_dump_json() for offer in screen.around.offers)
        return (repr(replace(screen, around=around)), offers)

    def build(self, seen: Seen) -> None:
        """Put the words and the tiles of the screen into the panes."""
        raise NotImplementedError

    def refresh(self, seen: Seen) -> None:
        """Bring what moves within the page up to date."""
        for refresher in self.refreshers:
            refresher(seen)

    # --- small words for the pages -------------------------------------------------------------------

    def say(self, key: str, **facts: object) -> str:
        """Say a sentence in the language of the screen."""
        return self.look.say(key, **facts)

    def title(self, text: str, step: float = 64) -> Words:
        """Add the question of the page."""
        return self.words(self.told, text, Ink(step, BOLD))

    def words(self, pane: QVBoxLayout, text: str, ink: Ink | None = None, centred: bool = False) -> Words:
        """Add a text to a pane."""
        words = Words(self.look, text, ink or Ink(40, NORMAL), CENTER if centred else LEFT)
        pane.addWidget(words)
        return words

    def foot(self, text: str) -> Words:
        """Add a quiet text at the foot of the answers."""
        self.has_foot = True
        if self.look.is_wide or not self.lowers_answers:
            self.done.addStretch()
        return self.words(self.done, text, Ink(34, NORMAL, "ink_soft"))

    def touch(self, tile: Tile) -> Tile:
        """Report a tile's touch with its meaning."""
        tile.clicked.connect(lambda: self.pressed.emit(tile.meaning))
        return tile

    def add(self, tile: Tile) -> Tile:
        """Add a tile to the answers."""
        self.done.addWidget(self.touch(tile))
        return tile

    def add_all(self, tiles: Sequence[Tile]) -> None:
        """Add tiles to the answers; many on a wide screen stand in columns, below the question."""
        if not self.look.is_wide or len(tiles) <= MOST_IN_A_COLUMN:
            for tile in tiles:
                self.add(tile)
            return
        self.panes.setDirection(QBoxLayout.Direction.TopToBottom)
        self.panes.setStretchFactor(self.told, 0)
        grid = QGridLayout()
        grid.setSpacing(self.done.spacing())
        for place, tile in enumerate(tiles):
            grid.addWidget(self.touch(tile), place // COLUMNS, place % COLUMNS)
            grid.setColumnStretch(place % COLUMNS, 1)
        self.done.addLayout(grid)

    def highest_answer_px(self) -> int | None:
        """Return how far below the top of the page its highest tile begins, once `panes` has its geometry."""
        holders: list[QWidget] = []
        for tile in self.tiles():
            holder: QWidget = tile
            while (above := holder.parentWidget()) is not None and above is not self:
                holder = above
            holders.append(holder)
        return min((holder.y() for holder in holders), default=None)

    def tiles(self) -> list[Tile]:
        """List what can be touched, in the order of focus."""
        return [tile for tile in self.findChildren(Tile) if tile.isVisibleTo(self) and tile.isEnabled()]
