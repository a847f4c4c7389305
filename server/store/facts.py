"""The event log: facts noted in a transaction, sealed in one order with a chain of hashes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import BindParameter, Connection, bindparam, func, insert, select, text, union_all
from sqlalchemy.orm import Session

from server.store.prepared import Prepared
from server.store.tables import Fact
from wire.vocabulary import FactType

GENESIS = bytes(32)
# One number for all servers of a database: the lock under which facts are sealed (PostgreSQL).
SEALER_LOCK = 0x4E51_5345
# A command that waited for its turn beside others notes its fact so much later at most.
OUT_OF_TURN = timedelta(minutes=10)
_NOTED = "noted facts"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NewFact:
    """A fact before it is in the log: ids and reason codes only, no personal values (rules.md 27)."""

    type: FactType
    at: datetime
    branch_id: int | None = None
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SealedFact:
    """A fact in the log with its place in the feed and in the chain."""

    feed_number: int
    type: str
    at: datetime
    branch_id: int | None
    data: dict[str, Any]
    chain_hash: bytes


def note(session: Session, fact: NewFact) -> None:
    """Note a fact: it is written with the transaction that the session is in, or not at all."""
    session.info.setdefault(_NOTED, []).append(fact)


def taken(session: Session) -> list[NewFact]:
    """Take out what was noted in this session so far."""
    facts: list[NewFact] = session.info.pop(_NOTED, [])
    return facts


def row_bytes(feed_number: int, fact: NewFact | SealedFact) -> bytes:
    """Write a fact in its one form, as canonical JSON: what the chain and the trees are made over."""
    row = [feed_number, str(fact.type), int(fact.at.timestamp() * 1_000_000), fact.branch_id, fact.data]
    return json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def chain(previous: bytes, feed_number: int, fact: NewFact) -> bytes:
    """Return SHA-256 over the hash before and the fact's canonical JSON: an edited row breaks all after it."""
    return hashlib.sha256(previous + row_bytes(feed_number, fact)).digest()


_NOTED_COLUMNS = ("at", "type", "branch_id", "data")
_SEALED_COLUMNS = ("feed_number", "chain_hash", *_NOTED_COLUMNS)
# What one request notes goes into one statement.
_ROWS_AT_ONCE = 4
_END = (
    select(Fact.feed_number, Fact.chain_hash)
    .where(Fact.feed_number.is_not(None))
    .order_by(Fact.feed_number.desc())
    .limit(1)
)
_LAST = Prepared(_END)
_UNSEALED = (
    select(Fact.id, Fact.type, Fact.at, Fact.branch_id, Fact.data)
    .where(Fact.feed_number.is_(None))
    .order_by(Fact.id)
    .limit(500)
)
# One statement for all of a round: one for each costs half as much again (docs/performance.md).
_SEAL = text(
    "UPDATE fact SET feed_number = sealed.number, chain_hash = sealed.hash FROM"
    " unnest(CAST(:rows AS bigint[]), CAST(:numbers AS bigint[]), CAST(:hashes AS bytea[]))"
    " AS sealed (id, number, hash) WHERE fact.id = sealed.id"
)
_AFTER = Prepared(
    select(Fact.feed_number, Fact.type, Fact.at, Fact.branch_id, Fact.data, Fact.chain_hash)
    .where(Fact.feed_number > bindparam("after"))
    .order_by(Fact.feed_number)
    .limit(bindparam("most"))
)


def tip(connection: Connection) -> tuple[int, bytes]:
    """Return the last feed number and its hash (0 and zeros for an empty log)."""
    row = _LAST.first(connection, {})
    return (row[0], row[1]) if row else (0, GENESIS)


def append_sealed(
    connection: Connection, facts: Sequence[NewFact], remembered: tuple[int, bytes] | None
) -> list[SealedFact]:
    """Write facts sealed behind the end of the log: for the single writer, which alone knows the order.

    `remembered` is the end after the writer's last batch. The statement that writes looks whether it still is:
    when another program wrote or lost facts meanwhile, or nothing is remembered, the end is read first.
    """
    if remembered is not None:
        sealed = _sealed(facts, remembered)
        if _written_behind(connection, sealed, remembered[1]):
            return sealed
    end = tip(connection)
    sealed = _sealed(facts, end)
    if not _written_behind(connection, sealed, end[1]):
        raise RuntimeError("the event log grew beside its only writer")
    return sealed


def _sealed(facts: Sequence[NewFact], after: tuple[int, bytes]) -> list[SealedFact]:
    number, previous = after
    sealed = []
    for fact in facts:
        number += 1
        previous = chain(previous, number, fact)
        sealed.append(SealedFact(number, str(fact.type), fact.at, fact.branch_id, fact.data, previous))
    return sealed


def _written_behind(connection: Connection, sealed: Sequence[SealedFact], previous: bytes) -> bool:
    """Write facts if the log ends with that hash (all of them, by the transaction); say whether it does."""
    for some in _some_at_once(sealed):
        values = _numbered([{name: getattr(fact, name) for name in _SEALED_COLUMNS} for fact in some])
        if not _insert_behind(len(some)).run(connection, {**values, "previous": previous}):
            return False
        previous = some[-1].chain_hash
    return True


@cache
def _insert_behind(rows: int) -> Prepared:
    """Write so many sealed facts if the log ends with the hash `previous`, zeros for an empty one."""
    each = [select(*(_value(name, place).label(name) for name in _SEALED_COLUMNS)) for place in range(rows)]
    new = union_all(*each).subquery()
    last = func.coalesce(_END.with_only_columns(Fact.chain_hash).scalar_subquery(), GENESIS)
    found = select(new).where(last == bindparam("previous", type_=Fact.chain_hash.type))
    return Prepared(insert(Fact).from_select(_SEALED_COLUMNS, found))


def append_unsealed(connection: Connection, facts: Sequence[NewFact]) -> None:
    """Write facts without a place in the feed: a sealer gives them one after the commit."""
    for some in _some_at_once(facts):
        rows = [
            {"at": fact.at, "type": str(fact.type), "branch_id": fact.branch_id, "data": fact.data}
            for fact in some
        ]
        _insert_noted(len(some)).run(connection, _numbered(rows))


@cache
def _insert_noted(rows: int) -> Prepared:
    each = [{name: _value(name, place) for name in _NOTED_COLUMNS} for place in range(rows)]
    return Prepared(insert(Fact).values(each))


def _value(column: str, place: int) -> BindParameter[Any]:
    return bindparam(f"{column}{place}", type_=Fact.__table__.c[column].type)


def _numbered(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {f"{name}{place}": value for place, row in enumerate(rows) for name, value in row.items()}


def _some_at_once(facts: Sequence[T]) -> Iterator[Sequence[T]]:
    for first in range(0, len(facts), _ROWS_AT_ONCE):
        yield facts[first : first + _ROWS_AT_ONCE]


def seal_pending(connection: Connection) -> int:
    """Seal what is unsealed, in the order of ids, under the sealers' advisory lock; return how many."""
    connection.execute(select(func.pg_advisory_xact_lock(SEALER_LOCK)))
    number, previous = tip(connection)
    sealed = []
    for row in connection.execute(_UNSEALED):
        number += 1
        previous = chain(previous, number, NewFact(FactType(row.type), row.at, row.branch_id, row.data))
        sealed.append((row.id, number, previous))
    if sealed:
        rows, numbers, hashes = zip(*sealed, strict=True)
        connection.execute(_SEAL, {"rows": [*rows], "numbers": [*numbers], "hashes": [*hashes]})
        connection.execute(text("NOTIFY numerek_facts"))
    return len(sealed)


def facts_after(session: Session, after: int, most: int = 1_000) -> list[SealedFact]:
    """Read sealed facts behind a feed number, oldest first."""
    return [SealedFact(*row) for row in _AFTER.all(session, {"after": after, "most": most})]


def first_since(session: Session, since: datetime) -> int:
    """Find by halving a fact before all those from an instant on; the log has no index by time.

    Ids grow with time but for commands that waited for their turn beside others: no longer than `OUT_OF_TURN`.
    """
    since -= OUT_OF_TURN
    low, high = 1, (session.execute(select(func.max(Fact.id))).scalar_one() or 0) + 1
    while low < high:
        middle = (low + high) // 2
        at = session.execute(select(Fact.at).where(Fact.id >= middle).order_by(Fact.id).limit(1)).scalar_one()
        low, high = (middle + 1, high) if at < since else (low, middle)
    return low


def verify_chain(session: Session) -> int | None:
    """Walk the whole log; return the feed number of the first row that does not fit, None when all do."""
    number, previous = 0, GENESIS
    while True:
        page = facts_after(session, number)
        for fact in page:
            # An edited row may hold any word as its type: it must be found, not crash the walk.
            body = NewFact(cast(FactType, fact.type), fact.at, fact.branch_id, fact.data)
            if fact.feed_number != number + 1 or chain(previous, fact.feed_number, body) != fact.chain_hash:
                return fact.feed_number
            number, previous = fact.feed_number, fact.chain_hash
        if not page:
            return None
