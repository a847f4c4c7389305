"""The pages of booking: branch, service, day, hour, details, check, and the hour is held (rule 2)."""

from __future__ import annotations

from server.portal.booking import calendar, checking, choosing, details, holding, wishes
from server.portal.booking.blueprint import pages

__all__ = ["calendar", "checking", "choosing", "details", "holding", "pages", "wishes"]
