"""What a visitor has told so far, by the steps of the pages: what is wrong with it, and which page comes next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.domain.booking import details
from server.domain.booking.details import Days, Details
from server.domain.booking.policy import BookingPolicy
from server.web.details_wording import sentence

# The fields of each page.
FIELDS = {
    "details": ("name", "birth_date", "document"),
    "children": ("children",),
    "stay": ("legal_stay", "legal_stay_until"),
    "contact": ("email", "phone", "language", "activation"),
    "wishes": ("wishes",),
}
# In a draw the stay comes last: only who knows the days can say whether it lasts so long.
_OF_BOOKING = ("details", "children", "stay", "contact")
_OF_DRAW = ("details", "children", "contact", "wishes", "stay")


def steps(rules: BookingPolicy, *, is_drawn: bool = False) -> tuple[str, ...]:
    """List the pages that a service needs, in order: to book an hour, or to take part in a draw."""
    wanted = {"children": rules.most_children > 0, "stay": rules.ask_legal_stay}
    return tuple(step for step in (_OF_DRAW if is_drawn else _OF_BOOKING) if wanted.get(step, True))


def missing_step(said: Mapping[str, Any], rules: BookingPolicy, days: Days) -> str | None:
    """Return the first page whose answers are not there or not right; None when all can be booked."""
    checked = details.check(said, rules, days)
    wrong = {} if isinstance(checked, Details) else {key.partition(".")[0] for key in checked.problems}
    for step in steps(rules, is_drawn=days.drawn is not None):
        if step == "children" and "children" not in said:
            return step
        if any(field in wrong for field in FIELDS[step]):
            return step
    return None


def problems_of(step: str, said: Mapping[str, Any], rules: BookingPolicy, days: Days) -> dict[str, object]:
    """Return what is wrong with the answers of a page, as sentences by field."""
    checked = details.check(said, rules, days)
    if isinstance(checked, Details):
        return {}
    return {
        field: sentence(field, reason)
        for field, reason in checked.problems.items()
        if field.partition(".")[0] in FIELDS[step]
    }
