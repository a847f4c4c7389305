"""What people are told about a legal stay: on the pages of a booking, a visit and a draw (rule 13)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.domain.booking.legal_stay import StayKind, StayWarning, warning_of
from server.web import times

KINDS: Mapping[str, object] = {
    StayKind.UNTIL: _l("It ends on a known day: I have a visa, a residence card or visa-free days"),
    StayKind.STAMP: _l("I have a stamp in my passport: my application has been filed"),
    StayKind.APPLICATION: _l("My application is being decided, and I have no stamp"),
    StayKind.PROTECTION: _l("I have international protection, or have asked for it"),
    StayKind.EU_FAMILY: _l("I am a family member of an EU citizen"),
    StayKind.UKRAINE: _l("I have temporary protection as a citizen of Ukraine (UKR)"),
}
_SHORT: Mapping[str, object] = {
    StayKind.STAMP: _l("stamp in the passport"),
    StayKind.APPLICATION: _l("application being decided"),
    StayKind.PROTECTION: _l("international protection"),
    StayKind.EU_FAMILY: _l("family of an EU citizen"),
    StayKind.UKRAINE: _l("temporary protection (UKR)"),
}


def stay_in_words(kind: str | None, until: date | None) -> str:
    """Write what was told: the last day, or why there is none."""
    if until is not None:
        return times.day(until)
    return str(_SHORT.get(kind or "", ""))


def stay_warning(until: date | None, today: date, visit_day: date) -> str | None:
    """Return the sentence of the warning that is due; None when none is."""
    warning = warning_of(until, today, visit_day)
    if until is None or warning is None:
        return None
    if warning is StayWarning.OVER:
        return _(
            "From what you entered, your legal stay ended on %(day)s. Please phone the office: an earlier visit "
            "may not help.",
            day=times.day(until),
        )
    return _(
        "Your legal stay ends on %(day)s, before this visit. You may have to file your application earlier.",
        day=times.day(until),
    )
