"""The devices of a branch: how they are, a code and a QR for a new one, and one that is to come in no more."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.api import authentication
from server.domain.access.roles import Permission
from server.services.access import devices, staff_codes
from server.services.context import RuleBroken
from server.services.office.settings import BranchView
from server.staff import branches
from server.staff.device_names import device_name
from server.staff.permissions import needs
from server.staff.staff_session import me
from server.web import qr
from server.web.forms import ChoiceField, Form, SelectField, TextField, needed
from server.web.pages import go, page, read, tell, write
from wire.codes import enrolment_text
from wire.vocabulary import DeviceRole

pages = Blueprint("devices", __name__)
ROLES = {
    DeviceRole.KIOSK: _l("Kiosk"),
    DeviceRole.BOARD: _l("Board"),
    DeviceRole.COUNTER: _l("Counter program"),
}
_PARTS = {
    "printer": _l("printer"),
    "roll": _l("paper roll"),
    "second_printer": _l("second printer"),
    "second_roll": _l("second paper roll"),
    "paper": _l("paper"),
    "scanner": _l("scanner"),
    "clock": _l("clock"),
    "version": _l("version"),
    "offline_entries": _l("tickets not sent yet:"),
}
# The words of a report, and whether all is well with them.
_WORDS = {
    "ready": _l("ready"),
    "ok": _l("in order"),
    "printing": _l("printing"),
    "low": _l("running low"),
    "paper_low": _l("paper running low"),
    "out": _l("out"),
    "paper_out": _l("out of paper"),
    "ending": _l("ends soon"),
    "cover_open": _l("cover open"),
    "offline": _l("offline"),
    "no_answer": _l("does not answer"),
    "disconnected": _l("not connected"),
    "lost": _l("not found"),
    "error": _l("in error"),
    "off": _l("off"),
    "wrong": _l("wrong"),
    "unknown": _l("unknown"),
}


class DeviceForm(Form):
    """A place for a program."""

    role = ChoiceField(_l("What it is"), [needed(_l("Choose what it is"))])
    hall = SelectField(_l("Hall"))
    counter = SelectField(_l("Counter"), description=_l("For a counter program only"))
    name = TextField(
        _l("Name of the device"), 100, hint=_l("What colleagues call it. Left empty: such as Kiosk A2")
    )


@pages.get(branches.AT + "/devices")
@needs(Permission.SET_UP)
def show() -> ResponseReturnValue:
    """List the branch's devices with what they last said."""
    branch = branches.here()
    found = read(lambda session, context: devices.listed(session, branch.id))
    return page(
        "access/devices.html",
        _("Devices"),
        found=found,
        roles=ROLES,
        parts_of=_PARTS,
        words=_WORDS,
        fine=devices.FINE,
        device_name=device_name,
    )


@pages.route(branches.AT + "/devices/new", methods=["GET", "POST"])
@needs(Permission.SET_UP)
def new() -> ResponseReturnValue:
    """Make a place for a device, and show its code and QR once."""
    branch = branches.here()
    form = _form(branch)
    if not form.is_submitted() and request.args.get("role") in tuple(ROLES):
        form.role.data = request.args["role"]
    if not form.validate_on_submit():
        return page("access/new_device.html", _("New device"), form=form)
    role = DeviceRole(form.role.data)
    counter = int(form.counter.data) if role is DeviceRole.COUNTER and form.counter.data else None
    hall = _hall_of(branch, form.hall.data, counter)
    name = form.name.data or None
    try:
        made = write(
            lambda session, context: devices.add(session, context, branch, role, hall, counter, name)
        )
    except RuleBroken as broken:
        if broken.reason != "counter_missing":
            raise
        form.counter.errors = [_("Choose the counter")]
        return page("access/new_device.html", _("New device"), form=form)
    return _code_page(made)


@pages.post(branches.AT + "/devices/<int:device_id>/code")
@needs(Permission.SET_UP)
def code(device_id: int) -> ResponseReturnValue:
    """Make a new code for a device: one that got none in time, or whose machine was exchanged."""
    branch = branches.here()
    return _code_page(
        write(lambda session, context: devices.renew_code(session, context, branch.id, device_id))
    )


@pages.post(branches.AT + "/devices/<int:device_id>/staff-code")
@needs(Permission.SET_UP)
def staff_code(device_id: int) -> ResponseReturnValue:
    """Show the code that opens the staff's menu of a kiosk at this moment."""
    branch = branches.here()
    code = read(lambda session, context: staff_codes.code_of(session, context, branch.id, device_id))
    return page("access/staff_code.html", device_name(code.device), code=code, device_id=device_id)


@pages.post(branches.AT + "/devices/<int:device_id>/revoke")
@needs(Permission.SET_UP)
def revoke(device_id: int) -> ResponseReturnValue:
    """Let a device come in no more, from its next request on."""
    branch = branches.here()
    write(lambda session, context: devices.revoke(session, context, device_id, branch.id))
    tell(_("The device is refused from now on."))
    return go("devices.show")


@pages.post(branches.AT + "/devices/<int:device_id>/restart")
@needs(Permission.SET_UP)
def restart(device_id: int) -> ResponseReturnValue:
    """Let a device's program start again."""
    branch, by = branches.here(), me().id
    write(lambda session, context: devices.ask_to_restart(session, context, device_id, branch.id, by))
    tell(
        _(
            "It starts again within half a minute: a kiosk as soon as nobody stands at it, "
            "a counter once its clerk has signed out."
        )
    )
    return go("devices.show")


@pages.post(branches.AT + "/devices/<int:device_id>/new-roll/<int:place>")
@needs(Permission.SET_UP)
def new_roll(device_id: int, place: int) -> ResponseReturnValue:
    """Let a kiosk reckon with a new roll of paper in one of its printers."""
    branch = branches.here()
    write(lambda session, context: devices.tell_new_roll(session, device_id, branch.id, place))
    tell(_("The kiosk counts its paper from a whole roll again."))
    return go("devices.show")


def _form(branch: BranchView) -> DeviceForm:
    form = DeviceForm()
    form.role.choices = [(str(role), word) for role, word in ROLES.items()]
    form.hall.choices = [(hall.code, hall.name) for hall in branch.halls.values()]
    form.counter.choices = [("", "–"), *((str(number), str(number)) for number in sorted(branch.counters))]
    return form


def _hall_of(branch: BranchView, chosen: str, counter: int | None) -> str:
    """Return the hall of a device: a counter program is where its counter is."""
    if counter is None:
        return chosen
    there = branch.counters[counter].hall_id
    return next(hall.code for hall in branch.halls.values() if hall.id == there)


def _code_page(made: devices.NewCode) -> ResponseReturnValue:
    address = authentication.runtime().public_url
    return page(
        "access/device_code.html",
        device_name(made.name),
        made=made,
        role=ROLES[made.role],
        server=address,
        image=qr.svg(enrolment_text(address, made.code), _("QR that enrols the device")),
    )
