"""A small office on loopback: enough of /api/v1 for one counter, and ways to make it misbehave."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel

from tests.counter_client import samples
from tests.terminal.fake_server import Exchange, FakeServer, Feed
from wire.messages import (
    CounterSnapshot,
    FactData,
    IssueAnswer,
    LineKey,
    Problem,
    SignInAnswer,
    Ticket,
    TicketAnswer,
    VerifyAnswer,
)
from wire.vocabulary import CounterState, TicketStatus

LINE_KEY = "7e" * 32
PASSWORD = "dobre-haslo-7"
AFTER = {"start": TicketStatus.SERVING, "recall": TicketStatus.CALLED}


class Office:
    """Tickets P043, P044 and N032 wait; the clerk a.nowak may sign in."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.state = CounterState.OPEN
        self.current: Ticket | None = None
        self.waiting = [43, 44, 32]
        self.as_of = 100
        self.commands: list[tuple[str, dict[str, Any], str]] = []
        self.is_session_valid, self.is_device_known = True, True
        self.was_asked = threading.Event()
        self.gate = threading.Event()
        self.gate.set()
        self.server = FakeServer(self._answer)
        self.feed = Feed()
        self.server.feeds.append(self.feed)

    def tell(self, kind: str, traceparent: str = "", **facts: Any) -> None:
        """Append a fact to the feed."""
        self.as_of += 1
        self.feed.add(self.as_of, kind, FactData(at=datetime.now(UTC), **facts), traceparent)

    def stop(self) -> None:
        """Let every waiting answer go and stop."""
        self.gate.set()
        if not self.server.is_stopping:
            self.server.stop()

    def _answer(self, exchange: Exchange) -> None:
        path, token = exchange.path.split("?")[0], exchange.headers.get("Authorization", "")
        if not self.is_device_known:
            self._refuse(exchange, 401, "token_unknown")
        elif path == "/api/v1/devices/me":
            self.was_asked.set()
            self._say(exchange, samples.device())
        elif path == "/api/v1/stream":
            exchange.stream(self.feed)
        elif path == "/api/v1/sessions":
            self._sign_in(exchange)
        elif token != "Bearer clerk" or not self.is_session_valid:
            self._refuse(exchange, 401 if token == "Bearer clerk" else 403, "sign_in_required")
        elif path == "/api/v1/offline/line-key":
            self._say(exchange, LineKey(key=LINE_KEY))
        elif exchange.command == "GET":
            with self.lock:
                self._say(exchange, self._snapshot())
        else:
            self._command(exchange, path)

    def _sign_in(self, exchange: Exchange) -> None:
        if json.loads(exchange.body)["password"] != PASSWORD:
            self._refuse(exchange, 403, "wrong_login_or_password")
            return
        end = datetime.now(UTC) + timedelta(hours=8)
        self.is_session_valid = True
        answer = SignInAnswer(token="clerk", clerk=samples.CLERK, counter=7, expires_at=end)
        self._say(exchange, answer, 201)

    def _command(self, exchange: Exchange, path: str) -> None:
        body, key = json.loads(exchange.body or b"{}"), exchange.headers["Idempotency-Key"]
        with self.lock:
            self.commands.append((path, body, key))
        self.gate.wait(10)
        with self.lock:
            verb = path.rsplit("/", 1)[1]
            answer = self._do(verb, body)
        if isinstance(answer, Problem):
            exchange.reply(answer.status, answer)
        elif answer is None:
            exchange.reply(204)
        else:
            self._say(exchange, answer)

    def _do(self, verb: str, body: dict[str, Any]) -> BaseModel | None:
        if verb == "state":
            self.state = CounterState(body["state"])
            return self._snapshot()
        if verb == "tickets":
            return IssueAnswer(ticket=samples.ticket(TicketStatus.WAITING, 47, reservation=None))
        if verb == "verify-confirmation":
            if body["code"].replace(" ", "") != samples.RIGHT_CODE:
                return Problem(title="Other reservation", status=409, reason="mismatch")
            if self.current is not None:
                self.current = self.current.model_copy(update={"reservation": samples.beside(verified=True)})
            return VerifyAnswer()
        if verb == "call-next":
            following = self.waiting.pop(0) if self.waiting else None
            self.current = samples.ticket(ticket_id=following) if following else None
            return TicketAnswer(ticket=self.current) if self.current else None
        ticket = self.current
        if ticket is None:
            return Problem(title="Not allowed", status=409, reason="not_allowed")
        if verb == "check":
            self.current = ticket.model_copy(update=body)
            return TicketAnswer(ticket=self.current)
        if verb in AFTER:
            self.current = samples.ticket(AFTER[verb], ticket.id, reservation=ticket.reservation)
            return TicketAnswer(ticket=self.current)
        self.current = None
        return TicketAnswer(ticket=samples.ticket(TicketStatus.PARKED, ticket.id))

    def _snapshot(self) -> CounterSnapshot:
        rows = [samples.row(number, "P", 5) for number in self.waiting]
        facts = {"waiting": rows, "waiting_total": len(rows), "as_of": self.as_of, "now": datetime.now(UTC)}
        return samples.snapshot(self.current, state=self.state, **facts)

    def _say(self, exchange: Exchange, answer: BaseModel, status: int = 200) -> None:
        exchange.reply(status, answer, Numerek_Time=datetime.now(UTC).isoformat())

    def _refuse(self, exchange: Exchange, status: int, reason: str) -> None:
        exchange.reply(status, Problem(title=reason, status=status, reason=reason))
