"""The buttons below the ticket: exactly what is permitted now, each with its key."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from counter_client.faces import Button
from counter_client.state import Key
from counter_client.views.intents import Intents
from counter_client.views.style import label
from terminal.theme import Theme

COLUMNS = 3


class KeyButton(QPushButton):
    """A button with its words and, smaller, its key: below each other when it is the main one."""

    def __init__(self, key: Key, intents: Intents) -> None:
        super().__init__()
        self.key = key
        is_main = key is Key.MAIN
        self.setObjectName("main" if is_main else "action")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._words, self._shortcut = label("words", wraps=is_main), label("shortcut")
        for inner in (self._words, self._shortcut):
            inner.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._box = box = QVBoxLayout(self) if is_main else QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4 if is_main else 6)
        box.addWidget(self._words, 1)
        box.addWidget(self._shortcut)
        if is_main:
            self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self._shortcut.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.clicked.connect(lambda: intents.pressed.emit(key))

    def show_button(self, button: Button, is_short: bool = False) -> None:
        """Write the button's words and key."""
        words = button.short if is_short else button.label
        self._words.setText(words)
        self._shortcut.setText(button.shortcut)
        self.setEnabled(button.is_enabled)
        self.setAccessibleName(f"{words}, {button.shortcut}")

    def arrange(self, theme: Theme, beside: int = 12) -> None:
        """Fit the inner margins to the size of the type."""
        side = theme.px(beside)
        self._box.setContentsMargins(side, theme.px(6), side, theme.px(6))


class Actions(QWidget):
    """The main button at the left, the others in rows of three, always in the same order."""

    def __init__(self, intents: Intents) -> None:
        super().__init__()
        self._buttons = {key: KeyButton(key, intents) for key in Key}
        self._shown: tuple[Key, ...] = ()
        self._box = QGridLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setColumnStretch(0, 5)
        for column in range(1, COLUMNS + 1):
            self._box.setColumnStretch(column, 4)
        for button in self._buttons.values():
            button.hide()
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)

    def show_buttons(self, buttons: tuple[Button, ...]) -> None:
        """Show these buttons and no others."""
        keys = tuple(button.key for button in buttons)
        for button in buttons:
            self._buttons[button.key].show_button(button)
        if keys == self._shown:
            return
        self._shown = keys
        while self._box.count():
            self._box.takeAt(0)
        for key, widget in self._buttons.items():
            widget.setVisible(key in keys)
        self._box.addWidget(self._buttons[Key.MAIN], 0, 0, 2, 1)
        for place, key in enumerate(key for key in keys if key is not Key.MAIN):
            self._box.addWidget(self._buttons[key], place // COLUMNS, 1 + place % COLUMNS)

    def arrange(self, theme: Theme) -> None:
        """Fit heights and gaps to the size of the type."""
        self._box.setSpacing(theme.px(10))
        for row in (0, 1):
            self._box.setRowMinimumHeight(row, theme.px(46))
        self.setFixedHeight(theme.px(102))
        for button in self._buttons.values():
            button.arrange(theme)
