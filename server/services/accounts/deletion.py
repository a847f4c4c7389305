"""Accounts end: on their owner's wish at once, and by themselves when nobody confirms the address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from server.services import outbox
from server.services.accounts import letters
from server.services.accounts.entry import Wrong, check_own
from server.services.accounts.registration import CONFIRM_WITHIN
from server.services.accounts.sessions import AccountRow
from server.services.accounts.tries import SlowDown
from server.services.booking import visits
from server.services.booking.owners import Owner
from server.services.moment import Moment
from server.services.outside import Outside
from server.services.privacy.erasure import erase_account
from server.store.facts import NewFact, note
from server.store.queries import accounts as rows
from server.store.queries import personal
from server.store.queries.accounts import KnownAccount
from server.store.store import Store
from server.store.tables import Account
from wire.vocabulary import FactType, MessageKind

_AT_ONCE = 100
_SESSIONS_KEPT = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Deleted:
    """The account is no more; a last letter says so."""


def delete(
    store: Store, moment: Moment, me: AccountRow, password: str, block: str
) -> Deleted | Wrong | SlowDown:
    """Delete the owner's account, which needs the password; their visits are cancelled."""
    known = check_own(store, moment, me, password, block)
    if not isinstance(known, KnownAccount):
        return known
    return store.write(lambda session: _delete(session, moment, known))


def tidy(store: Store, moment: Moment, _outside: Outside | None = None) -> int:
    """Forget accounts that nobody confirmed, and old sessions: a chore; return how many accounts."""
    forgotten = 0
    while ids := store.read(lambda session: rows.unconfirmed(session, moment.now - CONFIRM_WITHIN, _AT_ONCE)):
        forgotten += store.write(lambda session, ids=ids: _forget(session, moment, ids))  # type: ignore[misc]
    store.write(lambda session: rows.forget_sessions(session, moment.now - _SESSIONS_KEPT))
    return forgotten


def _delete(session: Session, moment: Moment, known: KnownAccount) -> Deleted | Wrong:
    account = rows.locked(session, known.id)
    if account is None or account.version != known.version:
        return Wrong()
    to = letters.recipient(session, moment, account)
    _leave_visits(session, moment, account.id)
    outbox.forget(session, moment, account_id=account.id)
    if to is not None:
        letters.send(session, moment, MessageKind.ACCOUNT_DELETED, to)
    _erase(session, moment, account, "by_owner")
    return Deleted()


def _leave_visits(session: Session, moment: Moment, account_id: int) -> None:
    """Cancel what stands, so that others get the places, and erase what was booked and applied for."""
    for visit in visits.mine(session, moment, account_id):
        if visit.can_cancel:
            visits.cancel(session, moment, Owner(account_id=account_id), visit.reservation_id)
    erase_account(session, moment, account_id)


def _forget(session: Session, moment: Moment, ids: list[int]) -> int:
    count = 0
    for account_id in ids:
        account = rows.locked(session, account_id)
        if account is not None and account.confirmed_at is None:
            outbox.forget(session, moment, account_id=account.id)
            _erase(session, moment, account, "not_confirmed")
            count += 1
    return count


def _erase(session: Session, moment: Moment, account: Account, reason: str) -> None:
    """Take all that is personal out of an account; the row stays, so that what points at it stands."""
    key_id = account.personal_key_id
    account.personal_key_id = account.email_hash = account.sealed_email = account.password_hash = None
    account.version += 1
    account.deleted_at = moment.now
    session.flush()
    rows.forget_belongings(session, account.id)
    if key_id is not None:
        personal.shred(session, [key_id])
    data = {"account": account.id, "reason": reason}
    note(session, NewFact(FactType.ACCOUNT_DELETED, moment.now, data=data))
