"""The legal stay of a foreigner: until when, or why it has no end date, and when to warn (rule 13)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum


class StayKind(StrEnum):
    """What makes a stay legal: a last day, or one of the grounds that have none."""

    UNTIL = "until"
    STAMP = "stamp"
    APPLICATION = "application"
    PROTECTION = "protection"
    EU_FAMILY = "eu_family"
    UKRAINE = "ukraine"


class StayWarning(StrEnum):
    """What a visitor has to be told about the last day that they gave."""

    OVER = "over"
    ENDS_BEFORE_VISIT = "ends_before_visit"


def warning_of(until: date | None, today: date, visit_day: date) -> StayWarning | None:
    """Say whether a warning is due: the same for a booking, a draw and each wish in it.

    The last day itself is legal. A stay that is over already is told as that, not as one that will end.
    """
    if until is None or until >= visit_day:
        return None
    return StayWarning.OVER if until < today else StayWarning.ENDS_BEFORE_VISIT
