"""Writes one thing of the office, after the same checks for its file and its pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from server.domain.office import priorities
from server.domain.office.differences import flat
from server.domain.office.policies import BranchPolicy, branch_policy, service_policy
from server.domain.office.reading import SettingError, code, flag, letter, short, texts
from server.domain.office.templates import Kind, is_own, settings_of
from server.services.office import templates
from server.services.office.publisher import set_up_publication, set_up_publisher
from server.services.office.things import Subject, Thing, Value, branch_row, kept, row_of
from server.store.queries import office as rows
from server.store.queries import tickets
from server.store.queries.booking import reservations as reservation_rows
from server.store.tables import Branch, Counter, Hall, Service, Template
from wire.vocabulary import CounterState

_LIKE_DIGITS = {"I": "1", "O": "0"}
_COUNTER = {"hall", "services", "strict_order", "archived"}


def write(session: Session, thing: Thing, value: Value) -> None:
    """Give a thing this value; a new thing if there is none yet.

    Raises SettingError with the name of the first setting that is wrong.
    """
    _WRITERS[thing.subject](session, thing, kept(value))


def _branch(session: Session, thing: Thing, value: Value) -> None:
    value = templates.resolved(session, Kind.BRANCH, value)
    policy = {key: each for key, each in value.items() if key != "name"}
    rules = branch_policy(policy)
    name = _checked("name", short(200), value.get("name"))
    row = rows.branch_named(session, thing.name)
    if row is None:
        _checked("code", code, thing.name)
    if row is not None:
        _refuse_lost_priorities(session, row, rules)
    if row is not None and rules.archived:
        _refuse_open_counters(session, rows.of_branch(session, Counter, row.id))
    row = rows.upsert(session, Branch, {"code": thing.name}, {"name": name, "policy": policy})
    for each in rows.services_of(session, row.id):
        _move_lapses(session, each, rules)


def _hall(session: Session, thing: Thing, value: Value) -> None:
    _known(value, {"name", "archived"})
    name = _checked("code", short(10), thing.name)
    values = {"name": _checked("name", short(100), value.get("name")), "archived": _is_archived(value)}
    of = branch_row(session, thing)
    row = rows.upsert(session, Hall, {"branch_id": of.id, "code": name}, values)
    if row.archived:
        counters = rows.of_branch(session, Counter, of.id)
        _refuse_open_counters(session, [each for each in counters if each.hall_id == row.id])


def _service(session: Session, thing: Thing, value: Value) -> None:
    value = templates.resolved(session, Kind.SERVICE, value)
    policy = {key: each for key, each in value.items() if key != "names"}
    service_policy(policy)
    of = branch_row(session, thing)
    name = _letter(session, thing, of)
    named = value.get("names")
    if not isinstance(named, Mapping) or not named or not all(_is_text(each) for each in named.values()):
        raise SettingError("names", "names by language are expected")
    _checked("names", texts, named)
    before = rows.services_of(session, of.id)
    values: dict[str, Any] = {"names": dict(named), "policy": policy}
    if all(each.letter != name for each in before):
        values["position"] = max((each.position for each in before), default=-1) + 1
    row = rows.upsert(session, Service, {"branch_id": of.id, "letter": name}, values)
    _move_lapses(session, row, branch_policy(of.policy))


def _move_lapses(session: Session, service: Service, rules: BranchPolicy) -> None:
    """Let the visits of a service lapse by what is ruled now: its own shortest time, or the branch's."""
    own = service.policy.get("check_in_lead_minutes")
    minutes = rules.check_in_lead_minutes if own is None else int(own)
    reservation_rows.move_lapses(session, service.id, timedelta(minutes=minutes))


def _letter(session: Session, thing: Thing, of: Branch) -> str:
    """Read a service's letter; a new service gets none that looks like a digit (⚙ letters_like_digits)."""
    name = _checked("letter", letter, thing.name)
    digit = None if branch_policy(of.policy).letters_like_digits else _LIKE_DIGITS.get(name)
    if digit and row_of(session, thing) is None:
        problem = f"on a ticket {name}{digit}01 would be taken for {digit}{digit}01: choose another letter"
        raise SettingError("letter", f"{problem} (letters_like_digits = true allows it)")
    return name


def _counter(session: Session, thing: Thing, value: Value) -> None:
    number = int(thing.name) if re.fullmatch(r"[0-9]{1,3}", thing.name) else 0
    if not 1 <= number <= 999:
        raise SettingError("number", "a whole number from 1 to 999 is expected")
    _known(value, _COUNTER)
    of = branch_row(session, thing)
    halls = {row.code: row.id for row in rows.of_branch(session, Hall, of.id)}
    services = {row.letter: row.id for row in rows.of_branch(session, Service, of.id)}
    hall_id = halls.get(str(value.get("hall")))
    if hall_id is None:
        raise SettingError("hall", f"there is no hall {value.get('hall')!r}")
    letters = value.get("services")
    if not isinstance(letters, list) or not letters or not all(each in [*services] for each in letters):
        raise SettingError("services", "letters of the branch's services are expected")
    is_strict = bool(_checked("strict_order", flag, value.get("strict_order", False)))
    values = {"hall_id": hall_id, "strict_order": is_strict, "archived": _is_archived(value)}
    row = rows.upsert(session, Counter, {"branch_id": of.id, "number": number}, values)
    if row.archived:
        _refuse_open_counters(session, [row])
    rows.set_services(session, row.id, [services[each] for each in dict.fromkeys(letters)])


def _order(session: Session, thing: Thing, value: Value) -> None:
    """Put services into this order; those that are not named keep their places."""
    found = {row.letter: row for row in rows.services_of(session, branch_row(session, thing).id)}
    letters = value.get("services")
    if not isinstance(letters, list) or not all(each in [*found] for each in letters):
        raise SettingError("services", "letters of the branch's services are expected")
    wanted = iter(letters)
    places = [next(wanted) if each in letters else each for each in found]
    for position, each in enumerate(places):
        found[each].position = position
    session.flush()


def _publisher(session: Session, thing: Thing, value: Value) -> None:
    set_up_publisher(session, value)


def _publication(session: Session, thing: Thing, value: Value) -> None:
    kind, _, version = thing.name.partition(" ")
    set_up_publication(session, {"kind": kind, "version": version} | dict(value))


def _template(session: Session, thing: Thing, value: Value) -> None:
    kind, _, name = thing.name.partition(" ")
    if kind not in tuple(Kind):
        raise SettingError("kind", f"one of {', '.join(Kind)} is expected")
    _checked("code", code, name)
    title = _checked("title", short(200), value.get("title"))
    policy = {key: each for key, each in value.items() if key != "title"}
    for key in flat(policy):
        if key != "archived" and not is_own(key, settings_of(Kind(kind))):
            raise SettingError(key, "no template rules this")
    if kind == Kind.BRANCH:
        branch_policy(policy)
    else:
        service_policy({key: each for key, each in policy.items() if key != "names"})
        _checked("names", texts, policy.get("names", {}))
    before = rows.template(session, kind, name)
    version = 1 if before is None else before.version + (before.title != title or before.policy != policy)
    values = {"title": title, "policy": policy, "version": version}
    rows.upsert(session, Template, {"kind": kind, "code": name}, values)


_WRITERS: dict[Subject, Callable[[Session, Thing, Value], None]] = {
    Subject.BRANCH: _branch,
    Subject.HALL: _hall,
    Subject.SERVICE: _service,
    Subject.COUNTER: _counter,
    Subject.ORDER: _order,
    Subject.PUBLISHER: _publisher,
    Subject.PUBLICATION: _publication,
    Subject.TEMPLATE: _template,
}


def _refuse_open_counters(session: Session, counters: list[Counter]) -> None:
    for each in counters:
        if each.state != CounterState.CLOSED:
            raise SettingError("archived", f"counter {each.number} is not closed: close it first")


def _refuse_lost_priorities(session: Session, row: Branch, rules: BranchPolicy) -> None:
    """Keep the name of each kind of priority that a ticket of the branch has."""
    gone = priorities.dropped(branch_policy(row.policy).priority_classes, rules.priority_classes)
    if gone and (held := tickets.priorities_held(session, row.id, gone)):
        raise SettingError("priority_classes", f"tickets have it: archive {', '.join(sorted(held))} instead")


def _is_archived(value: Value) -> bool:
    return bool(_checked("archived", flag, value.get("archived", False)))


def _known(value: Value, names: set[str]) -> None:
    for key in value:
        if key not in names:
            raise SettingError(key, "unknown setting")


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _checked(key: str, read: Callable[[Any], Any], value: Any) -> Any:
    try:
        return read(value)
    except ValueError as error:
        raise SettingError(key, str(error)) from None
