"""Setting up the second factor: an authenticator app that reads a QR and shows a code."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.domain.access.roles import Permission
from server.services.access import second_factors, staff_sessions
from server.services.context import RuleBroken
from server.staff import staff_session
from server.staff.access import sign_in
from server.staff.permissions import before_proof, needs
from server.web import qr
from server.web.forms import CodeField, Form, needed
from server.web.pages import go, page, tell, write

pages = Blueprint("second_factor", __name__)
_SECRET = "secret"  # noqa: S105 - a name


class SetUpForm(Form):
    """The code that the app shows after it has read the QR."""

    code = CodeField(_l("Code that the app shows now"), 10, [needed(_l("Enter the six digits of the code"))])


@pages.route("/me/app", methods=["GET", "POST"])
@needs(Permission.OWN)
@before_proof
def show() -> ResponseReturnValue:
    """Show the QR of a new secret, and keep the secret when the app's code fits."""
    me = staff_session.me()
    if not staff_session.is_sure():
        return go("password.confirm", next=url_for("second_factor.show"))
    form = SetUpForm()
    secret = staff_session.remembered(_SECRET)
    if secret is None or not form.is_submitted():
        secret = second_factors.new_secret()
        staff_session.remember(_SECRET, secret)
    title = _("Set up your authenticator app")
    if form.validate_on_submit():
        try:
            write(
                lambda session, context: second_factors.set_up(
                    session, context, me.id, secret, form.code.data
                )
            )
        except RuleBroken:
            form.code.errors = [_("This code does not fit. Wait for the next one and enter it")]
        else:
            # The sign-in goes on as one with a second factor; the session before it ends.
            write(lambda session, context: staff_sessions.end_session(session, context, me, me.session_id))
            answer = sign_in.enter(me.id, second_factors.TOTP, None)
            tell(_("The app is set up. Now make recovery codes on your own page, by your name."))
            return answer
    image = qr.svg(second_factors.app_address(secret, me.login), _("QR for the app"))
    return page("access/app.html", title, form=form, image=image, secret=secret)
