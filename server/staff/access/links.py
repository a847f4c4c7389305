"""One-time addresses: the first administrator, an invited colleague, a lost password."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.domain.access.links import StaffLinkKind
from server.services.access import passwords, users
from server.services.access.passwords import hash_password
from server.services.context import Context, RuleBroken
from server.services.store_types import Session
from server.staff import languages, staff_session
from server.staff.access import sign_in
from server.staff.access.passwords import is_good
from server.staff.permissions import for_anybody
from server.web.forms import Form, PasswordField, TextField, needed
from server.web.pages import page, read, write

pages = Blueprint("links", __name__)


class FirstForm(Form):
    """The first administrator."""

    name = TextField(_l("Your name"), 200, [needed(_l("Enter your name"))], autocomplete="name")
    login = TextField(
        _l("Login"),
        100,
        [needed(_l("Choose a login"))],
        hint=_l("Letters, digits and . _ - @, without blanks"),
        autocomplete="username",
    )
    password = PasswordField(_l("Password"), [needed(_l("Choose a password"))], autocomplete="new-password")


class PasswordForm(Form):
    """A new password."""

    password = PasswordField(
        _l("New password"), [needed(_l("Choose a password"))], autocomplete="new-password"
    )


@pages.route("/first/<token>", methods=["GET", "POST"])
@for_anybody
def first(token: str) -> ResponseReturnValue:
    """Make the first administrator, once and within an hour of the address."""
    if read(lambda session, context: users.link_kind(session, context, token)) != StaffLinkKind.FIRST:
        raise RuleBroken(410, "link_spent")
    form = FirstForm()
    title = _("Make the first administrator")
    if form.validate_on_submit() and is_good(form.password, form.login.data):
        hashed = hash_password(form.password.data)
        login, name, language = form.login.data, form.name.data, languages.of_the_browser()

        def make(session: Session, context: Context) -> int:
            made = users.make_first(session, context, token, login, name, hashed)
            users.speak(session, made, language)
            return made

        try:
            user_id = write(make)
        except RuleBroken as broken:
            if broken.status == 410:
                raise
            form.login.errors = [_("This login cannot be used. Choose another one")]
        else:
            staff_session.leave()
            return sign_in.enter(user_id, None, None)
    return page("access/first.html", title, form=form, least=passwords.LEAST)


@pages.route("/welcome/<token>", methods=["GET", "POST"])
@for_anybody
def welcome(token: str) -> ResponseReturnValue:
    """Let somebody who was invited, or who lost the password, choose one."""
    user = read(lambda session, context: users.whose_link(session, context, token))
    if user is None:
        raise RuleBroken(410, "link_spent")
    form = PasswordForm()
    if form.validate_on_submit() and is_good(form.password, user.login):
        hashed = hash_password(form.password.data)
        language = user.language if user.has_password else languages.of_the_browser()

        def take(session: Session, context: Context) -> None:
            users.speak(session, users.take_link(session, context, token, hashed), language)

        write(take)
        staff_session.leave()
        if user.has_second_factor:
            staff_session.wait_for_proof(user.id)
            return sign_in.go_on()
        return sign_in.enter(user.id, None, None)
    return page("access/welcome.html", _("Choose your password"), form=form, user=user, least=passwords.LEAST)
