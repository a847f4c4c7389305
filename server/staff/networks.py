"""From where the staff's pages open: from everywhere, or from the office's own networks ⚙."""

from __future__ import annotations

import ipaddress

from flask import Flask, abort, request

from server.api import authentication


def join(app: Flask) -> None:
    """Look at every request."""
    app.before_request(_admit)


def source() -> str:
    """Return the address that a request comes from, as text; a trusted proxy has told it."""
    return (request.remote_addr or "").partition("%")[0]


def _admit() -> None:
    """Answer a request from elsewhere with 404: that there are such pages is nobody's business there."""
    if not is_allowed(source(), authentication.runtime().staff.networks):
        abort(404)


def is_allowed(address: str, networks: tuple[str, ...]) -> bool:
    """Say whether an address lies within the office's networks; without any, every address is allowed."""
    return not networks or _is_within(address, networks)


def _is_within(address: str, networks: tuple[str, ...]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    found = getattr(found, "ipv4_mapped", None) or found
    return any(found in ipaddress.ip_network(each) for each in networks)
