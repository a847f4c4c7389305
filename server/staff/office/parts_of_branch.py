"""Halls, services and counters of a branch: made, changed, put away and removed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from server.domain.access.roles import Permission
from server.domain.office.first_steps import Step
from server.domain.office.reading import SettingError
from server.domain.office.templates import Kind
from server.services.context import RuleBroken
from server.services.office import editing, records, things
from server.services.office.things import Subject, Thing
from server.staff import branches, languages
from server.staff.office import groups
from server.staff.office.codec import Setting
from server.staff.office.described import Words
from server.staff.office.editor import add_page, edit_page, saved
from server.staff.office.kinds import of_a_rule
from server.staff.office.service_words import SERVICE_GROUPS
from server.staff.office.template_choice import template_of_new
from server.staff.permissions import needs
from server.web.pages import go, page, read, tell

pages = Blueprint("parts_of_branch", __name__)
SUBJECTS = {"halls": Subject.HALL, "services": Subject.SERVICE, "counters": Subject.COUNTER}
NEW = {"halls": _l("New hall"), "services": _l("New service"), "counters": _l("New counter")}
_WAYS = {"up": -1, "down": 1}
_USES = {
    "ticket": _l("tickets"),
    "reservation": _l("reservations"),
    "slot": _l("hours that can be booked (put the service away: hours that nobody used go by themselves)"),
    "counter": _l("counters"),
    "counter_service": _l("counters that serve it"),
    "device": _l("devices"),
    "help_counter": _l("the setting: counter that helps"),
    "information_service": _l("the setting: service that answers questions"),
}


@pages.route("/at/<branch>/settings/<kind>/new", methods=["GET", "POST"])
@needs(Permission.SET_UP)
def add(kind: str) -> ResponseReturnValue:
    """Make a hall, a service or a counter."""
    code, subject = branches.here().code, _subject(kind)
    settings = [name_of(subject), *settings_of(subject)]
    if subject is Subject.SERVICE:
        settings += template_of_new(Kind.SERVICE)
    return add_page(lambda new: named(subject, code, new), settings, str(NEW[kind]), url_for("set_up.show"))


@pages.route("/at/<branch>/settings/<kind>/<int:row_id>", methods=["GET", "POST"])
@needs(Permission.SET_UP)
def show(kind: str, row_id: int) -> ResponseReturnValue:
    """Show a hall or a counter with its settings, a service with the pages of its settings."""
    thing, value = _found(kind, row_id)
    more = {"kind": kind, "row_id": row_id, "archived": value.get("archived", False)}
    if thing.subject is not Subject.SERVICE:
        in_order = value.get("services", [])
        settings = settings_of(thing.subject, in_order)
        return edit_page(thing, settings, _title(thing, value), _back(), in_order=in_order, **more)
    return page(
        "office/service.html", _title(thing, value), groups=SERVICE_GROUPS, letter=thing.name, uses=(), **more
    )


@pages.route("/at/<branch>/settings/service/<int:row_id>/<group>", methods=["GET", "POST"])
@needs(Permission.SET_UP)
def group(row_id: int, group: str) -> ResponseReturnValue:
    """Show a group of settings of a service, or save it."""
    if group not in SERVICE_GROUPS:
        abort(404)
    thing, value = _found("services", row_id)
    back = url_for("parts_of_branch.show", kind="services", row_id=row_id)
    title = f"{_title(thing, value)}: {SERVICE_GROUPS[group].title}"
    return edit_page(thing, groups.service_group(group), title, back)


@pages.post("/at/<branch>/settings/<kind>/<int:row_id>/archive")
@needs(Permission.SET_UP)
def archive(kind: str, row_id: int) -> ResponseReturnValue:
    """Put something away, or take it out again."""
    thing, value = _found(kind, row_id)
    wanted = not value.get("archived", False)
    try:
        saved(lambda session, who: editing.archive(session, who, thing, wanted))
    except SettingError as error:
        return _refused(kind, row_id, _title(thing, value), of_a_rule(error.problem))
    tell(_("It is put away.") if wanted else _("It is in use again."))
    return go("parts_of_branch.show", kind=kind, row_id=row_id)


@pages.post("/at/<branch>/settings/<kind>/<int:row_id>/remove")
@needs(Permission.SET_UP)
def remove(kind: str, row_id: int) -> ResponseReturnValue:
    """Remove what nothing uses; else say what uses it, and offer to put it away."""
    thing, value = _found(kind, row_id)
    try:
        saved(lambda session, who: editing.remove(session, who, thing))
    except RuleBroken as broken:
        if broken.reason != "in_use":
            raise
        uses: Any = broken.facts["uses"]
        return _refused(kind, row_id, _title(thing, value), None, uses, value.get("archived", False))
    tell(_("Removed."))
    return go("set_up.show")


@pages.post("/at/<branch>/settings/services/<int:row_id>/up")
@needs(Permission.SET_UP)
def up(row_id: int) -> ResponseReturnValue:
    """Show a service one place earlier."""
    thing, _value = _found("services", row_id)
    order = things.order(branches.here().code)

    def work(session: Any, who: editing.Author) -> None:
        letters = list((things.stated(session, order) or {})["services"])
        place = letters.index(thing.name)
        if place:
            letters[place - 1 : place + 1] = [letters[place], letters[place - 1]]
            editing.change_alone(session, who, order, {"services": letters})

    saved(work)
    return go("set_up.show")


@pages.post("/at/<branch>/settings/counters/<int:row_id>/services/<letter>/<way>")
@needs(Permission.SET_UP)
def move(row_id: int, letter: str, way: str) -> ResponseReturnValue:
    """Move a service one place up or down in the order of a counter."""
    thing, _value = _found("counters", row_id)
    if way not in _WAYS:
        abort(404)

    def work(session: Any, who: editing.Author) -> None:
        value = things.stated(session, thing) or {}
        letters = list(value["services"])
        if letter in letters:
            place = letters.index(letter)
            letters.pop(place)
            letters.insert(max(0, place + _WAYS[way]), letter)
            editing.change_alone(session, who, thing, value | {"services": letters})

    saved(work)
    return redirect(url_for("parts_of_branch.show", kind="counters", row_id=row_id) + "#order", 303)


def _refused(
    kind: str, row_id: int, title: str, why: str | None, uses: Any = None, archived: bool = False
) -> ResponseReturnValue:
    words = [
        f"{_USES[name]}: {count}"
        if name in _USES
        else ngettext("%(num)s other record", "%(num)s other records", count)
        for name, count in (uses or {}).items()
    ]
    return page(
        "office/in_use.html",
        title,
        status=409,
        why=why,
        uses=words,
        kind=kind,
        row_id=row_id,
        archived=archived,
    )


def named(subject: Subject, branch: str, new: Mapping[str, Any]) -> Thing:
    """Name the thing that a form makes: the first field says its own name."""
    return Thing(subject, str(new[name_of(subject).name]), branch)


def _subject(kind: str) -> Subject:
    if kind not in SUBJECTS:
        abort(404)
    return SUBJECTS[kind]


def _back() -> str:
    """Return where a page leads back to: the settings, or the step of the guide that opened it."""
    step = request.args.get("guide")
    return url_for("guide.step", step=step) if step in tuple(Step) else url_for("set_up.show")


def _found(kind: str, row_id: int) -> tuple[Thing, dict[str, Any]]:
    subject, branch_id = _subject(kind), branches.here().id
    return read(lambda session, context: records.thing_by_id(session, subject, branch_id, row_id))


def _title(thing: Thing, value: dict[str, Any]) -> str:
    if thing.subject is Subject.COUNTER:
        return _("Counter %(number)s", number=thing.name)
    if thing.subject is Subject.HALL:
        return str(value["name"])
    return spoken(value["names"]) or thing.name


def spoken(names: Mapping[str, str]) -> str:
    """Return a service's name in the language of the page, else in any."""
    return names.get(languages.current()) or next(iter(names.values()), "")


def settings_of(subject: Subject, first: Sequence[str] = ()) -> list[Setting]:
    """List what is asked of a new thing; of a service the rest has pages of its own.

    The services of a counter are offered with its own `first`, so that saving keeps their order.
    """
    branch = branches.here()
    if subject is Subject.HALL:
        return groups.hall_settings(Words(_l("Name of the hall"), _l("As on slips and boards.")))
    if subject is Subject.SERVICE:
        return groups.service_group("service")[:1]
    halls, letters = [*branch.halls], [*dict.fromkeys([*first, *branch.services])]
    strict = Words(
        _l("Strictly in their order"),
        _l("As long as somebody waits for the first service, it is called before the next one."),
    )
    return groups.counter_settings(halls, letters, Words(_l("Hall")), Words(_l("Services")), strict)


def name_of(subject: Subject) -> Setting:
    """Make the field of a new thing's own name."""
    if subject is Subject.HALL:
        return groups.hall_code(Words(_l("Code"), _l("Up to ten characters; it never changes.")))
    if subject is Subject.SERVICE:
        help_text = _l("A to Z; the numbers of tickets begin with it. O and I look like 0 and 1.")
        return groups.service_letter(Words(_l("Letter"), help_text))
    return groups.counter_number(Words(_l("Number"), _l("1 to 999, as it stands above the counter.")))
