"""An account as its owner sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from server.services.accounts import letters
from server.services.accounts.sessions import AccountRow
from server.services.context import Context
from server.store.tables import Account


@dataclass(frozen=True, slots=True)
class AccountShown:
    """What the owner's page tells; instants in UTC."""

    email: str
    made_at: datetime
    terms_version: str
    terms_accepted_at: datetime


def show(session: Session, context: Context, me: AccountRow) -> AccountShown | None:
    """Show an account to its owner; None when it was deleted meanwhile."""
    account = session.get(Account, me.id)
    email = letters.email_of(session, context, account) if account else None
    if account is None or email is None:
        return None
    return AccountShown(email, account.made_at, account.terms_version, account.terms_accepted_at)
