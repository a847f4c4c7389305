"""The things that an office consists of, by the names that people use, as values in the form of its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from server.domain.office.reading import SettingError
from server.store.queries import office as rows
from server.store.tables import Branch, Counter, Hall, Publication, Service, Template

Value = Mapping[str, Any]
Row = Branch | Hall | Service | Counter | Publication | Template


class Subject(StrEnum):
    """What kind of thing it is; ORDER is the order of a branch's services."""

    BRANCH = "branch"
    HALL = "hall"
    SERVICE = "service"
    COUNTER = "counter"
    ORDER = "order"
    PUBLISHER = "publisher"
    PUBLICATION = "publication"
    TEMPLATE = "template"


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing of the office: `name` is its code, letter or number, `branch` the code of where it is."""

    subject: Subject
    name: str
    branch: str | None = None


def branch(code: str) -> Thing:
    """Name a branch."""
    return Thing(Subject.BRANCH, code, code)


def hall(of: str, code: str) -> Thing:
    """Name a hall of a branch."""
    return Thing(Subject.HALL, code, of)


def service(of: str, letter: str) -> Thing:
    """Name a service of a branch."""
    return Thing(Subject.SERVICE, letter, of)


def counter(of: str, number: int) -> Thing:
    """Name a counter of a branch."""
    return Thing(Subject.COUNTER, str(number), of)


def order(of: str) -> Thing:
    """Name the order in which a branch shows its services."""
    return Thing(Subject.ORDER, "services", of)


def publication(kind: object, version: object) -> Thing:
    """Name a version of one of the office's own texts."""
    return Thing(Subject.PUBLICATION, f"{kind} {version}"[:100])


def template(kind: object, code: object) -> Thing:
    """Name a template of branches or of services."""
    return Thing(Subject.TEMPLATE, f"{kind} {code}"[:100])


PUBLISHER = Thing(Subject.PUBLISHER, "publisher")


def branch_row(session: Session, thing: Thing) -> Branch:
    """Return the row of the branch that a thing belongs to. Raises SettingError where there is none."""
    found = rows.branch_named(session, thing.branch or "")
    if found is None:
        raise SettingError("branch", f"there is no branch {thing.branch!r}")
    return found


def row_of(session: Session, thing: Thing) -> Row | None:
    """Find the row of a thing that has one of its own."""
    if thing.subject is Subject.PUBLICATION:
        kind, _, version = thing.name.partition(" ")
        return rows.publication(session, kind, version)
    if thing.subject is Subject.TEMPLATE:
        kind, _, code = thing.name.partition(" ")
        return rows.template(session, kind, code)
    of = rows.branch_named(session, thing.branch or "")
    if of is None or thing.subject is Subject.BRANCH:
        return of
    if thing.subject is Subject.HALL:
        return rows.named(session, Hall, branch_id=of.id, code=thing.name)
    if thing.subject is Subject.SERVICE:
        return rows.named(session, Service, branch_id=of.id, letter=thing.name)
    return rows.named(session, Counter, branch_id=of.id, number=int(thing.name))


def stated(session: Session, thing: Thing) -> dict[str, Any] | None:
    """Return what a thing is now, in the form of the office's file; None for one that is not there."""
    if thing.subject is Subject.PUBLISHER:
        return dict(kept(rows.publisher(session)))
    if thing.subject is Subject.ORDER:
        return {"services": [row.letter for row in rows.services_of(session, branch_row(session, thing).id)]}
    row = row_of(session, thing)
    return None if row is None else value_of(session, row)


def value_of(session: Session, row: Row) -> dict[str, Any]:
    """Return what a row says, in the form of the office's file, without its own name."""
    if isinstance(row, Branch):
        return {"name": row.name} | kept(row.policy)
    if isinstance(row, Hall):
        return {"name": row.name} | _archived(row.archived)
    if isinstance(row, Service):
        return {"names": dict(row.names)} | kept(row.policy)
    if isinstance(row, Publication):
        return kept(row.policy)
    if isinstance(row, Template):
        return {"title": row.title} | kept(row.policy)
    halls = {each.id: each.code for each in rows.of_branch(session, Hall, row.branch_id)}
    own = {"hall": halls[row.hall_id], "services": rows.letters_at(session, row.id)}
    return own | ({"strict_order": True} if row.strict_order else {}) | _archived(row.archived)


def _archived(is_archived: bool) -> dict[str, bool]:
    return {"archived": True} if is_archived else {}


def kept(value: Any) -> Any:
    """Return a value as a row holds it: TOML has days of its own, JSON has none; nothing is kept as nothing."""
    if isinstance(value, Mapping):
        return {key: kept(each) for key, each in value.items() if each is not None}
    if isinstance(value, list | tuple):
        return [kept(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    return date(value.year, value.month, value.day).isoformat() if isinstance(value, date) else value
