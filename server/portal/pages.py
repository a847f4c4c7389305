"""What every page of the portal stands in, which service an address means, and refusals that are noted."""

from __future__ import annotations

from typing import Any

from flask import Flask, abort

from server.api import authentication
from server.portal import languages, navigation
from server.services.guard.refusals import refused
from server.services.office.settings import BranchView, ServiceView
from server.web import headers
from server.web.request_context import request_context


def join(app: Flask) -> None:
    """Give every template what the frame of a page needs."""
    app.context_processor(_frame)


def find_service(branch: str, letter: str) -> tuple[BranchView, ServiceView]:
    """Find a service by the words of an address; any other is answered with 404."""
    found = request_context().office.branch_named(branch)
    service = found.services.get(letter) if found else None
    if found is None or service is None:
        abort(404)
    return found, service


def note_refusal(reason: str, service: ServiceView | None = None, **data: Any) -> None:
    """Have a refused attempt noted: codes and ids only, nothing that was typed (rule 26)."""
    branch_id = None
    if service is not None:
        branch_id, data = service.branch_id, {"service": service.letter} | data
    refused(authentication.runtime().store, request_context(), reason, branch_id, **data)


def _frame() -> dict[str, object]:
    """Return what the frame shows around each page."""
    return {
        "language": languages.current(),
        "direction": languages.locale().text_direction,
        "languages": languages.own_names(),
        "in_language": languages.this_page_in,
        "nonce": headers.nonce,
        "office_name": navigation.office_name,
        "navigation": navigation.items,
        "footer": navigation.footer,
    }
