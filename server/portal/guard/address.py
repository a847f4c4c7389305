"""Whether one may book from where a visitor is (rule 8)."""

from __future__ import annotations

import ipaddress
from functools import cache

from flask import request

from server.api import authentication
from server.services.office.settings import BranchView

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def may_book(branch: BranchView) -> bool:
    """Say whether a branch takes bookings from this address (⚙ booking_countries; none: from everywhere).

    The country of an address is never the only gate, and the table may not know it: people from an unknown
    country may book. Networks of the house and those that the operator allows (⚙ allowed_networks) may always.
    Only booking is limited; reading, cancelling and checking in never are.
    """
    wanted, outside = branch.policy.booking_countries, authentication.runtime().outside
    if not wanted or outside is None:
        return True
    address = _address()
    if address is None or _is_trusted(address, authentication.runtime().portal.allowed_networks):
        return True
    country = outside.countries.of(str(address))
    return country is None or country in wanted


def _address() -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Read the address that the connection, or a trusted proxy, tells; forged headers never come so far."""
    try:
        address = ipaddress.ip_address((request.remote_addr or "").partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address


def _is_trusted(address: ipaddress.IPv4Address | ipaddress.IPv6Address, allowed: tuple[str, ...]) -> bool:
    if address.is_private or address.is_loopback or address.is_link_local:
        return True
    return any(address in network for network in _networks(allowed))


@cache
def _networks(allowed: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(each) for each in allowed)
