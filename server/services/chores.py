"""The list of chores: each stands where its use case is, and is named here once."""

from __future__ import annotations

from datetime import timedelta

from server.services.booking.drafts import forget_old
from server.services.booking.wishes import tell_wishes
from server.services.guard.limits import forget_attempts
from server.services.keeper import Chore
from server.services.page_visits import write_visits
from server.services.privacy.erasure import Erasure
from server.services.slots.places import return_places
from server.services.slots.planning import plan_slots

CHORES: tuple[Chore, ...] = (
    Chore("erase", timedelta(hours=1), Erasure()),
    Chore("forget_attempts", timedelta(hours=1), forget_attempts),
    Chore("forget_drafts", timedelta(minutes=5), forget_old),
    Chore("plan_slots", timedelta(seconds=5), plan_slots),
    Chore("return_places", timedelta(seconds=10), return_places),
    Chore("tell_wishes", timedelta(minutes=1), tell_wishes),
    Chore("write_page_visits", timedelta(seconds=30), write_visits),
)
