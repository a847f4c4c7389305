"""Passkeys: added and removed on one's own page, and shown at the sign-in, with a password or without one."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from server.api import authentication
from server.domain.access.roles import Permission
from server.services.access import passkeys, second_factors, staff_sessions
from server.services.access.passkeys import Asked, Site
from server.services.access.staff_sessions import note_refused
from server.services.context import RuleBroken
from server.staff import staff_session
from server.staff.access import sign_in
from server.staff.permissions import before_proof, for_anybody, needs
from server.web import safe_redirects
from server.web.forms import Form, TextField, needed
from server.web.pages import go, page, read, tell, write
from server.web.request_context import request_context

pages = Blueprint("passkeys", __name__)
_NEW, _PROOF = "new", "proof"
_LONGEST_SECONDS = 300
_REFUSED = {
    "passkey_wrong": _l("The browser made no passkey. Try again"),
    "passkey_known": _l("This passkey is there already"),
    "too_many_passkeys": _l("You have many passkeys. Remove one that you do not use any more"),
}


class AnswerForm(Form):
    """What the browser's script puts in."""

    answer = HiddenField()


class NewForm(AnswerForm):
    """A new passkey and what its owner calls it."""

    name = TextField(
        _l("Name of the passkey"),
        100,
        [needed(_l("Enter a name"))],
        hint=_l("By which you recognise it, such as: my phone, key on the key ring"),
    )


@pages.route("/me/passkeys/new", methods=["GET", "POST"])
@needs(Permission.OWN)
@before_proof
def new() -> ResponseReturnValue:
    """Have the browser make a passkey, and keep it under a name."""
    me, site, form = staff_session.me(), _site(), NewForm()
    if not staff_session.is_sure():
        return go("password.confirm", next=url_for("passkeys.new"))
    if site is not None and form.validate_on_submit():
        challenge = _remembered(_NEW)
        try:
            key = passkeys.read_new(site, challenge, form.answer.data or "")
            name = form.name.data
            write(lambda session, context: passkeys.add(session, context, me.id, key, name))
        except RuleBroken as broken:
            form.name.errors = [_REFUSED[broken.reason]]
        else:
            # The sign-in goes on as one with a second factor; the session before it ends.
            write(lambda session, context: staff_sessions.end_session(session, context, me, me.session_id))
            answer = sign_in.enter(me.id, passkeys.PASSKEY, url_for("me.show"))
            tell(_("The passkey is added. You can sign in with it from now on."))
            return answer
    options = None
    if site is not None:
        options = _remember(
            _NEW, read(lambda session, _c: passkeys.ask_for_new(session, site, me.id, me.login, me.name))
        )
    return page("access/new_passkey.html", _("Add a passkey"), form=form, options=options)


@pages.post("/me/passkeys/<int:passkey_id>/remove")
@needs(Permission.OWN)
@before_proof
def remove(passkey_id: int) -> ResponseReturnValue:
    """Forget one of one's own passkeys."""
    me = staff_session.me()
    if write(lambda session, context: passkeys.remove(session, context, me.id, passkey_id)):
        tell(_("The passkey is removed."))
    return go("me.show")


@pages.route("/sign-in/passkey", methods=["GET", "POST"])
@for_anybody
def prove() -> ResponseReturnValue:
    """Take a passkey as the second factor after a password, or alone where its device verifies its owner."""
    user_id, site, form = staff_session.awaiting_proof(), _site(), AnswerForm()
    if site is None:
        return _proof_page(form, None, user_id)
    if form.validate_on_submit():
        store, challenge = authentication.runtime().store, _remembered(_PROOF)
        proved = passkeys.prove(store, site, challenge, form.answer.data or "", user_id)
        if proved is not None and write(lambda session, context: passkeys.use(session, context, proved)):
            wanted = safe_redirects.inner(request.args.get("next"))
            return sign_in.enter(proved.user_id, passkeys.PASSKEY, wanted)
        if proved is None:
            write(lambda session, context: note_refused(session, context, "passkey_wrong", user_id))
        form.form_errors = [_("This passkey does not fit. Try again, or sign in another way")]
    asked = read(lambda session, _context: passkeys.ask_for_proof(session, site, user_id))
    return _proof_page(form, _remember(_PROOF, asked), user_id)


def _proof_page(form: AnswerForm, options: str | None, user_id: int | None) -> Response:
    factors = None if user_id is None else read(lambda session, _context: second_factors.of(session, user_id))
    status = 422 if form.form_errors else 200
    title = _("Sign in with a passkey")
    return page("access/passkey.html", title, form=form, options=options, factors=factors, status=status)


def _site() -> Site | None:
    return passkeys.site_of(request_context().public_url)


def _remember(purpose: str, asked: Asked) -> str:
    """Keep the challenge in the signed cookie, for one answer and for some minutes."""
    now = int(request_context().now.timestamp())
    staff_session.remember(passkeys.PASSKEY, [purpose, asked.challenge, now])
    return asked.options


def _remembered(purpose: str) -> str:
    """Take out the challenge that was asked for this; a word that no answer holds when there is none."""
    kept = staff_session.remembered(passkeys.PASSKEY)
    staff_session.remember(passkeys.PASSKEY, None)
    if not isinstance(kept, list) or kept[0] != purpose:
        return ""
    is_fresh = request_context().now.timestamp() - int(kept[2]) < _LONGEST_SECONDS
    return str(kept[1]) if is_fresh else ""
