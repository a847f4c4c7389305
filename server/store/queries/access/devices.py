"""Devices as they come and go: the one-time code that enrols one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.store.tables import Enrolment


def enrolment(session: Session, code_hash: bytes, now: datetime) -> Enrolment | None:
    """Read and lock the enrolment of a code that is neither used nor too old."""
    return session.execute(
        select(Enrolment)
        .where(Enrolment.code_hash == code_hash, Enrolment.used_at.is_(None), Enrolment.expires_at > now)
        .with_for_update()
    ).scalar_one_or_none()
