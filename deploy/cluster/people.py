"""The hall in front, by plain HTTP: people who check in, clerks who call, a board; each keeps what it was told.

Knows nothing of the programs but the addresses of their API: what it saw is held against the database.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
import uuid
from collections import deque
from dataclasses import dataclass, field
from typing import Any

HOST = "127.0.0.1"
# Answers that are no answer: the same command is sent again under the same key, as kiosks and counters do.
_AGAIN = frozenset({502, 503, 504})
_AGAIN_SECONDS = 0.1
_ANSWER_SECONDS = 20.0
_NOBODY_WAITS_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Answered:
    """A command that was acknowledged: what was asked, what came back, and when (seconds of a steady clock)."""

    path: str
    key: str
    status: int
    body: Any
    began: float
    ended: float
    tries: int

    @property
    def is_ticket(self) -> bool:
        """Say whether somebody got a number by it."""
        return self.path in ("tickets", "check-ins") and self.status in (200, 201)

    @property
    def is_call(self) -> bool:
        """Say whether somebody was called by it."""
        return self.path.endswith("/call-next") and self.status == 200

    @property
    def number(self) -> str:
        """Return the ticket's number."""
        return str(self.body["ticket"]["number"])

    @property
    def ticket_id(self) -> int:
        """Return the ticket's id."""
        return int(self.body["ticket"]["id"])


@dataclass
class Hall:
    """Kiosks, counters and a board on one address, from `start` to `end`."""

    port: int
    told: dict[str, Any]
    kiosks: int = 6
    counters: int = 2
    pause_seconds: float = 0.05
    host: str = HOST
    answered: list[Answered] = field(default_factory=list)
    sent_away: list[tuple[float, str]] = field(default_factory=list)
    """When somebody was asked to try again, and why."""
    faults: list[str] = field(default_factory=list)
    """Answers that nobody should get: a 500, or a refusal of what the office allows."""
    shown: list[int] = field(default_factory=list)
    """The ids of the tickets that the board was told to call, in that order."""

    def __post_init__(self) -> None:
        self._ended, self._board_ended = threading.Event(), threading.Event()
        self._threads = [
            *(threading.Thread(target=self._kiosk, args=(n,), daemon=True) for n in range(self.kiosks)),
            *(threading.Thread(target=self._clerk, args=(n,), daemon=True) for n in range(self.counters)),
        ]
        self._board = threading.Thread(target=self._watch, daemon=True)
        admitted = (each["code"] for each in self.told["reservations"] if each["expect"] == "admitted")
        self._codes = deque(admitted)
        self._board_is_up = threading.Event()

    def start(self) -> None:
        """Open the hall; returns when the board follows."""
        self._board.start()
        if not self._board_is_up.wait(30):
            raise ConnectionError("the board has no stream")
        for thread in self._threads:
            thread.start()

    def end(self, seconds: float = 90) -> None:
        """Close the hall: every command in hand gets its answer. Raises TimeoutError where one does not."""
        self._ended.set()
        for thread in self._threads:
            thread.join(seconds)
            if thread.is_alive():
                raise TimeoutError(f"no answer within {seconds:.0f} s; last said: {self.sent_away[-1:]}")

    def end_board(self, seconds: float = 30) -> None:
        """Let the board go once it was told of all calls, or after so long."""
        wanted = {each.ticket_id for each in self.answered if each.is_call}
        until = time.monotonic() + seconds
        while not wanted <= set(self.shown) and time.monotonic() < until:
            time.sleep(0.05)
        self._board_ended.set()
        self._board.join(10)

    def wait_answered(self, more: int, seconds: float = 90) -> float:
        """Wait for so many more tickets; return how long that took. Raises TimeoutError."""
        began, before = time.monotonic(), len(self.answered)
        while len(self.answered) < before + more:
            if time.monotonic() - began > seconds:
                raise TimeoutError(f"nobody is served: {self.sent_away[-1:]} {self.faults[-1:]}")
            time.sleep(0.01)
        return time.monotonic() - began

    def _kiosk(self, place: int) -> None:
        token = self.told["device_tokens"]["kiosk"]
        service = "NT"[place % 2]
        while not self._ended.is_set():
            try:
                wish = "check-ins", {"code": self._codes.popleft()}
            except IndexError:
                wish = "tickets", {"service": service}
            self._insist(*wish, token, may_be_refused=wish[0] == "check-ins")
            self._ended.wait(self.pause_seconds)

    def _clerk(self, place: int) -> None:
        counter, clerk = self.told["counters"][place], self.told["clerks"][place]
        session = self._insist("sessions", clerk, counter["token"])
        number = counter["number"]
        finishing: dict[str, str] = {}
        if session is None:
            return
        token, ticket_id = session.body["token"], 0
        while not self._ended.is_set():
            called = self._insist(f"counters/{number}/call-next", finishing, token)
            if called is None or called.status == 204:
                finishing = {}
                self._ended.wait(_NOBODY_WAITS_SECONDS)
                continue
            ticket_id, finishing = called.ticket_id, {"finish_current": "served"}
            self._insist(f"tickets/{ticket_id}/start", {}, token)
            self._ended.wait(2 * self.pause_seconds)
        if finishing:
            self._insist(f"tickets/{ticket_id}/finish", {"outcome": "served"}, token)

    def _insist(self, path: str, body: Any, token: str, *, may_be_refused: bool = False) -> Answered | None:
        """Send a command until it has an answer; None where it was refused."""
        key, began, tries = uuid.uuid4().hex, time.monotonic(), 0
        while True:
            tries += 1
            try:
                status, said = self._send(path, body, token, key)
            except (OSError, http.client.HTTPException) as error:
                self.sent_away.append((time.monotonic(), type(error).__name__))
            else:
                if status < 300:
                    made = Answered(path, key, status, said, began, time.monotonic(), tries)
                    self.answered.append(made)
                    return made
                if status not in _AGAIN:
                    if not (may_be_refused and status == 409):
                        self.faults.append(f"{path}: {status} {said}")
                    return None
                reason = said.get("reason", "") if isinstance(said, dict) else ""
                self.sent_away.append((time.monotonic(), f"{status} {reason}".strip()))
            time.sleep(_AGAIN_SECONDS)

    def _send(self, path: str, body: Any, token: str, key: str) -> tuple[int, Any]:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=_ANSWER_SECONDS)
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        try:
            connection.request("POST", f"/api/v1/{path}", json.dumps(body).encode(), headers)
            response = connection.getresponse()
            return response.status, _read(response.read())
        finally:
            connection.close()

    def _watch(self) -> None:
        """Follow the hall as a board does: a snapshot, then the stream from there, again wherever it is cut."""
        place = ""
        while not self._board_ended.is_set():
            try:
                place = self._follow(place or self._snapshot_place())
            except (OSError, http.client.HTTPException, KeyError, TypeError):
                self._board_ended.wait(_AGAIN_SECONDS)

    def _snapshot_place(self) -> str:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=_ANSWER_SECONDS)
        try:
            connection.request("GET", "/api/v1/boards/A", headers=self._board_token())
            return str(_read(connection.getresponse().read())["as_of"])
        finally:
            connection.close()

    def _follow(self, place: str) -> str:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=5)
        try:
            headers = self._board_token() | {"Last-Event-ID": place}
            connection.request("GET", "/api/v1/stream?topics=hall:A", headers=headers)
            response = connection.getresponse()
            if response.status == 200:
                self._board_is_up.set()
                place = self._read_events(response, place)
            else:
                self._board_ended.wait(_AGAIN_SECONDS)
            return place
        finally:
            connection.close()

    def _read_events(self, response: http.client.HTTPResponse, place: str) -> str:
        event, coming = "", place
        try:
            while not self._board_ended.is_set() and (line := response.readline()):
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name == "id":
                    coming = value
                elif name == "event":
                    event = value
                elif name == "data" and event != "ping":
                    if event == "ticket.called":
                        self.shown.append(int(json.loads(value)["ticket"]))
                    place = coming  # only now: what was cut off in its middle is to come again
        except (OSError, http.client.HTTPException):
            pass
        return place

    def _board_token(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.told['device_tokens']['board']}"}


def _read(text: bytes) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None
