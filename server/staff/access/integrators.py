"""Programs of others: a token for each with what it may do, shown once; and one that is to come in no more."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.domain.access.roles import Permission
from server.domain.access.scopes import IntegratorScope
from server.services.access import integrators
from server.services.context import RuleBroken
from server.staff import staff_session
from server.staff.pages import zone
from server.staff.permissions import needs
from server.web.forms import CheckField, DayField, Form, SelectField, TextField, needed
from server.web.pages import go, page, read, tell, write
from server.web.request_context import request_context

pages = Blueprint("integrators", __name__)
AT = "/office/programs"
SCOPES = {
    IntegratorScope.RESERVATIONS_READ: _l("Read the reservations that it made"),
    IntegratorScope.RESERVATIONS_WRITE: _l("Book and cancel visits"),
    IntegratorScope.QUEUE_READ: _l("Read the queue in figures, also where the public may not"),
    IntegratorScope.FACTS: _l("Hear by webhook of what happens"),
}
_FIELDS = {IntegratorScope(scope): f"scope_{scope.name.lower()}" for scope in SCOPES}


class IntegratorForm(Form):
    """A program to be let in."""

    name = TextField(
        _l("Name of the program"),
        integrators.LONGEST_NAME,
        [needed(_l("Enter what colleagues call the program"))],
        hint=_l("Such as the city's app, or the booking system of another office"),
    )
    scope_reservations_read = CheckField(SCOPES[IntegratorScope.RESERVATIONS_READ])
    scope_reservations_write = CheckField(SCOPES[IntegratorScope.RESERVATIONS_WRITE])
    scope_queue_read = CheckField(SCOPES[IntegratorScope.QUEUE_READ])
    scope_facts = CheckField(SCOPES[IntegratorScope.FACTS])
    branch = SelectField(_l("Where it may do that"))
    last_day = DayField(
        _l("Last day of the token"), hint=_l("Left empty: until somebody revokes it. Such as 31 12 2027")
    )

    @property
    def scopes(self) -> frozenset[IntegratorScope]:
        """Return what was ticked."""
        return frozenset(scope for scope, name in _FIELDS.items() if getattr(self, name).data)

    @property
    def scope_fields(self) -> list[Any]:
        """List the fields of what a program may do."""
        return [getattr(self, name) for name in _FIELDS.values()]


@pages.get(AT)
@needs(Permission.SET_UP_OFFICE)
def show() -> ResponseReturnValue:
    """List the programs with what each may do and when it was here last."""
    found = read(lambda session, context: integrators.listed(session))
    return page(
        "access/integrators.html",
        _("Programs of others"),
        found=found,
        scopes={str(scope): words for scope, words in SCOPES.items()},
        now=request_context().now,
        last_day=lambda ends_at: (ends_at - timedelta(seconds=1)).astimezone(zone()).date(),
    )


@pages.route(AT + "/new", methods=["GET", "POST"])
@needs(Permission.SET_UP_OFFICE)
def new() -> ResponseReturnValue:
    """Let a program in, and show its token once."""
    form, by = IntegratorForm(), staff_session.me().id
    branches = request_context().office.branches.values()
    form.branch.choices = [("", _("In the whole office")), *((str(each.id), each.name) for each in branches)]
    if form.validate_on_submit():
        wanted = integrators.NewIntegrator(
            form.name.data,
            form.scopes,
            int(form.branch.data) if form.branch.data else None,
            _end_of(form.last_day.data, zone()),
        )
        try:
            _id, token = write(lambda session, context: integrators.add(session, context, wanted, by=by))
        except RuleBroken as broken:
            _say_at_field(form, broken)
        else:
            return page("access/integrator_token.html", wanted.name, token=token)
    return page("access/new_integrator.html", _("Let a program in"), form=form)


@pages.post(AT + "/<int:integrator_id>/revoke")
@needs(Permission.SET_UP_OFFICE)
def revoke(integrator_id: int) -> ResponseReturnValue:
    """Let a program come in no more, from its next request on."""
    by = staff_session.me().id
    write(lambda session, context: integrators.revoke(session, context, integrator_id, by=by))
    tell(_("The program is refused from now on."))
    return go("integrators.show")


def _say_at_field(form: IntegratorForm, broken: RuleBroken) -> None:
    places = {
        "scopes_missing": (form.scope_fields[0], _("Tick one thing at least that the program may do")),
        "expired": (form.last_day, _("Choose a day that is not over")),
    }
    if broken.reason not in places:
        raise broken
    field, words = places[broken.reason]
    field.errors = [words]


def _end_of(day: Any, where: ZoneInfo) -> datetime | None:
    """Return when a day is over."""
    return None if day is None else datetime.combine(day + timedelta(days=1), time.min, where)
