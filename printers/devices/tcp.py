"""Network printers: raw bytes on a TCP port, 9100 by custom."""

from __future__ import annotations

import contextlib
import socket
from urllib.parse import ParseResult

from printers.devices import LinkError
from printers.devices.descriptor import read_some, write_some

RAW_PORT = 9100
# A large buffer would swallow whole slips into a pulled cable.
_SEND_BUFFER = 16_384


class TcpLink:
    """A connected socket."""

    answers = True

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection

    def write(self, data: bytes, seconds: float) -> int:
        return write_some(self._socket.fileno(), data, seconds, self._socket.send)

    def read(self, seconds: float) -> bytes:
        return read_some(self._socket.fileno(), seconds, self._socket.recv)

    def finish(self) -> None:
        """Nothing to do: the bytes are on their way."""

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


def open_at(parts: ParseResult, seconds: float) -> TcpLink:
    """Connect within `seconds`; raise LinkError."""
    where = (parts.hostname or "", parts.port or RAW_PORT)
    try:
        connection = socket.create_connection(where, seconds)
    except (OSError, UnicodeError) as error:
        raise LinkError(f"no connection to {where[0]}:{where[1]}: {error}") from None
    connection.setblocking(False)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return TcpLink(connection)
