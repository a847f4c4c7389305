"""A look before a hold: in a rush most come too late, and hear it without a lock, a seal or a write."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.services.booking import drafts
from server.services.booking.owners import Owner
from server.services.moment import Moment
from server.store.queries import booking as rows


def is_gone(session: Session, moment: Moment, owner: Owner, token: str) -> bool:
    """Say whether the hour of a draft is full, so that to hold it would be refused.

    It may be full a moment later all the same: only `hold` decides. Raises RuleBroken 404 as `drafts.load`.
    """
    draft = drafts.find(session, moment, owner, token)
    if draft.reservation_id is not None or draft.starts_at is None:
        return False
    return rows.is_full(session, draft.service_id, draft.starts_at)
