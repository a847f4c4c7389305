"""Templates of the head office: what branches and services take over, who follows, and what a change would do."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.domain.access.roles import Permission
from server.domain.office.reading import short
from server.domain.office.templates import Kind, is_own, settings_of
from server.services.context import RuleBroken
from server.services.office import editing, templates, things
from server.services.office.templates import Shown
from server.services.office.things import Thing
from server.staff.office import groups
from server.staff.office.branch_words import BRANCH_GROUPS
from server.staff.office.codec import Setting
from server.staff.office.described import Group, Words
from server.staff.office.editor import add_page, edit_page, saved
from server.staff.office.naming import TEMPLATES, thing_name
from server.staff.office.service_words import SERVICE_GROUPS
from server.staff.permissions import needs
from server.web.pages import go, page, read, tell

pages = Blueprint("templates", __name__)
AT = "/office/templates/<kind>"
_GROUPS = {Kind.BRANCH: BRANCH_GROUPS, Kind.SERVICE: SERVICE_GROUPS}
_TITLE = Setting("title", short(200), Words(_l("Title"), _l("As managers see it when they choose.")))
_CODE = Words(_l("Code"), _l("A word such as standard: it stands in the office's file and never changes."))


@pages.get("/office/templates")
@needs(Permission.SET_UP_OFFICE)
def show() -> ResponseReturnValue:
    """List the templates."""
    found = read(lambda session, context: templates.shown(session))
    return page("office/templates.html", _("Templates"), found=found, kinds=TEMPLATES)


@pages.route(f"{AT}/new", methods=["GET", "POST"])
@needs(Permission.SET_UP_OFFICE)
def add(kind: str) -> ResponseReturnValue:
    """Make a template, empty or with what a branch or a service has now."""
    of, source = _kind(kind), _source(_kind(kind))
    title = str(TEMPLATES[of])
    make = editing.add
    if source is not None:
        title = _("%(kind)s, made from: %(name)s", kind=title, name=thing_name(source))
        make = partial(editing.add_template_of, of=source)
    return add_page(
        lambda new: things.template(of, new["code"]),
        [groups.branch_code(_CODE), _TITLE],
        title,
        lambda new: url_for("templates.one", kind=of, code=new["code"]),
        make=make,
    )


def _source(kind: Kind) -> Thing | None:
    """Return the branch, or the service with `letter`, that a template is made from."""
    branch, letter = request.args.get("made_from"), request.args.get("letter", "")
    if branch is None:
        return None
    found = things.branch(branch) if kind is Kind.BRANCH else things.service(branch, letter)
    if read(lambda session, context: things.stated(session, found)) is None:
        abort(404)
    return found


@pages.get(f"{AT}/<code>")
@needs(Permission.SET_UP_OFFICE)
def one(kind: str, code: str) -> ResponseReturnValue:
    """Show a template: its settings by page, and what follows it."""
    return _one(_found(kind, code))


@pages.route(f"{AT}/<code>/<group>", methods=["GET", "POST"])
@needs(Permission.SET_UP_OFFICE)
def group(kind: str, code: str, group: str) -> ResponseReturnValue:
    """Show a group of settings of a template, or save it once it was shown what changes by it."""
    shown = _found(kind, code)
    settings, title = (
        ([_TITLE], _("Title"))
        if group == "title"
        else (_settings(shown.kind, group), _group_title(shown, group))
    )
    if not settings:
        abort(404)
    back = url_for("templates.one", kind=kind, code=code)
    return edit_page(things.template(kind, code), settings, f"{shown.title}: {title}", back)


@pages.post(f"{AT}/<code>/archive")
@needs(Permission.SET_UP_OFFICE)
def archive(kind: str, code: str) -> ResponseReturnValue:
    """Put a template away, or take it out again: nobody new can follow one that is put away."""
    wanted = not _found(kind, code).archived
    saved(lambda session, who: editing.archive(session, who, things.template(kind, code), wanted))
    tell(_("It is put away.") if wanted else _("It is in use again."))
    return go("templates.one", kind=kind, code=code)


@pages.post(f"{AT}/<code>/remove")
@needs(Permission.SET_UP_OFFICE)
def remove(kind: str, code: str) -> ResponseReturnValue:
    """Remove a template that nothing follows."""
    try:
        saved(lambda session, who: editing.remove(session, who, things.template(kind, code)))
    except RuleBroken as broken:
        if broken.reason != "in_use":
            raise
        return _one(_found(kind, code), is_refused=True)
    tell(_("Removed."))
    return go("templates.show")


@pages.post(f"{AT}/<code>/dissolve")
@needs(Permission.SET_UP_OFFICE)
def dissolve(kind: str, code: str) -> ResponseReturnValue:
    """Remove a template; what follows it keeps its present values as its own."""
    _found(kind, code)
    saved(lambda session, who: editing.remove_template(session, who, things.template(kind, code)))
    tell(_("Removed. Whoever followed it keeps the present values as their own."))
    return go("templates.show")


def _one(shown: Shown, *, is_refused: bool = False) -> ResponseReturnValue:
    return page(
        "office/template.html",
        shown.title,
        status=409 if is_refused else 200,
        is_refused=is_refused,
        shown=shown,
        kinds=TEMPLATES,
        groups={name: each for name, each in _GROUPS[shown.kind].items() if _settings(shown.kind, name)},
        thing_name=thing_name,
        back=url_for("templates.show"),
    )


def _kind(kind: str) -> Kind:
    if kind not in tuple(Kind):
        abort(404)
    return Kind(kind)


def _found(kind: str, code: str) -> Shown:
    of = _kind(kind)
    return read(lambda session, context: templates.one_shown(session, of, code))


def _settings(kind: Kind, group: str) -> list[Setting]:
    """List the settings of a page that a template rules."""
    of: Group | None = _GROUPS[kind].get(group)
    if of is None:
        return []
    made = groups.branch_group(group) if kind is Kind.BRANCH else groups.service_group(group)
    return [each for each in made if is_own(each.name, settings_of(kind))]


def _group_title(shown: Shown, group: str) -> object:
    of = _GROUPS[shown.kind].get(group)
    return of.title if of else ""
