"""What a branch or a service follows, as its forms of settings show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from server.domain.office.differences import part
from server.domain.office.templates import Kind, is_own, own_of, settings_of
from server.services.office import templates, things
from server.services.office.things import Subject, Thing
from server.staff.office.codec import Setting
from server.staff.office.kinds import told
from server.web.pages import read


@dataclass(frozen=True, slots=True)
class Following:
    """Which template a thing follows, and which settings are its own."""

    title: str
    kind: Kind
    own: frozenset[str]
    says: Mapping[str, Any]

    def state_of(self, name: str) -> str:
        """Say whether a setting is the `template`'s or the thing's `own`; nothing where no template rules it."""
        if not is_own(name, settings_of(self.kind)):
            return ""
        return "own" if is_own(name, self.own) else "template"

    def said_of(self, setting: Setting) -> str:
        """Write what the template says of a setting, its default where it says nothing."""
        said = part(self.says, [setting.name]).get(setting.name, setting.default)
        return told(said) or _("nothing")


def following_of(thing: Thing, value: Mapping[str, Any]) -> Following | None:
    """Say what a thing follows; None for one that follows no template."""
    if not value.get("template") or thing.subject not in (Subject.BRANCH, Subject.SERVICE):
        return None
    kind = templates.kind_of(thing)
    template = things.template(kind, value["template"])
    says = read(lambda session, context: things.stated(session, template)) or {}
    return Following(says.get("title", ""), kind, own_of(value), says)
