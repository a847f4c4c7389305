"""Turns the services' views into messages on the wire."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from server.services.access import staff_codes
from server.services.booking.integrators import Booked
from server.services.context import Context
from server.services.office.settings import BranchView, HallView, ServiceView
from server.services.queue.check_in import Admitted, Paused, Refused
from server.services.queue.views.ticket import ListedTicket, TicketView
from server.services.store_types import DeviceRow
from wire import messages as wire
from wire.vocabulary import DeviceRole

M = TypeVar("M", bound=wire.Message)


def like(model: type[M], view: object) -> M:
    """Turn a view into a message whose fields have the same names."""
    return model.model_validate(view, from_attributes=True)


def ticket(view: TicketView) -> wire.Ticket:
    """Turn a ticket into its message."""
    place = view.place
    return wire.Ticket(
        id=view.id,
        number=view.number,
        status=view.status,
        service=wire.ServiceName(code=view.service, name=view.service_name, prepare=view.prepare),
        language=view.language,
        priority=view.priority,
        issued_at=view.issued_at,
        queued_at=view.queued_at,
        appointment_at=view.appointment_at,
        called_at=view.called_at,
        started_at=view.started_at,
        counter=view.counter,
        call_count=view.call_count,
        people_ahead=place.people_ahead if place else None,
        expected_from=place.expected_from if place else None,
        expected_until=place.expected_until if place else None,
        not_today=place is not None and place.not_today,
        track_url=view.track_url,
        actions=list(view.actions),
        note=view.note,
        announced=view.announced,
        checklist=list(view.checklist),
        checked=list(view.checked),
        reservation=_reservation(view),
    )


def _reservation(view: TicketView) -> wire.ReservationBeside | None:
    beside = view.reservation
    if beside is None:
        return None
    return wire.ReservationBeside(
        id=beside.id,
        code=beside.code,
        applicant=beside.applicant,
        children=[wire.Child(name=name, birth_year=year) for name, year in beside.children],
        confirmation_verified=view.verified,
    )


def listed(views: Iterable[ListedTicket]) -> list[wire.WaitingTicket]:
    """Turn tickets into the lines of a list."""
    return [like(wire.WaitingTicket, view) for view in views]


def problem(status: int, reason: str, facts: dict[str, object]) -> wire.Problem:
    """Turn a refusal that a visitor must hear into its message."""
    plain = {key: value.isoformat() if hasattr(value, "isoformat") else value for key, value in facts.items()}
    return wire.Problem(title="The rules do not allow it now", status=status, reason=reason, facts=plain)


def issued(
    context: Context, outcome: Admitted | Refused | Paused
) -> tuple[int, wire.IssueAnswer | wire.Problem]:
    """Answer a check-in or a request for a ticket: 201, 200 for the same ticket again, 409, 429."""
    if isinstance(outcome, Admitted):
        answer = wire.IssueAnswer(
            ticket=ticket(outcome.ticket), repeat=outcome.repeat, reinstated=outcome.reinstated
        )
        return (200 if outcome.repeat else 201), answer
    if isinstance(outcome, Paused):
        seconds = max(1, -int((context.now - outcome.until).total_seconds() // 1))
        facts: dict[str, object] = {"retry_after": seconds, "until": outcome.until}
        said = problem(429, "paused", facts)
        return 429, said.model_copy(update={"title": "Too many wrong codes"})
    return 409, problem(409, str(outcome.reason), dict(outcome.facts))


def device(context: Context, row: DeviceRow) -> wire.Device:
    """Turn a device into its message, with the settings that the office rules."""
    branch = context.branch(row.branch_id)
    policy = branch.policy
    return wire.Device(
        id=row.id,
        name=row.name,
        role=row.role,  # type: ignore[arg-type]
        branch=branch_name(branch),
        hall=hall_name(branch.halls[row.hall]),
        counter=row.counter,
        settings=wire.DeviceSettings(
            languages=list(policy.languages),
            check_in_lead_minutes=branch.longest_lead_minutes,
            ask_service_first=policy.ask_service_first,
            priority_classes=[
                each.code for each in policy.priorities_of(by_clerk=row.role == DeviceRole.COUNTER)
            ],
            priority_kinds=[like(wire.PriorityKind, each) for each in policy.priority_classes],
            help_counter=policy.help_counter,
            portal_url=policy.portal_url,
            notices=dict(branch.notices_at(context.now)),
            target_wait_minutes=policy.target_wait_minutes,
            information_service=policy.information_service,
            slip=wire.SlipSettings(**policy.slip.layout()),
            paperless_tickets=policy.paperless_tickets,
            offline_hours=policy.offline_hours,
        ),
        restarts_asked=row.restarts_asked,
        staff_secret=staff_codes.secret_of(context, row),
        new_rolls=list(row.supplies.get("new_rolls", ())),
        now=context.now,
    )


def branch_name(branch: BranchView) -> wire.BranchName:
    """Name a branch and the zone of its hours."""
    return wire.BranchName(code=branch.code, name=branch.name, zone=branch.policy.zone.key)


def hall_name(hall: HallView) -> wire.HallName:
    """Name a hall."""
    return like(wire.HallName, hall)


def service_name(service: ServiceView, language: str) -> wire.ServiceName:
    """Name a service in a language."""
    return wire.ServiceName(code=service.letter, name=service.name(language))


def reservation(booked: Booked) -> wire.ReservationAnswer:
    """Turn a reservation into its message for the integrator who made it."""
    return wire.ReservationAnswer(
        id=booked.id,
        code=booked.code.digits if booked.code else None,
        qr=booked.token.qr if booked.token else None,
        status=booked.status,
        service=booked.service,
        appointment_at=booked.appointment_at,
        check_in_until=booked.check_in_until,
    )
