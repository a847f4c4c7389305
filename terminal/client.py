"""The client of /api/v1: typed requests, typed answers, the same key until a command is answered."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pydantic import ValidationError
from PySide6.QtCore import QByteArray, QObject, QTimer, QUrl
from PySide6.QtNetwork import QNetworkAccessManager, QNetworkProxy, QNetworkReply, QNetworkRequest

from terminal.clock import ServerClock
from wire.messages import Message, Problem

ATTEMPT_MS = 4000
PATIENCE_SECONDS = 10.0
RETRY_SECONDS = (0.1, 0.3, 1.0, 2.0)
WORTH_ANOTHER_TRY = (502, 503, 504)
UNREADABLE = "unreadable_answer"
# QNetworkReply.NetworkError below this are the network's and a proxy's; from here on the server has spoken.
FIRST_ERROR_WITH_AN_ANSWER = 200
NOT_MODIFIED = 304

OnAnswer = Callable[[Any], None]
OnProblem = Callable[[Problem], None]
OnUnreachable = Callable[[], None]


def new_key() -> str:
    """Make the Idempotency-Key of one command."""
    return secrets.token_urlsafe(18)


@dataclass
class Known:
    """What is kept of an answer: its ETag. Asked with it, the server answers 304 where nothing has changed."""

    etag: str = ""


@dataclass(frozen=True)
class Request:
    """One thing asked of the server; `path` begins with /api/v1/, `answer` None means: no body is awaited.

    `key` belongs to the command: send the same Request again and the server does it once. With `known` the answer
    is None while it is the same as the last one, whose ETag `known` keeps.
    """

    method: Literal["GET", "POST", "DELETE"]
    path: str
    answer: type[Message] | None = None
    body: Message | None = None
    patience_seconds: float = PATIENCE_SECONDS
    key: str = field(default_factory=new_key)
    known: Known | None = None


def bare_network(parent: QObject) -> QNetworkAccessManager:
    """Make a network access without proxy and redirects: a token goes to one server only."""
    network = QNetworkAccessManager(parent)
    network.setProxy(QNetworkProxy(QNetworkProxy.ProxyType.NoProxy))
    network.setRedirectPolicy(QNetworkRequest.RedirectPolicy.ManualRedirectPolicy)
    network.setAutoDeleteReplies(False)
    return network


class Client(QObject):
    """Send requests with the device's or the clerk's token; callbacks run in the Qt event loop, once each."""

    def __init__(self, server_url: str, token: str | None, clock: ServerClock) -> None:
        super().__init__()
        self.server_url = server_url.rstrip("/")
        self.token = token
        self.clock = clock
        self.network = bare_network(self)

    def send(
        self,
        request: Request,
        on_answer: OnAnswer,
        on_problem: OnProblem,
        on_unreachable: OnUnreachable,
    ) -> Sending:
        """Send, and retry with back-off until answered or `patience_seconds` are over; one callback runs.

        on_answer gets a message of `request.answer` (None for 204 and 304), on_problem a refusal or a fault that
        the server told (reason `unreadable_answer` when it made no sense), on_unreachable nothing.
        """
        return Sending(self, request, (on_answer, on_problem, on_unreachable))


class Sending(QObject):
    """A request on its way; `cancel()` forgets it and no callback runs."""

    def __init__(
        self, client: Client, request: Request, callbacks: tuple[OnAnswer, OnProblem, OnUnreachable]
    ) -> None:
        super().__init__(client)
        # Not the client itself: it owns this object, and must not be kept alive by what it owns.
        self._network, self._clock = client.network, client.clock
        self._server_url, self._token = client.server_url, client.token
        self._request, self._callbacks = request, callbacks
        self._reply: QNetworkReply | None = None
        self._problem: Problem | None = None
        self._tries = 0
        self._spent = QTimer(self, singleShot=True, interval=int(request.patience_seconds * 1000))
        self._spent.timeout.connect(self._out_of_time)
        self._again = QTimer(self, singleShot=True)
        self._again.timeout.connect(self._attempt)
        self._spent.start()
        self._attempt()

    def cancel(self) -> None:
        """Give up without a word; a command that is under way may still be done by the server."""
        self._again.stop()
        self._drop_reply(abort=True)
        self.deleteLater()

    def _attempt(self) -> None:
        self._tries += 1
        asked, method = self._asked(), self._request.method.encode()
        body = self._request.body
        payload = body.model_dump_json(exclude_none=True).encode() if body else b"{}"
        if method == b"POST":
            asked.setHeader(QNetworkRequest.KnownHeaders.ContentTypeHeader, "application/json")
        else:
            payload = b""
        self._reply = self._network.sendCustomRequest(asked, method, QByteArray(payload))
        self._reply.finished.connect(self._finished)

    def _out_of_time(self) -> None:
        if self._reply is not None:
            self._reply.abort()

    def _asked(self) -> QNetworkRequest:
        asked = QNetworkRequest(QUrl(self._server_url + self._request.path))
        left = self._spent.remainingTime()
        asked.setTransferTimeout(max(500, min(ATTEMPT_MS, left)))
        asked.setRawHeader(b"Accept", b"application/json")
        asked.setRawHeader(b"Accept-Encoding", b"identity")
        if self._token:
            asked.setRawHeader(b"Authorization", f"Bearer {self._token}".encode())
        if self._request.known is not None and self._request.known.etag:
            asked.setRawHeader(b"If-None-Match", self._request.known.etag.encode())
        if self._request.method != "GET":
            asked.setRawHeader(b"Idempotency-Key", self._request.key.encode())
        return asked

    def _finished(self) -> None:
        reply = self._reply
        if reply is None:
            return
        status = reply.attribute(QNetworkRequest.Attribute.HttpStatusCodeAttribute)
        body = bytes(reply.readAll().data()) if reply.isOpen() else b""
        cut = 0 < reply.error().value < FIRST_ERROR_WITH_AN_ANSWER or _is_short(reply, body)
        wait = header_seconds(reply, "Retry-After")
        etag = bytes(reply.rawHeader("ETag").data()).decode("latin-1")
        hear_time(self._clock, reply)
        self._drop_reply()
        if status is None or cut:
            self._try_again(None)
        elif status in WORTH_ANOTHER_TRY:
            self._problem = read_problem(body)
            self._try_again(wait)
        elif status < 300:
            self._read_answer(status, body, etag)
        elif status == NOT_MODIFIED and self._request.known is not None:
            self._end(lambda: self._callbacks[0](None))
        else:
            self._tell_problem(read_problem(body) or unreadable(status), wait)

    def _read_answer(self, status: int, body: bytes, etag: str) -> None:
        answer: Message | None = None
        if self._request.answer is not None and status != 204:
            try:
                answer = self._request.answer.model_validate_json(body)
            except ValidationError:
                self._tell_problem(unreadable(status), None)
                return
        if self._request.known is not None:
            self._request.known.etag = etag
        self._end(lambda: self._callbacks[0](answer))

    def _try_again(self, wait: float | None) -> None:
        seconds = RETRY_SECONDS[min(self._tries, len(RETRY_SECONDS)) - 1] if wait is None else wait
        if seconds * 1000 < self._spent.remainingTime():
            self._again.start(int(seconds * 1000))
        elif self._problem is not None:
            self._tell_problem(self._problem, wait)
        else:
            self._end(self._callbacks[2])

    def _tell_problem(self, problem: Problem, wait: float | None) -> None:
        if wait is not None:
            problem = problem.model_copy(update={"facts": {"retry_after_seconds": wait, **problem.facts}})
        self._end(lambda: self._callbacks[1](problem))

    def _end(self, callback: Callable[[], None]) -> None:
        self.deleteLater()
        callback()

    def _drop_reply(self, abort: bool = False) -> None:
        reply, self._reply = self._reply, None
        if reply is None:
            return
        reply.finished.disconnect(self._finished)
        if abort:
            reply.abort()
        reply.deleteLater()


def _is_short(reply: QNetworkReply, body: bytes) -> bool:
    # Qt does not always call it an error when the connection ends in the middle of a body.
    length = reply.header(QNetworkRequest.KnownHeaders.ContentLengthHeader)
    return isinstance(length, int) and len(body) < length


def read_problem(body: bytes) -> Problem | None:
    """Read a problem+json body; None when it is something else (a proxy's page)."""
    try:
        return Problem.model_validate(json.loads(body), extra="ignore")
    except (ValueError, RecursionError):
        return None


def unreadable(status: int) -> Problem:
    """Make the problem of an answer that does not fit what was asked."""
    return Problem(title="The answer does not make sense here", status=status, reason=UNREADABLE)


def header_seconds(reply: QNetworkReply, name: str) -> float | None:
    """Read a header of whole seconds; None when it is missing or a date."""
    text = bytes(reply.rawHeader(name).data()).strip()
    return float(text) if text.isdigit() and len(text) <= 5 else None


def hear_time(clock: ServerClock, reply: QNetworkReply) -> None:
    """Set the clock by the answer's Numerek-Time header, if it has a sound one."""
    text = bytes(reply.rawHeader("Numerek-Time").data()).decode("ascii", "replace")
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return
    if at.tzinfo is not None:
        clock.heard(at)
