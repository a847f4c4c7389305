"""New passwords: which are taken, and changing one's own."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.api import authentication
from server.domain.access.roles import Permission
from server.services.access import passwords, staff_sessions, users
from server.services.context import RuleBroken
from server.staff import networks, staff_session
from server.staff.access import sign_in
from server.staff.permissions import before_proof, needs
from server.web import safe_redirects
from server.web.forms import Form, PasswordField, needed
from server.web.pages import page, tell, write

pages = Blueprint("password", __name__)


class ChangeForm(Form):
    """The password that is, and the one that shall be."""

    old = PasswordField(_l("Present password"), [needed(_l("Enter your password"))])
    password = PasswordField(
        _l("New password"), [needed(_l("Choose a password"))], autocomplete="new-password"
    )


class ConfirmForm(Form):
    """The password once more."""

    old = PasswordField(_l("Password"), [needed(_l("Enter your password"))])


@pages.route("/me/confirm", methods=["GET", "POST"])
@needs(Permission.OWN)
@before_proof
def confirm() -> ResponseReturnValue:
    """Ask for the password before a way to sign in is added: the browser may have been left open."""
    me, form = staff_session.me(), ConfirmForm()
    if form.validate_on_submit() and _is_own(form, me.login):
        staff_session.be_sure()
        return redirect(safe_redirects.inner(request.args.get("next")) or url_for("me.show"), 303)
    return page("access/confirm.html", _("Confirm that it is you"), form=form, me=me)


@pages.route("/me/password", methods=["GET", "POST"])
@needs(Permission.OWN)
@before_proof
def change() -> ResponseReturnValue:
    """Change one's own password; all other sessions end."""
    me, form = staff_session.me(), ChangeForm()
    if form.validate_on_submit() and _is_own(form, me.login) and is_good(form.password, me.login):
        hashed = passwords.hash_password(form.password.data)
        write(lambda session, context: users.set_password(session, context, me.id, hashed, by=me.id))
        answer = sign_in.enter(me.id, me.proof, url_for("me.show"))
        tell(_("The password is changed, and you are signed out everywhere else."))
        return answer
    return page("access/password.html", _("Change your password"), form=form, me=me, least=passwords.LEAST)


def is_good(field: PasswordField, login: str) -> bool:
    """Say whether a password may be taken; else its field says what is wrong with it."""
    said = {
        "password_too_short": _("Choose a password of %(least)d characters or more", least=passwords.LEAST),
        "password_too_long": _("Choose a password of %(most)d characters or fewer", most=passwords.MOST),
        "password_common": _("Many people have this password, or it is your name. Choose another one"),
    }
    if (problem := passwords.weakness(field.data, login)) is not None:
        field.errors = [said[problem]]
    return problem is None


def _is_own(form: ChangeForm | ConfirmForm, login: str) -> bool:
    """Say whether the present password is right; guessing is slowed down as at the sign-in."""
    runtime = authentication.runtime()
    try:
        verified = staff_sessions.verify(
            runtime.store, runtime.context(), networks.source(), login, form.old.data
        )
    except RuleBroken as broken:
        form.old.errors = [sign_in.too_many_tries(broken)]
        return False
    if verified is None:
        form.old.errors = [_("This is not your present password")]
    return verified is not None
