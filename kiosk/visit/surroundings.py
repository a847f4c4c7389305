"""What every screen of the kiosk knows: the office, the visitor's manner, the services, the time."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from wire.messages import PriorityKind, ServiceOffer


@dataclass(frozen=True, slots=True)
class Office:
    """What the branch rules; `information_service` is the letter of the one that answers questions."""

    languages: tuple[str, ...] = ("pl", "en")
    ask_service_first: bool = False
    priorities: tuple[PriorityKind, ...] = ()
    help_counter: int | None = None
    portal_url: str | None = None
    check_in_lead_minutes: int = 15
    idle_seconds: float = 60.0
    information_service: str | None = None
    touch_pause_seconds: float = 0.4


# Louder by as much with each step, and 24 dB from the quietest, which is still heard (EN 301 549, 8.2.1).
STEP_DB = 6.0
VOLUMES = 5
USUAL_VOLUME = 3


@dataclass(frozen=True, slots=True)
class Manner:
    """How this visitor wants to be spoken to; ends with the visit. No language chosen: the office's first.

    `volume` is from 1 to VOLUMES.
    """

    language: str | None = None
    larger_text: bool = False
    high_contrast: bool = False
    read_aloud: bool = False
    volume: int = USUAL_VOLUME

    @property
    def volume_db(self) -> float:
        """Return the volume in dB below the greatest, 0 or less."""
        return (self.volume - VOLUMES) * STEP_DB


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stays true from one screen to the next. Times are seconds of one monotonic clock.

    `changed_s` is when the present screen came: a touch soon after it was meant for the one before.
    `hall_code` is the address under which a phone takes a ticket without paper: empty while there is no fresh
    one, None where the office wants none. `alone`: the server is silent, and the kiosk answers in its place;
    `called` are then the numbers that counters called from its line, with those counters, the latest first.
    """

    office: Office = field(default_factory=Office)
    manner: Manner = field(default_factory=Manner)
    offers: tuple[ServiceOffer, ...] = ()
    reachable: bool = True
    typing_from_s: float = 0.0
    now_s: float = 0.0
    touched_s: float = 0.0
    extensions: int = 0
    asks: int = 0
    changed_s: float = -math.inf
    has_headset: bool = False
    hall_code: str | None = None
    alone: bool = False
    called: tuple[tuple[str, int], ...] = ()

    @property
    def language(self) -> str:
        """Return the language of the screen."""
        return self.manner.language or self.office.languages[0]

    @property
    def typing_paused_s(self) -> float:
        """Return for how many seconds more typed codes are not taken; 0 when they are."""
        return max(0.0, self.typing_from_s - self.now_s)

    def offer(self, service: str | None) -> ServiceOffer | None:
        """Return what the branch offers under a letter."""
        return next((offer for offer in self.offers if offer.code == service), None)

    @property
    def information_offer(self) -> ServiceOffer | None:
        """Return the service at which staff answer questions, if tickets for it can be had now."""
        offer = self.offer(self.office.information_service)
        return offer if offer and is_open(offer) else None


def is_open(offer: ServiceOffer) -> bool:
    """Tell whether a ticket can be had without a reservation now."""
    return offer.walk_in and offer.refusal is None
