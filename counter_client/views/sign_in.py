"""Signing in at a counter: two fields, one button, and a clear sentence when it did not work."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from counter_client.portrait.faces import SignInFace
from counter_client.views.intents import Intents
from counter_client.views.style import label, line_edit, named, set_state
from terminal.theme import Theme


class SignIn(QWidget):
    """A form in the middle of an empty window."""

    def __init__(self, intents: Intents) -> None:
        super().__init__()
        self.setObjectName("sign_in")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._intents = intents
        self._title, self._place = label("title", wraps=True), label("caption")
        self._said, self._hint = label("said", wraps=True), label("foot", wraps=True)
        set_state(self._said, "bad")
        self._login_name, self._password_name = label("fact"), label("fact")
        self.login, self.password = line_edit(100), line_edit(200)
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self._enter, self._other = named(QPushButton(), "enter"), named(QPushButton(), "other")
        self._form = named(QFrame(), "form")
        self._box = QVBoxLayout(self._form)
        parts = (self._place, self._title, self._said, self._login_name, self.login, self._password_name)
        for widget in (*parts, self.password, self._enter, self._hint):
            self._box.addWidget(widget)
        middle = QGridLayout(self)
        middle.addWidget(self._form, 1, 1)
        for edge in (0, 2):
            middle.setRowStretch(edge, 1)
            middle.setColumnStretch(edge, 1)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self._other)
        middle.addLayout(foot, 3, 0, 1, 3)
        self.login.returnPressed.connect(self.password.setFocus)
        self.password.returnPressed.connect(self._send)
        self._enter.clicked.connect(self._send)
        self._other.clicked.connect(intents.language.emit)

    @property
    def is_told(self) -> bool:
        """Say whether the server was heard: a clerk can sign in."""
        return self._enter.isEnabled()

    def show_sign_in(self, face: SignInFace | None) -> None:
        """Show the form; once a clerk is at work the password is gone from it."""
        if face is None:
            self.password.clear()
            return
        for widget, text in (
            (self._title, face.title),
            (self._place, face.place),
            (self._login_name, face.login),
            (self._password_name, face.password),
            (self._enter, face.enter),
            (self._other, face.other_language),
        ):
            widget.setText(text)
        for widget, text in ((self._said, face.said), (self._hint, face.hint)):
            widget.setText(text)
            widget.setVisible(bool(text))
        self.login.setAccessibleName(face.login)
        self.password.setAccessibleName(face.password)
        self._other.setVisible(bool(face.other_language))
        self._enter.setEnabled(face.can_enter)

    def take_focus(self) -> None:
        """Let the clerk type at once."""
        (self.password if self.login.text() else self.login).setFocus()

    def arrange(self, theme: Theme) -> None:
        """Fit the form to the size of the type."""
        self._form.setFixedWidth(theme.px(440))
        side = theme.px(36)
        self._box.setContentsMargins(side, theme.px(30), side, theme.px(32))
        self._box.setSpacing(theme.px(10))

    def _send(self) -> None:
        if self._enter.isEnabled():
            self._intents.sign_in.emit(self.login.text(), self.password.text())
