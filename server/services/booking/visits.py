"""Visits as their owner sees them: the list, the confirmation, and the cancelling (rules 5 and 7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from server.domain.queue.check_in import check_in_until
from server.services.booking import ending
from server.services.booking.owners import Owner, own
from server.services.booking.unsealed import Codes, opened
from server.services.context import Context, not_found
from server.services.office.settings import BranchView, HallView, Office, ServiceView
from server.services.ports import Visit
from server.store.queries.booking import drafts as rows
from server.store.tables import Reservation
from wire.vocabulary import ReservationStatus

_MOST = 200
_CAN_CANCEL = (ReservationStatus.HELD, ReservationStatus.PENDING, ReservationStatus.BOOKED)
_SHOW_CODES = (ReservationStatus.BOOKED, ReservationStatus.CHECKED_IN)


@dataclass(frozen=True, slots=True)
class ReservationLine:
    """A line of the list of one's reservations."""

    reservation_id: int
    status: ReservationStatus
    service: ServiceView
    branch: BranchView
    appointment_at: datetime
    lapses_at: datetime
    can_cancel: bool


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The reservation stands no more; `repeat`: it was cancelled before."""

    repeat: bool = False


@dataclass(frozen=True, slots=True)
class NotCancelled:
    """It cannot be cancelled any more, for the status that it has."""

    status: ReservationStatus


def mine(session: Session, context: Context, account_id: int) -> tuple[ReservationLine, ...]:
    """List the reservations of an account, those made last first."""
    return tuple(
        ReservationLine(
            row.id,
            status := status_of(context, row),
            context.office.services[row.service_id],
            context.branch(row.branch_id),
            row.appointment_at,
            row.lapses_at,
            status in _CAN_CANCEL,
        )
        for row in rows.of_account(session, account_id, _MOST)
    )


def show(session: Session, context: Context, owner: Owner, reservation_id: int, language: str) -> Visit:
    """Show a reservation to its owner, in a language. Raises RuleBroken 404 for another's."""
    row = own(session, context, owner, reservation_id)
    return shown(context, row, language, *opened(session, context, row))


def visit_of(session: Session, context: Context, reservation_id: int, language: str) -> Visit:
    """Show a reservation to the outbox worker, who writes it out for its owner. Raises RuleBroken 404."""
    row = rows.reservation(session, reservation_id)
    if row is None:
        raise not_found("reservation")
    return shown(context, row, language, *opened(session, context, row))


def cancel(session: Session, context: Context, owner: Owner, reservation_id: int) -> Cancelled | NotCancelled:
    """Cancel one's own reservation: the codes are erased, the place comes back later (rule 11), twice is once.

    Raises RuleBroken 404 for another's.
    """
    row = own(session, context, owner, reservation_id, locked=True)
    status = status_of(context, row)
    if status is ReservationStatus.CANCELLED:
        return Cancelled(repeat=True)
    if status not in _CAN_CANCEL:
        return NotCancelled(status)
    ending.cancel(session, context, row)
    return Cancelled()


def status_of(context: Context, row: Reservation) -> ReservationStatus:
    """Tell the status that a reservation has now, also when nobody swept since its instant."""
    return ReservationStatus.LAPSED if rows.is_over(row, context.now) else ReservationStatus(row.status)


def _until(context: Context, row: Reservation) -> datetime:
    """Tell until when a ticket can be taken: later than usual where a late office promised so."""
    usual = check_in_until(row.appointment_at, context.check_in(row.service_id))
    is_kept = row.status == ReservationStatus.BOOKED and row.reinstated_at is None
    return max(usual, row.lapses_at) if is_kept else usual


def url_of(context: Context, row: Reservation, language: str) -> str:
    """Return the address of a reservation: a page of the account, or a link that is a guest's key to it."""
    if row.account_id is not None:
        return f"{context.public_url}/{language}/reservations/{row.id}"
    return f"{context.public_url}/{language}/v/{context.keys.visit_token(row.id)}"


def shown(
    context: Context, row: Reservation, language: str, person: Mapping[str, Any], codes: Codes | None
) -> Visit:
    """Show a reservation by its row and what is sealed in it; the codes only while they open something."""
    service, status = context.office.services[row.service_id], status_of(context, row)
    codes = codes if status in _SHOW_CODES else None
    stay = person.get("legal_stay_until")
    return Visit(
        reservation_id=row.id,
        status=status,
        code=codes.code.shown if codes else None,
        qr=codes.token.qr if codes else None,
        appointment_at=row.appointment_at,
        check_in_until=_until(context, row),
        applicant=person.get("name"),
        children=_children(person),
        url=url_of(context, row, language),
        legal_stay_until=date.fromisoformat(stay) if stay else None,
        legal_stay=person.get("legal_stay"),
        booked_at=row.booked_at,
        moves=row.moves,
        **_of_the_office(context, service, language),
    )


def example(context: Context, service: ServiceView, language: str, at: datetime) -> Visit:
    """Make a visit up, to show how a message about one looks."""
    return Visit(
        reservation_id=0,
        status=ReservationStatus.BOOKED,
        code="482 910 378",
        qr=None,
        appointment_at=at,
        check_in_until=check_in_until(at, context.check_in(service.id)),
        applicant="Anna Kowalska",
        children=(),
        url=f"{context.public_url}/{language}/reservations/0",
        **_of_the_office(context, service, language),
    )


def _of_the_office(context: Context, service: ServiceView, language: str) -> dict[str, Any]:
    """Return what a visit tells of its office and its service."""
    branch, told = context.branch(service.branch_id), service.policy.information
    hall = _hall(context.office, service)
    return {
        "service": service.letter,
        "service_name": service.name(language),
        "branch": branch.code,
        "branch_name": branch.name,
        "address": _said(branch.policy.address, language),
        "map_url": branch.policy.map_url,
        "phone": branch.policy.phone,
        "hall": hall.name if hall else None,
        "zone": branch.policy.zone.key,
        "prepare": service.prepare(language),
        "documents": tuple(filter(None, (_said(each, language) for each in told.documents))),
        "told_at": context.now,
        "email": branch.policy.email,
        "copies": _said(told.copies, language),
        "photos": _said(told.photos, language),
        "forms": tuple((_said(form.name, language) or form.url, form.url) for form in told.forms),
        "fees": tuple((_said(fee.what, language) or "", fee.amount) for fee in told.fees),
        "payment": _said(told.payment, language),
    }


def _said(texts: Mapping[str, str], language: str) -> str | None:
    """Return a text in a language, else in Polish, else in any that there is."""
    return texts.get(language) or texts.get("pl") or next(iter(texts.values()), None)


def _hall(office: Office, service: ServiceView) -> HallView | None:
    """Return the hall where the visitor takes the ticket: that of the first counter that serves the service."""
    counters = sorted(office.counters_serving(service.id), key=lambda counter: counter.number)
    return office.halls[counters[0].hall_id] if counters else None


def _children(person: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    return tuple((child["name"], child["birth_year"]) for child in person.get("children", ()))
