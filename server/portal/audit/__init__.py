"""The pages on which everybody finds what was signed of a branch's log, and what it takes to check it."""

from __future__ import annotations

from server.portal.audit import cosigning, days
from server.portal.audit.days import pages

__all__ = ["cosigning", "days", "pages"]
