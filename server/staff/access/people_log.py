"""What is on record about people of the staff: for auditors, administrators and managers."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.domain.access.roles import Permission
from server.services.access import people_log
from server.services.access.people_log import Entry
from server.staff import staff_session
from server.staff.permissions import needs
from server.web.pages import page, read
from server.web.request_context import request_context
from wire.vocabulary import FactType

pages = Blueprint("people_log", __name__)
_WORDS: Mapping[FactType, Mapping[str | None, object]] = {
    FactType.USER_CHANGED: {
        "added": _l("was added"),
        "roles": _l("got other roles"),
        "disabled": _l("login switched off"),
        "enabled": _l("login switched on"),
        "skills": _l("got other languages or services"),
        "renamed": _l("got another name"),
        "password": _l("got another password"),
        "address_made": _l("got an address for a new password"),
        "second_factor_added": _l("set up an authenticator app"),
        "second_factor_removed": _l("second factor taken away"),
        "passkey_added": _l("added a passkey"),
        "passkey_removed": _l("removed a passkey"),
        "recovery_codes_made": _l("made recovery codes"),
    },
    FactType.STAFF_SIGNED_IN: {
        None: _l("signed in with a password alone"),
        "totp": _l("signed in with the app's code"),
        "passkey": _l("signed in with a passkey"),
        "recovery": _l("signed in with a recovery code"),
    },
    FactType.SIGN_IN_REFUSED: {
        "wrong_login_or_password": _l("sign-in refused: wrong login or password"),
        "code_wrong": _l("sign-in refused: wrong code after the right password"),
        "recovery_code_wrong": _l("sign-in refused: wrong recovery code after the right password"),
        "passkey_wrong": _l("sign-in refused: a passkey that does not fit"),
        "passkey_copied": _l("sign-in refused: a copy of a passkey"),
    },
}


@pages.get("/office/people-log")
@needs(Permission.SEE_RECORDS, somewhere=True)
def show() -> ResponseReturnValue:
    """List the latest sign-ins and changes of people; of one's own branches, or of the whole office."""
    branches = request_context().office.branches
    me = staff_session.me()
    where = None
    if not me.may(Permission.SEE_RECORDS):
        where = frozenset(each for each in branches if me.may(Permission.SEE_RECORDS, each))
    found = read(lambda session, context: people_log.entries(session, where))
    title = _("Changes of people")
    return page("access/people_log.html", title, entries=found, words=_words, branches=branches)


def _words(entry: Entry) -> object:
    """Write what happened; a code that has no words stands as it is."""
    return _WORDS[entry.type].get(entry.what, entry.what)
