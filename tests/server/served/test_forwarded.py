"""Where a visitor comes from is told by the connection, or by a proxy that is trusted; by nobody else."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from server.run import _config
from wire.settings import ServerSettings

VISITOR, PROXY, STRANGER = "203.0.113.7", "10.0.0.5", "198.51.100.66"


def seen(peer: str, trusted: tuple[str, ...], **headers: str) -> tuple[str, str]:
    """Return address and scheme as the pages see them, for a request that `peer` sends."""
    found: list[tuple[str, str]] = []

    async def pages(scope: Any, _receive: Any, _send: Any) -> None:
        found.append((scope["client"][0], scope["scheme"]))

    config = _config(pages, ServerSettings(trusted_proxies=trusted))  # type: ignore[arg-type]
    config.load()
    scope = {
        "type": "http",
        "client": (peer, 4711),
        "scheme": "http",
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
    }
    asyncio.run(config.loaded_app(scope, None, None))  # type: ignore[arg-type]
    return found[0]


def test_a_trusted_proxy_says_whom_it_speaks_for() -> None:
    told = {"x_forwarded_for": VISITOR, "x_forwarded_proto": "https"}
    assert seen(PROXY, (PROXY,), **told) == (VISITOR, "https")
    assert seen(PROXY, ("10.0.0.0/16",), **told) == (VISITOR, "https")


@pytest.mark.parametrize("trusted", [(), (PROXY,), ("10.0.0.0/16",)])
def test_from_anybody_else_a_forged_header_changes_nothing(trusted: tuple[str, ...]) -> None:
    forged = {"x_forwarded_for": VISITOR, "x_forwarded_proto": "https", "forwarded": f"for={VISITOR}"}
    assert seen(STRANGER, trusted, **forged) == (STRANGER, "http")


def test_a_visitor_cannot_put_an_address_before_their_own() -> None:
    assert seen(PROXY, (PROXY,), x_forwarded_for=f"127.0.0.1, {VISITOR}")[0] == VISITOR
    assert seen(PROXY, (PROXY,), x_forwarded_for=f"127.0.0.1, {STRANGER}, {PROXY}")[0] == STRANGER
