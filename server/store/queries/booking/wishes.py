"""Wishes to hear when a service has places again: one a person, gone once it was told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.store.tables import PlaceWish


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants to hear of which service, in which language."""

    id: int
    account_id: int
    service_id: int
    language: str
    wished_at: datetime


def of_account(session: Session, account_id: int) -> Wish | None:
    """Find the wish of an account."""
    row = session.execute(select(PlaceWish).where(PlaceWish.account_id == account_id)).scalar_one_or_none()
    return None if row is None else _read(row)


def put(session: Session, account_id: int, service_id: int, language: str, now: datetime) -> None:
    """Write the wish of an account, in the place of the one there was.

    The account's row is locked by the caller, so that two at once leave one.
    """
    drop(session, account_id)
    session.add(PlaceWish(account_id=account_id, service_id=service_id, language=language, wished_at=now))
    session.flush()


def drop(session: Session, account_id: int) -> bool:
    """Forget the wish of an account; say whether there was one."""
    gone = session.execute(
        delete(PlaceWish).where(PlaceWish.account_id == account_id).returning(PlaceWish.id)
    ).all()
    return bool(gone)


def services_wished(session: Session) -> list[int]:
    """List the services that somebody waits for."""
    return list(session.execute(select(PlaceWish.service_id).distinct()).scalars())


def some_of(session: Session, service_id: int, most: int) -> list[Wish]:
    """List wishes for a service, the oldest first."""
    found = select(PlaceWish).where(PlaceWish.service_id == service_id).order_by(PlaceWish.id).limit(most)
    return [_read(row) for row in session.execute(found).scalars()]


def take(session: Session, ids: Sequence[int]) -> set[int]:
    """Take wishes out; return those that were still there, so that each is told by one server."""
    gone = delete(PlaceWish).where(PlaceWish.id.in_(ids)).returning(PlaceWish.id)
    return set(session.execute(gone).scalars())


def _read(row: PlaceWish) -> Wish:
    return Wish(row.id, row.account_id, row.service_id, row.language, row.wished_at)
