"""Pages of an account: made, confirmed, entered, looked at, changed and deleted."""

from __future__ import annotations

from server.portal.accounts import data, deletion, email, log_in, new, overview, passwords, terms

PAGES = (new, log_in, terms, overview, passwords, email, data, deletion)
