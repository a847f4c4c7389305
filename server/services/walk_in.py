"""A visitor without a reservation takes a ticket, at the kiosk or from a clerk (rule 18)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from server.domain import walk_in as rules
from server.domain.check_in import Admit, Refuse
from server.domain.hours import day_of
from server.services.check_in import Admitted, Refused
from server.services.issue import Newcomer, issue
from server.services.moment import Moment, RuleBroken
from server.services.office import ServiceView
from server.store.facts import NewFact, note
from server.store.queries import line as line_rows
from server.store.queries import tickets
from server.store.queries.people import DeviceRow
from wire.vocabulary import FactType, Refusal


@dataclass(frozen=True, slots=True)
class Asking:
    """What a visitor without a reservation asks for; a clerk may give a ticket where the kiosk does not."""

    service: str
    language: str | None = None
    priority: str | None = None
    by_clerk: bool = False


def issue_ticket(session: Session, moment: Moment, device: DeviceRow, asking: Asking) -> Admitted | Refused:
    """Give a walk-in ticket if the service offers it now, by the rules of domain.walk_in."""
    branch = moment.branch(device.branch_id)
    service = branch.services.get(asking.service)
    if service is None:
        return _refuse(session, moment, device, Refuse(Refusal.NOT_OFFERED))
    if asking.priority is not None and asking.priority not in branch.policy.priority_classes:
        raise RuleBroken(422, "unknown_priority", priority=asking.priority)
    waiting = line_rows.waiting_by_service(session, branch.id).get(service.id, 0)
    decision = decide(session, moment, service, waiting)
    if isinstance(decision, Refuse) and not (asking.by_clerk and decision.reason is Refusal.NOT_OFFERED):
        return _refuse(session, moment, device, decision)
    language = asking.language or branch.policy.languages[0]
    return Admitted(issue(session, moment, device, Newcomer(service.id, language, priority=asking.priority)))


def decide(session: Session, moment: Moment, service: ServiceView, waiting: int) -> Admit | Refuse:
    """Say whether a service gives walk-in tickets now."""
    branch = moment.branch(service.branch_id)
    offer = service.policy.walk_in_offer(branch.policy)
    issued = 0
    if offer.daily_limit is not None:
        day = day_of(moment.now, branch.policy.zone)
        issued = tickets.count_walk_ins(session, service.id, branch.id, day)
    return rules.decide(offer, moment.now, issued, expected_wait(moment, service, waiting))


def expected_wait(moment: Moment, service: ServiceView, waiting: int) -> timedelta | None:
    """Say how long a newcomer would wait: people ahead × seconds per completion ÷ open counters."""
    pace = moment.paces.get(service.id)
    if pace is None or pace.open_counters == 0:
        return None
    return timedelta(seconds=waiting * pace.seconds_per_completion / pace.open_counters)


def _refuse(session: Session, moment: Moment, device: DeviceRow, refusal: Refuse) -> Refused:
    data = {"reason": str(refusal.reason), "device": device.id, "hall": device.hall}
    note(session, NewFact(FactType.WALK_IN_REFUSED, moment.now, device.branch_id, data))
    return Refused(refusal.reason, refusal.facts)
