"""A new password, a forgotten one, another address: each ends what an intruder may have opened, and is told."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy.orm import Session

from server.services.access import passwords
from server.services.accounts import letters, links, tries
from server.services.accounts.address import Address, address_of
from server.services.accounts.entry import Wrong, check_own
from server.services.accounts.registration import Refused
from server.services.accounts.sessions import AccountRow
from server.services.accounts.tries import SlowDown
from server.services.booking import contact
from server.services.context import Context
from server.store.facts import NewFact, note
from server.store.queries import accounts as rows
from server.store.queries import guard
from server.store.queries.accounts import KnownAccount
from server.store.queries.privacy import personal_keys
from server.store.store import Store
from server.store.tables import Account
from wire.vocabulary import FactType, MessageKind


@dataclass(frozen=True, slots=True)
class Changed:
    """It is done, and the owner gets a letter that says so."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A letter with a link is on its way, if there is anybody to send it to; the page does not know."""


@dataclass(frozen=True, slots=True)
class LinkSpent:
    """The link is over, was used, or was never ours."""


def change_password(
    store: Store, context: Context, me: AccountRow, old: str, new: str, block: str
) -> Changed | Wrong | SlowDown | Refused:
    """Set a new password, which needs the old one; all other sessions end."""
    weak = store.read(lambda session: _weakness(session, context, me.id, new))
    if weak is not None:
        return Refused(weak)
    known = check_own(store, context, me, old, block)
    if not isinstance(known, KnownAccount):
        return known
    hashed = passwords.hash_password(new)
    return store.write(lambda session: _set_password(session, context, me, known, hashed))


def ask_reset(session: Session, context: Context, email: str, then: str | None = None) -> Asked:
    """Send a link to set a new password, if the address is an account's; the answer is the same if not.

    `then` is the page to which the visitor was going.
    """
    address = address_of(email)
    if address is None:
        return Asked()
    email_hash, hashes = address.hash(context.keys), address.hashes(context.keys)
    guard.one_at_a_time(session, min(hashes))
    known = rows.by_email(session, hashes)
    if tries.letter_is_due(session, context, email_hash) and known is not None:
        account = session.get_one(Account, known.id)
        letters.send_link(session, context, links.Purpose.RESET, account, address.text, then=then)
    return Asked()


def may_reset(session: Session, context: Context, token: str) -> bool:
    """Say whether a reset link still opens its page."""
    return _linked(session, context, links.Purpose.RESET, token) is not None


def reset(store: Store, context: Context, token: str, new: str) -> Changed | LinkSpent | Refused:
    """Set a new password with the link of a letter; every session ends.

    Whoever has the letter has the mailbox, so the address counts as confirmed.
    """
    link = links.read(context, links.Purpose.RESET, token)
    if link is None or not store.read(lambda session: may_reset(session, context, token)):
        return LinkSpent()
    weak = store.read(lambda session: _weakness(session, context, link.account_id, new))
    if weak is not None:
        return Refused(weak)
    hashed = passwords.hash_password(new)
    return store.write(lambda session: _reset(session, context, link, hashed))


def ask_email_change(
    store: Store, context: Context, me: AccountRow, password: str, email: str, block: str
) -> Asked | Wrong | SlowDown | Refused:
    """Send a link to the new address, which needs the password; nothing changes before it is used.

    A new address that is another account's gets a letter that says so; the page cannot tell.
    """
    address = address_of(email)
    if address is None:
        return Refused("email_malformed")
    known = check_own(store, context, me, password, block)
    if not isinstance(known, KnownAccount):
        return known
    return store.write(lambda session: _ask_email(session, context, known, address))


def may_change_email(session: Session, context: Context, token: str) -> bool:
    """Say whether a link to a new address still opens its page."""
    return _linked(session, context, links.Purpose.EMAIL, token) is not None


def change_email(session: Session, context: Context, token: str) -> Changed | LinkSpent:
    """Take the new address that the link was sent to; the old one is told."""
    link = links.read(context, links.Purpose.EMAIL, token)
    account = rows.locked(session, link.account_id) if link else None
    if link is None or account is None or not link.fits(account):
        return LinkSpent()
    box = personal_keys.box(session, context.keys, account.personal_key_id)
    old = letters.recipient(session, context, account)
    address = address_of(personal_keys.open_json(box, link.sealed, b"email") or "")
    if box is None or old is None or address is None:
        return LinkSpent()
    hashes = address.hashes(context.keys)
    guard.one_at_a_time(session, min(hashes))
    if rows.by_email(session, hashes) is not None:
        return LinkSpent()
    if before := letters.email_of(session, context, account):
        contact.follow_account(session, context, account.id, before, address.text)
    account.email_hash = address.hash(context.keys)
    account.sealed_email = personal_keys.seal_json(box, address.text, b"email")
    account.version += 1
    _tell(session, context, account, "email", old)
    return Changed()


def _linked(session: Session, context: Context, purpose: links.Purpose, token: str) -> Account | None:
    link = links.read(context, purpose, token)
    account = session.get(Account, link.account_id) if link else None
    if link is None or account is None or account.deleted_at is not None or not link.fits(account):
        return None
    return account


def _weakness(session: Session, context: Context, account_id: int, new: str) -> str | None:
    account = session.get(Account, account_id)
    email = letters.email_of(session, context, account) if account else None
    address = address_of(email or "")
    return passwords.weakness(new, *([address.local_part] if address else []))


def _set_password(
    session: Session, context: Context, me: AccountRow, known: KnownAccount, hashed: str
) -> Changed | Wrong:
    account = rows.locked(session, me.id)
    if account is None or account.version != known.version:
        # Another tab, or a reset link, was faster: the old password is not the old one any more.
        return Wrong()
    account.password_hash = hashed
    account.version += 1
    rows.end_sessions(session, context.now, keep=me.session_id, account_id=account.id)
    _tell(session, context, account, "password")
    return Changed()


def _reset(session: Session, context: Context, link: links.Link, hashed: str) -> Changed | LinkSpent:
    account = rows.locked(session, link.account_id)
    if account is None or not link.fits(account):
        return LinkSpent()
    account.password_hash = hashed
    account.version += 1
    account.confirmed_at = account.confirmed_at or context.now
    rows.end_sessions(session, context.now, account_id=account.id)
    _tell(session, context, account, "password")
    return Changed()


def _ask_email(session: Session, context: Context, known: KnownAccount, address: Address) -> Asked | Wrong:
    account = rows.locked(session, known.id)
    box = personal_keys.box(session, context.keys, account.personal_key_id if account else None)
    if account is None or box is None or account.version != known.version:
        return Wrong()
    email_hash = address.hash(context.keys)
    if not tries.letter_is_due(session, context, email_hash):
        return Asked()
    other = rows.by_email(session, address.hashes(context.keys))
    if other is not None:
        to = letters.Recipient(other.id, address.text, account.language)
        letters.send(session, context, MessageKind.ALREADY_KNOWN, to)
        return Asked()
    sealed = box.seal(json.dumps(address.text).encode(), b"email")
    letters.send_link(session, context, links.Purpose.EMAIL, account, address.text, sealed)
    return Asked()


def _tell(
    session: Session, context: Context, account: Account, what: str, to: letters.Recipient | None = None
) -> None:
    """Note a change, and tell the owner at the address that was theirs before it."""
    to = to or letters.recipient(session, context, account)
    if to is not None:
        letters.send(session, context, MessageKind.ACCOUNT_CHANGED, to, facts={"change": what})
    data = {"account": account.id, "change": what}
    note(session, NewFact(FactType.ACCOUNT_CHANGED, context.now, data=data))
