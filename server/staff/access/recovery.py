"""Recovery codes: made on one's own page, typed when the second factor is lost."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from server.domain.access.roles import Permission
from server.services.access import recovery_codes, second_factors
from server.services.access.staff_sessions import note_refused
from server.staff import staff_session
from server.staff.access import sign_in
from server.staff.permissions import for_anybody, needs
from server.web.forms import Form, TextField, needed
from server.web.pages import go, page, read, tell, write

pages = Blueprint("recovery", __name__)


class RecoveryForm(Form):
    """One of the codes on paper."""

    code = TextField(_l("Recovery code"), 40, [needed(_l("Enter one of your recovery codes"))])


@pages.post("/me/recovery-codes")
@needs(Permission.OWN)
def make() -> ResponseReturnValue:
    """Make new codes and show them, once."""
    me = staff_session.me()
    if not staff_session.is_sure():
        return go("password.confirm", next=url_for("me.show"))
    codes = write(lambda session, context: recovery_codes.make(session, context, me.id))
    return page("access/codes.html", _("Your recovery codes"), codes=codes, me=me)


@pages.route("/sign-in/recovery", methods=["GET", "POST"])
@for_anybody
def prove() -> ResponseReturnValue:
    """Take a recovery code of whose password was right, in place of the second factor."""
    user_id = staff_session.awaiting_proof()
    if user_id is None:
        return go("sign_in.show")
    form = RecoveryForm()
    if not form.validate_on_submit():
        return _page(form, user_id)
    typed = form.code.data
    if (broken := sign_in.slowed(user_id)) is not None:
        form.code.errors = [sign_in.too_many_tries(broken)]
        return _page(form, user_id, 429)
    if not write(lambda session, context: recovery_codes.use(session, context, user_id, typed)):
        write(lambda session, context: note_refused(session, context, "recovery_code_wrong", user_id))
        form.code.errors = [_("This code does not fit, or it was used already")]
        return _page(form, user_id)
    sign_in.forgive(user_id)
    left = read(lambda session, _context: recovery_codes.left(session, user_id))
    answer = sign_in.enter(user_id, recovery_codes.RECOVERY, url_for("me.show"))
    tell(
        ngettext(
            "You came in with a recovery code; %(num)d is left. If your device is lost, set up a new one here.",
            "You came in with a recovery code; %(num)d are left. If your device is lost, set up a new one here.",
            left,
        )
    )
    return answer


def _page(form: RecoveryForm, user_id: int, status: int = 200) -> ResponseReturnValue:
    factors = read(lambda session, _context: second_factors.of(session, user_id))
    title = _("Use a recovery code")
    return page("access/recovery.html", title, form=form, factors=factors, status=status)
