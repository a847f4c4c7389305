"""All special treatment of a period at a branch: each case, and how many there were by person and reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from server.domain.audit.treatment import Treatment, lacks_reason, treatment_of
from server.domain.office.hours import instant
from server.domain.statistics.periods import Period
from server.services.context import Context
from server.services.office.settings import BranchView, ServiceView
from server.store.queries import treatment as rows
from server.store.queries.booking.desk import names_of
from server.store.queries.treatment import Where
from wire.vocabulary import FactType

PAGE_ROWS = 100

_SOUGHT: dict[Treatment, tuple[FactType, bool | None]] = {
    Treatment.BY_HAND: (FactType.TICKET_CALLED, True),
    Treatment.SET_ASIDE: (FactType.TICKET_CALLED, False),
    Treatment.URGENT: (FactType.TICKET_MADE_URGENT, None),
    Treatment.ORDINARY_AGAIN: (FactType.TICKET_MADE_ORDINARY, None),
    Treatment.REOPENED: (FactType.TICKET_REOPENED, None),
    Treatment.REINSTATED: (FactType.TICKET_REINSTATED, None),
    Treatment.PUT_BACK: (FactType.TICKET_PUT_BACK, None),
    Treatment.HANDED_OVER: (FactType.TICKET_TRANSFERRED, None),
    Treatment.RECALLED: (FactType.TICKET_RECALLED, None),
    Treatment.UNDONE: (FactType.TICKET_UNDONE, None),
    Treatment.PRIORITY: (FactType.TICKET_ISSUED, None),
    Treatment.CAME_BACK: (FactType.TICKET_CAME_BACK, None),
    Treatment.WITHDRAWN: (FactType.TICKET_WITHDRAWN, None),
    Treatment.LET_IN_LATE: (FactType.RESERVATION_REINSTATED, None),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader wants to see: a period, perhaps one kind, perhaps what one person did."""

    period: Period
    kind: Treatment | None = None
    who: int | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One case; `more` is the step that was undone, or where the visitor was sent: a service or a counter.

    It is about a ticket, by its number, or about a reservation before there was one.
    """

    at: datetime
    treatment: Treatment
    number: str | None
    reservation: int | None
    service: ServiceView | None
    counter: int | None
    who: int | None
    name: str | None
    reason: str | None
    more: str | int | None

    @property
    def lacks_reason(self) -> bool:
        """Say whether it should have a reason, and has none."""
        return lacks_reason(self.treatment, self.reason)


@dataclass(frozen=True, slots=True)
class Figure:
    """How often one person did one thing for one reason."""

    who: int | None
    name: str | None
    treatment: Treatment
    reason: str | None
    count: int

    @property
    def lacks_reason(self) -> bool:
        """Say whether it should have a reason, and has none."""
        return lacks_reason(self.treatment, self.reason)


def cases(
    session: Session, context: Context, branch: BranchView, asked: Asked, page: int | None = None
) -> list[Case]:
    """List the cases, the latest first: all, or those of a page (the first is 0)."""
    skip, most = (page * PAGE_ROWS, PAGE_ROWS) if page is not None else (0, None)
    found = list(rows.facts(session, _where(branch, asked), skip=skip, most=most))
    names = names_of(session, filter(None, (_who(row.data) for row in found)))
    return list(_cases(context, found, names))


def figures(session: Session, branch: BranchView, asked: Asked) -> list[Figure]:
    """Count the cases by person, kind and reason: the most frequent of each person first."""
    found: Counter[tuple[int | None, Treatment, str | None]] = Counter()
    for type_, data, reason, who, count in rows.counts(session, _where(branch, asked)):
        treatment = treatment_of(type_, data)
        if treatment is not None:
            found[who, treatment, reason] += count
    names = names_of(session, {who for who, _, _ in found if who is not None})
    made = [
        Figure(who, names.get(who) if who else None, treatment, reason, count)
        for (who, treatment, reason), count in found.items()
    ]
    return sorted(made, key=lambda each: (each.name or "", each.who or 0, -each.count, each.treatment))


def _where(branch: BranchView, asked: Asked) -> Where:
    starts_at, zone = branch.policy.day_starts_at, branch.policy.zone
    begins_at = instant(asked.period.first, starts_at, zone)
    ends_at = instant(asked.period.last + timedelta(days=1), starts_at, zone)
    type_, out_of_order = _SOUGHT[asked.kind] if asked.kind else (None, None)
    return Where(branch.id, begins_at, ends_at, type_, out_of_order, asked.who)


def _cases(context: Context, found: list[Any], names: dict[int, str]) -> Iterator[Case]:
    for at, type_, data, reason, service_id in found:
        treatment = treatment_of(type_, data)
        if treatment is None:
            continue
        who = _who(data)
        yield Case(
            at,
            treatment,
            data.get("number"),
            data.get("reservation"),
            context.office.services.get(service_id),
            data.get("counter"),
            who,
            names.get(who) if who else None,
            reason,
            _more(treatment, data),
        )


def _who(data: dict[str, Any]) -> int | None:
    who = data.get("clerk", data.get("user"))
    return who if isinstance(who, int) else None


def _more(treatment: Treatment, data: dict[str, Any]) -> str | int | None:
    if treatment is Treatment.PRIORITY:
        return None
    found: str | int | None = data.get("action") or data.get("service") or data.get("to_counter")
    return found
