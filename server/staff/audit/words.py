"""How special treatment is written: its kinds, the reasons given, what was undone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.domain.audit.treatment import Treatment
from server.services.audit.treatment import Case, Figure
from server.services.office.settings import BranchView
from server.services.queue.check_in import OFFICE_LATE
from server.staff import languages
from server.staff.booking import wording
from server.staff.queue import counter_words
from server.staff.queue.counter_words import REASONS, REOPENINGS, WITHDRAWALS
from server.staff.queue.wording import URGENCIES
from wire.vocabulary import CallReason, TicketAction

KINDS: Mapping[Treatment, object] = {
    Treatment.BY_HAND: _l("called by hand before others"),
    Treatment.SET_ASIDE: _l("called after being set aside"),
    Treatment.URGENT: _l("made urgent"),
    Treatment.ORDINARY_AGAIN: _l("urgency taken back"),
    Treatment.REOPENED: _l("opened again, to be called next"),
    Treatment.REINSTATED: _l("put back in line after not coming"),
    Treatment.PUT_BACK: _l("call undone, waits again"),
    Treatment.HANDED_OVER: _l("sent to another line"),
    Treatment.RECALLED: _l("called once more"),
    Treatment.UNDONE: _l("step taken back"),
    Treatment.PRIORITY: _l("ticket with priority"),
    Treatment.CAME_BACK: _l("came back after a missed call"),
    Treatment.WITHDRAWN: _l("taken out of the line"),
    Treatment.LET_IN_LATE: _l("lapsed reservation reinstated"),
}
_REASONS: Mapping[Treatment, Mapping[Any, object]] = {
    Treatment.BY_HAND: {**REASONS, CallReason.WAS_PARKED: _l("Was set aside before")},
    Treatment.SET_ASIDE: {**REASONS, CallReason.WAS_PARKED: _l("Was set aside before")},
    Treatment.URGENT: URGENCIES,
    Treatment.REOPENED: REOPENINGS,
    Treatment.WITHDRAWN: WITHDRAWALS,
}
_STEPS: Mapping[str, object] = {
    TicketAction.START: _l("start of the service"),
    TicketAction.FINISH: _l("end of the service"),
    TicketAction.NO_SHOW: _l("did not come, as noted"),
    TicketAction.WITHDRAW: _l("withdrawal of the ticket"),
    TicketAction.PARK: _l("setting aside"),
    TicketAction.TRANSFER: _l("transfer to another line"),
}


def kind(treatment: Treatment, more: str | int | None = None) -> str:
    """Write what was done: where the visitor was sent, or which step was taken back, stands behind it."""
    said = str(KINDS[treatment])
    if more is None:
        return said
    if isinstance(more, int):
        return f"{said}: {_('counter %(number)s', number=more)}"
    if treatment is Treatment.UNDONE:
        return f"{said}: {_STEPS.get(more, more)}"
    return f"{said}: {more}"


def reason(branch: BranchView, treatment: Treatment, code: str | None) -> str:
    """Write the reason that was given, or the kind of priority; a code that has no words stands as it is."""
    if code is None:
        return "–"
    if treatment is Treatment.PRIORITY:
        return counter_words.priority(branch.policy, code, languages.current())
    if treatment is Treatment.LET_IN_LATE:
        return str(wording.reason(code))
    return str(_REASONS.get(treatment, {}).get(code, code))


def who(number: int | None, name: str | None) -> str:
    """Write who did it: the name, or the number of somebody whose name is not known any more."""
    return name or (_("person %(number)s", number=number) if number is not None else _("nobody is named"))


def by(done: Case | Figure) -> str:
    """Write who did something, if need be that it was the visitor's own step, or the kiosk's by its rules."""
    if done.who is None and done.treatment in (Treatment.PRIORITY, Treatment.CAME_BACK):
        return _("the visitor, at the kiosk")
    if done.who is None and done.treatment is Treatment.LET_IN_LATE and done.reason == OFFICE_LATE:
        return _("the kiosk, by its rules")
    return who(done.who, done.name)


def about(case: Case) -> str:
    """Write which ticket it was, or which reservation."""
    return case.number or _("reservation %(number)s", number=case.reservation)


def more_of(case: Case) -> str:
    """Write what was done in a case."""
    return kind(case.treatment, case.more)
