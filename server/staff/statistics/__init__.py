"""Statistics: what became of a period's visitors, as plots, tables and files."""

from __future__ import annotations

from server.staff.statistics import by_mail, files, overview, paper

PAGES = (overview, files, paper, by_mail)
