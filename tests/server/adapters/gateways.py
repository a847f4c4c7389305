"""A real HTTP gateway on loopback that keeps what it is asked, and can be told to be unwilling."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class GatewayServer:
    """Answers with `status`; `delay` seconds late; `breaks` hangs up instead, after it has read all."""

    status: int = 200
    delay: float = 0.0
    breaks: bool = False
    location: str = ""
    port: int = 0
    asked: list[Asked] = field(default_factory=list)

    def __enter__(self) -> GatewayServer:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                outer.asked.append(Asked(self.command, self.path, headers, body))
                time.sleep(outer.delay)
                if outer.breaks:
                    self.close_connection = True
                    return
                with suppress(ConnectionError):
                    self._say()

            def _say(self) -> None:
                self.send_response(outer.status)
                if outer.location:
                    self.send_header("Location", outer.location)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            do_POST = do_GET = _answer

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def url(self, path: str = "/send") -> str:
        """Return an address of it."""
        return f"http://127.0.0.1:{self.port}{path}"
