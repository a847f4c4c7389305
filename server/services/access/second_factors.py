"""The second factor of a person of the staff: a one-time code by time (TOTP, RFC 6238)."""

from __future__ import annotations

import secrets

import pyotp
from sqlalchemy.orm import Session

from server.services.access.users import person
from server.services.context import Context, RuleBroken, not_found
from server.store.facts import NewFact, note
from server.store.tables import User
from wire.vocabulary import FactType

TOTP = "totp"
ISSUER = "Numerek"
_STEP_SECONDS = 30
_BOUND_TO = b"totp"


def new_secret() -> str:
    """Make the secret that an authenticator app is given, in base32."""
    return pyotp.random_base32()


def app_address(secret: str, login: str, issuer: str = ISSUER) -> str:
    """Write the address (otpauth://) that an authenticator app reads from a QR."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)


def fits(secret: str, code: str, context: Context) -> bool:
    """Say whether a code is that of now, or of the thirty seconds before or after."""
    return _step_of(secret, code, context) is not None


def set_up(session: Session, context: Context, user_id: int, secret: str, code: str) -> None:
    """Keep the secret of whose app showed a right code. Raises RuleBroken 422 `code_wrong`, 404."""
    step = _step_of(secret, code, context)
    if step is None:
        raise RuleBroken(422, "code_wrong")
    row = session.get(User, user_id, with_for_update=True)
    if row is None:
        raise not_found("user")
    row.sealed_totp = context.keys.seal(secret.encode(), _BOUND_TO + str(user_id).encode())
    row.totp_confirmed_at, row.totp_step = context.now, step
    _note(session, context, user_id, "second_factor_added")


def check(session: Session, context: Context, user_id: int, code: str) -> bool:
    """Take a code, once: the same code, or an earlier one, does not open a second time."""
    row = session.get(User, user_id, with_for_update=True, populate_existing=True)
    if row is None or row.sealed_totp is None or row.totp_confirmed_at is None:
        return False
    secret = context.keys.open(row.sealed_totp, _BOUND_TO + str(user_id).encode()).decode()
    step = _step_of(secret, code, context)
    if step is None or step <= row.totp_step:
        return False
    row.totp_step = step
    return True


def remove(session: Session, context: Context, user_id: int, *, by: int) -> None:
    """Take the secret away: of an app that is lost. Raises RuleBroken 404."""
    row = session.get(User, user_id, with_for_update=True)
    if row is None:
        raise not_found("user")
    row.sealed_totp, row.totp_confirmed_at = None, None
    _note(session, context, user_id, "second_factor_removed", by)


def _step_of(secret: str, code: str, context: Context) -> int | None:
    """Find the step of thirty seconds whose code it is, among that of now and its neighbours."""
    typed = "".join(code.split())
    now = int(context.now.timestamp()) // _STEP_SECONDS
    totp = pyotp.TOTP(secret)
    steps = (now, now - 1, now + 1)
    return next(
        (step for step in steps if secrets.compare_digest(totp.at(step * _STEP_SECONDS), typed)), None
    )


def _note(session: Session, context: Context, user_id: int, what: str, by: int | None = None) -> None:
    held = person(session, user_id).held
    for branch_id in sorted({each.branch_id for each in held}, key=lambda each: each or 0):
        data = {"user": user_id, "change": what, "by": by or user_id}
        note(session, NewFact(FactType.USER_CHANGED, context.now, branch_id, data))
