"""Applications to draws: a list that anybody may read, and the people behind it, sealed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from server.store.queries.booking.reservations import Marks
from server.store.tables import Account, Application, Draw, PersonalKey, Reservation

_TAKES_PART = Application.withdrawn_at.is_(None)


class AppliedTwice(Exception):
    """Somebody applied to the same draw at the same moment; the transaction is to be given up."""


def put(session: Session, application: Application) -> None:
    """Write a new or a changed application. Raises AppliedTwice where the schema forbids a second of a person."""
    session.add(application)
    try:
        session.flush()
    except IntegrityError as twice:
        raise AppliedTwice from twice


def entries(session: Session, draw_id: int) -> list[tuple[str, list[str]]]:
    """Read a draw's list: public ids and preferences, in the order of ids."""
    found = (
        select(Application.public_id, Application.preferences)
        .where(Application.draw_id == draw_id, _TAKES_PART)
        .order_by(Application.public_id)
    )
    return [(row[0], row[1]) for row in session.execute(found)]


def count_applications(session: Session, draw_id: int) -> int:
    """Count those who take part in a draw."""
    found = select(func.count()).where(Application.draw_id == draw_id, _TAKES_PART)
    return session.execute(found).scalar_one()


def application_of(session: Session, draw_id: int, account_id: int) -> Application | None:
    """Find (and lock) the application of an account that takes part in a draw."""
    found = select(Application).where(
        Application.draw_id == draw_id, Application.account_id == account_id, _TAKES_PART
    )
    return session.execute(found.with_for_update()).scalar_one_or_none()


def takes_part(
    session: Session, draw_id: int, account_id: int, marks: Marks, besides: int | None = None
) -> bool:
    """Say whether somebody takes part already, by the account, the person or the document.

    `besides` is the row of an application that does not count: the one that is being changed.
    """
    told: list[tuple[Any, Any]] = [(Application.account_id, account_id)]
    told += [(Application.person_hash, each.person) for each in marks.by_all_keys]
    told += [(Application.document_hash, each.document) for each in marks.by_all_keys]
    mine = or_(*(column == value for column, value in told if value is not None))
    found = select(Application.id).where(Application.draw_id == draw_id, _TAKES_PART, mine)
    if besides is not None:
        found = found.where(Application.id != besides)
    return session.execute(found.limit(1)).first() is not None


def applications_of(session: Session, account_id: int) -> list[tuple[Application, Draw, datetime | None]]:
    """List an account's applications with their draws and the hour of the visit, newest first."""
    found = (
        select(Application, Draw, Reservation.appointment_at)
        .join(Draw, Draw.id == Application.draw_id)
        .outerjoin(Reservation, Reservation.id == Application.reservation_id)
        .where(Application.account_id == account_id, _TAKES_PART)
        .order_by(Application.id.desc())
    )
    return [(row[0], row[1], row[2]) for row in session.execute(found)]


def not_yet_placed(session: Session, draw_id: int, public_ids: Sequence[str]) -> dict[str, Application]:
    """Read those of some applications that were not given their place in the order yet."""
    found = select(Application).where(
        Application.draw_id == draw_id, Application.public_id.in_(public_ids), Application.place.is_(None)
    )
    return {row.public_id: row for row in session.execute(found).scalars()}


def keys_of(session: Session, some: Iterable[Application]) -> list[PersonalKey]:
    """Read the personal keys of some applications; while they are held, the session asks for none again."""
    ids = {row.personal_key_id for row in some if row.personal_key_id is not None}
    return list(session.execute(select(PersonalKey).where(PersonalKey.id.in_(ids))).scalars())


def unplaced_ids(session: Session, draw_id: int) -> set[str]:
    """List the public ids of those who were not given their place in the order yet."""
    found = select(Application.public_id).where(
        Application.draw_id == draw_id, _TAKES_PART, Application.place.is_(None)
    )
    return set(session.execute(found).scalars())


def in_order(session: Session, draw_id: int, after: int, most: int) -> list[tuple[int, int, list[str]]]:
    """List those in order who have no visit and whose data is there: row id, place, preferences."""
    found = (
        select(Application.id, Application.place, Application.preferences)
        .where(
            Application.draw_id == draw_id,
            Application.place > after,
            Application.reservation_id.is_(None),
            Application.sealed_details.is_not(None),
            _TAKES_PART,
        )
        .order_by(Application.place)
        .limit(most)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(found)]


def locked_application(session: Session, row_id: int) -> Application:
    """Read an application that nobody else changes until this transaction is over."""
    wanted = select(Application).where(Application.id == row_id).with_for_update()
    return session.execute(wanted.execution_options(populate_existing=True)).scalar_one()


def visits_given(session: Session, draw_id: int) -> list[tuple[str, datetime, datetime]]:
    """List who was given a visit, also where it was cancelled since: public id, hour, when it was given."""
    found = (
        select(Application.public_id, Reservation.appointment_at, Reservation.booked_at)
        .join(Reservation, Reservation.id == Application.reservation_id)
        .where(Application.draw_id == draw_id)
        .order_by(Reservation.booked_at, Reservation.id)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(found)]


def forget_people(session: Session, personal_key_ids: Sequence[int]) -> None:
    """Let applications go of what is personal; their lines in the lists stay, so that a draw can be repeated."""
    session.execute(
        update(Application)
        .where(Application.personal_key_id.in_(personal_key_ids))
        .values(
            account_id=None, personal_key_id=None, person_hash=None, document_hash=None, sealed_details=None
        )
        .execution_options(synchronize_session=False)
    )


def account_contact(session: Session, account_id: int) -> Account | None:
    """Read a confirmed account that was not deleted."""
    row = session.get(Account, account_id)
    return row if row is not None and row.confirmed_at is not None and row.deleted_at is None else None


def service_of_draw(session: Session, draw_id: int) -> int:
    """Return the service whose places a draw gives."""
    return session.execute(select(Draw.service_id).where(Draw.id == draw_id)).scalar_one()
