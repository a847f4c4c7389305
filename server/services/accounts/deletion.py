"""Accounts end: on their owner's wish at once, and by themselves when nobody confirms the address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from server.services import messages
from server.services.accounts import letters
from server.services.accounts.entry import Wrong, check_own
from server.services.accounts.registration import CONFIRM_WITHIN
from server.services.accounts.sessions import AccountRow
from server.services.accounts.tries import SlowDown
from server.services.booking import visits
from server.services.booking.owners import Owner
from server.services.context import Context
from server.services.ports import Outside
from server.services.privacy.erasure import erase_account
from server.store.facts import NewFact, note
from server.store.queries import accounts as rows
from server.store.queries.accounts import KnownAccount
from server.store.queries.privacy import personal_keys
from server.store.store import Store
from server.store.tables import Account
from wire.vocabulary import FactType, MessageKind

_AT_ONCE = 100
_SESSIONS_KEPT = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Deleted:
    """The account is no more; a last letter says so."""


def delete(
    store: Store, context: Context, me: AccountRow, password: str, block: str
) -> Deleted | Wrong | SlowDown:
    """Delete the owner's account, which needs the password; their visits are cancelled."""
    known = check_own(store, context, me, password, block)
    if not isinstance(known, KnownAccount):
        return known
    return store.write(lambda session: _delete(session, context, known))


def tidy(store: Store, context: Context, _outside: Outside | None = None) -> int:
    """Forget accounts that nobody confirmed, and old sessions: a job; return how many accounts."""
    forgotten = 0
    while ids := store.read(
        lambda session: rows.unconfirmed(session, context.now - CONFIRM_WITHIN, _AT_ONCE)
    ):
        forgotten += store.write(lambda session, ids=ids: _forget(session, context, ids))  # type: ignore[misc]
    store.write(lambda session: rows.forget_sessions(session, context.now - _SESSIONS_KEPT))
    return forgotten


def _delete(session: Session, context: Context, known: KnownAccount) -> Deleted | Wrong:
    account = rows.locked(session, known.id)
    if account is None or account.version != known.version:
        return Wrong()
    to = letters.recipient(session, context, account)
    _leave_visits(session, context, account.id)
    messages.forget(session, context, account_id=account.id)
    if to is not None:
        letters.send(session, context, MessageKind.ACCOUNT_DELETED, to)
    _erase(session, context, account, "by_owner")
    return Deleted()


def _leave_visits(session: Session, context: Context, account_id: int) -> None:
    """Cancel what stands, so that others get the places, and erase what was booked and applied for."""
    for visit in visits.mine(session, context, account_id):
        if visit.can_cancel:
            visits.cancel(session, context, Owner(account_id=account_id), visit.reservation_id)
    erase_account(session, context, account_id)


def _forget(session: Session, context: Context, ids: list[int]) -> int:
    count = 0
    for account_id in ids:
        account = rows.locked(session, account_id)
        if account is not None and account.confirmed_at is None:
            messages.forget(session, context, account_id=account.id)
            _erase(session, context, account, "not_confirmed")
            count += 1
    return count


def _erase(session: Session, context: Context, account: Account, reason: str) -> None:
    """Take all that is personal out of an account; the row stays, so that what points at it stands."""
    key_id = account.personal_key_id
    account.personal_key_id = account.email_hash = account.sealed_email = account.password_hash = None
    account.version += 1
    account.deleted_at = context.now
    session.flush()
    rows.forget_belongings(session, account.id)
    if key_id is not None:
        personal_keys.shred(session, [key_id])
    data = {"account": account.id, "reason": reason}
    note(session, NewFact(FactType.ACCOUNT_DELETED, context.now, data=data))
