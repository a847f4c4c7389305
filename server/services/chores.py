"""The list of chores: each stands where its use case is, and is named here once."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from server.services.accounts.deletion import tidy
from server.services.accounts.sessions import write_seen
from server.services.booking.drafts import forget_old
from server.services.booking.wishes import tell_wishes
from server.services.guard.limits import forget_attempts
from server.services.keeper import Chore
from server.services.page_visits import write_visits
from server.services.privacy.erasure import erase
from server.services.release.draws import close_draws, open_draws
from server.services.release.giving import give_places, next_in_order, offer_late_hours
from server.services.release.room import forget_rooms, shuffle_rooms
from server.services.slots.places import return_places
from server.services.slots.planning import plan_slots

CHORES: tuple[Chore, ...] = (
    Chore("erase", timedelta(hours=1), erase),
    Chore("forget_attempts", timedelta(hours=1), forget_attempts),
    Chore("forget_drafts", timedelta(minutes=5), forget_old),
    Chore("forget_unconfirmed", timedelta(hours=1), tidy),
    Chore("write_seen", timedelta(minutes=1), write_seen),
    Chore("plan_slots", timedelta(seconds=5), plan_slots),
    Chore("return_places", timedelta(seconds=10), partial(return_places, next_in_order=next_in_order)),
    Chore("shuffle_waiting_rooms", timedelta(seconds=1), shuffle_rooms),
    Chore("forget_waiting_rooms", timedelta(hours=1), forget_rooms),
    Chore("open_draws", timedelta(seconds=10), open_draws),
    Chore("close_draws", timedelta(seconds=5), close_draws),
    Chore("give_drawn_places", timedelta(seconds=1), give_places),
    Chore("offer_late_hours", timedelta(minutes=1), offer_late_hours),
    Chore("tell_wishes", timedelta(minutes=1), tell_wishes),
    Chore("write_page_visits", timedelta(seconds=30), write_visits),
)
