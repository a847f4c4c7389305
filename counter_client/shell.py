"""The two windows as one: shows the desk in the large one or in the mini-bar, and remembers which."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QPoint, QSettings, QTimer

from counter_client.portrait.voice import Voice
from counter_client.portrait.window import window_face
from counter_client.state import Desk, Key
from counter_client.views.intents import Intents
from counter_client.views.mini_bar import MiniBar
from counter_client.views.window import DeskWindow
from terminal.clock import ServerClock
from terminal.texts import Texts
from terminal.theme import HIGH_CONTRAST, NORMAL

TEXTS = Path(__file__).resolve().parent / "texts"
FIRST_LANGUAGE = "pl"
TICK_MS = 1000
LISTS = (Key.WAITING, Key.PARKED, Key.NO_SHOWS)


class Shell(QObject):
    """Owns the windows and what the clerk chose for them: size, language, contrast."""

    def __init__(self, intents: Intents, clock: ServerClock, memory: QSettings, mini: bool = False) -> None:
        """Open nothing yet; `memory` keeps the choices, `mini` is the choice until there is one."""
        super().__init__()
        self.texts = Texts(TEXTS)
        self.window, self.mini = DeskWindow(intents), MiniBar(intents)
        self._clock, self._memory = clock, memory
        self._desk = Desk()
        self.is_mini = str(memory.value("mini", mini)).lower() == "true"
        self._high = str(memory.value("high_contrast", False)).lower() == "true"
        kept = str(memory.value("language", FIRST_LANGUAGE))
        self.language = kept if kept in self.texts.languages else FIRST_LANGUAGE
        intents.mini.connect(self.toggle_mini)
        intents.contrast.connect(self.toggle_contrast)
        intents.language.connect(self.next_language)
        intents.pressed.connect(self._after_press)
        self._restyle()
        self._tick = QTimer(self, interval=TICK_MS)
        self._tick.timeout.connect(self._show)

    def open(self) -> None:
        """Show the window that was used last, where it was."""
        geometry = self._memory.value("geometry")
        if geometry is not None:
            self.window.restoreGeometry(geometry)
        else:
            self.window.resize(1180, 760)
        place = self._memory.value("mini_place")
        if isinstance(place, QPoint):
            self.mini.place(place)
        self._tick.start()
        self._show()

    def close(self) -> None:
        """Remember where the windows were, and close them."""
        self._tick.stop()
        self._memory.setValue("geometry", self.window.saveGeometry())
        self._memory.setValue("mini_place", self.mini.pos())
        self._memory.sync()
        self.window.close()
        self.mini.close()

    def show_desk(self, desk: Desk) -> None:
        """Show a new state of the desk."""
        if desk.device is not None and desk.device != self._desk.device:
            self.texts.use_zone(desk.device.branch.zone)
        self._desk = desk
        self._show()

    def toggle_mini(self) -> None:
        """Change between the large window and the mini-bar."""
        if self._desk.clerk is None:
            return
        self.is_mini = not self.is_mini
        self._memory.setValue("mini", self.is_mini)
        self._show()

    def toggle_contrast(self) -> None:
        """Change between the normal and the high-contrast theme."""
        self._high = not self._high
        self._memory.setValue("high_contrast", self._high)
        self._restyle()

    def next_language(self) -> None:
        """Speak the next language that has texts."""
        languages = self.texts.languages
        self.language = languages[(languages.index(self.language) + 1) % len(languages)]
        self._memory.setValue("language", self.language)
        self._show()

    def _after_press(self, key: Key) -> None:
        # The brain has taken the key already: its listener was connected first.
        if key in LISTS and self._desk.clerk is not None and self._desk.dialog is None:
            (self.mini if self._shows_mini else self.window).focus_list()

    @property
    def _shows_mini(self) -> bool:
        # Signing in needs the large window.
        return self.is_mini and self._desk.clerk is not None

    def _show(self) -> None:
        face = window_face(Voice(self.texts, self.language, self._clock.now()), self._desk)
        shown, hidden = (self.mini, self.window) if self._shows_mini else (self.window, self.mini)
        shown.show_face(face)
        if shown.isHidden():
            shown.show()
            shown.activateWindow()
        hidden.hide()

    def _restyle(self) -> None:
        palette = HIGH_CONTRAST if self._high else NORMAL
        self.window.restyle(palette)
        self.mini.restyle(palette)
