"""Idempotency: the answer that a command got is kept under its key, in the command's own transaction."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from server.store.keyring import Keyring
from server.store.prepared import Prepared
from server.store.tables import Answer

_FIND = select(Answer.fingerprint, Answer.sealed_answer).where(Answer.scope_hash == bindparam("scope"))
_FOUND_AGAIN = (
    update(Answer)
    .where(Answer.scope_hash == bindparam("scope"))
    .values(answered_at=Answer.answered_at)
    .returning(Answer.fingerprint, Answer.sealed_answer)
)
_KEEP = Prepared(insert(Answer), ("scope_hash", "fingerprint", "sealed_answer", "answered_at"))


class AlreadyAnswered(Exception):
    """The command has an answer under its key: what it did again must be undone, and that answer given."""


class KeyReused(Exception):
    """The same idempotency key came with another body."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command as idempotency sees it: who, which route, under which key, with which body."""

    principal: str
    route: str
    key: str
    body: bytes

    @property
    def scope(self) -> bytes:
        """Return the hash under which the answer is kept."""
        return hashlib.sha256(f"{self.principal}\n{self.route}\n{self.key}".encode()).digest()

    def fingerprints(self, keys: Keyring) -> tuple[bytes, ...]:
        """Return the keyed hashes that tell one body from another: a body may hold a password or a code."""
        return keys.lookups("body", self.digest)

    @property
    def digest(self) -> str:
        """Return what the keyed hash of the body is made of."""
        return hashlib.sha256(self.body).hexdigest()


def replay(session: Session, keys: Keyring, command: Command) -> tuple[int, bytes] | None:
    """Return the kept status and body of this command, if any. Raises KeyReused.

    It writes, so that its commit waits for the synchronous standby (PostgreSQL): the first commit is seen here
    even where its own wait was cut off, and an answer is told only once a second node has it.
    """
    row = session.connection().execute(_FOUND_AGAIN, {"scope": command.scope}).first()
    if row is None:
        return None
    if not keys.same_any(row[0], command.fingerprints(keys)):
        raise KeyReused
    return _opened(row[1], keys, command)


def keep(session: Session, keys: Keyring, command: Command, answer: tuple[int, bytes], now: datetime) -> None:
    """Keep the answer, sealed to its scope (AES-GCM), in the same transaction as its effect.

    Raises AlreadyAnswered when there is one: asking first would cost every command a look-up that only the
    rare repeated one needs.
    """
    status, body = answer
    scope = command.scope
    sealed = keys.seal(status.to_bytes(2, "big") + body, scope)
    row = {
        "scope_hash": scope,
        "fingerprint": keys.lookup("body", command.digest),
        "sealed_answer": sealed,
        "answered_at": now,
    }
    session.flush()  # what a row of the command's own breaks is no answer that was given before
    try:
        _KEEP.run(session, row)
    except IntegrityError as twice:
        raise AlreadyAnswered from twice


def answer_of(session: Session, keys: Keyring, command: Command) -> tuple[int, bytes] | None:
    """Return the kept status and body under a command's key, whatever its body was."""
    row = session.connection().execute(_FIND, {"scope": command.scope}).first()
    return None if row is None else _opened(row[1], keys, command)


def _opened(sealed: bytes, keys: Keyring, command: Command) -> tuple[int, bytes]:
    opened = keys.open(sealed, command.scope)
    return int.from_bytes(opened[:2], "big"), opened[2:]


def forget_before(session: Session, before: datetime) -> None:
    """Drop answers older than `before` (the kept time is a setting, 48 h)."""
    session.execute(
        delete(Answer).where(Answer.answered_at < before).execution_options(synchronize_session=False)
    )
