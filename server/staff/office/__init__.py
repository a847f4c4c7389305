"""An office is set up on pages: settings, services, counters, halls, the calendar, and all changes on record."""

from __future__ import annotations

from server.staff.office import (
    calendar,
    guide,
    own_texts,
    parts_of_branch,
    records_page,
    set_up,
    slip,
    template_choice,
    templates_page,
    wording,
)

PAGES = (
    set_up,
    guide,
    parts_of_branch,
    calendar,
    slip,
    wording,
    records_page,
    own_texts,
    templates_page,
    template_choice,
)
