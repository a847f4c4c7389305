"""The buttons below the ticket: exactly what is permitted now, each with its key."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from counter_client.portrait.faces import Button
from counter_client.state import Key
from counter_client.views.intents import Intents
from counter_client.views.style import label, named
from terminal.theme import Theme

COLUMNS = 3
MAIN_SHARE = 0.28


class KeyButton(QPushButton):
    """A button with its words and, smaller below them, its key."""

    def __init__(self, key: Key, intents: Intents, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key = key
        named(self, "main" if key is Key.MAIN else "action")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.words, self._shortcut = label("words", wraps=key is Key.MAIN), label("shortcut")
        self._box = QVBoxLayout(self)
        for inner in (self.words, self._shortcut):
            inner.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            inner.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._box.addStretch(1)
        self._box.addWidget(self.words)
        self._box.addWidget(self._shortcut)
        self._box.addStretch(1)
        self.clicked.connect(lambda: intents.pressed.emit(key))

    def sizeHint(self) -> QSize:
        """Be as large as the words need."""
        return self._box.sizeHint()

    def show_button(self, button: Button, is_short: bool = False) -> None:
        """Write the button's words and key."""
        words = button.short if is_short else button.label
        self.words.setText(words)
        self._shortcut.setText(button.shortcut)
        self.setEnabled(button.is_enabled)
        self.setAccessibleName(f"{words}, {button.shortcut}")

    def arrange(self, theme: Theme) -> None:
        """Fit the inner margins to the size of the type."""
        self._box.setContentsMargins(theme.px(8), theme.px(3), theme.px(8), theme.px(3))
        self._box.setSpacing(theme.px(1))


class Actions(QWidget):
    """The main button at the left, the others in rows of three, always in the same order and columns.

    The pause stands in the header and is left out here.
    """

    def __init__(self, intents: Intents) -> None:
        super().__init__()
        self._buttons = {key: KeyButton(key, intents, self) for key in Key}
        self._shown: tuple[Key, ...] = ()
        self._gap = 10
        for button in self._buttons.values():
            button.hide()

    def show_buttons(self, buttons: tuple[Button, ...]) -> None:
        """Show these buttons and no others."""
        shown = [button for button in buttons if button.key is not Key.PAUSE]
        for button in shown:
            self._buttons[button.key].show_button(button)
        self._shown = tuple(button.key for button in shown)
        for key, widget in self._buttons.items():
            widget.setVisible(key in self._shown)
        self._place()

    def _place(self) -> None:
        # By hand: a layout would move the columns with the words, and buttons must stay where they are.
        gap, width, height = self._gap, self.width(), self.height()
        main = int(width * MAIN_SHARE)
        self._buttons[Key.MAIN].setGeometry(0, 0, main, height)
        others = [key for key in self._shown if key is not Key.MAIN]
        rows = 1 if len(others) <= COLUMNS else -(-len(others) // COLUMNS)
        across, down = (width - main) / COLUMNS, (height + gap) / rows
        for place, key in enumerate(others):
            row, column = divmod(place, COLUMNS)
            left, top = round(main + gap + column * across), round(row * down)
            area = QRect(left, top, round(across) - gap, round(down) - gap)
            self._buttons[key].setGeometry(area)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the columns in proportion."""
        super().resizeEvent(event)
        self._place()

    def arrange(self, theme: Theme) -> None:
        """Fit heights and gaps to the size of the type."""
        self._gap = theme.px(10)
        self.setFixedHeight(theme.px(106))
        for button in self._buttons.values():
            button.arrange(theme)
        self._place()
