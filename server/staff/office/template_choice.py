"""A branch or a service chooses the template that it follows, having seen what changes by it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.domain.access.roles import Permission
from server.domain.office.differences import Difference, part
from server.domain.office.reading import OneOf, SettingError
from server.domain.office.templates import Kind, own_of, settings_of
from server.services.context import Context
from server.services.office import editing, records, templates, things
from server.services.office.templates import Shown
from server.services.office.things import Subject, Thing
from server.services.store_types import Session
from server.staff import branches, staff_session
from server.staff.office.codec import Setting
from server.staff.office.described import Words
from server.staff.office.editor import saved
from server.staff.office.kinds import of_a_rule, told
from server.staff.office.naming import setting_name, thing_name
from server.staff.permissions import needs
from server.web.pages import page, read, tell

pages = Blueprint("template_choice", __name__)


@dataclass(frozen=True, slots=True)
class _Choice:
    """The templates that a thing can follow, the one it follows, and what another one would change."""

    found: list[Shown]
    now: Shown | None
    own: list[str]
    wanted: str
    would_change: list[Difference]


@pages.route("/at/<branch>/settings/template", methods=["GET", "POST"])
@needs(Permission.SET_UP)
def branch() -> ResponseReturnValue:
    """Choose the template of the branch."""
    return _page(things.branch(branches.here().code), url_for("set_up.show"))


@pages.route("/at/<branch>/settings/service/<int:row_id>/template", methods=["GET", "POST"])
@needs(Permission.SET_UP)
def service(row_id: int) -> ResponseReturnValue:
    """Choose the template of a service."""
    branch_id = branches.here().id
    thing, _value = read(
        lambda session, context: records.thing_by_id(session, Subject.SERVICE, branch_id, row_id)
    )
    return _page(thing, url_for("parts_of_branch.show", kind="services", row_id=row_id))


def template_of_new(kind: Kind) -> list[Setting]:
    """Let a new branch or service follow a template, where there is one; a service may leave its name to it."""
    found = read(lambda session, context: templates.shown(session, kind))
    names = {each.code: each.title for each in found if not each.archived}
    words = Words(
        _l("Template"), _l("Its values are taken over; what is left empty above comes from it, too.")
    )
    return [Setting("template", OneOf(tuple(names)), words, names=names)] if names else []


def _page(thing: Thing, back: str) -> ResponseReturnValue:
    if request.method == "GET":
        return _shown(thing, back)
    here, code, keep = request.path, request.form.get("template", ""), request.form.getlist("keep")
    try:
        if "again" in request.form:
            name = request.form["again"]
            saved(lambda session, who: editing.follow_again(session, who, thing, [name]))
            tell(_("As the template says again: %(setting)s", setting=setting_name(name)))
        elif "leave" in request.form:
            saved(lambda session, who: editing.leave_template(session, who, thing))
            tell(_("No template is followed any more. All values stay as they are."))
        else:
            saved(lambda session, who: editing.follow(session, who, thing, code, keep))
            tell(_("The template is followed."))
    except SettingError as error:
        return _shown(thing, back, of_a_rule(error.problem))
    return "", 303, {"Location": here}


def _shown(thing: Thing, back: str, refused: str = "") -> ResponseReturnValue:
    wanted = request.values.get("template", "")
    return page(
        "office/template_choice.html",
        _("Template"),
        status=422 if refused else 200,
        refused=refused,
        choice=read(lambda session, context: _choice(session, context, thing, wanted)),
        name=thing_name(thing),
        new_from=_new_from(thing) if staff_session.me().may(Permission.SET_UP_OFFICE) else "",
        setting_name=setting_name,
        told=told,
        back=back,
    )


def _new_from(thing: Thing) -> str:
    """Return the address at which the head office makes a template from a branch or a service."""
    kind = templates.kind_of(thing)
    if kind is Kind.BRANCH:
        return url_for("templates.add", kind=kind, made_from=thing.name)
    return url_for("templates.add", kind=kind, made_from=thing.branch, letter=thing.name)


def _choice(session: Session, _context: Context, thing: Thing, wanted: str) -> _Choice:
    value, kind = things.stated(session, thing) or {}, templates.kind_of(thing)
    found = templates.shown(session, kind)
    now = next((each for each in found if each.code == value.get("template")), None)
    free = [each for each in found if not each.archived]
    would_change: list[Difference] = []
    if any(each.code == wanted for each in free):
        then = templates.taking(session, thing, value, wanted)
        for name in settings_of(kind):
            old, new = (part(each, [name]).get(name) for each in (value, then))
            if old != new:
                would_change.append(Difference(name, old, new))
    else:
        wanted = ""
    return _Choice(free, now, sorted(own_of(value)), wanted, would_change)
