"""Screens between the others: one moment, out of order, help, still there?"""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtWidgets import QVBoxLayout

from kiosk.screens.icons import Icon
from kiosk.screens.page import Page, Seen
from kiosk.screens.parts import BOLD, DEMI, NORMAL, Card, Ink, Line, Number, Words, key
from kiosk.visit.answers import seconds_left
from kiosk.visit.events import Press
from kiosk.visit.screens import OutOfOrder, Screen, StillThere, TicketShown
from kiosk.visit.steps import plain


class CheckingPage(Page):
    """The server is being asked; usually gone before it is read."""

    caption = "caption.checking"

    def build(self, seen: Seen) -> None:
        """Say that it takes a moment."""
        self.told.addWidget(Icon(self.look, "wait", 130, "on_primary", "primary", disc=True))
        self.title(self.say("checking.title"))
        self.words(self.told, self.say("checking.more"), Ink(40, NORMAL, "ink_soft"))


class OutOfOrderPage(Page):
    """The server does not answer: where to go instead."""

    caption = "caption.out_of_order"

    def build(self, seen: Seen) -> None:
        """Say where tickets are to be had, and let a question be asked again."""
        screen = seen.screen
        assert isinstance(screen, OutOfOrder)
        self.told.addWidget(Icon(self.look, "alert", 130, "paper", "bad", disc=True))
        self.title(self.say("out_of_order.title"))
        counter = screen.around.office.help_counter
        go = self.say("out_of_order.counter", counter=counter) if counter else self.say("out_of_order.staff")
        card = Card(self.look)
        card.lines.addWidget(Words(self.look, go, Ink(40, DEMI)))
        self.told.addWidget(card)
        if screen.question:
            self.words(self.done, self.say("out_of_order.again"), Ink(34, NORMAL, "ink_soft"))
            self.add(key(self.look, self.say("out_of_order.try_again"), Press.TRY_AGAIN, "primary", step=40))


class HelpPage(Page):
    """Where somebody helps, and how the kiosk is used."""

    caption = "caption.help"

    @classmethod
    def key(cls, screen: Screen) -> Hashable:
        """Build anew for another office only: what lies beneath is not shown."""
        return screen.around.office

    def build(self, seen: Seen) -> None:
        """Say who helps first, then how it works."""
        counter = seen.screen.around.office.help_counter
        self.title(self.say("help.title"))
        who = self.say("help.counter", counter=counter) if counter else self.say("help.staff")
        card = Card(self.look)
        card.lines.addWidget(Words(self.look, who, Ink(40, DEMI)))
        for name in ("scan", "code", "keys"):
            card.lines.addWidget(Line(self.look))
            card.lines.addWidget(Words(self.look, self.say(f"help.{name}"), Ink(34)))
        self.told.addWidget(card)
        self.add(key(self.look, self.say("help.close"), Press.BACK, "primary", step=40))


class StillTherePage(Page):
    """The warning before the screen goes back."""

    caption = "caption.still_there"

    @classmethod
    def key(cls, screen: Screen) -> Hashable:
        """Build anew when no more time can be had; the seconds move within the page."""
        assert isinstance(screen, StillThere)
        beneath = plain(screen)
        return (screen.may_extend, beneath.ticket.number if isinstance(beneath, TicketShown) else None)

    def build(self, seen: Seen) -> None:
        """Ask, count, and keep a ticket's number in sight."""
        screen = seen.screen
        assert isinstance(screen, StillThere)
        self.told.addWidget(Icon(self.look, "clock", 130, "on_primary", "primary", disc=True))
        self.title(self.say("still_there.title"))
        self.countdown = self.words(self.told, "", Ink(40))
        beneath = plain(screen)
        if isinstance(beneath, TicketShown):
            self._add_number(self.told, beneath.ticket.number)
        if screen.may_extend:
            self.add(key(self.look, self.say("still_there.more_time"), Press.MORE_TIME, "primary", step=40))
        self.add(key(self.look, self.say("still_there.home"), Press.HOME, "outline", step=40))
        self.refreshers.append(self._count_down)

    def _add_number(self, pane: QVBoxLayout, number: str) -> None:
        card = Card(self.look)
        card.lines.addWidget(Words(self.look, self.say("still_there.number"), Ink(34, BOLD, "ink_soft")))
        card.lines.addWidget(Number(self.look, number, step=200))
        pane.addWidget(card)

    def _count_down(self, seen: Seen) -> None:
        self.countdown.setText(self.say("still_there.more", seconds=round(seconds_left(seen.screen) or 0)))
