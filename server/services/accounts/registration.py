"""Accounts are made and their addresses confirmed; whether an address is known is told to its owner alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from server.services.access import passwords
from server.services.accounts import letters, links, tries
from server.services.accounts.address import Address, address_of
from server.services.context import Context
from server.store.facts import NewFact, note
from server.store.queries import accounts as rows
from server.store.queries import guard
from server.store.queries.privacy import personal_keys
from server.store.store import Store
from server.store.tables import Account
from wire.vocabulary import FactType, MessageKind

CONFIRM_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Registration:
    """What somebody typed to get an account.

    `terms_version` is the one they accepted; `then` is the page to which they were going.
    """

    email: str
    password: str
    language: str
    terms_version: str
    then: str | None = None


@dataclass(frozen=True, slots=True)
class Registered:
    """A letter is on its way: with a link for a new account, with advice for a known one. Nobody else is told."""


@dataclass(frozen=True, slots=True)
class Refused:
    """What was typed cannot be taken: `email_malformed`, `password_too_short`, `..._too_long`, `..._common`."""

    reason: str


class Confirmation(StrEnum):
    """What a link of a letter did."""

    CONFIRMED = "confirmed"
    ALREADY = "already"
    SPENT = "spent"


def register(store: Store, context: Context, new: Registration) -> Registered | Refused:
    """Make an account, or tell the owner of a known address that somebody tried.

    Takes the same time for both: the password is hashed either way, outside the transaction.
    """
    address = address_of(new.email)
    if address is None:
        return Refused("email_malformed")
    if problem := passwords.weakness(new.password, address.local_part):
        return Refused(problem)
    hashed = passwords.hash_password(new.password)
    store.write(lambda session: _register(session, context, new, address, hashed))
    return Registered()


def look_at_confirmation(session: Session, context: Context, token: str) -> Confirmation:
    """Say what the link would do: CONFIRMED, where its button still can."""
    link = links.read(context, links.Purpose.CONFIRM, token)
    account = session.get(Account, link.account_id) if link else None
    if link is None or account is None or account.deleted_at is not None or not link.fits(account):
        return Confirmation.SPENT
    return Confirmation.CONFIRMED if account.confirmed_at is None else Confirmation.ALREADY


def confirm(session: Session, context: Context, token: str) -> Confirmation:
    """Confirm an address with the link of its letter; of two at once one does it, the other finds it done."""
    link = links.read(context, links.Purpose.CONFIRM, token)
    account = rows.locked(session, link.account_id) if link else None
    if link is None or account is None or not link.fits(account):
        return Confirmation.SPENT
    if account.confirmed_at is not None:
        return Confirmation.ALREADY
    account.confirmed_at = context.now
    note(session, NewFact(FactType.ACCOUNT_CONFIRMED, context.now, data={"account": account.id}))
    return Confirmation.CONFIRMED


def accept_terms(session: Session, context: Context, account_id: int, version: str) -> None:
    """Keep that the owner accepted a newer version of the terms, and when."""
    account = rows.locked(session, account_id)
    if account is None or account.terms_version == version:
        return
    account.terms_version, account.terms_accepted_at = version, context.now
    data = {"account": account.id, "change": "terms", "version": version}
    note(session, NewFact(FactType.ACCOUNT_CHANGED, context.now, data=data))


def _register(session: Session, context: Context, new: Registration, address: Address, hashed: str) -> None:
    email_hash, hashes = address.hash(context.keys), address.hashes(context.keys)
    guard.one_at_a_time(session, min(hashes))
    known = rows.by_email(session, hashes)
    if not tries.letter_is_due(session, context, email_hash):
        return
    if known is None:
        account = _made(session, context, new, address, email_hash)
    else:
        account = session.get_one(Account, known.id, with_for_update=True)
    if account.confirmed_at is not None:
        to = letters.Recipient(account.id, address.text, account.language)
        letters.send(session, context, MessageKind.ALREADY_KNOWN, to)
        return
    # Whoever registers last, holds the link that counts: earlier ones led to another password.
    account.version += known is not None
    account.password_hash, account.language = hashed, new.language
    account.terms_version, account.terms_accepted_at = new.terms_version, context.now
    letters.send_link(session, context, links.Purpose.CONFIRM, account, address.text, then=new.then)


def _made(
    session: Session, context: Context, new: Registration, address: Address, email_hash: bytes
) -> Account:
    key_id, box = personal_keys.new_key(session, context.keys, context.now)
    account = Account(
        personal_key_id=key_id,
        email_hash=email_hash,
        sealed_email=personal_keys.seal_json(box, address.text, b"email"),
        language=new.language,
        terms_version=new.terms_version,
        terms_accepted_at=context.now,
        version=1,
        made_at=context.now,
    )
    session.add(account)
    session.flush()
    note(session, NewFact(FactType.ACCOUNT_MADE, context.now, data={"account": account.id}))
    return account
