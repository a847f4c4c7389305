"""A visitor without a reservation takes a ticket, at the kiosk or from a clerk (rule 18)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from server.domain.office import priorities
from server.domain.queue import order
from server.domain.queue import walk_in as rules
from server.domain.queue.check_in import Admit, Refuse
from server.domain.queue.estimate import in_minutes
from server.services.context import Context, RuleBroken
from server.services.office.settings import BranchView, ServiceView
from server.services.queue.check_in import Admitted, Refused
from server.services.queue.forecasts import Span
from server.services.queue.issue import NewTicket, check_language, issue
from server.store.facts import NewFact, note
from server.store.queries import office as office_rows
from server.store.queries import tickets
from server.store.queries.access.principals import DeviceRow
from wire.vocabulary import FactType, Refusal


@dataclass(frozen=True, slots=True)
class Asking:
    """What a visitor without a reservation asks for; a clerk may give a ticket where the kiosk does not.

    `clerk_id` is who gives it, or None at a kiosk; `paperless_by` the keyed hash of a phone that gets it without
    paper.
    """

    service: str
    language: str | None = None
    priority: str | None = None
    clerk_id: int | None = None
    paperless_by: bytes | None = None


def issue_ticket(session: Session, context: Context, device: DeviceRow, asking: Asking) -> Admitted | Refused:
    """Give a walk-in ticket if the service offers it now, by the rules of domain.walk_in."""
    branch = context.branch(device.branch_id)
    service = branch.services.get(asking.service)
    if service is None:
        return _refuse(session, context, device, Refuse(Refusal.NOT_OFFERED))
    _check_priority(branch, asking)
    check_language(branch, asking.language)
    if service.policy.walk_in_daily_limit is not None:
        # Counting and issuing must be one step for all who ask at once.
        office_rows.hold_service(session, service.id)
    decision = decide(session, context, service)
    if isinstance(decision, Refuse) and not (
        asking.clerk_id is not None and decision.reason is Refusal.NOT_OFFERED
    ):
        return _refuse(session, context, device, decision)
    language = asking.language or branch.policy.languages[0]
    newcomer = NewTicket(
        service.id,
        language,
        priority=asking.priority,
        clerk_id=asking.clerk_id,
        paperless_by=asking.paperless_by,
    )
    return Admitted(issue(session, context, device, newcomer))


def _check_priority(branch: BranchView, asking: Asking) -> None:
    if asking.priority is None:
        return
    kinds = branch.policy.priority_classes
    why = priorities.refusal(kinds, asking.priority, by_clerk=asking.clerk_id is not None)
    if why is not None:
        raise RuleBroken(422, why, priority=asking.priority)


def decide(session: Session, context: Context, service: ServiceView) -> Admit | Refuse:
    """Say whether a service gives walk-in tickets now."""
    branch = context.branch(service.branch_id)
    if service.is_closed:
        return Refuse(Refusal.CLOSED)
    if service.walk_ins_stopped:
        return Refuse(Refusal.LIMIT_REACHED)
    offer = service.policy.walk_in_offer(branch.policy)
    # Only a service that closes some time can be too full for today.
    closes = offer.opening_hours is not None
    wait = expected_wait(session, context, service) if closes else None
    issued = 0
    if offer.daily_limit is not None:
        day = branch.policy.business_day(context.now)
        issued = tickets.count_walk_ins(session, service.id, branch.id, day)
    return rules.decide(offer, context.now, issued, wait)


def expected_wait(session: Session, context: Context, service: ServiceView) -> timedelta | None:
    """Say how long a walk-in who joined now would wait; None while no counter is open for the service."""
    span = _span(session, context, service)
    return max(span.middle - context.now, timedelta()) if span else None


def newcomer(session: Session, context: Context, service: ServiceView) -> tuple[datetime, datetime] | None:
    """Say between which instants a walk-in who joined now would be called; None while no counter is open."""
    span = _span(session, context, service)
    return in_minutes(span.earliest, span.latest, context.now) if span else None


def _span(session: Session, context: Context, service: ServiceView) -> Span | None:
    ticket = order.LineTicket(order.LAST, service.id, context.now)
    return context.forecasts.look(session, context.office, service.branch_id, context.now).of(ticket)


def _refuse(session: Session, context: Context, device: DeviceRow, refusal: Refuse) -> Refused:
    data = {"reason": str(refusal.reason), "device": device.id, "hall": device.hall}
    note(session, NewFact(FactType.WALK_IN_REFUSED, context.now, device.branch_id, data))
    return Refused(refusal.reason, refusal.facts)
