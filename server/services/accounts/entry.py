"""Logging in: as slow for an unknown address as for a known one, under a token that is new each time."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy.orm import Session

from server.domain.guard.agents import agent_of
from server.services.access.passwords import right_password
from server.services.accounts import letters, links, tries
from server.services.accounts.address import address_of
from server.services.accounts.sessions import AccountRow, SessionLimits
from server.services.accounts.tries import SlowDown, Tried
from server.services.context import Context
from server.store.facts import NewFact, note
from server.store.keyring import new_token, token_hash
from server.store.queries import accounts as rows
from server.store.queries.accounts import KnownAccount
from server.store.queries.privacy import personal_keys
from server.store.store import Store
from server.store.tables import Account, AccountSession
from wire.vocabulary import FactType

_LONGEST_EMAIL = 254


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody typed to log in, and where they come from; `previous` is the token of the session before.

    Letters come in the `language` that the owner last logged in with.
    """

    email: str
    password: str
    block: str
    agent: str | None = None
    language: str | None = None
    previous: str | None = None


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A session; its token is told once and kept only as its hash."""

    token: str
    account_id: int
    terms_version: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """Address or password is wrong; which one is not told."""


@dataclass(frozen=True, slots=True)
class NotConfirmed:
    """The password is right, but nobody confirmed the address yet: a new link was sent."""


def log_in(
    store: Store, context: Context, entry: Entry, session_limits: SessionLimits
) -> LoggedIn | Wrong | NotConfirmed | SlowDown:
    """Begin a session. The password is verified outside any transaction, and costs the same for nobody."""
    address = address_of(entry.email)
    folded = address.folded if address else entry.email[:_LONGEST_EMAIL].casefold()
    tried = Tried(context.keys.lookups("email", folded), entry.block)
    known = check_password(store, context, tried, entry.password)
    if not isinstance(known, KnownAccount):
        return known
    return store.write(lambda session: _enter(session, context, known, tried, entry, session_limits))


def check_own(
    store: Store, context: Context, me: AccountRow, password: str, block: str
) -> KnownAccount | Wrong | SlowDown:
    """Verify the password of a logged-in owner before something that cannot be undone."""
    mine = store.read(lambda session: rows.by_id(session, me.id))
    if mine is None or mine.email_hash is None:
        return Wrong()
    return check_password(store, context, Tried((mine.email_hash,), block), password)


def check_password(
    store: Store, context: Context, tried: Tried, password: str
) -> KnownAccount | Wrong | SlowDown:
    """Verify a password; every try is counted first, so that many at once are slowed down like one by one."""
    slowed = store.write(lambda session: tries.admit(session, context, tried))
    if slowed is not None:
        return slowed
    known = store.read(lambda session: rows.by_email(session, tried.email_hashes))
    is_right = right_password(known.password_hash if known else None, password)
    store.write(lambda session: _after_check(session, context, tried, is_right=is_right))
    return known if is_right and known is not None else Wrong()


def _after_check(session: Session, context: Context, tried: Tried, *, is_right: bool) -> None:
    if is_right:
        tries.forgive(session, context, tried)
    else:
        data = {"reason": "wrong_email_or_password"}
        note(session, NewFact(FactType.LOG_IN_REFUSED, context.now, data=data))


def _enter(
    session: Session,
    context: Context,
    known: KnownAccount,
    tried: Tried,
    entry: Entry,
    session_limits: SessionLimits,
) -> LoggedIn | Wrong | NotConfirmed:
    account = rows.locked(session, known.id)
    if account is None or account.version != known.version:
        # The password was changed while it was being verified.
        return Wrong()
    if account.confirmed_at is None:
        to = letters.recipient(session, context, account)
        if to is not None and tries.letter_is_due(session, context, tried.email_hash):
            letters.send_link(session, context, links.Purpose.CONFIRM, account, to.email)
        return NotConfirmed()
    if entry.previous is not None:
        rows.end_sessions(session, context.now, token_hash=token_hash(entry.previous))
    account.language = entry.language or account.language
    token, row = _begun(session, context, account, entry.agent, session_limits)
    session.flush()
    data = {"account": account.id, "session": row.id}
    note(session, NewFact(FactType.ACCOUNT_LOGGED_IN, context.now, data=data))
    return LoggedIn(token, account.id, account.terms_version)


def _begun(
    session: Session, context: Context, account: Account, agent: str | None, session_limits: SessionLimits
) -> tuple[str, AccountSession]:
    token = new_token("na")
    box = personal_keys.box(session, context.keys, account.personal_key_id)
    seen = asdict(agent_of(agent))
    row = AccountSession(
        token_hash=token_hash(token),
        account_id=account.id,
        sealed_agent=personal_keys.seal_json(box, seen, b"agent") if box else None,
        started_at=context.now,
        seen_at=context.now,
        expires_at=context.now + session_limits.whole,
    )
    session.add(row)
    return token, row
