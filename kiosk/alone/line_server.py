"""Lets counters reach the kiosk's own line over the local network: one address, `POST /line` (ADR 0026)."""

from __future__ import annotations

import logging
import re
from http import HTTPStatus

from PySide6.QtCore import QByteArray, QObject, QTimer
from PySide6.QtNetwork import QHostAddress, QTcpServer, QTcpSocket

from kiosk.alone.own_line import LineRefused, OwnLine
from wire.messages import LineRefusal, Problem, SignedLine

log = logging.getLogger(__name__)

MOST_BYTES = 8_192
MOST_OPEN = 32
MOST_OF_ONE = 4
"""Of the connections, so many for each machine: one alone cannot keep the others out."""
PATIENCE_MS = 5_000
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,5})[ \t]*\r\n", re.IGNORECASE)
_STATUS = {
    LineRefusal.NOT_SIGNED: HTTPStatus.UNAUTHORIZED,
    LineRefusal.TOO_OLD: HTTPStatus.FORBIDDEN,
    LineRefusal.NO_LINE: HTTPStatus.CONFLICT,
    LineRefusal.SENT: HTTPStatus.CONFLICT,
    LineRefusal.JOURNAL_FAILED: HTTPStatus.SERVICE_UNAVAILABLE,
}


def body_of(raw: bytes) -> bytes | None:
    """Return the body of a request for the line, None while it is not whole. Raises ValueError for others."""
    head, ends, body = raw.partition(b"\r\n\r\n")
    if len(raw) > MOST_BYTES:
        raise ValueError("too long")
    if not ends:
        return None
    length = _LENGTH.search(head + b"\r\n")
    if not head.startswith(b"POST /line HTTP/1.1\r\n") or length is None:
        raise ValueError("not for the line")
    return body if len(body) >= int(length[1]) else None


def answer_to(line: OwnLine, body: bytes) -> tuple[HTTPStatus, str]:
    """Let the line answer a request's body; whoever does not prove to be of the branch is told nothing."""
    try:
        return HTTPStatus.OK, line.answer(SignedLine.model_validate_json(body)).model_dump_json()
    except LineRefused as refused:
        reason, status = str(refused.reason), _STATUS[refused.reason]
    except ValueError:
        reason, status = "malformed", HTTPStatus.BAD_REQUEST
    return status, Problem(title="Not now", status=status, reason=reason).model_dump_json(exclude_none=True)


class LineServer(QObject):
    """Listens in the event loop, a request a connection; what is slow or long is cut off."""

    def __init__(self, line: OwnLine, port: int, parent: QObject | None = None) -> None:
        """Listen on all of the machine's networks; where the port is taken, that is logged. 0 takes any."""
        super().__init__(parent)
        self._line = line
        self._server = QTcpServer(self)
        self._server.newConnection.connect(self._connected)
        self._open: dict[QTcpSocket, bytes] = {}
        if not self._server.listen(QHostAddress(QHostAddress.SpecialAddress.Any), port):
            log.error("Counters cannot reach this kiosk's line: %s", self._server.errorString())

    @property
    def port(self) -> int:
        """Return the port that it listens on, 0 for none."""
        return self._server.serverPort()

    def close(self) -> None:
        """Listen no more."""
        self._server.close()
        for socket in list(self._open):
            socket.abort()

    def _connected(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            if len(self._open) >= MOST_OPEN or self._of_same(socket) >= MOST_OF_ONE:
                socket.abort()
                socket.deleteLater()
                continue
            socket.setParent(None)  # with its server it would be freed once more than by `_gone`
            self._open[socket] = b""
            socket.readyRead.connect(lambda socket=socket: self._read(socket))
            socket.disconnected.connect(lambda socket=socket: self._gone(socket))
            QTimer.singleShot(PATIENCE_MS, socket, socket.abort)
            self._read(socket)

    def _of_same(self, socket: QTcpSocket) -> int:
        return sum(each.peerAddress() == socket.peerAddress() for each in self._open)

    def _read(self, socket: QTcpSocket) -> None:
        if socket not in self._open:
            return
        self._open[socket] += bytes(socket.readAll().data())
        try:
            body = body_of(self._open[socket])
        except ValueError:
            socket.abort()
            return
        if body is None:
            return
        status, text = answer_to(self._line, body)
        sent = text.encode()
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(sent)}\r\nConnection: close\r\n\r\n"
        )
        self._open[socket] = b""
        socket.write(QByteArray(head.encode() + sent))
        socket.disconnectFromHost()

    def _gone(self, socket: QTcpSocket) -> None:
        if self._open.pop(socket, None) is not None:
            socket.deleteLater()
