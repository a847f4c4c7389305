"""Putting a trial of *What if?* in force from a day: what would change, what cannot, and what is planned."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.domain.access.roles import Permission
from server.domain.office.differences import Difference
from server.domain.office.reading import SettingError
from server.services.context import RuleBroken
from server.services.office import planned
from server.services.queue.what_if import Asked
from server.services.queue.what_if_settings import Cannot, settings_of
from server.staff import branches, staff_session
from server.staff.office.kinds import of_a_rule, told
from server.staff.office.naming import record_name, setting_name
from server.staff.permissions import needs
from server.staff.queue.what_if import asked_name, choices
from server.staff.queue.what_if_form import read_form
from server.web.pages import go, page, read, tell, write
from server.web.request_context import request_context
from server.web.times import read_day

pages = Blueprint("what_if_plan", __name__)
_CANNOT = {
    Cannot.ARRIVALS: _l("How many people come for %(name)s: no setting of the office rules that."),
    Cannot.COUNTER_HOURS: _l(
        "Counter %(name)s between two hours: a counter's services hold all day. A supervisor can set them in the "
        "hall for a while."
    ),
    Cannot.COUNTER_STATE: _l("Counter %(name)s open or closed: whoever works there opens and closes it."),
    Cannot.NO_HOURS: _l(
        "Tickets for %(name)s: there are no hours on that weekday that could begin otherwise."
    ),
    Cannot.OFFICE_CLOSED: _l(
        "Tickets for %(name)s: the office opens later. Change the opening hours of the branch first."
    ),
}
_REFUSED = {
    "not_to_come": _l("Choose a day to come: tomorrow at the earliest."),
    "changes_nothing": _l("All this is so already: there is nothing to put in force."),
    "changed_meanwhile": _l("Somebody changed these settings meanwhile. Look at them again."),
}
_PROBLEMS = {
    planned.CHANGED_MEANWHILE: _l("Not made: somebody changed these settings meanwhile."),
    planned.DOES_NOT_FIT: _l("Not made: these settings did not fit on that day."),
    planned.GIVEN_UP: _l("Given up before its day."),
}


@pages.route(branches.AT + "/what-if/put-in-force", methods=["GET", "POST"])
@needs(Permission.CHANGE_RULES)
def confirm() -> ResponseReturnValue:
    """Show what would change from a day on, or plan it."""
    branch = branches.here()
    said = request.args if request.method == "GET" else request.form
    form = read_form(said, branch)
    tomorrow = branch.policy.business_day(request_context().now) + timedelta(days=1)
    if form.errors or not form.asked.tried:
        tell(_("Set first what should be otherwise."))
        return go("what_if.show", **_address(said))
    day, error = read_day(said.get("from_day", "")) or tomorrow, ""
    if request.method == "POST":
        error = _plan(form.asked, day)
        if not error:
            tell(_("Planned. It is made at the beginning of that day; until then nothing changes."))
            return go("what_if_plan.show")
    wanted, cannot = read(lambda session, context: settings_of(session, branch, form.asked))
    differing = read(lambda session, context: planned.differing(session, wanted))
    return page(
        "queue/what_if_plan.html",
        _("Put in force"),
        status=422 if error else 200,
        of=asked_name(form.asked),
        choices=choices(branch, form.asked),
        differing=differing,
        cannot=[str(_CANNOT[why]) % {"name": name} for why, name in cannot],
        seen=read(lambda session, context: planned.seen_of(session, wanted)),
        typed=_address(said),
        day=day.isoformat(),
        tomorrow=tomorrow.isoformat(),
        error=error,
        back=url_for("what_if.show", **_address(said)),
        record_name=record_name,
        setting_name=setting_name,
        told=told,
    )


def _plan(asked: Asked, day: Any) -> str:
    """Plan a trial for a day; return what is wrong with it."""
    branch, me, seen = branches.here(), staff_session.me(), request.form.get("seen", "")

    def work(session: Any, context: Any) -> None:
        wanted, _cannot = settings_of(session, branch, asked)
        planned.plan(session, context, branch, day, wanted, seen=seen, by=me.id)

    try:
        write(work)
    except SettingError as error:
        return _("These settings do not fit: %(why)s", why=of_a_rule(error.problem))
    except RuleBroken as broken:
        if broken.reason not in _REFUSED:
            raise
        return str(_REFUSED[broken.reason])
    return ""


@pages.get(branches.AT + "/what-if/planned")
@needs(Permission.TRY_WHAT_IF)
def show() -> ResponseReturnValue:
    """List what is planned, was made and was given up."""
    branch = branches.here()
    found = read(lambda session, context: planned.plans(session, branch))
    return page(
        "queue/what_if_planned.html",
        _("Planned changes"),
        found=[
            (
                each,
                [
                    (thing, [Difference(name, None, value) for name, value in said.items()])
                    for thing, said in each.settings
                ],
            )
            for each in found
        ],
        problems=_PROBLEMS,
        record_name=record_name,
        setting_name=setting_name,
        told=told,
    )


@pages.post(branches.AT + "/what-if/planned/<int:plan_id>/give-up")
@needs(Permission.CHANGE_RULES)
def give_up(plan_id: int) -> ResponseReturnValue:
    """Give a planned change up."""
    branch, me = branches.here(), staff_session.me()
    try:
        write(lambda session, context: planned.give_up(session, context, branch, plan_id, me.id))
    except RuleBroken as broken:
        if broken.reason != "done_already":
            raise
        tell(_("It is too late: this change was made or given up already."))
    else:
        tell(_("The planned change is given up."))
    return go("what_if_plan.show")


def _address(said: Any) -> dict[str, Any]:
    left_out = ("csrf_token", "seen", "from_day", "branch", "name")
    return {name: value for name, value in said.items() if name not in left_out and value}
