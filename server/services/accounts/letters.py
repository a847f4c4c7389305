"""The letters of an account: written in the transaction of what they tell, to the address that concerns them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from sqlalchemy.orm import Session

from server.services.accounts import links
from server.services.context import Context
from server.services.messages import NewMessage, post
from server.store.queries.privacy import personal_keys
from server.store.tables import Account
from wire.vocabulary import Channel, MessageKind

_KINDS = {
    links.Purpose.CONFIRM: MessageKind.CONFIRM_EMAIL,
    links.Purpose.RESET: MessageKind.RESET_PASSWORD,
    links.Purpose.EMAIL: MessageKind.CHANGE_EMAIL,
}
_PATHS = {links.Purpose.CONFIRM: "confirm", links.Purpose.RESET: "reset", links.Purpose.EMAIL: "email"}


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whose letter it is, and where it goes."""

    account_id: int
    email: str
    language: str


def email_of(session: Session, context: Context, account: Account) -> str | None:
    """Read the address of an account; None when it was erased."""
    box = personal_keys.box(session, context.keys, account.personal_key_id)
    email: str | None = personal_keys.open_json(box, account.sealed_email, b"email")
    return email


def recipient(session: Session, context: Context, account: Account) -> Recipient | None:
    """Return where letters of an account go."""
    email = email_of(session, context, account)
    return None if email is None else Recipient(account.id, email, account.language)


def send_link(
    session: Session,
    context: Context,
    purpose: links.Purpose,
    account: Account,
    email: str,
    sealed: bytes = b"",
    then: str | None = None,
) -> None:
    """Send a link to an address; the letter is of no use after the link's end.

    `then` is the page of ours to which the visitor was going: the link's page leads on to it.
    """
    token = links.make(context, purpose, account, sealed)
    url = f"{context.public_url}/{account.language}/account/{_PATHS[purpose]}/{token}"
    if then is not None:
        url += f"?next={quote(then)}"
    to = Recipient(account.id, email, account.language)
    until = links.ends_at(context, purpose)
    send(session, context, _KINDS[purpose], to, {"url": url}, until=until)


def send(
    session: Session,
    context: Context,
    kind: MessageKind,
    to: Recipient,
    values: Mapping[str, str] | None = None,
    *,
    facts: Mapping[str, str] | None = None,
    until: datetime | None = None,
) -> None:
    """Put a letter into the outbox; `values` are for its reader alone, `facts` are words of ours."""
    message = NewMessage(
        key=f"account:{to.account_id}:{kind}:{secrets.token_hex(8)}",
        kind=kind,
        channel=Channel.EMAIL,
        language=to.language,
        account_id=to.account_id,
        to=to.email,
        values=dict(values or {}),
        facts=dict(facts or {}),
        expires_at=until,
    )
    post(session, context, message)
