"""The lists beside the ticket: who waits, who was set aside, who did not come."""

from __future__ import annotations

import time

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
)

from counter_client.portrait.faces import ListFace, Row
from counter_client.state import PANEL_KEYS, Panel
from counter_client.views.intents import Intents
from counter_client.views.style import label, named, set_state
from terminal.theme import Theme

ROW = Qt.ItemDataRole.UserRole
SCANNER_SECONDS = 0.2


class RowPainter(QStyledItemDelegate):
    """Paints one row: number, hour and service, minutes; what is too long is cut with an ellipsis."""

    def __init__(self) -> None:
        super().__init__()
        self.theme = Theme()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Give every row the same height."""
        return QSize(self.theme.px(200), self.theme.px(50))

    def paint(
        self, pen: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint a row."""
        row, theme, area = index.data(ROW), self.theme, option.rect
        pen.save()
        if option.state & QStyle.StateFlag.State_Selected:
            pen.fillRect(area, theme.color("mist"))
            pen.fillRect(QRect(area.left(), area.top(), theme.px(4), area.height()), theme.color("primary"))
        pen.setPen(theme.color("line"))
        pen.drawLine(area.bottomLeft(), area.bottomRight())
        inner = area.adjusted(theme.px(10), theme.px(5), -theme.px(10), -theme.px(5))
        right = self._wait(pen, row, inner)
        number = theme.px(66)
        self._text(pen, inner.adjusted(0, 0, number - inner.width(), 0), row.number, (20, 700), "ink")
        middle = inner.adjusted(number + theme.px(6), 0, -right - theme.px(10), 0)
        half = middle.height() // 2
        if row.extra:
            self._text(pen, middle.adjusted(0, 0, 0, -half), row.detail, (15, 400), "ink")
            self._text(pen, middle.adjusted(0, half, 0, 0), row.extra, (13, 500), "ink_soft")
        else:
            self._text(pen, middle, row.detail, (15, 400), "ink")
        pen.restore()

    def _wait(self, pen: QPainter, row: Row, area: QRect) -> int:
        width, half, side = self.theme.px(72), area.height() // 2, Qt.AlignmentFlag.AlignRight
        right = area.adjusted(area.width() - width, 0, 0, 0)
        if not row.late:
            self._text(pen, right, row.wait, (15, 400), "ink_soft", side)
        else:
            self._text(pen, right.adjusted(0, 0, 0, -half), row.wait, (15, 700), "bad", side)
            self._text(pen, right.adjusted(0, half, 0, 0), row.late, (13, 600), "bad", side)
        return width

    def _text(
        self,
        pen: QPainter,
        area: QRect,
        text: str,
        type_: tuple[float, int],
        token: str,
        side: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> None:
        pen.setFont(self.theme.font(type_[0], QFont.Weight(type_[1])))
        pen.setPen(self.theme.color(token))
        shown = pen.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        pen.drawText(area, side | Qt.AlignmentFlag.AlignVCenter, shown)


class Rows(QListWidget):
    """Rows chosen by arrows and Enter; what a scanner types passes through to the confirmation."""

    def __init__(self, intents: Intents) -> None:
        super().__init__()
        self._intents = intents
        self._typed_at = 0.0
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.itemDoubleClicked.connect(self._pick)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose with Enter, unless it ends a scanner's burst; withdraw with Delete."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if time.monotonic() - self._typed_at > SCANNER_SECONDS and self.currentItem() is not None:
                self._pick(self.currentItem())
        elif event.key() == Qt.Key.Key_Delete and self.currentItem() is not None:
            self._intents.withdrawn.emit(self.currentItem().data(ROW).id)
        elif event.text().isprintable() and event.text() and event.key() != Qt.Key.Key_Space:
            self._typed_at = time.monotonic()
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _pick(self, item: QListWidgetItem) -> None:
        self._intents.picked.emit(item.data(ROW).id)


class QueueList(QFrame):
    """Tabs over one list; the finished tickets are a supervisor's."""

    def __init__(self, intents: Intents) -> None:
        super().__init__()
        self.setObjectName("side")
        self._tabs = {panel: self._tab(panel, intents) for panel in Panel}
        self._panel = Panel.WAITING
        self._painter = RowPainter()
        self.rows = Rows(intents)
        self.rows.setItemDelegate(self._painter)
        self._empty, self._more, self._hint = label("empty"), label("more"), label("list_hint", wraps=True)
        # A supervisor's fourth tab has a row of its own: beside the others there is no room for its words.
        self._head, self._below = QHBoxLayout(), QHBoxLayout()
        for panel, tab in self._tabs.items():
            (self._below if panel is Panel.FINISHED else self._head).addWidget(tab)
        self._head.addStretch(1)
        self._below.addStretch(1)
        self._box = QVBoxLayout(self)
        self._box.addLayout(self._head)
        self._box.addLayout(self._below)
        self._box.addWidget(self._empty)
        self._box.addWidget(self.rows, 1)
        self._box.addWidget(self._more)
        self._box.addWidget(self._hint)

    def _tab(self, panel: Panel, intents: Intents) -> QPushButton:
        tab = named(QPushButton(), "tab")
        tab.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        tab.clicked.connect(lambda: intents.pressed.emit(PANEL_KEYS[panel]))
        return tab

    def show_list(self, face: ListFace) -> None:
        """Show one list; the chosen row stays with its ticket when the order changes."""
        shown = dict(face.tabs)
        for panel, tab in self._tabs.items():
            tab.setVisible(panel in shown)
        for panel, text in face.tabs:
            self._tabs[panel].setText(text)
            set_state(self._tabs[panel], "on" if panel is face.panel else "off")
        chosen = self.rows.currentItem().data(ROW).id if self.rows.currentItem() else None
        while self.rows.count() > len(face.rows):
            self.rows.takeItem(self.rows.count() - 1)
        while self.rows.count() < len(face.rows):
            self.rows.addItem(QListWidgetItem())
        for place, row in enumerate(face.rows):
            item = self.rows.item(place)
            if item.data(ROW) != row:
                item.setData(ROW, row)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{row.number} {row.detail} {row.wait}")
        self._keep_chosen(chosen if face.panel is self._panel else None, face)
        self._panel = face.panel
        for widget, text in ((self._empty, face.empty), (self._more, face.more), (self._hint, face.hint)):
            widget.setText(text)
            widget.setVisible(bool(text))

    def _keep_chosen(self, chosen: int | None, face: ListFace) -> None:
        places = [place for place, row in enumerate(face.rows) if row.id == chosen]
        self.rows.setCurrentRow(places[0] if places else -1)

    def take_focus(self) -> None:
        """Let the arrows choose a row."""
        if self.rows.currentRow() < 0 and self.rows.count():
            self.rows.setCurrentRow(0)
        self.rows.setFocus()

    def arrange(self, theme: Theme) -> None:
        """Fit margins, rows and type to the size of the window."""
        self._painter.theme = theme
        self._box.setContentsMargins(theme.px(20), theme.px(12), theme.px(20), theme.px(12))
        self._box.setSpacing(theme.px(8))
        self._head.setSpacing(theme.px(4))
        self.setFixedWidth(theme.px(400))
        self.rows.doItemsLayout()
