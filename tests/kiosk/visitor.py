"""A visitor before the kiosk's screen, for the stories that tests tell."""

from __future__ import annotations

from kiosk.flow import advance
from kiosk.visit.effects import PrintSlip
from kiosk.visit.events import Answered, Scanned, Tick, Touch
from kiosk.visit.screens import Start
from kiosk.visit.surroundings import Office
from tests.kiosk.samples import PLAIN_OFFICE, QR, around, ticket


class Visitor:
    """A visitor before the screen: does things, and remembers the effects and the touches."""

    def __init__(self, office: Office = PLAIN_OFFICE) -> None:
        self.screen = Start(around(office))
        self.now_s = 1000.0
        self.effects: list = []
        self.touches = 0

    def do(self, *events) -> tuple:
        """Let events happen; return the effects of the last one."""
        effects: tuple = ()
        for event in events:
            if isinstance(event, Touch):
                self.touches += 1
                # As people do: the next touch comes after the screen was looked at.
                self.now_s += 0.5
            self.screen, effects = advance(self.screen, event, self.now_s)
            self.effects.extend(effects)
        return effects

    def wait(self, seconds: float) -> None:
        """Let time pass, a second at a time, as the kiosk does."""
        until = self.now_s + seconds
        while self.now_s < until:
            self.now_s += 1
            self.do(Tick())

    def get_ticket(self) -> PrintSlip:
        """Scan a code and get the ticket of it."""
        (question,) = self.do(Scanned(QR))
        (slip,) = self.do(Answered(question.ask, ticket()))
        return slip
