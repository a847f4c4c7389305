"""What a branch or a service follows, as its forms of settings show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from server.domain.office.templates import Kind, is_own, own_of, settings_of
from server.services.office import templates
from server.services.office.things import Subject, Thing
from server.web.pages import read


@dataclass(frozen=True, slots=True)
class Following:
    """Which template a thing follows, and which settings are its own."""

    title: str
    kind: Kind
    own: frozenset[str]

    def state_of(self, name: str) -> str:
        """Say whether a setting is the `template`'s or the thing's `own`; nothing where no template rules it."""
        if not is_own(name, settings_of(self.kind)):
            return ""
        return "own" if is_own(name, self.own) else "template"


def following_of(thing: Thing, value: Mapping[str, Any]) -> Following | None:
    """Say what a thing follows; None for one that follows no template."""
    if not value.get("template") or thing.subject not in (Subject.BRANCH, Subject.SERVICE):
        return None
    kind = templates.kind_of(thing)
    shown = read(lambda session, context: templates.one_shown(session, kind, value["template"]))
    return Following(shown.title, kind, own_of(value))
