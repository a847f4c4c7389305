"""How special treatment is written: its kinds, the reasons given, what was undone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.domain.audit.treatment import Treatment
from server.services.audit.treatment import Case
from server.staff.queue.counter_words import REASONS, REOPENINGS
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
}
_REASONS: Mapping[Treatment, Mapping[Any, object]] = {
    Treatment.BY_HAND: {**REASONS, CallReason.WAS_PARKED: _l("Was set aside before")},
    Treatment.SET_ASIDE: {**REASONS, CallReason.WAS_PARKED: _l("Was set aside before")},
    Treatment.URGENT: URGENCIES,
    Treatment.REOPENED: REOPENINGS,
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


def reason(treatment: Treatment, code: str | None) -> str:
    """Write the reason that was given; a code that has no words stands as it is."""
    if code is None:
        return "–"
    return str(_REASONS.get(treatment, {}).get(code, code))


def who(number: int | None, name: str | None) -> str:
    """Write who did it: the name, or the number of somebody whose name is not known any more."""
    return name or (_("person %(number)s", number=number) if number is not None else _("nobody is named"))


def more_of(case: Case) -> str:
    """Write what was done in a case."""
    return kind(case.treatment, case.more)
