"""Writes an office's set-up from a file: branches, halls, services, counters; again and again without harm."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from server.domain.office.policies import BranchPolicy, branch_policy, service_policy
from server.domain.office.reading import SettingError
from server.domain.office.reading import letter as read_letter
from server.services.context import RuleBroken
from server.services.office.publisher import set_up_publication, set_up_publisher
from server.store.facts import NewFact, note
from server.store.queries import office as rows
from server.store.queries.booking import reservations as reservation_rows
from server.store.tables import Branch, Counter, Hall, Service
from wire.vocabulary import FactType

_TABLES = {"branch", "publisher", "publication"}
_BRANCH = ("code", "name", "hall", "service", "counter")
_SERVICE = ("letter", "names")
_LIKE_DIGITS = {"I": "1", "O": "0"}


def set_up_office(session: Session, now: Any, office: Mapping[str, Any]) -> None:
    """Write the set-up of all branches of a file (docs/office.md); what it names is added or changed.

    Raises RuleBroken 422 `office_file` with the place of the first thing that is wrong; nothing is written then.
    """
    branches = office.get("branch")
    if not isinstance(branches, list) or not set(office) <= _TABLES:
        raise _wrong("branch", "the file must hold [[branch]], [publisher], [[publication]] and nothing else")
    for place, branch in enumerate(branches):
        _set_up_branch(session, now, f"branch {place + 1}", branch)
    _set_up_statements(session, office)
    rows.grow_version(session)


def _set_up_statements(session: Session, office: Mapping[str, Any]) -> None:
    """Write what the office states as the publisher, and its own texts; what a file leaves out stays."""
    place = "publisher"
    try:
        if place in office:
            set_up_publisher(session, _kept(_table(office["publisher"], place)))
        for order, said in enumerate(office.get("publication", [])):
            place = f"publication {order + 1}"
            set_up_publication(session, _kept(_table(said, place)))
    except SettingError as error:
        raise _wrong(f"{place}.{error.key}", error.problem) from None


def _set_up_branch(session: Session, now: Any, place: str, said: Mapping[str, Any]) -> None:
    policy = _kept({key: value for key, value in said.items() if key not in _BRANCH})
    try:
        rules = branch_policy(policy)
    except SettingError as error:
        raise _wrong(f"{place}.{error.key}", error.problem) from None
    values = {"name": _text(said, "name", place), "policy": policy}
    row = rows.upsert(session, Branch, {"code": _text(said, "code", place)}, values)
    reservation_rows.move_lapses(session, row.id, timedelta(minutes=rules.check_in_lead_minutes))
    for hall in _tables(said, "hall", place):
        key = {"branch_id": row.id, "code": _text(hall, "code", f"{place}.hall")}
        rows.upsert(session, Hall, key, {"name": _text(hall, "name", f"{place}.hall")})
    for order, service in enumerate(_tables(said, "service", place)):
        _set_up_service(session, f"{place}.service {order + 1}", row.id, rules, order, service)
    for counter in _tables(said, "counter", place):
        _set_up_counter(session, f"{place}.counter {counter.get('number')}", row.id, counter)
    note(session, NewFact(FactType.OFFICE_CHANGED, now, row.id, {"branch": row.code}))


def _set_up_service(
    session: Session, place: str, branch_id: int, rules: BranchPolicy, order: int, said: Mapping[str, Any]
) -> None:
    policy = _kept({key: value for key, value in said.items() if key not in _SERVICE})
    try:
        service_policy(policy)
    except SettingError as error:
        raise _wrong(f"{place}.{error.key}", error.problem) from None
    letter = _letter(session, place, branch_id, rules, said)
    names = said.get("names")
    if not isinstance(names, Mapping) or not all(isinstance(name, str) and name for name in names.values()):
        raise _wrong(f"{place}.names", "names by language are expected")
    values = {"position": order, "names": dict(names), "policy": policy}
    rows.upsert(session, Service, {"branch_id": branch_id, "letter": letter}, values)


def _letter(
    session: Session, place: str, branch_id: int, rules: BranchPolicy, said: Mapping[str, Any]
) -> str:
    """Read a service's letter; a new service gets none that looks like a digit (⚙ letters_like_digits)."""
    try:
        letter = read_letter(said.get("letter"))
    except ValueError as error:
        raise _wrong(f"{place}.letter", str(error)) from None
    digit = None if rules.letters_like_digits else _LIKE_DIGITS.get(letter)
    if digit and not any(row.letter == letter for row in rows.of_branch(session, Service, branch_id)):
        problem = f"on a ticket {letter}{digit}01 would be taken for {digit}{digit}01: choose another letter"
        raise _wrong(f"{place}.letter", f"{problem} (letters_like_digits = true allows it)")
    return letter


def _set_up_counter(session: Session, place: str, branch_id: int, said: Mapping[str, Any]) -> None:
    number = said.get("number")
    if not isinstance(number, int) or not 1 <= number <= 999:
        raise _wrong(f"{place}.number", "a whole number from 1 to 999 is expected")
    halls = {row.code: row.id for row in rows.of_branch(session, Hall, branch_id)}
    services = {row.letter: row.id for row in rows.of_branch(session, Service, branch_id)}
    hall_id = halls.get(str(said.get("hall")))
    if hall_id is None:
        raise _wrong(f"{place}.hall", f"there is no hall {said.get('hall')!r}")
    letters = said.get("services")
    if not isinstance(letters, list) or not letters or not all(each in [*services] for each in letters):
        raise _wrong(f"{place}.services", "letters of the branch's services are expected")
    row = rows.upsert(session, Counter, {"branch_id": branch_id, "number": number}, {"hall_id": hall_id})
    rows.set_services(session, row.id, {services[letter] for letter in letters})


def _tables(said: Mapping[str, Any], name: str, place: str) -> list[Mapping[str, Any]]:
    tables = said.get(name, [])
    if not isinstance(tables, list) or not all(isinstance(each, Mapping) for each in tables):
        raise _wrong(f"{place}.{name}", f"[[branch.{name}]] tables are expected")
    return tables


def _table(said: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(said, Mapping):
        raise _wrong(place, "a table is expected")
    return said


def _kept(value: Any) -> Any:
    """Return a value as a row can hold it: TOML has days of its own, JSON has none."""
    if isinstance(value, Mapping):
        return {key: _kept(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_kept(each) for each in value]
    return date(value.year, value.month, value.day).isoformat() if isinstance(value, date) else value


def _text(said: Mapping[str, Any], key: str, place: str) -> str:
    value = said.get(key)
    if not isinstance(value, str) or not value.strip():
        raise _wrong(f"{place}.{key}", "a text is expected")
    return value


def _wrong(place: str, problem: str) -> RuleBroken:
    return RuleBroken(422, "office_file", place=place, problem=problem)
