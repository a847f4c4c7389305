"""A day in hall A by chance: who comes, who is called, and what clerks do with tickets."""

from __future__ import annotations

import random
from typing import Any

from tests.server.sample_office import Door, SampleOffice


class Day:
    """Something that may happen in the hall, by chance; what the rules refuse simply does not happen."""

    def __init__(self, office: SampleOffice, seed: int, clerks: dict[int, Door]) -> None:
        self.office, self.chance, self.clerks = office, random.Random(seed), clerks
        self.in_hand: dict[int, int] = {}
        self.known: list[int] = []

    def happens(self) -> None:
        """Let one thing happen."""
        step = self.chance.choice(
            [self.walk_in, self.walk_in, self.check_in, self.call, self.act, self.other]
        )
        step()

    def walk_in(self) -> None:
        more = {"priority": "elderly"} if self.chance.random() < 0.15 else {}
        said = self.office.kiosk.post("/tickets", {"service": self.chance.choice("PNT")} | more)
        self._know(said.get_json())

    def check_in(self) -> None:
        hour = f"10:{self.chance.choice((20, 30, 40, 50))}"
        booked = self.office.book(self.chance.choice("PN"), hour)
        self._know(self.office.kiosk.post("/check-ins", {"code": booked["code"]}).get_json())

    def call(self) -> None:
        number = self.chance.choice(list(self.clerks))
        said = self.clerks[number].post(f"/counters/{number}/call-next")
        if said.status_code == 200:
            self.in_hand[number] = said.get_json()["ticket"]["id"]

    def act(self) -> None:
        if not self.in_hand:
            return
        number, ticket = self.chance.choice(list(self.in_hand.items()))
        verb, body = self.chance.choice(
            [
                ("start", {}),
                ("recall", {}),
                ("finish", {"outcome": "served"}),
                ("park", {}),
                ("put-back", {}),
                ("no-show", {}),
                ("transfer", {"service": "P"}),
                ("transfer", {"counter": 7}),
                ("undo", {}),
            ]
        )
        self.clerks[number].post(f"/tickets/{ticket}/{verb}", body)

    def other(self) -> None:
        number = self.chance.choice([each for each in self.clerks if each != 7])
        if self.chance.random() < 0.4 or not self.known:
            state = self.chance.choice(["open", "paused", "closed"])
            self.clerks[number].post(f"/counters/{number}/state", {"state": state})
            return
        ticket = self.chance.choice(self.known)
        verb, body = self.chance.choice([("withdraw", {}), ("reinstate", {}), ("call", {"reason": "parked"})])
        said = self.clerks[number].post(f"/tickets/{ticket}/{verb}", body)
        if verb == "call" and said.status_code == 200:
            self.in_hand[number] = ticket

    def _know(self, said: dict[str, Any]) -> None:
        if "ticket" in said:
            self.known.append(said["ticket"]["id"])
