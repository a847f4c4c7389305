"""Passkeys and recovery codes of the staff."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from server.store.tables import Passkey, RecoveryCode


def passkeys(session: Session, user_id: int) -> list[Passkey]:
    """List the passkeys of one person, the oldest first."""
    query = select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id)
    return list(session.execute(query).scalars())


def passkey(session: Session, credential: bytes) -> Passkey | None:
    """Find a passkey by what its device calls it."""
    query = select(Passkey).where(Passkey.credential == credential)
    return session.execute(query).scalar_one_or_none()


def forget_passkeys(session: Session, user_id: int, passkey_id: int | None = None) -> int:
    """Forget all passkeys of a person, or one; return how many there were."""
    query = delete(Passkey).where(Passkey.user_id == user_id)
    if passkey_id is not None:
        query = query.where(Passkey.id == passkey_id)
    return len(session.execute(query.returning(Passkey.id)).all())


def add_codes(session: Session, user_id: int, hashes: Iterable[bytes]) -> None:
    """Keep the hashes of new recovery codes."""
    session.add_all(RecoveryCode(user_id=user_id, code_hash=each) for each in hashes)


def forget_codes(session: Session, user_id: int) -> None:
    """Forget all recovery codes of a person, those that were used too."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


def use_code(session: Session, user_id: int, digests: Collection[bytes], now: datetime) -> bool:
    """Use up a recovery code of a person; False for any that is not there or was used."""
    query = (
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user_id,
            RecoveryCode.code_hash.in_(digests),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
    )
    return session.execute(query.returning(RecoveryCode.id)).first() is not None


def codes_left(session: Session, user_id: int) -> int:
    """Count the recovery codes that were not used yet."""
    query = select(func.count()).select_from(RecoveryCode)
    query = query.where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return int(session.execute(query).scalar_one())
