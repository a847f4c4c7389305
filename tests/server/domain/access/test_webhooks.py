"""What a webhook's message says and how it is signed, and where it may go."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from server.domain.access.webhooks import (
    PUBLISHED,
    Event,
    body,
    headers,
    is_named,
    may_be_reached,
    signature,
)
from wire.vocabulary import FactType

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
INSIDE = [
    *("127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1"),
    *("169.254.169.254", "224.0.0.1", "239.255.255.250", "255.255.255.255", "192.0.2.1", "240.0.0.1"),
    *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a00:1"),
    *("2002:7f00:1::", "2002:a9fe:a9fe::1"),
]


def test_the_signature_is_that_of_other_tools() -> None:
    # printf '1764061200.{"id":1}' | openssl dgst -sha256 -hmac 'nw_secret'
    told = "v1=3af744f8cf3715e056ffaee5df1b03962ea3a65746cc733db8dcc9499299bf24"
    assert signature("nw_secret", 1764061200, b'{"id":1}') == told
    assert signature("nw_secret", 1764061201, b'{"id":1}') != told
    assert signature("nw_other", 1764061200, b'{"id":1}') != told
    assert headers("nw_secret", "1-1", "x", 1764061200, b'{"id":1}')["Numerek-Signature"] == told


def test_a_message_holds_ids_and_numbers_and_leaves_the_rest_in_the_office() -> None:
    data = {
        **{"ticket": 5, "number": "P017", "counter": 7, "hall": "A"},
        **{"clerk": 3, "user": 4, "device": 9, "reason": "health", "missing": ["passport"], "name": "Nowak"},
    }
    told = json.loads(body(Event(12, "ticket.called", AT, "wroclaw", data)))
    assert told == {
        "id": 12,
        "type": "ticket.called",
        "at": "2026-11-24T09:00:00+00:00",
        "branch": "wroclaw",
        "data": {"ticket": 5, "number": "P017", "counter": 7, "hall": "A"},
    }


def test_nothing_of_staff_accounts_or_the_guard_is_published() -> None:
    kept = {
        FactType.USER_CHANGED,
        FactType.STAFF_SIGNED_IN,
        FactType.ACCOUNT_MADE,
        FactType.RESERVATION_LOOKED_AT,
    }
    assert not kept & set(PUBLISHED)
    assert {each.partition(".")[0] for each in PUBLISHED} == {
        *("ticket", "reservation", "counter", "service", "walk_ins")
    }


@pytest.mark.parametrize("address", INSIDE)
def test_nothing_goes_inside(address: str) -> None:
    assert not may_be_reached(address, ())


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:8.8.8.8"])
def test_control_the_public_internet_may_be_reached(address: str) -> None:
    assert may_be_reached(address, ())
    assert not is_named(address, ("10.0.0.0/8",))


def test_the_operator_opens_a_network_and_no_other() -> None:
    assert may_be_reached("10.1.2.3", ("10.1.0.0/16",))
    assert may_be_reached("::ffff:10.1.2.3", ("10.1.0.0/16",))
    assert may_be_reached("fd00::5", ("10.1.0.0/16", "fd00::/64"))
    assert not may_be_reached("10.2.0.1", ("10.1.0.0/16", "fd00::/64"))
