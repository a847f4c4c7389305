"""The ticket in hand: its number, state, facts, the confirmation and the checklist."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from counter_client.portrait.faces import CheckLine, TicketFace
from counter_client.views.intents import Intents
from counter_client.views.style import empty, label, named, rename, set_state
from counter_client.views.verify_row import VerifyRow
from terminal.theme import Theme

PAIRS_A_ROW = 2


class TicketCard(QFrame):
    """The large card at the left."""

    def __init__(self, intents: Intents) -> None:
        super().__init__()
        self.setObjectName("card")
        self._intents = intents
        self.verify = VerifyRow(intents)
        self._caption, self._number, self._pill = label("caption"), label("number"), label("pill")
        self._waited, self._hint = label("waited"), label("hint", wraps=True)
        self._note, self._said = label("note", wraps=True), label("said", wraps=True)
        self._boxes: list[QCheckBox] = []
        self._rule = named(QFrame(), "rule")
        self._facts, self._checks = QGridLayout(), QVBoxLayout()
        self._top = QHBoxLayout()
        self._box = QVBoxLayout(self)
        self._lay_out()
        self._shown_facts: tuple[tuple[str, str], ...] | None = None

    def _lay_out(self) -> None:
        left, right = QVBoxLayout(), QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(self._caption)
        left.addWidget(self._number)
        right.addWidget(self._pill, 0, Qt.AlignmentFlag.AlignRight)
        right.addWidget(self._waited, 0, Qt.AlignmentFlag.AlignRight)
        right.addStretch(1)
        self._top.addLayout(left, 1)
        self._top.addLayout(right)
        for column, stretch in enumerate((0, 3, 0, 3)):
            self._facts.setColumnStretch(column, stretch)
        details = named(QWidget(), "details")
        inner = QVBoxLayout(details)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self._hint)
        inner.addLayout(self._facts)
        inner.addWidget(self._note)
        inner.addWidget(self._rule)
        inner.addWidget(self.verify)
        inner.addLayout(self._checks)
        inner.addStretch(1)
        self._inner = inner
        scroll = named(QScrollArea(), "scroll")
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(details)
        self._box.addLayout(self._top)
        self._box.addWidget(scroll, 1)
        self._box.addWidget(self._said)

    def show_ticket(self, face: TicketFace, said: str, tone: str, words: dict[str, str]) -> None:
        """Show a ticket, or what is to be done without one."""
        self._caption.setText(face.caption)
        self._number.setText(face.headline)
        rename(self._number, "number" if face.is_number else "headline")
        self._show_or_hide(self._pill, face.pill.text)
        set_state(self._pill, face.pill.tone)
        self._waited.setText(face.waited)
        self._show_or_hide(self._hint, face.hint)
        self._show_or_hide(self._note, face.note)
        self._show_or_hide(self._said, said)
        set_state(self._said, tone)
        self._rule.setVisible(bool(face.verify or face.checklist))
        self.verify.show_line(face.ticket, face.verify, words)
        self._show_facts(face.facts)
        self._show_checks(face.checklist)

    def _show_facts(self, facts: tuple[tuple[str, str], ...]) -> None:
        if facts == self._shown_facts:
            return
        self._shown_facts = facts
        empty(self._facts)
        # The first is the service, whose name may be long: it has a row of its own.
        for place, (name, value) in enumerate(facts, start=1):
            row, column = divmod(place, PAIRS_A_ROW) if place > 1 else (0, 0)
            fact, content = label("fact"), label("value", wraps=True)
            fact.setText(name)
            content.setText(value)
            self._facts.addWidget(fact, row, column * 2, Qt.AlignmentFlag.AlignTop)
            span = 3 if row == 0 else 1
            self._facts.addWidget(content, row, column * 2 + 1, 1, span, Qt.AlignmentFlag.AlignTop)
            # A layout shows what it is given only when the loop comes round: that would be seen.
            fact.show()
            content.show()

    def _show_checks(self, lines: tuple[CheckLine, ...]) -> None:
        if [box.text() for box in self._boxes] != [_plain(line.text) for line in lines]:
            for box in self._boxes:
                self._checks.removeWidget(box)
                box.deleteLater()
            self._boxes = [self._box_for(line) for line in lines]
        for box, line in zip(self._boxes, lines, strict=True):
            box.setChecked(line.is_ticked)

    def _box_for(self, line: CheckLine) -> QCheckBox:
        box = QCheckBox(_plain(line.text))
        box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        box.clicked.connect(lambda: self._intents.ticked.emit(line.item))
        self._checks.addWidget(box)
        box.show()
        return box

    def arrange(self, theme: Theme) -> None:
        """Fit margins and gaps to the size of the type."""
        side, top = theme.px(24), theme.px(18)
        self._box.setContentsMargins(side, top, side, top)
        self._box.setSpacing(theme.px(10))
        self._top.setSpacing(theme.px(16))
        self._inner.setSpacing(theme.px(12))
        self._facts.setHorizontalSpacing(theme.px(20))
        self._facts.setVerticalSpacing(theme.px(7))
        for column in (0, 2):
            self._facts.setColumnMinimumWidth(column, theme.px(112))
        self._checks.setSpacing(theme.px(1))
        self.verify.arrange(theme)

    @staticmethod
    def _show_or_hide(widget: QWidget, text: str) -> None:
        widget.setText(text)  # type: ignore[attr-defined]
        widget.setVisible(bool(text))


def _plain(item: str) -> str:
    """Keep an ampersand of the office's own words from becoming a mnemonic."""
    return item.replace("&", "&&")
