"""What was changed in the office, as a difference of old and new, and taking it back."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.domain.access.roles import Permission
from server.domain.office.reading import SettingError
from server.services.context import RuleBroken
from server.services.office import editing, records
from server.staff import branches
from server.staff.office.editor import saved
from server.staff.office.kinds import of_a_rule, told
from server.staff.office.naming import record_name, setting_name
from server.staff.permissions import needs
from server.web.pages import go, page, read, tell

pages = Blueprint("records", __name__)
_REASONS = {
    "taken_back_already": _l("This change was taken back already."),
    "changed_since": _l("It was changed again since: change the setting itself."),
    "in_use": _l("It is in use by now and cannot be removed; it can be put away."),
}


@pages.get("/at/<branch>/records")
@needs(Permission.SEE_RECORDS)
def show() -> ResponseReturnValue:
    """Show the changes of the branch."""
    return _page(branches.here().id)


@pages.get("/office/records")
@needs(Permission.SEE_RECORDS)
def office() -> ResponseReturnValue:
    """Show the changes that concern no branch alone."""
    return _page(None)


@pages.post("/at/<branch>/records/<int:change_id>/take-back")
@needs(Permission.SET_UP)
def take_back(change_id: int) -> ResponseReturnValue:
    """Take a change of the branch back."""
    return _take_back(change_id, branches.here().id, "records.show")


@pages.post("/office/records/<int:change_id>/take-back")
@needs(Permission.SET_UP_OFFICE)
def take_back_office(change_id: int) -> ResponseReturnValue:
    """Take a change back that concerns no branch alone."""
    return _take_back(change_id, None, "records.office")


def _take_back(change_id: int, branch_id: int | None, back: str) -> ResponseReturnValue:
    try:
        saved(lambda session, who: editing.take_back(session, who, change_id, branch_id))
    except SettingError as error:
        return _page(
            branch_id, _("The old value does not fit any more: %(why)s", why=of_a_rule(error.problem))
        )
    except RuleBroken as broken:
        if broken.reason not in _REASONS:
            raise
        return _page(branch_id, str(_REASONS[broken.reason]))
    tell(_("Taken back: the old value holds again."))
    return go(back)


def _page(branch_id: int | None, refused: str | None = None) -> ResponseReturnValue:
    before = request.args.get("before", "")
    before_id = int(before) if before.isascii() and before.isdecimal() and len(before) < 18 else None
    found = read(lambda session, context: records.records(session, branch_id, before_id))
    return page(
        "office/records.html",
        _("Changes"),
        status=200 if refused is None else 409,
        found=found,
        refused=refused,
        record_name=record_name,
        setting_name=setting_name,
        told=told,
        more=found[-1].id if len(found) == records.PAGE else None,
        is_office=branch_id is None,
    )
