"""A question inside the window: lines chosen by digits, by arrows and Enter, or by a click."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout

from counter_client.portrait.faces import DialogFace
from counter_client.views.intents import Intents
from counter_client.views.style import empty, label, line_edit, named
from terminal.theme import Theme

BURST_MS = 60
NOTE_LENGTH = 200
PAIRED_FROM = 8
ENTER = "Enter"


class DialogCard(QFrame):
    """Shows one question. A digit counts only when it stands alone: a scanner's burst chooses nothing."""

    def __init__(self, intents: Intents) -> None:
        super().__init__()
        self.setObjectName("dialog")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._intents = intents
        self._face: DialogFace | None = None
        self._theme = Theme()
        self.lines: list[QPushButton] = []
        self._digit: int | None = None
        self._alone = QTimer(self, singleShot=True, interval=BURST_MS)
        self._alone.timeout.connect(self._take_digit)
        self._title, self._hint = label("title", wraps=True), label("hint", wraps=True)
        self._number, self._foot = label("issued"), label("foot")
        self.note = line_edit(NOTE_LENGTH)
        self.note.returnPressed.connect(self._focus_first)
        self._rows = QGridLayout()
        self._box = QVBoxLayout(self)
        self._box.addWidget(self._title)
        self._box.addWidget(self._number)
        self._box.addWidget(self._hint)
        self._box.addLayout(self._rows)
        self._box.addWidget(self.note)
        self._box.addWidget(self._foot)

    def show_dialog(self, face: DialogFace | None) -> None:
        """Show a question and take the keys, or vanish."""
        if face == self._face:
            return
        self._face = face
        self.setVisible(face is not None)
        self._alone.stop()
        if face is None:
            return
        for widget, text in ((self._title, face.title), (self._number, face.number), (self._hint, face.hint)):
            widget.setText(text)
            widget.setVisible(bool(text))
        self._foot.setText(face.foot)
        self.note.clear()
        self.note.setPlaceholderText(face.note or "")
        self.note.setVisible(face.note is not None)
        held = [place for place, line in enumerate(self.lines) if line.hasFocus()]
        self._show_lines(face)
        if face.picked is not None and held and held[0] < len(self.lines):
            self.lines[held[0]].setFocus()
        else:
            self.setFocus()

    def _show_lines(self, face: DialogFace) -> None:
        empty(self._rows)
        self.lines = []
        columns = 2 if len(face.lines) >= PAIRED_FROM else 1
        rows = -(-len(face.lines) // columns)
        for place, (cap, text) in enumerate(face.lines):
            column, row = divmod(place, rows)
            line = self._line(place, cap, text, face)
            self._rows.addWidget(line, row, column)
            line.show()
        self.arrange(self._theme)

    def _line(self, place: int, cap: str, text: str, face: DialogFace) -> QFrame | QPushButton:
        is_choice, is_one_of_many = face.is_choice, face.picked is not None and cap != ENTER
        holder = named(QPushButton(), "line") if is_choice else QFrame()
        box = QHBoxLayout(holder)
        box.setContentsMargins(self._theme.px(10), self._theme.px(5), self._theme.px(10), self._theme.px(5))
        box.setSpacing(self._theme.px(12))
        key, words = label("cap"), label("words", wraps=True)
        key.setText(cap)
        key.setAlignment(Qt.AlignmentFlag.AlignCenter)
        key.setMinimumWidth(self._theme.px(28 if is_choice else 84))
        words.setText(text)
        if cap:
            box.addWidget(key)
        else:
            box.addSpacing(self._theme.px(40))
        box.addWidget(words, 1)
        if is_one_of_many and isinstance(holder, QPushButton):
            is_picked = place in (face.picked or ())
            mark = label("mark")
            mark.setText("✓" if is_picked else "")
            box.addWidget(mark)
            holder.setCheckable(True)
            holder.setChecked(is_picked)
        if isinstance(holder, QPushButton):
            holder.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            holder.setMinimumHeight(self._theme.px(46))
            # A button is as high as one line of its own text unless it may grow with the words within.
            holder.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
            holder.setAccessibleName(text)
            holder.clicked.connect(lambda: self._choose(place))
            self.lines.append(holder)
        return holder

    def sizeHint(self) -> QSize:
        """Be as high as the wrapped words need at the card's width."""
        width = self.minimumWidth()
        return QSize(width, self._box.totalHeightForWidth(width)) if width else super().sizeHint()

    minimumSizeHint = sizeHint

    def hasHeightForWidth(self) -> bool:
        """Answer no: a layout would ask for the height at its own width instead of the card's."""
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take digits, arrows and Enter; the window gets the rest."""
        text = event.text()
        if text and text.isprintable():
            if not event.isAutoRepeat():
                self._typed(text)
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._move(1 if event.key() == Qt.Key.Key_Down else -1)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focused = [line for line in self.lines if line.hasFocus()]
            if self._face is not None and self._face.picked is not None:
                focused = self.lines[-1:]
            if focused and not self._alone.isActive() and not event.isAutoRepeat():
                focused[0].click()
        else:
            super().keyPressEvent(event)

    def _typed(self, text: str) -> None:
        lonely = not self._alone.isActive()
        self._digit = int(text) - 1 if lonely and text in "123456789" else None
        self._alone.start()

    def _take_digit(self) -> None:
        if self._digit is not None and self._digit < len(self.lines):
            self._choose(self._digit)

    def _choose(self, place: int) -> None:
        self._intents.chose.emit(place, self.note.text())

    def _move(self, step: int) -> None:
        if not self.lines:
            return
        focused = [place for place, line in enumerate(self.lines) if line.hasFocus()]
        place = (focused[0] + step) % len(self.lines) if focused else (0 if step > 0 else -1)
        self.lines[place].setFocus(Qt.FocusReason.TabFocusReason)

    def _focus_first(self) -> None:
        if self.lines:
            self.lines[0].setFocus(Qt.FocusReason.TabFocusReason)

    def arrange(self, theme: Theme) -> None:
        """Fit margins and gaps to the size of the type."""
        self._theme = theme
        self._box.setContentsMargins(theme.px(28), theme.px(24), theme.px(28), theme.px(20))
        self._box.setSpacing(theme.px(12))
        self._rows.setSpacing(theme.px(8))
        self.setFixedWidth(
            theme.px(780 if len(self._face.lines) >= PAIRED_FROM else 560) if self._face else 0
        )
