"""Screens with a choice: which service, another service, without a reservation, priority."""

from __future__ import annotations

from kiosk.screens.icons import Icon
from kiosk.screens.look import Look
from kiosk.screens.page import Page, Seen
from kiosk.screens.parts import DEMI, NORMAL, Card, Ink, Line, Tile, fact_row, key, offer_tile
from kiosk.visit.events import Press, PriorityChosen, ServiceChosen
from kiosk.visit.screens import OtherService, PriorityQuestion, WalkInMenu, WhichService
from kiosk.visit.surroundings import is_open
from wire.messages import PriorityKind, ServiceOffer
from wire.sentences import comma
from wire.vocabulary import Refusal


class ServicePage(Page):
    """Which service a reservation is for, where the branch asks that first."""

    caption = "caption.service"

    def build(self, seen: Seen) -> None:
        """Show every service of the branch."""
        assert isinstance(seen.screen, WhichService)
        self.title(self.say("service.title"))
        names = [(offer, self.look.service_name(offer)) for offer in seen.screen.around.offers]
        self.add_all(
            [offer_tile(self.look, "plain", ServiceChosen(offer.code), [name]) for offer, name in names]
        )


class MenuPage(Page):
    """Services without a reservation, with the wait now; closed ones say why."""

    caption = "caption.menu"

    def build(self, seen: Seen) -> None:
        """Show the open services first, then the others in gray, with the reason."""
        assert isinstance(seen.screen, WalkInMenu)
        offers = sorted(seen.screen.around.offers, key=lambda offer: not is_open(offer))
        self.title(self.say("menu.title"))
        if not any(is_open(offer) for offer in offers):
            self.words(self.told, self.say("menu.empty"))
        code = key(self.look, self.say("menu.have_code"), Press.RESERVATION, "outline", step=40)
        self.add_all([*(self._tile(offer, seen) for offer in offers), code])

    def _tile(self, offer: ServiceOffer, seen: Seen) -> Tile:
        lines = [self.look.service_name(offer), *filter(None, [_state_of(self.look, offer, seen)])]
        kind = "plain" if is_open(offer) else "closed"
        return offer_tile(self.look, kind, ServiceChosen(offer.code), lines)


def _state_of(look: Look, offer: ServiceOffer, seen: Seen) -> str:
    """Say how long people wait for a service, or why there is no ticket for it now."""
    if is_open(offer) and seen.screen.around.alone:
        return ""  # nobody here knows how many wait
    if is_open(offer):
        waits = look.say("menu.wait", minutes=offer.wait_minutes) if offer.wait_minutes else ""
        people = look.say_count("menu.people", offer.waiting) if offer.waiting else look.say("menu.now")
        return comma(look.language).join(filter(None, (people, waits))) if offer.waiting else people
    reason = offer.refusal or Refusal.NOT_OFFERED
    if reason is Refusal.CLOSED and offer.opens_at:
        return look.say("menu.closed.closed_until", opens=look.moment(offer.opens_at, seen.now))
    known = look.texts.has(look.language, f"menu.closed.{reason}")
    return look.say(f"menu.closed.{reason if known else Refusal.CLOSED}")


class PriorityPage(Page):
    """Whether the visitor has a right to come sooner; quiet, and nothing more is asked."""

    caption = "caption.priority"

    def build(self, seen: Seen) -> None:
        """Show the kinds of the branch, all alike, and the way on without one."""
        assert isinstance(seen.screen, PriorityQuestion)
        self.title(self.say("priority.title"))
        self.words(self.told, self.say("priority.more"), Ink(34, NORMAL, "ink_soft"))
        none = key(self.look, self.say("priority.none"), PriorityChosen(None), "primary", step=40)
        kinds = seen.screen.around.office.priorities
        self.add_all([none, *(self._tile(kind) for kind in kinds)])

    def _tile(self, kind: PriorityKind) -> Tile:
        return key(self.look, self.look.priority_name(kind), PriorityChosen(kind.code), step=40)


class OtherServicePage(Page):
    """The code is for another service of this branch (rules.md 15)."""

    caption = "caption.other_service"

    def build(self, seen: Seen) -> None:
        """Show what was chosen and what the reservation is for, and ask whether to go on."""
        screen = seen.screen
        assert isinstance(screen, OtherService)
        self.told.addWidget(Icon(self.look, "info", 130, "on_primary", "primary", disc=True))
        self.title(self.say("other_service.title"))
        card = Card(self.look)
        names = [
            (key_, self.look.service_name(screen.around.offer(code), code))
            for key_, code in (("asked", screen.question.service), ("right", screen.right_service))
            if code
        ]
        rows = [(self.say(f"other_service.{key_}"), name) for key_, name in names]
        if screen.appointment_at:
            hour = self.look.moment(screen.appointment_at, seen.now)
            rows.append((self.say("other_service.appointment_at"), hour))
        for place, (label, value) in enumerate(rows):
            if place:
                card.lines.addWidget(Line(self.look))
            card.lines.addLayout(fact_row(self.look, label, value))
        self.told.addWidget(card)
        self.words(self.done, self.say("other_service.question"), Ink(40, DEMI))
        self.add(key(self.look, self.say("other_service.yes"), Press.YES, "primary", step=40))
        self.add(key(self.look, self.say("other_service.no"), Press.BACK, "outline", step=40))
