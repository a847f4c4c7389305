"""Co-signatures: which witness signed which day, and where what a witness gave to the office is handed in."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from server.api import authentication
from server.domain.access.roles import Permission
from server.services.audit import cosigning, publication
from server.services.audit.cosigning import Kept
from server.services.context import RuleBroken
from server.staff import branches, languages
from server.staff.audit.cosignature_words import why
from server.staff.permissions import needs
from server.web.forms import Form
from server.web.pages import go, page, read, tell, write

pages = Blueprint("cosignatures", __name__)
_DAYS = 14


class HandIn(Form):
    """The token; text and file are read from the request as they are."""


@pages.route(branches.AT + "/co-signatures", methods=["GET", "POST"])
@needs(Permission.HAND_IN_COSIGNATURE)
def show() -> ResponseReturnValue:
    """Show who co-signed the last days, and take a co-signature."""
    form, typed = HandIn(), request.form.get("text", "")
    problem: tuple[str, str] | None = None
    if form.validate_on_submit():
        try:
            _tell_kept(_hand_in(_sent(typed)))
            return go("cosignatures.show")
        except RuleBroken as broken:
            problem = why(broken)
    branch = branches.here()
    return page(
        "audit/cosignatures.html",
        _("Co-signatures"),
        tab=_("Error: %(title)s", title=_("Co-signatures")) if problem else None,
        status=422 if problem else 200,
        form=form,
        typed=typed,
        problem=problem,
        witnesses=cosigning.witnesses_of(branch),
        days=read(lambda session, _context: publication.days(session, branch.id, _DAYS)),
        public_url=_public_url(branch.code),
    )


def _public_url(code: str) -> str:
    """Return the address at which everybody sees the signed days; none where there are no visitors' pages."""
    runtime = authentication.runtime()
    return f"{runtime.public_url}/{languages.current()}/audit/{code}" if runtime.portal.enabled else ""


def _sent(typed: str) -> bytes:
    """Return what was handed in, from the file if one was chosen; lines end as a note's do."""
    file = request.files.get("file")
    raw = file.read() if file is not None and file.filename else typed.strip().encode()
    raw = raw.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    # The last line end is lost where a text is marked and copied.
    return raw if raw.endswith(b"\n") or not raw else raw + b"\n"


def _hand_in(raw: bytes) -> list[Kept]:
    """Check and keep it. Raises RuleBroken."""
    branch = branches.here()
    if not raw:
        raise RuleBroken(422, "nothing")
    text = cosigning.read_text(raw)
    return write(lambda session, context: cosigning.hand_in(session, context, branch, None, text))


def _tell_kept(kept: list[Kept]) -> None:
    new = ", ".join(each.name for each in kept if each.is_new)
    old = ", ".join(each.name for each in kept if not each.is_new)
    if new:
        tell(_("Checked and kept: the co-signature of %(names)s.", names=new))
    if old:
        tell(_("The co-signature of %(names)s was handed in before; it stands as it was.", names=old))
