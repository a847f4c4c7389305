"""Reservations: found by a keyed hash, changed by compare-and-set."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    Integer,
    bindparam,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    type_coerce,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from server.domain.booking.reservations import TRANSITIONS
from server.store.prepared import Place, Prepared
from server.store.tables import Reservation, Ticket, Verification, fixed
from wire.vocabulary import ReservationAction, ReservationStatus

ACTIVE = tuple(status for status, action in TRANSITIONS if action is ReservationAction.LAPSE)

STANDS = Reservation.status.in_([fixed(status) for status in ACTIVE])


@dataclass(frozen=True, slots=True)
class ReservationRow:
    """What a check-in reads of a reservation, with its ticket if it has one."""

    id: int
    branch_id: int
    service_id: int
    status: str
    appointment_at: datetime
    reinstated_at: datetime | None
    language: str
    lapses_at: datetime
    reason: str | None
    ticket_id: int | None = None


@dataclass(frozen=True, slots=True)
class Marks:
    """Keyed hashes that find a second visit: person, document, e-mail, phone; None is not limited.

    `others` are the same by the other keys that are held (ADR 0029).
    """

    person: bytes | None = None
    document: bytes | None = None
    email: bytes | None = None
    phone: bytes | None = None
    others: tuple[Marks, ...] = ()

    @property
    def by_all_keys(self) -> tuple[Marks, ...]:
        """Return these and those by the other keys."""
        return (self, *self.others)

    @property
    def of_contact(self) -> Marks:
        """Return those of e-mail and phone alone."""
        others = tuple(each.of_contact for each in self.others)
        return replace(self, person=None, document=None, others=others)


@dataclass(frozen=True, slots=True)
class DueLapse:
    """A reservation whose time is over, what it was, and the place that it had."""

    id: int
    branch_id: int
    service_id: int
    slot_id: int | None
    status: str
    appointment_at: datetime
    lapses_at: datetime


_COLUMNS = (
    Reservation.id,
    Reservation.branch_id,
    Reservation.service_id,
    Reservation.status,
    Reservation.appointment_at,
    Reservation.reinstated_at,
    Reservation.language,
    Reservation.lapses_at,
    Reservation.reason,
)
_FOUND = select(*_COLUMNS)
_BY_CODE = Prepared(_FOUND.where(Reservation.code_hash == bindparam("hash")).with_for_update())
_BY_TOKEN = Prepared(_FOUND.where(Reservation.token_hash == bindparam("hash")).with_for_update())
_MOVE = Prepared(
    update(Reservation)
    .where(Reservation.id == bindparam("row"), Reservation.status == bindparam("was"))
    .values(status=bindparam("becomes"))
)
MARKED = ("person_hash", "document_hash", "email_hash", "phone_hash")
"""The columns of the marks, in their order."""
# Not one condition with OR: each part has an index of its own.
_STANDING = Prepared(
    union_all(
        *(
            select(literal_column(str(place), Integer)).where(
                Reservation.service_id == bindparam("service"),
                getattr(Reservation, column) == bindparam(column),
                STANDS,
            )
            for place, column in enumerate(MARKED)
        )
    )
)
_COUNTS = dict.fromkeys(
    ("activation_tries", "activation_sends", "contact_corrections", "moves", "moves_by_staff"), 0
)
_NEW = (
    *("branch_id", "service_id", "slot_id", "account_id", "personal_key_id", "status", "appointment_at"),
    *("lapses_at", "language", "person_hash", "document_hash", "email_hash", "phone_hash", "sealed_person"),
    *("booked_at", *_COUNTS),
)
_NOT_YET = dict.fromkeys(set(Reservation.__table__.columns.keys()) - {"id", *_NEW})
_ADD = Prepared(insert(Reservation).returning(Reservation.id), _NEW)
_KEEP_CODE = Prepared(
    update(Reservation)
    .where(Reservation.id == bindparam("row"))
    .values(activation_hash=bindparam("hash"), activation_sends=bindparam("sends"))
)
_VISITS = Prepared(
    select(
        Reservation.id,
        Reservation.appointment_at,
        Reservation.lapses_at,
        Reservation.person_hash,
        Reservation.document_hash,
    )
    .where(
        STANDS,
        Reservation.account_id == bindparam("account"),
        Reservation.service_id == bindparam("service"),
    )
    .order_by(Reservation.appointment_at)
)


def by_code(session: Session, hashes: Iterable[bytes], *, scanned: bool) -> ReservationRow | None:
    """Find (and on PostgreSQL lock) the reservation of a typed code or of a QR's token, by its hashes."""
    statement = _BY_TOKEN if scanned else _BY_CODE
    looks = (statement.first(session, {"hash": each}) for each in hashes)
    row = next((found for found in looks if found is not None), None)
    if row is None:
        return None
    found = ReservationRow(*row)
    if found.status != ReservationStatus.CHECKED_IN:
        return found
    # Behind the lock and in a statement of its own: a join would not show a ticket that came while we waited.
    of_it = select(Ticket.id).where(Ticket.reservation_id == found.id)
    return replace(found, ticket_id=session.execute(of_it).scalar_one_or_none())


def standing(session: Session, service_id: int, marks: Marks) -> str | None:
    """Name the first column by which a reservation for the service stands already; None when none does."""
    found = (
        row[0]
        for each in marks.by_all_keys
        for row in _STANDING.all(session, _values(each) | {"service": service_id})
    )
    first = min(found, default=None)
    return None if first is None else MARKED[first]


def _values(marks: Marks) -> dict[str, Any]:
    return dict(zip(MARKED, (marks.person, marks.document, marks.email, marks.phone), strict=True))


def add(session: Session, values: dict[str, Any]) -> Reservation:
    """Write a new reservation and return what its row holds, as a plain value: its changes are not kept."""
    values = _COUNTS | values
    row_id = int(_ADD.value(session, values))
    return cast(Reservation, SimpleNamespace(**_NOT_YET, **values, id=row_id))


def keep_code(session: Session, row: Reservation) -> None:
    """Keep the hash of a reservation's activation code, and how many were sent."""
    values = {"row": row.id, "hash": row.activation_hash, "sends": row.activation_sends}
    _KEEP_CODE.run(session, values)


@dataclass(frozen=True, slots=True)
class StandingVisit:
    """A reservation of an account that stands: when it is, and by which marks its person is known."""

    id: int
    appointment_at: datetime
    lapses_at: datetime
    person_hash: bytes | None
    document_hash: bytes | None


def standing_visits(place: Place, account_id: int, service_id: int) -> list[StandingVisit]:
    """List what stands of an account for a service; the next visit first."""
    values = {"account": account_id, "service": service_id}
    return [StandingVisit(*row) for row in _VISITS.all(place, values)]


def standing_of_account(session: Session, account_id: int) -> list[Reservation]:
    """List the reservations of an account that stand; the next visit first."""
    found = select(Reservation).where(STANDS, Reservation.account_id == account_id)
    return list(session.execute(found.order_by(Reservation.appointment_at)).scalars())


def made_for(session: Session, service_id: int, appointment_at: datetime, marks: Marks) -> int | None:
    """Find the last reservation of a person or a document for an hour, whatever has become of it since."""
    known = [
        column == mark
        for column, mark in (
            *((Reservation.person_hash, each.person) for each in marks.by_all_keys),
            *((Reservation.document_hash, each.document) for each in marks.by_all_keys),
        )
        if mark is not None
    ]
    query = select(Reservation.id).where(
        Reservation.service_id == service_id, Reservation.appointment_at == appointment_at, or_(*known)
    )
    return session.execute(query.order_by(Reservation.id.desc())).scalars().first()


def stands(row: Reservation, now: datetime) -> bool:
    """Say whether a reservation stands, whoever swept since its instant."""
    return row.status in ACTIVE and row.lapses_at >= now


def move(session: Session, row_id: int, was: str, becomes: str) -> bool:
    """Change the status if it is still `was`; say whether it was."""
    return _MOVE.run(session, {"row": row_id, "was": was, "becomes": becomes}) == 1


def due_to_lapse(session: Session, now: datetime, most: int) -> list[DueLapse]:
    """List reservations that still stand past their instant, longest due first."""
    found = session.execute(
        select(
            Reservation.id,
            Reservation.branch_id,
            Reservation.service_id,
            Reservation.slot_id,
            Reservation.status,
            Reservation.appointment_at,
            Reservation.lapses_at,
        )
        .where(STANDS, Reservation.lapses_at < now)
        .order_by(Reservation.lapses_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return [DueLapse(*row) for row in found]


def keep_until(session: Session, row_id: int, until: datetime) -> None:
    """Let a reservation that stands lapse later."""
    kept = update(Reservation).where(Reservation.id == row_id, STANDS).values(lapses_at=until)
    session.execute(kept.execution_options(synchronize_session=False))


def lapse(session: Session, row_ids: Sequence[int], now: datetime, reason: str | None = None) -> None:
    """End reservations whose visitors did not come; their codes can no longer be read, only recognised."""
    session.execute(
        update(Reservation)
        .where(Reservation.id.in_(row_ids), STANDS)
        .values(
            status=ReservationStatus.LAPSED,
            ended_at=now,
            sealed_codes=None,
            activation_hash=None,
            reason=reason,
        )
        .execution_options(synchronize_session=False)
    )


def next_lapse(session: Session) -> datetime | None:
    """Tell when the next reservation lapses."""
    return session.execute(select(func.min(Reservation.lapses_at)).where(STANDS)).scalar_one_or_none()


def move_lapses(session: Session, service_id: int, lead: timedelta) -> None:
    """Let open reservations of a service lapse by another lead from now on.

    What was reinstated keeps its own end, and so does what waits for a code or for answers: that is a deadline.
    """
    microseconds = lead // timedelta(microseconds=1)
    has_deadline = exists().where(
        Verification.reservation_id == Reservation.id,
        Verification.answered_at.is_(None),
        Verification.decided_at.is_(None),
    )
    session.execute(
        update(Reservation)
        .where(
            STANDS,
            Reservation.service_id == service_id,
            Reservation.reinstated_at.is_(None),
            or_(
                Reservation.status == fixed(ReservationStatus.BOOKED),
                (Reservation.status == fixed(ReservationStatus.PENDING)) & ~has_deadline,
            ),
        )
        .values(lapses_at=type_coerce(Reservation.appointment_at, BigInteger) - microseconds)
        .execution_options(synchronize_session=False)
    )
