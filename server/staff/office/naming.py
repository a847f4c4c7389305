"""How pages call the settings and things of the office where they stand outside their own forms."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.domain.messages.wording import Part
from server.domain.office.publisher import CLAUSE, TERMS
from server.domain.office.templates import Kind
from server.services.office.things import Subject, Thing
from server.staff import languages
from server.staff.office.branch_words import BRANCH
from server.staff.office.described import Words
from server.staff.office.message_names import MESSAGES
from server.staff.office.publisher_words import PUBLISHER
from server.staff.office.service_words import SERVICE
from server.staff.office.wording_words import PARTS
from server.web.request_context import request_context
from wire.vocabulary import MessageKind

PUBLICATIONS = {TERMS: _l("Terms of booking"), CLAUSE: _l("Information clause on personal data")}
TEMPLATES = {Kind.BRANCH: _l("Template of branches"), Kind.SERVICE: _l("Template of services")}
_SUBJECTS = {
    Subject.BRANCH: _l("Branch"),
    Subject.HALL: _l("Hall"),
    Subject.SERVICE: _l("Service"),
    Subject.COUNTER: _l("Counter"),
    Subject.ORDER: _l("Order of services"),
    Subject.PUBLISHER: _l("Publisher of the pages"),
}
_WORDS = (
    PUBLISHER
    | SERVICE
    | BRANCH
    | {
        "hall": Words(_l("Hall")),
        "services": Words(_l("Services")),
        "archived": Words(_l("put away")),
        "template": Words(_l("Template")),
        "title": Words(_l("Title")),
        "since": Words(_l("Holds from this day on")),
        "text": Words(_l("Text")),
        "messages": Words(_l("Messages to visitors")),
    }
)


def setting_name(name: str) -> str:
    """Write the name of a setting as its page does, with what stands below it."""
    if name.startswith("own."):
        return _("Own value: %(setting)s", setting=setting_name(name.removeprefix("own.")))
    parts = name.split(".")
    if parts[0] == "messages" and len(parts) == 4:
        kind, language, of = parts[1:]
        return f"{MESSAGES[MessageKind(kind)]} – {languages.named(language)}: {PARTS[Part(of)]}"
    for count in range(len(parts), 0, -1):
        known = _WORDS.get(".".join(parts[:count]))
        if known:
            return ": ".join([str(known.label), *parts[count:]])
    return name


def record_name(thing: Thing) -> str:
    """Write what kind of thing was changed, and which of its kind."""
    if thing.subject in (Subject.ORDER, Subject.PUBLISHER):
        return str(_SUBJECTS[thing.subject])
    if thing.subject in (Subject.PUBLICATION, Subject.TEMPLATE):
        kind, _space, name = thing.name.partition(" ")
        named = {str(each): words for each, words in [*PUBLICATIONS.items(), *TEMPLATES.items()]}[kind]
        return f"{named}: {name}"
    return f"{_SUBJECTS[thing.subject]} {thing.name}"


def thing_name(thing: Thing) -> str:
    """Write which branch, or which service of which branch, a thing is."""
    branch = request_context().office.branch_named(thing.branch or "")
    if branch is None:
        return thing.name
    service = branch.services.get(thing.name) if thing.subject is Subject.SERVICE else None
    return (
        branch.name
        if service is None
        else f"{branch.name}: {service.letter} {service.name(languages.current())}"
    )
