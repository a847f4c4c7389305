"""The pages of a reservation: activated, shown, printed, cancelled; by its owner alone."""

from __future__ import annotations

from server.portal.booking.reservations import (
    activation,
    cancelling,
    contact,
    moving,
    my_reservations,
    show,
)
from server.portal.booking.reservations.own_reservation import pages

__all__ = ["activation", "cancelling", "contact", "moving", "my_reservations", "pages", "show"]
