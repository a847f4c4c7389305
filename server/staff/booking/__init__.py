"""The reservations desk and the verification desk."""

from __future__ import annotations

from server.staff.booking import (
    desk,
    desk_booking,
    desk_changes,
    desk_closing,
    desk_import,
    verification,
)

# The modules of the reservations desk have one blueprint.
PAGES = (desk, verification)

__all__ = ["PAGES", "desk_booking", "desk_changes", "desk_closing", "desk_import"]
