"""People of the staff: of the whole office for administrators, of a branch for its manager."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.api import authentication
from server.domain.access.roles import Held, Permission, may_change_roles, may_touch, needs_second_factor
from server.services.access import colleagues
from server.services.access.users import UserView, welcome_address
from server.services.context import Context, RuleBroken
from server.services.office.settings import BranchView, Skills
from server.services.store_types import Session
from server.staff import branches, staff_session
from server.staff.access import roles, skills
from server.staff.branches import AT
from server.staff.permissions import needs
from server.web import qr
from server.web.forms import Form, TextField, needed
from server.web.pages import go, page, read, tell, write
from server.web.request_context import request_context
from wire.vocabulary import Role

pages = Blueprint("users", __name__)
OFFICE = "/office/users"
BRANCH = AT + "/users"
_REFUSED = {
    "last_administrator": _l(
        "This is the last administrator of the office. Make another one first, then try again"
    ),
    "not_oneself": _l("This is you. What is yours you change on your own page; ask a colleague for the rest"),
    "roles_missing": _l("Tick one role at least. To let nobody in with this login, switch it off"),
    "changed_meanwhile": _l(
        "Somebody else changed these roles meanwhile. You see them as they are now; nothing of yours was saved"
    ),
    "disabled": _l("This login is switched off. Switch it on first"),
}


class NewForm(Form):
    """A new colleague."""

    name = TextField(_l("Full name"), 200, [needed(_l("Enter the name"))], hint=_l("As colleagues know it"))
    login = TextField(
        _l("Login"),
        100,
        [needed(_l("Choose a login"))],
        hint=_l("Letters, digits and . _ - @, without blanks"),
    )
    roles = roles.RolesField(_l("Roles"))


class NameForm(Form):
    """The name of a colleague."""

    name = TextField(_l("Full name"), 200, [needed(_l("Enter the name"))])


class RolesForm(Form):
    """What a colleague is at which branch; `was` is what the page showed."""

    was = TextField("", 2000)
    roles = roles.RolesField(_l("Roles"))


@pages.get(OFFICE)
@pages.get(BRANCH)
@needs(Permission.MANAGE_USERS)
def show() -> ResponseReturnValue:
    """List the people of the branch, or of the whole office."""
    branch_id = _branch_id()
    found = read(lambda session, context: colleagues.in_sight(session, branch_id))
    return page(
        "access/users.html",
        _("People"),
        people=found,
        may_see_all=staff_session.me().may(Permission.MANAGE_USERS),
        lacks_second_factor=lambda user: needs_second_factor(user.held) and not user.has_second_factor,
        **_words(),
    )


@pages.route(OFFICE + "/new", methods=["GET", "POST"])
@pages.route(BRANCH + "/new", methods=["GET", "POST"])
@needs(Permission.MANAGE_USERS)
def new() -> ResponseReturnValue:
    """Add a colleague, and show the address of the invitation once."""
    me, form = staff_session.me().id, NewForm()
    form.roles.offer(_givable(), request_context().office.branches)
    if not form.is_submitted() and (branch_id := _branch_id()):
        form.roles.data = [roles.write_role(Held(Role.CLERK, branch_id))]
    if form.validate_on_submit():
        login, name, chosen = form.login.data, form.name.data, form.roles.chosen
        try:
            made = write(
                lambda session, context: colleagues.invite(session, context, me, login, name, chosen)
            )
        except RuleBroken as broken:
            _say_at_field(form, broken)
        else:
            return _address(name, login, made)
    return page("access/new_user.html", _("Add a colleague"), form=form, **_words())


@pages.get(OFFICE + "/<int:user_id>")
@pages.get(BRANCH + "/<int:user_id>")
@needs(Permission.MANAGE_USERS)
def person(user_id: int) -> ResponseReturnValue:
    """Show one person with what may be changed."""
    return _person(_colleague(user_id))


@pages.post(OFFICE + "/<int:user_id>")
@pages.post(BRANCH + "/<int:user_id>")
@needs(Permission.MANAGE_USERS)
def change_roles(user_id: int) -> ResponseReturnValue:
    """Give and take roles; those that are not offered here stay."""
    found, me, form = _colleague(user_id), staff_session.me().id, RolesForm()
    offered = _givable()
    form.roles.offer(offered, request_context().office.branches)
    if not form.validate():
        return _person(found, refused=_("You may not give this role"), status=422)
    was = _read_was(form.was.data)
    wanted = (was - offered) | form.roles.chosen

    def change(session: Session, context: Context) -> None:
        colleagues.change_roles(session, context, me, user_id, was, wanted)

    return _changed(user_id, change, _("The roles are changed."))


@pages.post(OFFICE + "/<int:user_id>/skills")
@pages.post(BRANCH + "/<int:user_id>/skills")
@needs(Permission.MANAGE_USERS)
def change_skills(user_id: int) -> ResponseReturnValue:
    """Say what somebody speaks, and which services they may serve."""
    _colleague(user_id)
    me, where = staff_session.me().id, [branch.id for branch in _branches()]
    wanted = Skills(skills.languages_in(request.form), skills.services_in(request.form))

    def change(session: Session, context: Context) -> None:
        colleagues.set_skills(session, context, me, user_id, where, wanted)

    changed = _changed(user_id, change, _("Saved. It holds from the next call on."))
    authentication.runtime().office.forget()
    return changed


@pages.post(OFFICE + "/<int:user_id>/name")
@pages.post(BRANCH + "/<int:user_id>/name")
@needs(Permission.MANAGE_USERS)
def rename(user_id: int) -> ResponseReturnValue:
    """Give somebody another name."""
    found, me, form = _colleague(user_id), staff_session.me().id, NameForm()
    if not form.validate():
        return _person(found, refused=next(iter(form.name.errors), None), status=422)
    name = form.name.data

    def change(session: Session, context: Context) -> None:
        colleagues.rename(session, context, me, user_id, name)

    return _changed(user_id, change, _("The name is changed."))


@pages.post(OFFICE + "/<int:user_id>/disable")
@pages.post(BRANCH + "/<int:user_id>/disable")
@needs(Permission.MANAGE_USERS)
def disable(user_id: int) -> ResponseReturnValue:
    """Let somebody sign in no more."""
    return _done(user_id, colleagues.disable, _("The login is switched off, and all its sessions are ended."))


@pages.post(OFFICE + "/<int:user_id>/enable")
@pages.post(BRANCH + "/<int:user_id>/enable")
@needs(Permission.MANAGE_USERS)
def enable(user_id: int) -> ResponseReturnValue:
    """Let somebody sign in again."""
    return _done(user_id, colleagues.enable, _("The login is switched on."))


@pages.post(OFFICE + "/<int:user_id>/second-factor")
@pages.post(BRANCH + "/<int:user_id>/second-factor")
@needs(Permission.MANAGE_USERS)
def take_second_factor(user_id: int) -> ResponseReturnValue:
    """Take away a second factor that is lost."""
    told = _("The second factor is taken away. At the next sign-in a new one is set up.")
    return _done(user_id, colleagues.take_second_factor, told)


@pages.post(OFFICE + "/<int:user_id>/address")
@pages.post(BRANCH + "/<int:user_id>/address")
@needs(Permission.MANAGE_USERS)
def new_address(user_id: int) -> ResponseReturnValue:
    """Show once an address at which a colleague chooses a new password."""
    found, me = _colleague(user_id), staff_session.me().id
    try:
        made = write(lambda session, context: colleagues.new_address(session, context, me, user_id))
    except RuleBroken as broken:
        return _refused(user_id, broken)
    return _address(found.name, found.login, made)


def _branches() -> list[BranchView]:
    """List the branches whose services are shown on this page."""
    if branches.is_named():
        return [branches.here()]
    return list(request_context().office.branches.values())


def _branch_id() -> int | None:
    return branches.here().id if branches.is_named() else None


def _colleague(user_id: int) -> UserView:
    branch_id = _branch_id()
    return read(lambda session, context: colleagues.colleague(session, user_id, branch_id))


def _givable() -> frozenset[Held]:
    """List what the reader may give on this page: at its branch, or everywhere."""
    branch_id = _branch_id()
    where = [branch_id] if branch_id else [None, *request_context().office.branches]
    return roles.givable(staff_session.me().held, where)


def _places(held: frozenset[Held]) -> tuple[roles.Place, ...]:
    return roles.by_place(held, request_context().office.branches)


def _words() -> dict[str, Any]:
    return {"names": roles.NAMES, "tasks": roles.TASKS, "places": _places}


def _person(found: UserView, *, refused: object = None, status: int = 200) -> Response:
    giver, offered = staff_session.me().held, _givable()
    form = RolesForm(formdata=None)
    form.roles.offer(offered, request_context().office.branches)
    form.roles.data = [roles.write_role(each) for each in found.held & offered]
    form.was.data = ",".join(sorted(map(roles.write_role, found.held)))
    return page(
        "access/user.html",
        found.name,
        user=found,
        form=form,
        name_form=NameForm(formdata=None, name=found.name),
        refused=refused,
        kept=_places(found.held - offered),
        may_change_roles=may_change_roles(giver, found.held, found.held ^ offered),
        may_touch=may_touch(giver, found.held) and found.id != staff_session.me().id,
        is_me=found.id == staff_session.me().id,
        skills=skills.shown(
            read(lambda session, context: colleagues.skills_of(session, found.id)), _branches()
        ),
        status=status,
        **_words(),
    )


def _done(user_id: int, use_case: Callable[[Session, Context, int, int], None], told: str) -> Response:
    me = staff_session.me().id
    _colleague(user_id)
    return _changed(user_id, lambda session, context: use_case(session, context, me, user_id), told)


def _changed(user_id: int, change: Callable[[Session, Context], None], told: str) -> Any:
    """Run a change and say that it is done; what the rules refuse in words is said on the page."""
    try:
        write(change)
    except RuleBroken as broken:
        return _refused(user_id, broken)
    tell(told)
    return go("users.person", user_id=user_id)


def _refused(user_id: int, broken: RuleBroken) -> Response:
    if broken.reason not in _REFUSED:
        raise broken
    return _person(_colleague(user_id), refused=_REFUSED[broken.reason], status=broken.status)


def _say_at_field(form: NewForm, broken: RuleBroken) -> None:
    if broken.reason == "login_taken":
        form.login.errors = [_("Somebody has this login already, perhaps somebody of another branch")]
    elif broken.reason == "login_invalid":
        form.login.errors = [_("Use letters, digits and . _ - @, without blanks")]
    elif broken.reason == "roles_missing":
        form.roles.errors = [_("Tick one role at least")]
    else:
        raise broken


def _address(name: str, login: str, made: tuple[str, datetime]) -> Response:
    """Show a one-time address: nobody, not even the server, can show it a second time."""
    token, until = made
    address = welcome_address(request_context().public_url, token)
    image = qr.svg(address, _("QR of the address"))
    title = _("Hand this address over")
    return page(
        "access/address.html", title, name=name, login=login, address=address, until=until, image=image
    )


def _read_was(text: str) -> frozenset[Held]:
    """Read what the page showed. Raises RuleBroken 400 for what no page of ours wrote."""
    try:
        return frozenset(roles.read_role(each) for each in text.split(",") if each)
    except ValueError:
        raise RuleBroken(400, "form_invalid") from None
