"""The terms of booking, in a version that an account accepts: the office's own, else those built in."""

from __future__ import annotations

from flask import Blueprint, abort, url_for
from flask_babel import gettext as _

from server.api import authentication
from server.domain.office.publisher import TERMS
from server.portal.office.page_actions import Content, add_page
from server.web.request_context import request_context
from wire.settings import PortalSettings

pages = Blueprint("terms", __name__)
BUILT_IN: str = PortalSettings().terms_version


def terms_page() -> Content:
    """Tell the terms that hold now."""
    return _page(_holding())


def earlier_page(version: str) -> Content:
    """Tell the terms of a version, so that people can read what they accepted."""
    if request_context().office.publisher.terms(version) is None and version not in (_holding(), BUILT_IN):
        abort(404)
    return _page(version)


def _page(version: str) -> Content:
    publisher = request_context().office.publisher
    values = {
        "version": version,
        "own": publisher.terms(version),
        "holds": version == _holding(),
        "others": [each for each in publisher.versions(TERMS) if each.version != version],
    }
    back = None if version == _holding() else url_for("terms.show")
    return Content(_("Terms of booking"), "office/terms.html", values, back)


def _holding() -> str:
    return authentication.runtime().portal.terms_version


add_page(pages, "/terms", terms_page)
add_page(pages, "/terms/<version>", earlier_page, "earlier_")
