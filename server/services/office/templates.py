"""Templates of a head office: what follows them, and what a follower's settings are then."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from server.domain.office import templates as rules
from server.domain.office.reading import SettingError
from server.domain.office.templates import Kind
from server.services.context import RuleBroken
from server.services.office import things
from server.services.office.things import Subject, Thing, Value
from server.store.queries import office as rows

_KINDS = {Subject.BRANCH: Kind.BRANCH, Subject.SERVICE: Kind.SERVICE}


def kind_of(thing: Thing) -> Kind:
    """Say which kind of template a branch or a service can follow. Raises RuleBroken 404 for other things."""
    if thing.subject not in _KINDS:
        raise RuleBroken(404, "not_found", what="template")
    return _KINDS[thing.subject]


def resolved(session: Session, kind: Kind, value: Value) -> dict[str, Any]:
    """Return a branch's or service's value with what it has from its template.

    Raises SettingError where there is no such template.
    """
    if value.get("template") is None:
        return rules.alone(value)
    found = rows.template(session, kind, str(value["template"]))
    if found is None:
        raise SettingError("template", "there is no such template")
    return rules.followed(value, found.policy, kind)


def marked(thing: Thing, old: Value, new: dict[str, Any]) -> dict[str, Any]:
    """Make a follower's own what somebody gave another value."""
    if thing.subject not in _KINDS or new.get("template") is None:
        return new
    return rules.marked(old, new, kind_of(thing))


def followers(session: Session, template: Thing) -> list[Thing]:
    """List the branches or services that follow a template."""
    kind, _, code = template.name.partition(" ")
    return [
        things.branch(of.code) if row is None else things.service(of.code, row.letter)
        for of, row in rows.followers(session, kind, code)
    ]


def taking(
    session: Session, thing: Thing, value: Value, code: str, keep: Collection[str] = ()
) -> dict[str, Any]:
    """Return what a thing is as the follower of a template, with the settings in `keep` as its own.

    Raises SettingError for a template that is not there, or that is put away.
    """
    kind = kind_of(thing)
    row = rows.template(session, kind, code)
    if row is None or row.policy.get("archived"):
        raise SettingError("template", "there is no such template")
    taken = rules.taking_over(value, row.policy, kind, keep)
    return resolved(session, kind, {**taken, "template": code})


@dataclass(frozen=True, slots=True)
class Shown:
    """A template as those see it who rule or choose it, with what follows it."""

    kind: Kind
    code: str
    title: str
    version: int
    archived: bool
    followers: tuple[Thing, ...]


def shown(session: Session, kind: Kind | None = None) -> list[Shown]:
    """List the templates, of a kind or of both."""
    return [
        Shown(
            Kind(row.kind),
            row.code,
            row.title,
            row.version,
            bool(row.policy.get("archived")),
            tuple(followers(session, things.template(row.kind, row.code))),
        )
        for row in rows.templates(session)
        if kind in (None, row.kind)
    ]


def one_shown(session: Session, kind: str, code: str) -> Shown:
    """Return a template. Raises RuleBroken 404."""
    found = [each for each in shown(session) if (each.kind, each.code) == (kind, code)]
    if not found:
        raise RuleBroken(404, "not_found", what="template")
    return found[0]
