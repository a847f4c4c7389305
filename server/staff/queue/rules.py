"""The rules of calling: what they are, and what others would make of the line before they are switched on."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.domain.access.roles import Permission
from server.domain.office.differences import digest, part
from server.domain.office.policies import BranchPolicy, branch_policy
from server.domain.office.reading import SettingError
from server.domain.queue.order import Lane
from server.services.office import editing, things
from server.services.office.editing import ChangedMeanwhile
from server.services.queue.rules_preview import preview_rules
from server.staff import branches
from server.staff.office.editor import saved
from server.staff.permissions import needs, permitted
from server.web.forms import Form, TextField, needed
from server.web.pages import go, page, read, tell

pages = Blueprint("rules", __name__)
_NUMBER = {"inputmode": "numeric"}
LANES = {
    Lane.URGENT: _l("urgent"),
    Lane.PRIORITY: _l("priority"),
    Lane.BOOKED: _l("with a reservation"),
    Lane.WALK_IN: _l("without a reservation"),
}
SEEN = "seen"


class RulesForm(Form):
    """The figures by which a branch merges its lanes."""

    call_lead_minutes = TextField(
        _l("Booked visitors are due so many minutes before their hour"), 4, [needed(_l("Enter a number"))]
    )
    overdue_minutes = TextField(
        _l("Booked visitors come first so many minutes past their hour"), 4, [needed(_l("Enter a number"))]
    )
    maximum_wait_minutes = TextField(
        _l("Others come before booked visitors after so many minutes of waiting"),
        4,
        [needed(_l("Enter a number"))],
    )
    priority_every = TextField(
        _l("At most one of so many calls is a priority visitor's by right"), 4, [needed(_l("Enter a number"))]
    )


NAMES = tuple(name for name in vars(RulesForm) if name in BranchPolicy.__dataclass_fields__)


@pages.route(branches.AT + "/rules", methods=["GET", "POST"])
@needs(Permission.SEE_RULES)
def show() -> ResponseReturnValue:
    """Show the rules, and beside them what the typed ones would do to the line of now; nothing is changed."""
    branch = branches.here()
    stated = read(lambda session, context: things.stated(session, things.branch(branch.code))) or {}
    form = RulesForm(data={name: str(getattr(branch.policy, name)) for name in NAMES})
    rules = branch.policy
    if form.validate_on_submit():
        rules = _typed(form, stated) or rules
    is_other = any(getattr(rules, name) != getattr(branch.policy, name) for name in NAMES)
    policies = (branch.policy.calling, rules.calling) if is_other else (rules.calling,)
    halls = [
        (hall, read(partial(preview_rules, hall=hall, policies=policies))) for hall in branch.halls.values()
    ]
    return page(
        "queue/rules.html",
        _("Calling rules"),
        form=form,
        halls=halls,
        is_other=is_other,
        lanes=LANES,
        seen=digest(part(stated, NAMES)),
        may_change=permitted(Permission.CHANGE_RULES),
        typed={name: getattr(rules, name) for name in NAMES},
        zone=rules.zone,
    )


@pages.post(branches.AT + "/rules/switch-on")
@needs(Permission.CHANGE_RULES)
def switch_on() -> ResponseReturnValue:
    """Let the branch call by the rules that were looked at."""
    thing = things.branch(branches.here().code)
    said = {name: _number(request.form.get(name, "")) for name in NAMES}
    seen = request.form.get(SEEN, "")
    try:
        saved(lambda session, who: editing.edit(session, who, thing, said, names=NAMES, seen=seen))
    except ChangedMeanwhile:
        tell(_("Somebody else changed the rules meanwhile. Look at them again."))
    except SettingError:
        tell(_("These rules do not fit. Nothing was changed."))
    else:
        tell(_("The branch calls by these rules now."))
    return go("rules.show")


def _typed(form: RulesForm, stated: dict[str, Any]) -> BranchPolicy | None:
    """Return the branch's policy with the typed figures; None with the mistake at its field."""
    settings = {name: value for name, value in stated.items() if name in BranchPolicy.__dataclass_fields__}
    try:
        return branch_policy(settings | {name: _number(form[name].data) for name in NAMES})
    except SettingError as error:
        field = form[error.key] if error.key in NAMES else form.call_lead_minutes
        field.errors = [_("Enter a whole number that is not too large")]
        return None


def _number(text: str) -> int | str:
    """Read a whole number; what is none stays as it is, for the policy to refuse."""
    return int(text) if text.isascii() and text.isdigit() else text
