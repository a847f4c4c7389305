"""Writes an office's set-up from a file: branches, halls, services, counters; again and again without harm."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from server.domain.office.differences import Difference, differences
from server.domain.office.reading import SettingError
from server.services.context import RuleBroken
from server.services.office import editing, things
from server.services.office.editing import Author, thing_of
from server.services.office.things import Thing, Value
from server.store.queries import office as rows
from server.store.queries import office_changes as change_rows
from server.store.tables import OfficeChange

_TABLES = {"branch", "publisher", "publication", "template"}
_BRANCH = ("code", "hall", "service", "counter")


class Overwrites(RuleBroken):
    """A file would overwrite what was edited on pages: `lost` names it by the things that it belongs to."""

    def __init__(self, lost: list[tuple[Thing, str, Difference]]) -> None:
        super().__init__(409, "overwrites_pages")
        self.lost = lost


def set_up_office(
    session: Session, now: datetime, office: Mapping[str, Any], *, overwrite: bool = True
) -> list[OfficeChange]:
    """Write the set-up of all branches of a file (docs/office.md); what it names is added or changed.

    Raises RuleBroken 422 `office_file` with the place of the first thing that is wrong, and without `overwrite`
    Overwrites where pages have been edited since; nothing is written then.
    """
    rows.hold_office(session)
    branches = office.get("branch")
    if not isinstance(branches, list) or not set(office) <= _TABLES:
        raise _wrong(
            "branch",
            "the file must hold [[branch]], [[template]], [publisher], [[publication]] and nothing else",
        )
    file = _File(session, Author(now))
    file.templates(office.get("template", []))
    for place, branch in enumerate(branches):
        file.branch(f"branch {place + 1}", _table(branch, f"branch {place + 1}"))
    file.statements(office)
    if not overwrite and (lost := _lost(session, file.changed)):
        raise Overwrites(lost)
    editing.finish(session, file.author, file.changed)
    return file.changed


class _File:
    """A file that is being written; `changed` is what it changed so far."""

    def __init__(self, session: Session, author: Author) -> None:
        self.session = session
        self.author = author
        self.changed: list[OfficeChange] = []

    def templates(self, said: Any) -> None:
        """Write templates, before the branches that follow them; what a file leaves out stays."""
        for order, each in enumerate(said):
            place = f"template {order + 1}"
            table = _table(each, place)
            thing = things.template(table.get("kind"), table.get("code"))
            self._write(place, thing, _without(table, "kind", "code"))

    def branch(self, place: str, said: Mapping[str, Any]) -> None:
        """Write a branch with its halls, services in their order, and counters."""
        code = _text(said, "code", place)
        self._write(place, things.branch(code), {key: said[key] for key in said if key not in _BRANCH})
        for hall in _tables(said, "hall", place):
            name = _text(hall, "code", f"{place}.hall")
            self._write(f"{place}.hall", things.hall(code, name), _without(hall, "code"))
        letters = []
        for order, service in enumerate(_tables(said, "service", place)):
            letters.append(str(service.get("letter", "")))
            thing = things.service(code, letters[-1])
            self._write(f"{place}.service {order + 1}", thing, _without(service, "letter"))
        self._write(f"{place}.service", things.order(code), {"services": letters})
        for counter in _tables(said, "counter", place):
            number = counter.get("number")
            whole = number if isinstance(number, int) and not isinstance(number, bool) else -1
            thing = things.counter(code, whole)
            self._write(f"{place}.counter {number}", thing, _without(counter, "number"))

    def statements(self, office: Mapping[str, Any]) -> None:
        """Write what the office states as the publisher, and its own texts; what a file leaves out stays."""
        if "publisher" in office:
            said = _table(office["publisher"], "publisher")
            self._write("publisher", things.PUBLISHER, said)
        for order, said in enumerate(office.get("publication", [])):
            place = f"publication {order + 1}"
            table = _table(said, place)
            thing = things.publication(table.get("kind"), table.get("version"))
            self._write(place, thing, _without(table, "kind", "version"))

    def _write(self, place: str, thing: Thing, value: Value) -> None:
        try:
            self.changed += editing.changes(self.session, self.author, thing, value)
        except SettingError as error:
            raise _wrong(f"{place}.{error.key}", error.problem) from None


def _lost(session: Session, changed: list[OfficeChange]) -> list[tuple[Thing, str, Difference]]:
    """List which settings that somebody changed last on a page these changes of a file overwrite, and whose."""
    lost = []
    for each in changed:
        last: dict[str, str | None] = {}
        for before, who in change_rows.history(session, each.branch_id, each.subject, each.name):
            if before.id != each.id:
                touched = [found.name for found in differences(before.old, before.new)]
                last |= dict.fromkeys(touched, who if before.user_id else None)
        for found in differences(each.old, each.new):
            if (editor := last.get(found.name)) is not None:
                lost.append((thing_of(session, each), editor, found))
    return lost


def _without(said: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in said.items() if key not in names}


def _tables(said: Mapping[str, Any], name: str, place: str) -> list[Mapping[str, Any]]:
    tables = said.get(name, [])
    if not isinstance(tables, list) or not all(isinstance(each, Mapping) for each in tables):
        raise _wrong(f"{place}.{name}", f"[[branch.{name}]] tables are expected")
    return tables


def _table(said: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(said, Mapping):
        raise _wrong(place, "a table is expected")
    return said


def _text(said: Mapping[str, Any], key: str, place: str) -> str:
    value = said.get(key)
    if not isinstance(value, str) or not value.strip():
        raise _wrong(f"{place}.{key}", "a text is expected")
    return value


def _wrong(place: str, problem: str) -> RuleBroken:
    return RuleBroken(422, "office_file", place=place, problem=problem)
