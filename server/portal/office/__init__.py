"""Pages that tell: the start, what each service needs, and what the law wants to be said."""

from __future__ import annotations

from server.portal.office import accessibility, contact, country, privacy, service, services, start, terms

PAGES = (start, services, service, terms, privacy, accessibility, contact, country)
