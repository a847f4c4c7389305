"""The clerk's large window: header, ticket, actions, lists and totals, and questions over them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from counter_client.portrait.faces import WindowFace
from counter_client.state import Key
from counter_client.views import keyboard, style
from counter_client.views.actions import Actions
from counter_client.views.dialog_card import DialogCard
from counter_client.views.header import FooterBar, HeaderBar
from counter_client.views.intents import Intents
from counter_client.views.queue_list import QueueList
from counter_client.views.sign_in import SignIn
from counter_client.views.ticket_card import TicketCard
from terminal.held_keys import HeldKeys
from terminal.theme import HIGH_CONTRAST, NORMAL, Palette

SMALLEST = (1000, 640)
FOLDER = Path(__file__).resolve().parent


def sheet_for(palette: Palette, scale: float) -> str:
    """Fill the style sheet for a palette at a scale."""
    high = palette is HIGH_CONTRAST
    tick = FOLDER / ("tick_dark.svg" if high else "tick_light.svg")
    return style.sheet(style.theme_of(palette, scale), high, tick.as_posix())


class Scrim(QWidget):
    """Dims the window behind a question."""

    def __init__(self, card: DialogCard, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("scrim")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        box = QGridLayout(self)
        box.addWidget(card, 0, 0, Qt.AlignmentFlag.AlignCenter)


class DeskWindow(QWidget):
    """Shows a face; every key and click leaves as an intent."""

    def __init__(self, intents: Intents) -> None:
        super().__init__()
        self._intents = intents
        self._palette = NORMAL
        self._styled: tuple[float, Palette] | None = None
        self._face: WindowFace | None = None
        self.header, self.footer = HeaderBar(intents), FooterBar()
        self.sign_in, self.card = SignIn(intents), TicketCard(intents)
        self.buttons, self.side = Actions(intents), QueueList(intents)
        self.dialog = DialogCard(intents)
        self._trouble = style.label("trouble", wraps=True)
        self._attention = style.label("attention", wraps=True)
        self._left = style.named(QWidget(), "left")
        self._left_box = QVBoxLayout(self._left)
        self._left_box.addWidget(self.card, 1)
        self._left_box.addWidget(self.buttons)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.sign_in)
        self._stack.addWidget(self._work())
        self._scrim = Scrim(self.dialog, self)
        self._scrim.hide()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.header)
        box.addWidget(self._attention)
        box.addWidget(self._trouble)
        box.addWidget(self._stack, 1)
        self.setMinimumSize(*SMALLEST)
        HeldKeys(self)
        self.restyle(NORMAL)

    def _work(self) -> QWidget:
        work = style.named(QWidget(), "work")
        work.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        box, middle = QVBoxLayout(work), QHBoxLayout()
        for one in (box, middle):
            one.setContentsMargins(0, 0, 0, 0)
            one.setSpacing(0)
        middle.addWidget(self._left, 1)
        middle.addWidget(self.side)
        box.addLayout(middle, 1)
        box.addWidget(self.footer)
        return work

    def show_face(self, face: WindowFace) -> None:
        """Show a face; the focus moves only when the question or the place changes."""
        before, self._face = self._face, face
        self.setWindowTitle(f"{face.header.place} – {face.words['program']}")
        self.header.show_header(face.header, face.words)
        self._trouble.setText(f"⚠ {face.trouble}")
        self._trouble.setVisible(bool(face.trouble))
        self._attention.setText(face.attention)
        self._attention.setVisible(bool(face.attention) and face.sign_in is None)
        self.sign_in.show_sign_in(face.sign_in)
        self.card.show_ticket(face.ticket, face.said, face.tone, face.words)
        self.buttons.show_buttons(face.buttons)
        self.side.show_list(face.list)
        self.footer.show_today(face.today)
        self._stack.setCurrentIndex(0 if face.sign_in else 1)
        asks = face.dialog if face.sign_in is None else None
        self._scrim.setVisible(asks is not None)
        self.dialog.show_dialog(asks)
        if before is None or _place(before) != _place(face):
            self._take_focus(face)
        style.lay_out_now()

    def _take_focus(self, face: WindowFace) -> None:
        if face.sign_in is not None:
            self.sign_in.take_focus()
        elif face.dialog is not None:
            self.dialog.setFocus()
        elif face.list.panel.value != "waiting":
            self.side.take_focus()
        elif self.card.verify.is_wanted:
            self.card.verify.field.setFocus()
        else:
            self._stack.setFocus()

    def focus_list(self) -> None:
        """Let the arrows choose from the list that is shown."""
        self.side.take_focus()

    def focus_verify(self) -> None:
        """Let the clerk type the confirmation."""
        if self.card.verify.is_wanted:
            self.card.verify.field.setFocus()
            self.card.verify.field.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Turn keys into intents; what a scanner types anywhere goes into the confirmation."""
        key = keyboard.key_of(event)
        text = event.text()
        if keyboard.is_mini(event):
            self._intents.mini.emit()
        elif key is Key.VERIFY:
            self.focus_verify()
        elif key is not None:
            self._intents.pressed.emit(key)
        elif text and text.isprintable() and self.card.verify.is_wanted and not self._scrim.isVisible():
            self.card.verify.field.setFocus()
            self.card.verify.field.insert(text)
        else:
            super().keyPressEvent(event)

    def restyle(self, palette: Palette) -> None:
        """Fit colours and lengths to the palette and the size of the window."""
        self._palette = palette
        scale = style.scale_for(self.width(), self.height())
        if self._styled == (scale, palette):
            return
        self._styled = (scale, palette)
        self.setStyleSheet(sheet_for(palette, scale))
        theme = style.theme_of(palette, scale)
        self._left_box.setContentsMargins(theme.px(24), theme.px(24), theme.px(24), theme.px(24))
        self._left_box.setSpacing(theme.px(18))
        for view in (self.header, self.footer, self.sign_in, self.card, self.buttons, self.side, self.dialog):
            view.arrange(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the type in step with the window."""
        super().resizeEvent(event)
        self._scrim.setGeometry(self.rect())
        self._scrim.raise_()
        self.restyle(self._palette)

    def changeEvent(self, event: QEvent) -> None:
        """Give the keys back to where they were wanted when the window comes to the front."""
        super().changeEvent(event)
        activated = event.type() == QEvent.Type.ActivationChange and self.isActiveWindow()
        if activated and self._face is not None and self.focusWidget() is None:
            self._take_focus(self._face)


def _place(face: WindowFace) -> tuple[object, ...]:
    verify = face.ticket.verify.state if face.ticket.verify else ""
    is_wanted = verify in ("ask", "mismatch", "malformed")
    return (face.sign_in is None, face.dialog is None, face.list.panel, face.ticket.ticket, is_wanted)
