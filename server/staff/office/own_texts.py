"""The office's own terms of booking and information clauses, in versions."""

from __future__ import annotations

from flask import Blueprint, abort, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.domain.access.roles import Permission
from server.domain.office.publisher import Publication
from server.domain.office.reading import readers
from server.services.office import things
from server.staff.office.codec import Setting
from server.staff.office.described import Words
from server.staff.office.editor import add_page, edit_page
from server.staff.office.naming import PUBLICATIONS
from server.staff.permissions import needs
from server.web.pages import page
from server.web.request_context import request_context

pages = Blueprint("own_texts", __name__)
AT = "/office/texts/<kind>"
_READ = readers(Publication)
_VERSION = Setting(
    "version",
    _READ["version"],
    Words(_l("Version"), _l("Such as 2027-01; letters, digits, . and -. It never changes.")),
)
_SAID = (
    Setting("since", _READ["since"], Words(_l("Holds from this day on"), _l("Shown with the text."))),
    Setting(
        "text",
        _READ["text"],
        Words(
            _l("Text"),
            _l(
                "An empty line ends a paragraph. A line that begins with “# ” is a heading, "
                "lines that begin with “- ” or “1. ” are a list."
            ),
        ),
    ),
)


@pages.get("/office/texts")
@needs(Permission.SET_UP_OFFICE)
def show() -> ResponseReturnValue:
    """List the versions of each text, the newest first."""
    publisher = request_context().office.publisher
    found = {kind: publisher.versions(kind) for kind in PUBLICATIONS}
    return page("office/own_texts.html", _("Terms and clauses"), kinds=PUBLICATIONS, found=found)


@pages.route(f"{AT}/new", methods=["GET", "POST"])
@needs(Permission.SET_UP_OFFICE)
def add(kind: str) -> ResponseReturnValue:
    """Make a version of a text; it begins with the words of the newest one."""
    title = str(PUBLICATIONS.get(kind) or abort(404))
    before = request_context().office.publisher.versions(kind)
    return add_page(
        lambda new: things.publication(kind, new["version"]),
        [_VERSION, *_SAID],
        _("New version: %(text)s", text=title),
        url_for("own_texts.show"),
        suggested={"text": dict(before[0].text)} if before else {},
    )


@pages.route(f"{AT}/<version>", methods=["GET", "POST"])
@needs(Permission.SET_UP_OFFICE)
def one(kind: str, version: str) -> ResponseReturnValue:
    """Show a version of a text, or save it; terms that somebody has accepted stay as they are."""
    title = str(PUBLICATIONS.get(kind) or abort(404))
    return edit_page(
        things.publication(kind, version), _SAID, f"{title}: {version}", url_for("own_texts.show")
    )
