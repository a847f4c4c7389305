"""An application on its way through the pages: a draft as a booking has one, and what becomes of it (rule 10)."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from server.domain.booking import details as rules
from server.domain.booking.details import Days, Incomplete
from server.domain.office.hours import day_of
from server.services.booking import drafts
from server.services.booking.owners import Owner
from server.services.context import Context, not_found
from server.services.release.applications import Applied, NotApplied, Wish, apply, change, mine_in
from server.store.queries.privacy import personal_keys
from server.store.queries.release import applications, draws
from server.store.tables import Draw

DRAW = "draw"
"""Under this word a draft's details name the draw that it is for."""


def begin(session: Session, context: Context, owner: Owner, draw_id: str) -> str:
    """Begin a draft of an application; what the account's own one says stands in it, so that it can be changed.

    Raises RuleBroken 404, 403 `account_required`.
    """
    row = _draw(session, draw_id)
    known: dict[str, Any] = {}
    if owner.account_id is not None:
        own = applications.application_of(session, row.id, owner.account_id)
        if own is not None:
            box = personal_keys.box(session, context.keys, own.personal_key_id)
            known = personal_keys.open_json(box, own.sealed_details, b"details") or {}
            known["wishes"] = own.preferences
    service = context.office.services[row.service_id]
    return drafts.begin_with(session, context, owner, service, known | {DRAW: draw_id})


def send(session: Session, context: Context, owner: Owner, token: str) -> Applied | NotApplied:
    """Take part with what a draft says, or change the account's application to it.

    Everything that was typed is checked once more: the pages are not trusted. The same draft may be sent again:
    that changes nothing. Raises RuleBroken as `drafts.load` and `apply`.
    """
    drafts.find(session, context, owner, token, locked=True)
    draft = drafts.load(session, context, owner, token)
    if owner.account_id is None or DRAW not in draft.details:
        raise not_found("draft")
    row = _draw(session, draft.details[DRAW])
    days = Days(day_of(context.now, draft.branch.policy.zone), row.first_day, (row.first_day, row.last_day))
    told = rules.check(draft.details, draft.service.policy.booking, days)
    if isinstance(told, Incomplete):
        return NotApplied("incomplete")
    wish = Wish(owner.account_id, draft.details["wishes"], told)
    own = mine_in(session, context, owner.account_id, row.public_id)
    return (apply if own is None else change)(session, context, row.public_id, wish)


def _draw(session: Session, draw_id: str) -> Draw:
    found = draws.draw_of(session, draw_id)
    if found is None:
        raise not_found("draw")
    return found
