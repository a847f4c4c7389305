"""Sends the address of an information page to somebody: no word of the sender's own goes along."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.validators import ValidationError

from server.portal import languages
from server.portal.guard import limits
from server.portal.guard.challenge import PuzzleForm
from server.services.accounts.address import address_of
from server.services.office.page_links import PageLink, send_page_link
from server.web import safe_redirects
from server.web.forms import EmailField, needed
from server.web.pages import go, page, tell, write

_MOST, _MOST_OF_BLOCK = "5 per hour", "60 per hour"


def _is_address(_form: Any, field: Any) -> None:
    if address_of(field.data) is None:
        raise ValidationError(_("Enter an e-mail address in the form name@example.com"))


class SendForm(PuzzleForm):
    """To whom."""

    email = EmailField(
        _l("E-mail address"),
        [needed(_l("Enter an e-mail address")), _is_address],
        hint=_l("We use it for this one message and keep it no longer."),
    )


def answer(title: str, endpoint: str, words: Mapping[str, Any]) -> ResponseReturnValue:
    """Show the form, or send the address of the page `endpoint` and go back to it."""
    form = SendForm()
    if form.validate_on_submit() and (to := address_of(form.email.data)):
        limits.stop_too_often("page_link", session=_MOST, block=_MOST_OF_BLOCK)
        link = PageLink(safe_redirects.absolute(endpoint, **words), title, languages.current())
        write(lambda session, context: send_page_link(session, context, to, link))
        tell(_("The address of this page is on its way."))
        return go(endpoint, **words)
    back = url_for(endpoint, **words)
    return page("office/send.html", _("Send this page to someone"), form=form, about=title, back=back)
