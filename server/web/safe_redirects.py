"""Addresses inside the portal: where to go back to, never to another host."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, request, url_for
from werkzeug.exceptions import HTTPException

from server.api import authentication

_LONGEST = 300


def refuse_nul() -> None:
    """Answer an address that holds NUL with 404: no page has one, and a database may take none (PostgreSQL)."""
    if "\0" in request.path:
        abort(404)


def back_here() -> str | None:
    """Return the address of this page with what its query asks for, where it can be got by GET."""
    rule = request.url_rule
    if rule is None or "GET" not in (rule.methods or ()):
        return None
    return request.full_path.removesuffix("?")


def inner(address: str | None) -> str | None:
    """Return an address that somebody gave when it is a page of ours, else None.

    It must be a path that a page answers by GET: no host, no scheme, nothing that a browser reads as one.
    """
    if not address or len(address) > _LONGEST or not address.startswith("/") or not address.isprintable():
        return None
    path, _, query = address.partition("?")
    if path.startswith("//") or "\\" in path or "#" in query:
        return None
    try:
        current_app.url_map.bind("").match(path, "GET")
    except HTTPException:
        return None
    return address


def absolute(endpoint: str, **values: Any) -> str:
    """Return the address of a page as letters and QRs name it (public_url)."""
    return authentication.runtime().public_url + url_for(endpoint, **values)
