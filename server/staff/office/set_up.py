"""The settings of a branch: what there is at a glance, and each group of settings on a page of its own."""

from __future__ import annotations

from flask import Blueprint, abort, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.domain.access.roles import Permission
from server.domain.office.templates import Kind
from server.services.office import editing, things
from server.services.office.settings import CounterView
from server.staff import branches, staff_session
from server.staff.office import groups, guide
from server.staff.office.branch_words import BRANCH_GROUPS
from server.staff.office.described import Words
from server.staff.office.editor import add_page, edit_page, saved
from server.staff.office.publisher_words import PUBLISHER_GROUPS
from server.staff.office.template_choice import template_of_new
from server.staff.permissions import needs
from server.web.pages import go, page, tell
from server.web.request_context import request_context

pages = Blueprint("set_up", __name__)
_CODE = Words(_l("Code"), _l("A word such as wroclaw: it stands in addresses and never changes."))


@pages.get("/at/<branch>/settings")
@needs(Permission.SET_UP)
def show() -> ResponseReturnValue:
    """Show all that there is to be set up at the branch."""
    branch, office = branches.here(), request_context().office
    problems = [each for each in office.problems() if each.startswith(f"{branch.code}/")]
    counters = sorted(branch.counters.values(), key=lambda each: each.number)
    return page(
        "office/set_up.html",
        _("Settings"),
        groups=BRANCH_GROUPS,
        services=list(branch.services.values()),
        counters=[(each, _letters(each), office.halls[each.hall_id]) for each in counters],
        halls=list(branch.halls.values()),
        problems=problems,
        not_stated=office.publisher.not_stated(),
        archived=branch.policy.archived,
        progress=guide.progress(branch),
        is_of_the_office=staff_session.me().may(Permission.SET_UP_OFFICE),
    )


@pages.route("/at/<branch>/settings/<group>", methods=["GET", "POST"])
@needs(Permission.SET_UP)
def group(group: str) -> ResponseReturnValue:
    """Show a group of settings of the branch, or save it."""
    if group not in BRANCH_GROUPS:
        abort(404)
    thing = things.branch(branches.here().code)
    settings = groups.branch_group(group)
    return edit_page(thing, settings, str(BRANCH_GROUPS[group].title), url_for("set_up.show"))


@pages.post("/at/<branch>/settings/archive")
@needs(Permission.SET_UP_OFFICE)
def archive() -> ResponseReturnValue:
    """Put the branch away, or take it out again."""
    branch = branches.here()
    thing, wanted = things.branch(branch.code), not branch.policy.archived
    saved(lambda session, who: editing.archive(session, who, thing, wanted))
    tell(_("The branch is put away.") if wanted else _("The branch is in use again."))
    return go("set_up.show")


@pages.route("/office/branches/new", methods=["GET", "POST"])
@needs(Permission.SET_UP_OFFICE)
def add_branch() -> ResponseReturnValue:
    """Make a branch."""
    settings = [
        groups.branch_code(_CODE),
        *groups.branch_group("branch")[:1],
        *template_of_new(Kind.BRANCH),
    ]
    return add_page(
        lambda new: things.branch(new["code"]),
        settings,
        _("New branch"),
        lambda new: url_for("guide.show", branch=new["code"]),
    )


@pages.route("/office/publisher/<group>", methods=["GET", "POST"])
@needs(Permission.SET_UP_OFFICE)
def publisher(group: str) -> ResponseReturnValue:
    """Show what the office states as the publisher of the pages, or save it."""
    if group not in PUBLISHER_GROUPS:
        abort(404)
    title = str(PUBLISHER_GROUPS[group].title)
    return edit_page(things.PUBLISHER, groups.publisher_group(group), title, url_for("set_up.office"))


@pages.get("/office")
@needs(Permission.SET_UP_OFFICE)
def office() -> ResponseReturnValue:
    """Show what is set up for all branches."""
    not_stated = request_context().office.publisher.not_stated()
    return page(
        "office/office_settings.html", _("The whole office"), groups=PUBLISHER_GROUPS, not_stated=not_stated
    )


def _letters(counter: CounterView) -> str:
    services = request_context().office.services
    return (" → " if counter.strict_order else ", ").join(
        services[each].letter for each in counter.service_ids
    )
