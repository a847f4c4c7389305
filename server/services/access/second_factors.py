"""The second factor of a person of the staff: which they have, and a one-time code by time (TOTP, RFC 6238)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import pyotp
from sqlalchemy.orm import Session

from server.services.access.users import end_all_sessions, end_unproved, note_change, person
from server.services.context import Context, RuleBroken, not_found
from server.store.queries.access import second_factors as rows
from server.store.tables import User

TOTP = "totp"
ISSUER = "Numerek"
_STEP_SECONDS = 30
_BOUND_TO = b"totp"


@dataclass(frozen=True, slots=True)
class Factors:
    """What somebody can show besides the password."""

    has_app: bool
    has_passkey: bool
    codes_left: int


def of(session: Session, user_id: int) -> Factors:
    """Return what somebody can show besides the password."""
    found = person(session, user_id)
    return Factors(found.has_totp, found.has_passkey, rows.codes_left(session, user_id))


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
    row.sealed_totp = context.keys.seal(secret.encode(), bound_to(user_id))
    row.totp_confirmed_at, row.totp_step = context.now, step
    end_unproved(session, context, user_id)
    note_change(session, context, user_id, "second_factor_added", user_id)


def check(session: Session, context: Context, user_id: int, code: str) -> bool:
    """Take a code, once: the same code, or an earlier one, does not open a second time."""
    row = session.get(User, user_id, with_for_update=True, populate_existing=True)
    if row is None or row.sealed_totp is None or row.totp_confirmed_at is None:
        return False
    secret = context.keys.open(row.sealed_totp, bound_to(user_id)).decode()
    step = _step_of(secret, code, context)
    if step is None or step <= row.totp_step:
        return False
    row.totp_step = step
    return True


def remove(session: Session, context: Context, user_id: int, *, by: int) -> None:
    """Take away all that was lost: the app's secret, passkeys and recovery codes; all sessions end.

    Raises RuleBroken 404.
    """
    row = session.get(User, user_id, with_for_update=True)
    if row is None:
        raise not_found("user")
    row.sealed_totp, row.totp_confirmed_at = None, None
    rows.forget_passkeys(session, user_id)
    rows.forget_codes(session, user_id)
    end_all_sessions(session, context, user_id)
    note_change(session, context, user_id, "second_factor_removed", by)


def _step_of(secret: str, code: str, context: Context) -> int | None:
    """Find the step of thirty seconds whose code it is, among that of now and its neighbours."""
    typed = "".join(code.split()).encode()
    now = int(context.now.timestamp()) // _STEP_SECONDS
    totp = pyotp.TOTP(secret)
    steps = (now, now - 1, now + 1)
    return next(
        (step for step in steps if secrets.compare_digest(totp.at(step * _STEP_SECONDS).encode(), typed)),
        None,
    )


def bound_to(user_id: int) -> bytes:
    """Return what the secret of somebody's one-time codes is sealed beside."""
    return _BOUND_TO + str(user_id).encode()
