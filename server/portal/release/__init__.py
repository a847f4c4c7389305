"""The pages of places that are released: the waiting room of a daily release, and draws (rule 10)."""

from __future__ import annotations

from server.portal.release import applying, drawing, ordering, waiting
from server.portal.release.blueprint import pages

__all__ = ["applying", "drawing", "ordering", "pages", "waiting"]
