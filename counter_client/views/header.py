"""The head and the foot of the window: where, who, in touch or not; the totals of the day."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton

from counter_client.portrait.faces import Header
from counter_client.state import Key
from counter_client.views.intents import Intents
from counter_client.views.style import label, set_state
from terminal.theme import Theme


class HeaderBar(QFrame):
    """Counter and hall at the left; the connection, the clerk's menu and the break at the right."""

    def __init__(self, intents: Intents) -> None:
        super().__init__()
        self.setObjectName("header")
        self._place, self._link = label("place"), label("link")
        self.clerk, self._pause = QPushButton(), QPushButton()
        self.menu = QMenu(self)
        self.clerk.setMenu(self.menu)
        self._acts = {
            "issue": self.menu.addAction("", lambda: intents.pressed.emit(Key.ISSUE)),
            "keys": self.menu.addAction("", lambda: intents.pressed.emit(Key.KEYS)),
            "mini": self.menu.addAction("", intents.mini.emit),
            "contrast": self.menu.addAction("", intents.contrast.emit),
            "language": self.menu.addAction("", intents.language.emit),
            "close": self.menu.addAction("", lambda: intents.pressed.emit(Key.CLOSE)),
            "sign_out": self.menu.addAction("", lambda: intents.pressed.emit(Key.SIGN_OUT)),
        }
        for button in (self.clerk, self._pause):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._pause.clicked.connect(lambda: intents.pressed.emit(Key.PAUSE))
        self._box = QHBoxLayout(self)
        self._box.addWidget(self._place)
        self._box.addStretch(1)
        for widget in (self._link, self.clerk, self._pause):
            self._box.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)

    def show_header(self, face: Header, words: dict[str, str]) -> None:
        """Show where this is and whether the server is there."""
        self._place.setText(face.place)
        self._link.setText(f"● {face.link}" if face.is_linked else f"○ {face.link}")
        set_state(self._link, "here" if face.is_linked else "gone")
        self.clerk.setText(f"{face.clerk} ▾")
        self.clerk.setVisible(bool(face.clerk))
        self._pause.setText(f"{face.pause}  F5")
        self._pause.setVisible(bool(face.clerk and face.pause))
        for word, action in self._acts.items():
            action.setText(words[word])
        self._acts["sign_out"].setEnabled(face.can_sign_out)
        self._acts["close"].setEnabled(face.can_close)

    def arrange(self, theme: Theme) -> None:
        """Fit the height and margins to the size of the type."""
        self.setFixedHeight(theme.px(60))
        self._box.setContentsMargins(theme.px(24), 0, theme.px(14), 0)
        self._box.setSpacing(theme.px(10))


class FooterBar(QFrame):
    """The day so far, in four figures."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("footer")
        self._pairs = [(label("name"), label("figure")) for _ in range(4)]
        self._box = QHBoxLayout(self)
        for name, figure in self._pairs:
            self._box.addWidget(name)
            self._box.addWidget(figure)
            self._box.addSpacing(24)
        self._box.addStretch(1)

    def show_today(self, today: tuple[tuple[str, str], ...]) -> None:
        """Show the figures."""
        for (name, figure), (text, value) in zip(self._pairs, today, strict=False):
            name.setText(text)
            figure.setText(value)

    def arrange(self, theme: Theme) -> None:
        """Fit the height and margins to the size of the type."""
        self.setFixedHeight(theme.px(44))
        self._box.setContentsMargins(theme.px(24), 0, theme.px(24), 0)
        self._box.setSpacing(theme.px(6))
