"""The page of a device that is new: it scans the QR of the staff's page, or takes address and code by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from PySide6.QtCore import QEventLoop, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QFormLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from terminal.client import Client, Request
from terminal.clock import ServerClock
from terminal.theme import Theme
from wire.codes import ENROLMENT, MalformedCode, parse_enrolment
from wire.messages import EnrolAnswer, EnrolRequest, Problem
from wire.vocabulary import DeviceRole

# Whoever sets a device up speaks one of these; what the office's languages are, the device does not know yet.
TITLE = "Nowe urządzenie · New device"
TELL = (
    "Zeskanuj kod QR ze strony personelu (Urządzenia) albo wpisz adres i kod.\n"
    "Scan the QR of the staff's page (Devices), or type address and code."
)
SERVER, CODE, BUTTON = "Serwer · Server", "Kod · Code", "Podłącz · Enrol"
ASKING = "Łączę… · Asking the server…"


class EnrolmentFailed(Exception):
    """The device was not enrolled; says why in a sentence."""


class Listener(Protocol):
    """What reads codes before the device is enrolled: `scanned` brings each text."""

    scanned: Any

    def start(self) -> None:
        """Begin to read."""

    def stop(self) -> None:
        """Let go of the devices."""


def enrol(client: Client, role: DeviceRole, code: str) -> str:
    """Turn a one-time code into this device's token. Raises EnrolmentFailed."""
    outcome: list[EnrolAnswer | Problem | None] = []
    loop = QEventLoop()

    def end(value: EnrolAnswer | Problem | None) -> None:
        outcome.append(value)
        loop.quit()

    body = EnrolRequest.model_construct(enrolment_code=code)
    request = Request("POST", "/api/v1/devices/enrol", EnrolAnswer, body)
    client.send(request, end, end, lambda: end(None))
    if not outcome:
        loop.exec()
    answer = outcome[0]
    if answer is None:
        raise EnrolmentFailed(
            f"The server at {client.server_url} does not answer: this device is not enrolled yet."
        )
    if isinstance(answer, Problem):
        raise EnrolmentFailed(f"The server refused the enrolment code: {answer.title} ({answer.reason}).")
    if answer.device.role is not role:
        raise EnrolmentFailed(
            f"That code enrolled a {answer.device.role.value}, and this program is a {role.value}."
        )
    return answer.token


class EnrolmentWindow(QWidget):
    """Asks for the server and the code until the server has taken one; `enrolled` brings token and server."""

    enrolled = Signal(str, str)
    closed = Signal()

    def __init__(self, role: DeviceRole, server_url: str) -> None:
        super().__init__()
        self._role = role
        self.setWindowTitle(TITLE)
        theme = Theme()
        heading, tell = QLabel(TITLE), QLabel(TELL)
        heading.setFont(theme.font(40))
        tell.setWordWrap(True)
        self.server, self.code, self.said = QLineEdit(server_url), QLineEdit(), QLabel()
        self.said.setWordWrap(True)
        self.button = QPushButton(BUTTON)
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        form.addRow(SERVER, self.server)
        form.addRow(CODE, self.code)
        column = QVBoxLayout(self)
        column.setContentsMargins(56, 56, 56, 56)
        column.setSpacing(24)
        column.setAlignment(Qt.AlignmentFlag.AlignTop)
        for part in (heading, tell):
            column.addWidget(part)
        column.addLayout(form)
        column.addWidget(self.button)
        column.addWidget(self.said)
        colours = theme.palette
        self.setStyleSheet(
            f"QWidget {{ background: {colours.paper}; color: {colours.ink}; }}"
            f"QPushButton, QLineEdit {{ min-height: 64px; padding: 0 16px; border-radius: 12px; }}"
            f"QLineEdit {{ border: 2px solid {colours.ink_soft}; }}"
            f"QPushButton {{ background: {colours.primary}; color: {colours.on_primary}; }}"
            f"QPushButton:focus {{ border: 4px solid {colours.call}; }}"
        )
        self.button.clicked.connect(self.ask)
        for field in (self.server, self.code):
            field.returnPressed.connect(self.ask)
        self.code.setFocus()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell that nobody waits for a code any more."""
        self.closed.emit()
        super().closeEvent(event)

    def scanned(self, text: str) -> None:
        """Take what a scanner or a camera read."""
        try:
            server, code = parse_enrolment(text)
        except MalformedCode:
            return
        self.server.setText(server)
        self.code.setText(code)
        self.ask()

    def ask(self) -> None:
        """Ask the server to take the code; a scanner that types has put the whole QR into one field."""
        for field in (self.code, self.server):
            if field.text().strip().startswith(ENROLMENT):
                text = field.text()
                field.clear()
                return self.scanned(text)
        server, code = self.server.text().strip().rstrip("/"), self.code.text().strip()
        if not code or not self.button.isEnabled():
            return None
        self.button.setEnabled(False)
        self.said.setText(ASKING)
        try:
            token = enrol(Client(server, None, ServerClock()), self._role, code)
        except EnrolmentFailed as failed:
            self.said.setText(str(failed))
        else:
            self.enrolled.emit(token, server)
        self.button.setEnabled(True)
        return None


def ask_on_screen(
    role: DeviceRole,
    server_url: str,
    show: Callable[[QWidget], object],
    listener: Listener | None = None,
) -> tuple[str, str]:
    """Show the page until the device is enrolled; return its token and server. Raises EnrolmentFailed."""
    window, kept = EnrolmentWindow(role, server_url), list[tuple[str, str]]()
    loop = QEventLoop()

    def take(token: str, server: str) -> None:
        kept.append((token, server))
        loop.quit()

    window.enrolled.connect(take)
    window.closed.connect(loop.quit)
    if listener is not None:
        listener.scanned.connect(window.scanned)
        listener.start()
    show(window)
    loop.exec()
    if listener is not None:
        listener.stop()
    # Not close(): a window in kiosk mode never closes.
    window.hide()
    window.deleteLater()
    if not kept:
        raise EnrolmentFailed("This device is not enrolled yet.")
    return kept[0]
