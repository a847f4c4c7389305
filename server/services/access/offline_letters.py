"""The letter of a kiosk in the numbers that it gives while it is alone: one for each kiosk of a branch."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.domain.queue import offline as rules
from server.services.context import Context
from server.store.queries import offline as rows


def give_letter(session: Session, context: Context, branch_id: int, device_id: int) -> None:
    """Give a kiosk its letter, for good; none where the branch's kiosks have them all.

    A letter of a kiosk that was revoked is given again on a later day, when no other is left: its numbers of
    today may be in people's hands.
    """
    policy = context.branch(branch_id).policy
    taken = rows.hold_letters(session, branch_id)
    today = policy.business_day(context.now)
    spare = [
        letter
        for letter, (_, revoked_at) in sorted(taken.items())
        if revoked_at is not None and policy.business_day(revoked_at) < today
    ]
    letter = rules.next_letter(taken, spare)
    if letter is None:
        return
    if letter in taken:
        rows.set_letter(session, taken[letter][0], None)
    rows.set_letter(session, device_id, letter)
