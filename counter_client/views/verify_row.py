"""The confirmation of a reservation: a field to type or scan into, and the result in words."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QPushButton, QWidget

from counter_client.portrait.faces import VerifyLine
from counter_client.views.intents import Intents
from counter_client.views.style import label, line_edit, named, set_state
from terminal.theme import Theme
from wire.codes import MAX_SCAN_BYTES

SIGNS = {"verified": "✓ ", "mismatch": "✗ ", "malformed": "✗ "}


class VerifyRow(QWidget):
    """Asks for the confirmation as long as it is wanted; a keyboard scanner types into the field."""

    def __init__(self, intents: Intents) -> None:
        super().__init__()
        self._intents = intents
        self._ticket: int | None = None
        self._state = ""
        self._name, self._result = label("fact"), label("result", wraps=True)
        self.field = line_edit(MAX_SCAN_BYTES)
        self._check = named(QPushButton(), "check")
        self._box = QGridLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.addWidget(self._name, 0, 0)
        self._box.addWidget(self.field, 0, 1)
        self._box.addWidget(self._check, 0, 2)
        self._box.addWidget(self._result, 1, 0, 1, 4)
        self._box.setColumnStretch(1, 2)
        self._box.setColumnStretch(3, 1)
        self.field.returnPressed.connect(self._ask)
        self._check.clicked.connect(self._ask)

    @property
    def is_wanted(self) -> bool:
        """Tell whether the field waits for a code."""
        return self._state not in ("", "verified", "busy")

    def show_line(self, ticket: int | None, line: VerifyLine | None, words: dict[str, str]) -> None:
        """Show how far the comparison is; a new ticket starts with an empty field."""
        state = line.state if line else ""
        if ticket != self._ticket:
            self.field.clear()
        elif state in ("mismatch", "malformed") and self._state == "busy":
            self.field.selectAll()
        self._ticket, self._state = ticket, state
        self.setVisible(line is not None)
        asks = state != "verified"
        for part in (self._name, self.field, self._check):
            part.setVisible(asks)
        self._name.setText(words["verify"])
        self._check.setText(words["check"])
        self.field.setPlaceholderText(words["placeholder"])
        self.field.setAccessibleName(words["verify"])
        self._result.setText(SIGNS.get(state, "") + line.text if line and line.text else "")
        self._result.setVisible(bool(self._result.text()))
        set_state(self._result, state)
        set_state(self.field, state)

    def arrange(self, theme: Theme) -> None:
        """Fit gaps to the size of the type."""
        self._box.setSpacing(theme.px(10))
        self.field.setMinimumWidth(theme.px(230))

    def _ask(self) -> None:
        self._intents.scanned.emit(self.field.text())
