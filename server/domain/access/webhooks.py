"""What programs of others hear by webhook: which facts, which of their data, and how a message is signed."""

from __future__ import annotations

import hmac
import ipaddress
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wire.vocabulary import FactType

# Facts of the queue and of visits: none of them holds more than ids, numbers, letters, hours and codes.
PUBLISHED: tuple[FactType, ...] = (
    FactType.TICKET_ISSUED,
    FactType.TICKET_CALLED,
    FactType.TICKET_RECALLED,
    FactType.TICKET_STARTED,
    FactType.TICKET_FINISHED,
    FactType.TICKET_MISSED,
    FactType.TICKET_PUT_BACK,
    FactType.TICKET_TRANSFERRED,
    FactType.TICKET_WITHDRAWN,
    FactType.TICKET_CAME_BACK,
    FactType.RESERVATION_BOOKED,
    FactType.RESERVATION_ACTIVATED,
    FactType.RESERVATION_MOVED,
    FactType.RESERVATION_CANCELLED,
    FactType.RESERVATION_CHECKED_IN,
    FactType.RESERVATION_LAPSED,
    FactType.COUNTER_OPENED,
    FactType.COUNTER_PAUSED,
    FactType.COUNTER_CLOSED,
    FactType.SERVICE_CLOSED,
    FactType.SERVICE_OPENED,
    FactType.WALK_INS_STOPPED,
    FactType.WALK_INS_RESUMED,
)
# Colleagues, devices and reasons (one of them is health) stay in the office.
_TOLD = frozenset(
    {
        *("ticket", "number", "hall", "service", "counter", "call", "language", "lane", "ahead"),
        *("appointment_at", "reservation", "status", "from", "to", "lapsed_at"),
    }
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Event:
    """A fact of a branch as it is told."""

    feed_number: int
    type: str
    at: datetime
    branch: str
    data: Mapping[str, Any]


def body(event: Event) -> bytes:
    """Write the message of a fact: the same bytes at every try."""
    told = {
        "id": event.feed_number,
        "type": event.type,
        "at": event.at.isoformat(),
        "branch": event.branch,
        "data": {name: value for name, value in event.data.items() if name in _TOLD},
    }
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def signature(secret: str, timestamp: int, message: bytes) -> str:
    """Sign a message: HMAC-SHA256 over the timestamp, a full stop and the bytes of the body, in hexadecimal."""
    signed = f"{timestamp}.".encode() + message
    return "v1=" + hmac.new(secret.encode(), signed, "sha256").hexdigest()


def headers(secret: str, delivery: str, event_type: str, timestamp: int, message: bytes) -> dict[str, str]:
    """Write the headers of a message."""
    return {
        "Content-Type": "application/json",
        "User-Agent": "Numerek",
        "Numerek-Event": event_type,
        "Numerek-Delivery": delivery,
        "Numerek-Timestamp": str(timestamp),
        "Numerek-Signature": signature(secret, timestamp, message),
    }


def is_named(address: str, networks: Collection[str]) -> bool:
    """Say whether an address lies in one of the networks that the operator names."""
    plain = _plain(address)
    found = [ipaddress.ip_network(each) for each in networks]
    return any(plain.version == each.version and plain in each for each in found)


def may_be_reached(address: str, networks: Collection[str]) -> bool:
    """Say whether a message may go to an address: to the public internet, or where the operator lets it.

    An IPv4 address inside an IPv6 one counts as what it is.
    """
    plain = _plain(address)
    return (plain.is_global and not plain.is_multicast) or is_named(address, networks)


def _plain(address: str) -> Address:
    read = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(read, ipaddress.IPv4Address):
        return read
    inside = read.ipv4_mapped or read.sixtofour or (read.teredo[1] if read.teredo else None)
    if inside is None and read in _NAT64:
        inside = ipaddress.IPv4Address(int(read) & 0xFFFFFFFF)
    return inside or read
