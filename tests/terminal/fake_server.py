"""A small HTTP server on loopback that answers as a test tells it, also badly, and can be cut off."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pydantic import BaseModel


class Exchange(BaseHTTPRequestHandler):
    """One request, given to the test's function, and the ways to answer it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def _handle(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.body = self.rfile.read(length)
        try:
            self.server.fake.answer(self)
        except OSError:
            self.close_connection = True

    do_GET = do_POST = do_DELETE = _handle

    def reply(self, status: int, body: BaseModel | dict[str, Any] | bytes = b"", **headers: str):
        """Answer with a message, a dict or bytes; header names are written with underscores."""
        if isinstance(body, BaseModel):
            body = body.model_dump_json().encode()
        elif isinstance(body, dict):
            body = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def cut(self, after: bytes = b""):
        """Send some bytes and cut the connection."""
        self.wfile.write(after)
        self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def stream(self, feed: Feed):
        """Answer with the feed after Last-Event-ID, until the server stops or drops its connections."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        after = int(self.headers["Last-Event-ID"])
        fake = self.server.fake
        while not fake.is_stopping:
            for number, kind, data in feed.after(after):
                traced = f"traceparent: {feed.traceparents[number]}\n" if number in feed.traceparents else ""
                event = f"{traced}id: {number}\nevent: {kind}\ndata: {data}\n\n"
                self.wfile.write(event.encode())
                after = number
            self.wfile.flush()
            feed.wait(after, fake)

    def log_message(self, format: str, *args: object):
        pass


class Feed:
    """Numbered facts that streams wait for."""

    def __init__(self):
        self.changed = threading.Condition()
        self._rows: list[tuple[int, str, str]] = []
        self.traceparents: dict[int, str] = {}

    def add(self, number: int, kind: str, data: BaseModel | str, traceparent: str = ""):
        text = data if isinstance(data, str) else data.model_dump_json(exclude_none=True)
        if traceparent:
            self.traceparents[number] = traceparent
        with self.changed:
            self._rows.append((number, kind, text))
            self.changed.notify_all()

    def wait(self, after: int, fake: FakeServer):
        """Wait for facts after a number, or for the server's end."""
        with self.changed:
            self.changed.wait_for(lambda: fake.is_stopping or self.after(after), timeout=30)

    def after(self, number: int) -> list[tuple[int, str, str]]:
        return [row for row in self._rows if row[0] > number]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    fake: FakeServer

    def handle_error(self, request: object, client_address: object):
        pass

    def process_request(self, request: socket.socket, client_address: object):
        self.fake.connections.append(request)
        super().process_request(request, client_address)


class FakeServer:
    """Listens while started; `answer` is called for each request in a thread of its own."""

    def __init__(self, answer: Callable[[Exchange], None]):
        self.answer = answer
        self.port = 0
        self.feeds: list[Feed] = []
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        """Listen, on the same port as before when there was one."""
        self.is_stopping = False
        self.connections: list[socket.socket] = []
        self._server = _Server(("127.0.0.1", self.port), Exchange)
        self._server.fake = self
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def stop(self):
        """Stop listening and cut every connection, as a server that dies does."""
        self.is_stopping = True
        self._server.shutdown()
        self._thread.join()
        self._server.socket.close()
        self.drop()

    def drop(self):
        """Cut every connection."""
        for connection in self.connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        for feed in self.feeds:
            with feed.changed:
                feed.changed.notify_all()
