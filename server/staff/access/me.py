"""One's own page: sessions, the second factor, the language of the pages."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from server.domain.access.roles import Permission
from server.services.access import passkeys, second_factors, staff_sessions, users
from server.staff import staff_session
from server.staff.permissions import before_proof, needs
from server.texts import STAFF_LANGUAGES
from server.web.pages import go, page, read, tell, write

pages = Blueprint("me", __name__)


@pages.get("/me")
@needs(Permission.OWN)
@before_proof
def show() -> ResponseReturnValue:
    """Show what one's own sign-in consists of."""
    me = staff_session.me()
    found, factors, keys = read(
        lambda session, context: (
            staff_sessions.sessions(session, context, me),
            second_factors.of(session, me.id),
            passkeys.shown(session, me.id),
        )
    )
    return page("access/me.html", me.name, me=me, sessions=found, factors=factors, passkeys=keys)


@pages.post("/me/language")
@needs(Permission.OWN)
@before_proof
def language() -> ResponseReturnValue:
    """Let the pages speak another language."""
    wanted = request.form.get("language", "")
    if wanted in STAFF_LANGUAGES:
        me = staff_session.me()
        write(lambda session, context: users.speak(session, me.id, wanted))
    return go("me.show")


@pages.post("/me/sessions/<int:session_id>/end")
@needs(Permission.OWN)
@before_proof
def end(session_id: int) -> ResponseReturnValue:
    """End one of one's own sessions."""
    me = staff_session.me()
    if write(lambda session, context: staff_sessions.end_session(session, context, me, session_id)):
        tell(_("The session is ended."))
    return go("me.show")


@pages.post("/me/sessions/end-others")
@needs(Permission.OWN)
@before_proof
def end_others() -> ResponseReturnValue:
    """End all one's sessions but this one."""
    me = staff_session.me()
    write(lambda session, context: staff_sessions.end_others(session, context, me))
    tell(_("All other sessions are ended."))
    return go("me.show")
