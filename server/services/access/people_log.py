"""What is on record about people of the staff, newest first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from server.store.queries.access import records as rows
from server.store.queries.access import users
from server.store.queries.access.records import PeopleFact
from wire.vocabulary import FactType

MOST = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened: `what` is a code of the change, of the second factor, or of the refusal."""

    at: datetime
    type: FactType
    what: str | None
    who: str | None
    by: str | None
    branch_ids: tuple[int, ...]


def entries(session: Session, branch_ids: Collection[int] | None) -> tuple[Entry, ...]:
    """List the latest 200 facts about people; with branches, only what concerns somebody there.

    A change that was noted at several branches stands there once.
    """
    names = {row.id: row.name for row in users.people(session)}
    found: list[Entry] = []
    for fact in rows.of_people(session, branch_ids, MOST):
        entry = _entry(fact, names)
        if found and _is_same_change(found[-1], entry):
            entry = replace(entry, branch_ids=(*entry.branch_ids, *found.pop().branch_ids))
        found.append(entry)
    return tuple(found)


def _entry(fact: PeopleFact, names: dict[int, str]) -> Entry:
    word = {FactType.USER_CHANGED: "change", FactType.STAFF_SIGNED_IN: "proof"}
    kind = FactType(fact.type)
    return Entry(
        fact.at,
        kind,
        fact.data.get(word.get(kind, "reason")),
        names.get(fact.data.get("user") or 0),
        names.get(fact.data.get("by") or 0),
        () if fact.branch_id is None else (fact.branch_id,),
    )


def _is_same_change(one: Entry, other: Entry) -> bool:
    """Say whether two facts tell of one change at two branches."""
    return (
        one.type is FactType.USER_CHANGED
        and one.branch_ids != other.branch_ids
        and replace(one, branch_ids=()) == replace(other, branch_ids=())
    )
