"""The trees of the branches, their checkpoints and the keys that sign them: read and kept."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from server.store.facts import SealedFact
from server.store.tables import (
    AuditCheckpoint,
    AuditCosignature,
    AuditKey,
    AuditTelling,
    AuditTile,
    AuditTree,
    Fact,
    Setting,
)

_GROWN_TO = "audited_feed_number"
_INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_FACT = (Fact.feed_number, Fact.type, Fact.at, Fact.branch_id, Fact.data, Fact.chain_hash)


@dataclass(frozen=True, slots=True)
class Tree:
    """A branch's tree: its name and how many leaves it has."""

    origin: str
    size: int


@dataclass(frozen=True, slots=True)
class CheckpointRow:
    """A signed head, and what it ends with."""

    branch_id: int
    day: date
    size: int
    feed_number: int
    root: bytes
    note: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key that signs; its seed is sealed."""

    generation: int
    public_key: bytes
    sealed_seed: bytes
    made_at: datetime
    retired_at: datetime | None


_CHECKPOINT = tuple(getattr(AuditCheckpoint, name) for name in CheckpointRow.__dataclass_fields__)
_KEY = tuple(getattr(AuditKey, name) for name in KeyRow.__dataclass_fields__)


def _insert(session: Session, table: Any) -> Any:
    return _INSERTS[session.get_bind().dialect.name](table)


# --- trees ------------------------------------------------------------------------------------------------


def grown_to(session: Session) -> int:
    """Return the feed number up to which all facts are in the trees."""
    kept = session.execute(select(Setting.value).where(Setting.name == _GROWN_TO)).scalar_one_or_none()
    return int(kept or 0)


def move_on(session: Session, before: int, now: int) -> bool:
    """Note that the trees grew from one feed number to another; False when somebody else let them grow."""
    if before == 0:
        new = _insert(session, Setting).values(name=_GROWN_TO, value=str(now))
        return _touched(session, new.on_conflict_do_nothing(index_elements=["name"]), Setting)
    at = update(Setting).where(Setting.name == _GROWN_TO, Setting.value == str(before))
    return _touched(session, at.values(value=str(now)), Setting)


def tree_of(session: Session, branch_id: int) -> Tree | None:
    """Return a branch's tree; None before its first leaf."""
    row = session.execute(select(AuditTree.origin, AuditTree.size).filter_by(branch_id=branch_id)).first()
    return Tree(*row) if row else None


def keep_tree(session: Session, branch_id: int, tree: Tree, tiles: Mapping[tuple[int, int], bytes]) -> None:
    """Keep what a tree has grown to."""
    new = _insert(session, AuditTree).values(branch_id=branch_id, origin=tree.origin, size=tree.size)
    session.execute(new.on_conflict_do_update(index_elements=["branch_id"], set_={"size": tree.size}))
    for (level, number), hashes in tiles.items():
        tile = _insert(session, AuditTile).values(
            branch_id=branch_id, level=level, number=number, hashes=hashes
        )
        key = ["branch_id", "level", "number"]
        session.execute(tile.on_conflict_do_update(index_elements=key, set_={"hashes": hashes}))


def tile(session: Session, branch_id: int, level: int, number: int) -> bytes:
    """Return the hashes of a tile, none for one that is not there."""
    found = select(AuditTile.hashes).filter_by(branch_id=branch_id, level=level, number=number)
    return session.execute(found).scalar_one_or_none() or b""


# --- facts of a branch ------------------------------------------------------------------------------------


def last_before(
    session: Session, branch_id: int, after: int, until: int, end: datetime
) -> tuple[int | None, int]:
    """Return the last of a branch's facts of a range that is earlier than an instant, and its place there.

    The range is behind one feed number and up to another; None and 0 where there is none.
    """
    own = (Fact.branch_id == branch_id, Fact.feed_number > after, Fact.feed_number <= until)
    last = session.execute(select(func.max(Fact.feed_number)).where(*own, Fact.at < end)).scalar()
    if last is None:
        return None, 0
    count = select(func.count()).select_from(Fact).where(*own, Fact.feed_number <= last)
    return last, session.execute(count).scalar_one()


def facts_between(
    session: Session, branch_id: int, after: int, until: int, *, skip: int = 0, most: int | None = None
) -> Iterator[SealedFact]:
    """Read the facts of a branch behind one feed number and up to another, in their order."""
    query = (
        select(*_FACT)
        .where(Fact.branch_id == branch_id, Fact.feed_number > after, Fact.feed_number <= until)
        .order_by(Fact.feed_number)
        .offset(skip)
        .limit(most)
        .execution_options(yield_per=1_000)
    )
    for row in session.execute(query):
        yield SealedFact(*row)


# --- checkpoints ------------------------------------------------------------------------------------------


def latest(session: Session, branch_id: int, before: date | None = None) -> CheckpointRow | None:
    """Return a branch's last checkpoint, or the last before a day."""
    query = select(*_CHECKPOINT).filter_by(branch_id=branch_id).order_by(AuditCheckpoint.day.desc()).limit(1)
    if before is not None:
        query = query.where(AuditCheckpoint.day < before)
    row = session.execute(query).first()
    return CheckpointRow(*row) if row else None


def checkpoint(session: Session, branch_id: int, day: date) -> CheckpointRow | None:
    """Return the checkpoint of a day."""
    row = session.execute(select(*_CHECKPOINT).filter_by(branch_id=branch_id, day=day)).first()
    return CheckpointRow(*row) if row else None


def first_with(session: Session, branch_id: int, place: int) -> CheckpointRow | None:
    """Return the first checkpoint whose tree has a leaf at a place."""
    query = select(*_CHECKPOINT).filter_by(branch_id=branch_id).where(AuditCheckpoint.size > place)
    row = session.execute(query.order_by(AuditCheckpoint.day).limit(1)).first()
    return CheckpointRow(*row) if row else None


def newest(session: Session, branch_id: int, most: int) -> list[CheckpointRow]:
    """List the last checkpoints, the newest first."""
    query = (
        select(*_CHECKPOINT).filter_by(branch_id=branch_id).order_by(AuditCheckpoint.day.desc()).limit(most)
    )
    return [CheckpointRow(*row) for row in session.execute(query)]


def every_checkpoint(session: Session) -> list[CheckpointRow]:
    """List all checkpoints of all branches, the oldest first."""
    return [
        CheckpointRow(*row) for row in session.execute(select(*_CHECKPOINT).order_by(AuditCheckpoint.day))
    ]


def keep_checkpoint(session: Session, row: CheckpointRow) -> bool:
    """Keep a checkpoint; False when there is one of this branch and day."""
    values = {name: getattr(row, name) for name in CheckpointRow.__dataclass_fields__}
    new = _insert(session, AuditCheckpoint).values(**values)
    return _touched(session, new.on_conflict_do_nothing(index_elements=["branch_id", "day"]), AuditCheckpoint)


# --- witnesses --------------------------------------------------------------------------------------------


def cosignatures(session: Session, branch_id: int, days: Collection[date]) -> list[AuditCosignature]:
    """List what witnesses signed of some days, in the order in which it came."""
    found = select(AuditCosignature).where(
        AuditCosignature.branch_id == branch_id, AuditCosignature.day.in_(days)
    )
    return list(session.execute(found.order_by(AuditCosignature.id)).scalars())


def keep_cosignature(session: Session, row: Mapping[str, Any]) -> bool:
    """Keep a co-signature; False when there is one of this witness and day."""
    key = ["branch_id", "day", "witness"]
    new = _insert(session, AuditCosignature).values(**row).on_conflict_do_nothing(index_elements=key)
    return _touched(session, new, AuditCosignature)


def telling(session: Session, branch_id: int, witness: str, now: datetime) -> AuditTelling:
    """Return how far a witness was told, its row locked; a new one has been told nothing."""
    key = ["branch_id", "witness"]
    values = {"branch_id": branch_id, "witness": witness, "tries": 0, "due_at": now}
    session.execute(
        _insert(session, AuditTelling).values(**values).on_conflict_do_nothing(index_elements=key)
    )
    found = select(AuditTelling).filter_by(branch_id=branch_id, witness=witness).with_for_update()
    return session.execute(found).scalar_one()


def tellings(session: Session) -> dict[tuple[int, str], tuple[date | None, datetime]]:
    """Return how far each witness was told, and when it is told again."""
    columns = (AuditTelling.branch_id, AuditTelling.witness, AuditTelling.day, AuditTelling.due_at)
    return {(row[0], row[1]): (row[2], row[3]) for row in session.execute(select(*columns))}


# --- keys -------------------------------------------------------------------------------------------------


def keys(session: Session) -> list[KeyRow]:
    """List all keys that ever signed, the oldest first."""
    return [KeyRow(*row) for row in session.execute(select(*_KEY).order_by(AuditKey.generation))]


def add_key(session: Session, row: KeyRow) -> bool:
    """Keep a key; False when there is one of this generation."""
    values = {name: getattr(row, name) for name in KeyRow.__dataclass_fields__}
    new = _insert(session, AuditKey).values(**values)
    return _touched(session, new.on_conflict_do_nothing(index_elements=["generation"]), AuditKey)


def retire_key(session: Session, generation: int, at: datetime) -> bool:
    """Note that a key signs no more; False when it did not already."""
    row = update(AuditKey).where(AuditKey.generation == generation, AuditKey.retired_at.is_(None))
    return _touched(session, row.values(retired_at=at), AuditKey)


def _touched(session: Session, statement: Any, table: Any) -> bool:
    return session.execute(statement.returning(table.id)).first() is not None
