"""The pages of a reservation: activated, shown, printed, cancelled; by its owner alone."""

from __future__ import annotations

from server.portal.reservations import activation, cancelling, mine, shown
from server.portal.reservations.ways import pages

__all__ = ["activation", "cancelling", "mine", "pages", "shown"]
