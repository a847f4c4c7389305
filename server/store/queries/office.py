"""The office's set-up: branches, halls, services, counters, read whole and written by their names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from server.store.hot_rows import HotRows
from server.store.keyring import KeyFileError, Keyring, SecretKey
from server.store.tables import (
    Branch,
    Counter,
    CounterService,
    Hall,
    Publication,
    Publisher,
    Service,
    Setting,
    Template,
)

VERSION = "office_version"
KEY_CHECK = "key_check"
KEY_NEXT = "key_next"
Row = TypeVar("Row", Branch, Hall, Service, Counter)
Named = TypeVar("Named", Branch, Hall, Service, Counter, Publication, Template)


def version(session: Session) -> str:
    """Read the number that grows with every change of the set-up."""
    found = session.execute(select(Setting.value).where(Setting.name == VERSION)).scalar_one_or_none()
    return found or "0"


def grow_version(session: Session) -> None:
    """Note that the set-up changed, so that every server reads it again."""
    row = session.execute(
        select(Setting).where(Setting.name == VERSION).with_for_update()
    ).scalar_one_or_none()
    if row is None:
        session.add(Setting(name=VERSION, value="1"))
    else:
        row.value = str(int(row.value) + 1)


def hold_office(session: Session) -> None:
    """Let one change of the set-up come after the other (PostgreSQL; SQLite has one writer)."""
    if session.execute(select(Setting).where(Setting.name == VERSION).with_for_update()).first() is None:
        session.add(Setting(name=VERSION, value="0"))
        session.flush()


def branch_named(session: Session, code: str) -> Branch | None:
    """Find a branch by its code."""
    return session.execute(select(Branch).filter_by(code=code)).scalar_one_or_none()


def branch_code(session: Session, branch_id: int) -> str:
    """Return a branch's code."""
    return session.execute(select(Branch.code).filter_by(id=branch_id)).scalar_one()


def named(session: Session, table: type[Named], **key: Any) -> Named | None:
    """Find a row by its name."""
    return session.execute(select(table).filter_by(**key)).scalar_one_or_none()


def services_of(session: Session, branch_id: int) -> list[Service]:
    """List the services of a branch in the order in which it shows them."""
    ordered = select(Service).filter_by(branch_id=branch_id).order_by(Service.position, Service.letter)
    return list(session.execute(ordered).scalars())


def letters_at(session: Session, counter_id: int) -> list[str]:
    """List the letters of the services that a counter serves, in its order."""
    served = select(Service.letter).join(CounterService, CounterService.service_id == Service.id)
    served = served.where(CounterService.counter_id == counter_id)
    return list(session.execute(served.order_by(CounterService.position, Service.letter)).scalars())


def branches(session: Session) -> list[Branch]:
    """List all branches."""
    return list(session.execute(select(Branch).order_by(Branch.id)).scalars())


def halls(session: Session) -> list[Hall]:
    """List the halls of all branches by their codes."""
    return list(session.execute(select(Hall).order_by(Hall.code)).scalars())


def services(session: Session) -> list[Service]:
    """List the services of all branches in the order that each branch shows them."""
    return list(session.execute(select(Service).order_by(Service.position, Service.letter)).scalars())


def counters(session: Session) -> list[Counter]:
    """List the counters of all branches by their numbers."""
    return list(session.execute(select(Counter).order_by(Counter.number)).scalars())


_COUNTER = HotRows(select(Counter).where(Counter.id == bindparam("counter")))


def counter(session: Session, counter_id: int) -> Counter:
    """Read a counter as it is now: its state and its clerk."""
    row = _COUNTER.first(session, {"counter": counter_id})
    if row is None:
        raise RuntimeError("counters are put away, not erased")
    return row


def counter_services(session: Session) -> list[tuple[int, int]]:
    """List which counter serves which service, by ids, each counter's in its order."""
    rows = select(CounterService.counter_id, CounterService.service_id)
    ordered = rows.order_by(CounterService.position, CounterService.service_id)
    return [(row[0], row[1]) for row in session.execute(ordered)]


def publisher(session: Session) -> Mapping[str, Any]:
    """Read what the office states as the publisher; nothing when it never stated anything."""
    return session.execute(select(Publisher.policy)).scalar_one_or_none() or {}


def set_publisher(session: Session, policy: Mapping[str, Any]) -> None:
    """Write what the office states as the publisher, in place of what it stated before."""
    row = session.execute(select(Publisher)).scalar_one_or_none()
    if row is None:
        session.add(Publisher(policy=dict(policy)))
    else:
        row.policy = dict(policy)
    session.flush()


def publications(session: Session) -> list[Publication]:
    """List all versions of the office's own texts."""
    return list(session.execute(select(Publication).order_by(Publication.id)).scalars())


def publication(session: Session, kind: str, version: str) -> Publication | None:
    """Find a version of one of the office's own texts."""
    return session.execute(select(Publication).filter_by(kind=kind, version=version)).scalar_one_or_none()


def templates(session: Session) -> list[Template]:
    """List the templates, those of branches first, in the order in which they were made."""
    return list(session.execute(select(Template).order_by(Template.kind, Template.id)).scalars())


def template(session: Session, kind: str, code: str) -> Template | None:
    """Find a template by its kind and code."""
    return session.execute(select(Template).filter_by(kind=kind, code=code)).scalar_one_or_none()


def followers(session: Session, kind: str, code: str) -> list[tuple[Branch, Service | None]]:
    """List the branches, or the services with their branches, that follow a template."""
    by_id = {row.id: row for row in branches(session)}
    if kind == "branch":
        found: list[tuple[Branch, Service | None]] = [(row, None) for row in by_id.values()]
    else:
        found = [(by_id[row.branch_id], row) for row in services(session)]
    return [(of, row) for of, row in found if (row or of).policy.get("template") == code]


def keep_key_check(session: Session, keys: Keyring) -> None:
    """Remember the newest key with which this database is sealed. Raises KeyFileError when we have not got it."""
    row = session.execute(select(Setting).where(Setting.name == KEY_CHECK)).scalar_one_or_none()
    if row is None:
        session.add(Setting(name=KEY_CHECK, value=keys.check))
    elif not keys.holds(row.value):
        raise KeyFileError(
            "the secret key is not the one that this database was made with: "
            "copy the key file of a server that has it"
        )
    elif keys.is_newer(keys.check, row.value):
        row.value = keys.check


def key_checks(session: Session) -> tuple[str | None, str | None]:
    """Read the newest key that the database was sealed with, and the last one that was told with its instant."""
    query = select(Setting.name, Setting.value).where(Setting.name.in_((KEY_CHECK, KEY_NEXT)))
    found = {row[0]: row[1] for row in session.execute(query)}
    return found.get(KEY_CHECK), found.get(KEY_NEXT)


def tell_next_key(session: Session, key: SecretKey) -> None:
    """Let every server know from when a key is used, so that one without it says so, and serves nobody then."""
    told = f"{key.check} {key.used_from.isoformat() if key.used_from else ''}".strip()
    row = session.execute(select(Setting).where(Setting.name == KEY_NEXT)).scalar_one_or_none()
    if row is None:
        session.add(Setting(name=KEY_NEXT, value=told))
    else:
        row.value = told


def hold_service(session: Session, service_id: int) -> None:
    """Lock a service's row to the end of the transaction (PostgreSQL; SQLite has one writer)."""
    session.execute(select(Service.id).where(Service.id == service_id).with_for_update())


def of_branch(session: Session, table: type[Row], branch_id: int) -> list[Row]:
    """List the halls, services or counters of one branch."""
    return list(session.execute(select(table).filter_by(branch_id=branch_id)).scalars())


def upsert(session: Session, table: type[Named], key: Mapping[str, Any], values: Mapping[str, Any]) -> Named:
    """Give the row with this key these values, a new row if there is none yet, and return it."""
    row = session.execute(select(table).filter_by(**key)).scalar_one_or_none()
    if row is None:
        row = table(**key, **values)
        session.add(row)
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()
    return row


def set_services(session: Session, counter_id: int, service_ids: Iterable[int]) -> None:
    """Have a counter serve these services, in this order, and no others."""
    session.execute(delete(CounterService).where(CounterService.counter_id == counter_id))
    session.add_all(
        CounterService(counter_id=counter_id, service_id=each, position=position)
        for position, each in enumerate(service_ids)
    )
