"""Recovery codes of the staff: ten on paper, each of which stands once for a lost second factor."""

from __future__ import annotations

import secrets

from sqlalchemy.orm import Session

from server.services.access.users import note_change, person
from server.services.context import Context, RuleBroken
from server.store.queries.access import second_factors as rows
from server.store.tables import User

RECOVERY = "recovery"
HOW_MANY = 10
_LENGTH = 10
# Crockford's letters: none that is mistaken for a digit on paper.
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans("OIL", "011")


def make(session: Session, context: Context, user_id: int) -> tuple[str, ...]:
    """Make new codes, told once; the ones before are worthless. Raises RuleBroken 409 `no_second_factor`."""
    session.get_one(User, user_id, with_for_update=True)
    if not person(session, user_id).has_second_factor:
        raise RuleBroken(409, "no_second_factor")
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(_LENGTH)) for _ in range(HOW_MANY)]
    rows.forget_codes(session, user_id)
    rows.add_codes(session, user_id, (_digests(context, user_id, each)[0] for each in codes))
    note_change(session, context, user_id, "recovery_codes_made", user_id)
    return tuple(f"{each[:5]}-{each[5:]}" for each in codes)


def use(session: Session, context: Context, user_id: int, typed: str) -> bool:
    """Use up a code as somebody types it; False for any that is wrong or was used."""
    code = "".join(char for char in typed.upper() if char.isalnum()).translate(_MISREAD)
    return rows.use_code(session, user_id, _digests(context, user_id, code), context.now)


def left(session: Session, user_id: int) -> int:
    """Count the codes that somebody can still use."""
    return rows.codes_left(session, user_id)


def _digests(context: Context, user_id: int, code: str) -> tuple[bytes, ...]:
    return context.keys.lookups("recovery", f"{user_id}:{code}")
