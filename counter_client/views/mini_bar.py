"""The mini-bar: number, state, main actions and how many wait, 64 pixels high, above all other windows."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from counter_client.faces import Button, WindowFace
from counter_client.state import Key
from counter_client.views import keyboard, style
from counter_client.views.actions import KeyButton
from counter_client.views.dialog_card import DialogCard
from counter_client.views.intents import Intents
from counter_client.views.queue_list import QueueList
from counter_client.views.window import sheet_for
from terminal.theme import Palette
from wire.codes import MAX_SCAN_BYTES

HEIGHT = 64
WIDTH = 1000
PLACES = 3
SIDE_HEIGHT = 420
IN_BAR = (Key.RECALL, Key.FINISH, Key.NO_SHOW, Key.PARK, Key.TRANSFER, Key.PUT_BACK, Key.ISSUE, Key.PAUSE)


class MiniBar(QWidget):
    """The same keys as the large window; questions and lists open below the bar and close again."""

    def __init__(self, intents: Intents) -> None:
        flags = Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint | Qt.WindowType.Tool
        super().__init__(None, flags)
        self._intents = intents
        self._face: WindowFace | None = None
        self._main, self._others = KeyButton(Key.MAIN, intents), [KeyButton(key, intents) for key in IN_BAR]
        self._number, self._pill, self._waiting = (
            style.label("number"),
            style.label("pill"),
            style.label("waiting"),
        )
        self._said, self._link = style.label("said"), style.label("link")
        self.field = style.line_edit(MAX_SCAN_BYTES)
        self.field.returnPressed.connect(self._scan)
        self._large = style.named(QPushButton("⤢"), "large")
        self._large.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._large.clicked.connect(intents.mini.emit)
        self.dialog, self.side = DialogCard(intents), QueueList(intents)
        self.bar = style.named(QFrame(), "bar")
        self._lay_out()

    def _lay_out(self) -> None:
        inside = QHBoxLayout(self.bar)
        inside.setContentsMargins(12, 7, 8, 7)
        inside.setSpacing(8)
        told: tuple[QWidget, ...] = (self._number, self._pill, self.field, self._said, self._waiting)
        for widget in told:
            inside.addWidget(widget)
        inside.addStretch(1)
        for button in (self._link, self._main, *self._others, self._large):
            inside.addWidget(button)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.setSizeConstraint(QVBoxLayout.SizeConstraint.SetFixedSize)
        box.addWidget(self.bar)
        box.addWidget(self.side, 0, Qt.AlignmentFlag.AlignLeft)
        box.addWidget(self.dialog, 0, Qt.AlignmentFlag.AlignLeft)
        self.bar.setFixedSize(WIDTH, HEIGHT)
        self._main.setFixedWidth(170)
        self.side.setFixedHeight(SIDE_HEIGHT)
        self.side.hide()
        self.dialog.hide()
        self.field.hide()

    def show_face(self, face: WindowFace) -> None:
        """Show a face in one line."""
        before, self._face = self._face, face
        ticket = face.ticket
        self.setWindowTitle(face.words["program"])
        self._number.setText(ticket.headline if ticket.is_number else face.header.place.split(" · ")[0])
        self._number.setObjectName("number" if ticket.is_number else "headline")
        self._pill.setText(ticket.pill.text)
        style.set_state(self._pill, ticket.pill.tone)
        verify = ticket.verify
        bad = verify.text if verify and verify.state in ("mismatch", "malformed") else ""
        self._told(bad or face.trouble or face.said, good=face.said_good and not bad)
        self._waiting.setText(face.waiting)
        self._link.setText(f"○ {face.header.link}")
        self._link.setVisible(not face.header.is_linked)
        style.set_state(self._link, "gone")
        self._show_buttons(face.buttons)
        if (
            before is None
            or before.ticket.ticket != ticket.ticket
            or verify is None
            or (verify.state == "verified")
        ):
            self.field.hide()
            self.field.clear()
        self.field.setPlaceholderText(face.words["placeholder"])
        self.side.show_list(face.list)
        self.side.setVisible(face.list.panel.value != "waiting" and face.dialog is None)
        self.dialog.show_dialog(face.dialog)
        if self.side.isVisible() and (before is None or before.list.panel is not face.list.panel):
            self.side.take_focus()

    def _told(self, text: str, good: bool) -> None:
        fitting = self._said.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, 220)
        self._said.setText(fitting)
        self._said.setToolTip(text)
        self._said.setVisible(bool(text) and self.field.isHidden())
        style.set_state(self._said, "good" if good else "bad")

    def _show_buttons(self, buttons: tuple[Button, ...]) -> None:
        given = {button.key: button for button in buttons}
        self._main.setVisible(Key.MAIN in given)
        if Key.MAIN in given:
            self._main.show_button(given[Key.MAIN], is_short=True)
        left = PLACES
        for widget in self._others:
            shown = widget.key in given and left > 0
            widget.setVisible(shown)
            if shown:
                widget.show_button(given[widget.key])
                left -= 1

    def focus_list(self) -> None:
        """Open the waiting list below the bar, so that the arrows can choose."""
        self.side.show()
        self.side.take_focus()

    def focus_verify(self) -> None:
        """Open the field for the confirmation in the bar."""
        verify = self._face.ticket.verify if self._face else None
        if verify is None or verify.state == "verified":
            return
        self._said.hide()
        self.field.show()
        self.field.setFocus()
        self.field.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Turn keys into intents."""
        key = keyboard.key_of(event)
        if keyboard.is_mini(event):
            self._intents.mini.emit()
        elif key is Key.VERIFY:
            self.focus_verify()
        elif key is Key.ESCAPE and not self.field.isHidden():
            self.field.hide()
            self.setFocus()
        elif key is not None:
            self._intents.pressed.emit(key)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Let the bar be dragged to where it is least in the way."""
        if event.button() is Qt.MouseButton.LeftButton and self.windowHandle() is not None:
            self.windowHandle().startSystemMove()

    def place(self, at: QPoint) -> None:
        """Move the bar to a remembered place that a screen still shows."""
        screens = self.screen().virtualSiblings()
        if any(screen.availableGeometry().contains(at) for screen in screens):
            self.move(at)

    def restyle(self, palette: Palette) -> None:
        """Fit colours to the palette; the bar keeps its size."""
        self.setStyleSheet(sheet_for(palette, 1.0))
        theme = style.theme_of(palette, 1.0)
        for view in (self.dialog, self.side):
            view.arrange(theme)
        for button in (self._main, *self._others):
            button.arrange(theme, beside=9)

    def _scan(self) -> None:
        self._intents.scanned.emit(self.field.text())
