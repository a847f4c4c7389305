"""Programs of others: which there are, and when each was here last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.store.tables import Branch, Integrator


@dataclass(frozen=True, slots=True)
class IntegratorShown:
    """A program as those see it who let it in; without a branch it may come in everywhere."""

    id: int
    name: str
    scopes: tuple[str, ...]
    branch_name: str | None
    made_at: datetime | None
    expires_at: datetime | None
    seen_at: datetime | None
    revoked_at: datetime | None

    def state(self, now: datetime) -> str:
        """Return `revoked`, `expired` or `good`."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else "good"


def listed(session: Session) -> list[IntegratorShown]:
    """List all programs, also those that come in no more."""
    found = session.execute(
        select(
            Integrator.id,
            Integrator.name,
            Integrator.scopes,
            Branch.name,
            Integrator.made_at,
            Integrator.expires_at,
            Integrator.seen_at,
            Integrator.revoked_at,
        )
        .outerjoin(Branch, Branch.id == Integrator.branch_id)
        .order_by(Integrator.id)
    )
    return [IntegratorShown(row[0], row[1], tuple(row[2]), *row[3:]) for row in found]


def note_seen(session: Session, integrator_id: int, now: datetime) -> None:
    """Keep when a program was here last."""
    session.execute(
        update(Integrator)
        .where(Integrator.id == integrator_id)
        .values(seen_at=now)
        .execution_options(synchronize_session=False)
    )
