"""The mini-bar: number, state, main actions and how many wait, 64 pixels high, above all other windows."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from counter_client.portrait.faces import Button, WindowFace
from counter_client.state import Key
from counter_client.views import keyboard, style
from counter_client.views.actions import KeyButton
from counter_client.views.dialog_card import DialogCard
from counter_client.views.intents import Intents
from counter_client.views.queue_list import QueueList
from counter_client.views.window import sheet_for
from terminal.held_keys import HeldKeys
from terminal.theme import Palette
from wire.codes import MAX_SCAN_BYTES

HEIGHT = 64
WIDTH = 1000
TOLD_WIDTH = 504
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
        self.main, self._others = KeyButton(Key.MAIN, intents), [KeyButton(key, intents) for key in IN_BAR]
        self._number, self._pill, self._waiting = (
            style.label("number"),
            style.label("pill"),
            style.label("waiting"),
        )
        self._told = style.ElidedLabel("told")
        self.field = style.line_edit(MAX_SCAN_BYTES)
        self.field.returnPressed.connect(self._scan)
        self._large = style.named(QPushButton("⤢"), "large")
        self._large.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._large.clicked.connect(intents.mini.emit)
        self.dialog, self.side = DialogCard(intents), QueueList(intents)
        self.bar = style.named(QFrame(), "bar")
        self._lay_out()
        HeldKeys(self)

    def _lay_out(self) -> None:
        inside = QHBoxLayout(self.bar)
        inside.setContentsMargins(12, 7, 8, 7)
        inside.setSpacing(8)
        self._lines = QWidget()
        lines = QVBoxLayout(self._lines)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(0)
        lines.addWidget(self._waiting)
        lines.addWidget(self._told)
        left: tuple[QWidget, ...] = (self._number, self._pill, self.field)
        # Of a fixed width, so that the main button stays where it is when the words before it change.
        told = QWidget()
        told.setFixedWidth(TOLD_WIDTH)
        before = QHBoxLayout(told)
        before.setContentsMargins(0, 0, 0, 0)
        before.setSpacing(8)
        for widget in left:
            stretch = 1 if widget is self.field else 0
            before.addWidget(widget, stretch, Qt.AlignmentFlag.AlignVCenter)
        before.addWidget(self._lines, 1)
        inside.addWidget(told)
        for button in (self.main, *self._others, self._large):
            button.setFixedHeight(HEIGHT - 16)
            if button is self._large:
                inside.addStretch(1)
            inside.addWidget(button)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.setSizeConstraint(QVBoxLayout.SizeConstraint.SetFixedSize)
        box.addWidget(self.bar)
        box.addWidget(self.side, 0, Qt.AlignmentFlag.AlignLeft)
        box.addWidget(self.dialog, 0, Qt.AlignmentFlag.AlignLeft)
        self.bar.setFixedSize(WIDTH, HEIGHT)
        self.main.setFixedWidth(158)
        self.setObjectName("mini")
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
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
        style.rename(self._number, "number" if ticket.is_number else "headline")
        self._pill.setText(ticket.pill.text)
        style.set_state(self._pill, ticket.pill.tone)
        verify = ticket.verify
        self._waiting.setText(face.waiting)
        self._tell(face)
        self._show_buttons(face.buttons)
        if (
            before is None
            or before.ticket.ticket != ticket.ticket
            or verify is None
            or (verify.state == "verified")
        ):
            self._close_field()
        self.field.setPlaceholderText(face.words["placeholder"])
        self.side.show_list(face.list)
        self.side.setVisible(face.list.panel.value != "waiting" and face.dialog is None)
        self.dialog.show_dialog(face.dialog)
        if self.side.isVisible() and (before is None or before.list.panel is not face.list.panel):
            self.side.take_focus()
        style.lay_out_now()

    def _tell(self, face: WindowFace) -> None:
        """Show the one sentence that matters most now."""
        verify = face.ticket.verify
        wrong = face.said if face.tone == "bad" else ""
        link = "" if face.header.is_linked else wrong or f"○ {face.header.link}"
        mismatch = verify.text if verify and verify.state in ("mismatch", "malformed") else ""
        bad = link or mismatch
        text = bad or face.attention or face.said or face.trouble
        self._told.setText(text)
        self._told.setToolTip(text)
        self._told.setVisible(bool(text))
        style.set_state(self._told, face.tone if face.said and not bad else "bad")

    def _show_buttons(self, buttons: tuple[Button, ...]) -> None:
        given = {button.key: button for button in buttons}
        self.main.setVisible(Key.MAIN in given)
        if Key.MAIN in given:
            self.main.show_button(given[Key.MAIN], is_short=True)
        left = PLACES
        for widget in self._others:
            shown = widget.key in given and left > 0
            widget.setVisible(shown)
            if shown:
                widget.show_button(given[widget.key], is_short=True)
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
        self._lines.hide()
        self.field.show()
        self.field.setFocus()
        self.field.selectAll()

    def _close_field(self) -> None:
        self.field.hide()
        self.field.clear()
        self._lines.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Turn keys into intents; what a scanner types goes into the confirmation."""
        key = keyboard.key_of(event)
        if keyboard.is_mini(event):
            self._intents.mini.emit()
        elif key is Key.VERIFY:
            self.focus_verify()
        elif key is Key.ESCAPE and not self.field.isHidden():
            self._close_field()
            self.setFocus()
        elif key is not None:
            self._intents.pressed.emit(key)
        elif event.text() and event.text().isprintable() and self.dialog.isHidden() and self.side.isHidden():
            self.focus_verify()
            self.field.insert(event.text())
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
        for button in (self.main, *self._others):
            button.arrange(theme)

    def _scan(self) -> None:
        self._intents.scanned.emit(self.field.text())
