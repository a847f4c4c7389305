"""Which branch a page is about: its address says so (/staff/at/wroclaw/hall)."""

from __future__ import annotations

from typing import Any

from flask import Flask, abort, current_app, g

from server.services.office.settings import BranchView
from server.web.request_context import request_context

AT = "/at/<branch>"
"""How the addresses of a branch's pages begin."""


def join(app: Flask) -> None:
    """Take the branch from each address, and put it into those that pages link to."""
    app.url_value_preprocessor(_take)
    app.url_defaults(_put)


def is_named() -> bool:
    """Say whether the address names a branch, be it there or not."""
    return "branch_code" in g


def named() -> BranchView | None:
    """Return the branch that the address names; None for one that is not there, and for pages of no branch."""
    return request_context().office.branch_named(g.branch_code) if is_named() else None


def here() -> BranchView:
    """Return the branch that the page is about; 404 for one that is not there."""
    found = named()
    if found is None:
        abort(404)
    branch: BranchView = found
    return branch


def _take(endpoint: str | None, values: dict[str, Any] | None) -> None:
    if values and "branch" in values:
        g.branch_code = values.pop("branch")


def _put(endpoint: str, values: dict[str, Any]) -> None:
    if (
        "branch" not in values
        and current_app.url_map.is_endpoint_expecting(endpoint, "branch")
        and is_named()
    ):
        values["branch"] = g.branch_code
