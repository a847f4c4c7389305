"""The day of the demo's office that the pictures show: the same visitors at the same minutes each time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp

from deploy.demo.asking import ask, sign_in
from deploy.demo.children import server_child
from deploy.demo.folder import DemoFolder, free_port

OPENS = datetime.fromisoformat("2026-11-25T08:00:00+01:00")
_READY_SECONDS = 60.0
_STEP = timedelta(minutes=4)
_STEPS = 25
_AHEAD = timedelta(minutes=28)
# The counters with the minutes that a visitor takes there; at the last one nobody works.
_WORKED = {1: 6, 3: 8, 7: 14, 8: 30, 10: 24}
_WALK_INS = {"N": (8, 12), "T": (20,)}
# Of the visits of a service every so many comes.
_COME = {"P": 1, "L": 2, "N": 3, "K": 12}
_LATER = (
    ("K", "09:00", "Oksana Marchenko"),
    ("K", "10:30", "Rahul Sharma"),
    ("K", "11:00", "Teresa Wilk"),
    ("P", "09:10", "Krzysztof Bielak"),
    ("P", "12:40", "Marta Sowa"),
    ("L", "10:00", "Nino Kapanadze"),
)


class Day:
    """A served demo office and what happens in it until the pictures are taken."""

    def __init__(self, folder: DemoFolder, base_url: str, clock: Path) -> None:
        self.base_url, self._clock = base_url, clock
        self.now = OPENS
        self.told = folder.told()
        self.tokens: dict[int, str] = {each["number"]: each["token"] for each in self.told["counters"]}
        self._hands: dict[int, tuple[int, datetime] | None] = {}
        self._clerks: dict[int, str] = {}

    def person(self, login: str) -> tuple[str, str]:
        """Return somebody's password and the code that their app shows now (empty without one)."""
        people = [*self.told["staff"], *self.told["clerks"]]
        found = next(each for each in people if each["login"] == login)
        secret = found.get("totp_secret")
        return found["password"], pyotp.TOTP(secret).at(self.now) if secret else ""

    def clerk_of(self, counter: int) -> str:
        """Return the login of the clerk who works at a counter."""
        place = [*self.tokens].index(counter)
        login: str = self.told["clerks"][place]["login"]
        return login

    def pass_by(self) -> None:
        """Let the morning pass: visitors come, are called and leave."""
        for counter in _WORKED:
            place = [*self.tokens].index(counter)
            self._clerks[counter] = sign_in(self.base_url, self.tokens[counter], self.told["clerks"][place])
            self._hands[counter] = None
        for step in range(_STEPS):
            self._set(OPENS + step * _STEP)
            self._come(step)
            for counter, minutes in _WORKED.items():
                self._work(counter, timedelta(minutes=minutes))
        for visit in _LATER:
            self._book_later(*visit)

    def _set(self, now: datetime) -> None:
        self.now = now
        fresh = self._clock.with_suffix(".new")
        fresh.write_text(now.isoformat())
        fresh.replace(self._clock)

    def _book_later(self, service: str, hour: str, name: str) -> None:
        """Book a visit of two days later, once the server has laid that day out."""
        at = f"{OPENS.date() + timedelta(days=2)}T{hour}:00+01:00"
        applicant = {"name": name, "language": "pl", "phone": "+48601234567"}
        visit = {"branch": "wroclaw", "service": service, "appointment_at": at, "applicant": applicant}
        deadline = time.monotonic() + _READY_SECONDS
        while (answer := self._ask("/api/v1/reservations", self.told["integrator_token"], visit)).get(
            "reason"
        ):
            if time.monotonic() > deadline:
                raise OSError(f"{service} {at} cannot be booked: {answer}")
            time.sleep(0.2)

    def _come(self, step: int) -> None:
        minute = step * _STEP // timedelta(minutes=1)
        kiosk = self.told["device_tokens"]["kiosk"]
        for letter, rhythms in _WALK_INS.items():
            for rhythm in rhythms:
                if minute % rhythm == 0:
                    priority = {"priority": "elderly"} if minute % 40 == 0 else {}
                    self._ask("/api/v1/tickets", kiosk, {"service": letter} | priority)
        admitted = [visit for visit in self.told["reservations"] if visit["expect"] == "admitted"]
        for service, every in _COME.items():
            for visit in [each for each in admitted if each["service"] == service][::every]:
                until = datetime.fromisoformat(visit["appointment_at"]) - self.now
                if _AHEAD - _STEP < until <= _AHEAD:
                    self._ask("/api/v1/check-ins", kiosk, {"code": visit["code"]})

    def _work(self, counter: int, takes: timedelta) -> None:
        hand, clerk = self._hands[counter], self._clerks[counter]
        if hand is not None and self.now - hand[1] < takes:
            return
        body = {"finish_current": "served"} if hand else {}
        answer = self._ask(f"/api/v1/counters/{counter}/call-next", clerk, body)
        ticket = (answer or {}).get("ticket")
        self._hands[counter] = (ticket["id"], self.now) if ticket else None
        if ticket:
            self._ask(f"/api/v1/tickets/{ticket['id']}/start", clerk, {})

    def _ask(self, path: str, token: str, body: dict[str, Any]) -> Any:
        status, answer = ask(self.base_url, "POST", path, token, body)
        if status >= 500 or status in (400, 401, 403, 422):
            raise OSError(f"{path}: {status} {answer}")
        return answer


@contextmanager
def lived_day(root: Path) -> Iterator[Day]:
    """Serve a fresh demo office whose morning has passed."""
    clock = root / "clock"
    clock.write_text(OPENS.isoformat())
    port = free_port()
    data = root / "data"
    server = server_child(data, port, root / "server.log", clock)
    try:
        base_url = server.wait_for(r"ready on (\S+)", _READY_SECONDS)
        day = Day(DemoFolder(data), base_url, clock)
        day.pass_by()
        yield day
    finally:
        server.stop()
