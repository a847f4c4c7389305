"""Connections of webhooks: only to addresses that were checked, and only until the time of the request is over.

A name is resolved here, and the connection goes to the very address that was looked at: a name that says
something else a moment later leads nowhere else.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterable, Sequence
from typing import Any

import httpcore

from server.domain.access.webhooks import is_named, may_be_reached
from server.services.ports import NotDelivered

_MOST_TRIED = 3


class CheckedNetwork(httpcore.NetworkBackend):
    """Opens connections to public addresses, and to the networks that the operator names.

    `plain` is for an address without TLS: it may only lead into a network that is named.
    """

    def __init__(self, networks: Sequence[str], seconds: float, *, plain: bool) -> None:
        self._networks, self._plain = networks, plain
        self._until = time.monotonic() + seconds
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first of a name's addresses that answers. Raises NotDelivered for one inside."""
        for address in (addresses := self._checked(host, port))[:-1]:
            try:
                return self._connect(address, port)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self._connect(addresses[-1], port)

    def left(self) -> float:
        """Return how many seconds are left. Raises ReadTimeout when none are."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the time of the request is over")
        return left

    def _connect(self, address: str, port: int) -> httpcore.NetworkStream:
        return _Bounded(self._inner.connect_tcp(address, port, self.left()), self)

    def _checked(self, host: str, port: int) -> list[str]:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise NotDelivered("no_such_host", retry=True) from None
        addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
        for address in addresses:
            if not may_be_reached(address, self._networks):
                raise NotDelivered("inside_address", retry=True)
            if self._plain and not is_named(address, self._networks):
                raise NotDelivered("not_https", retry=True)
        return addresses[:_MOST_TRIED]


class _Bounded(httpcore.NetworkStream):
    """A connection each step of which ends when the time of the request does."""

    def __init__(self, inner: httpcore.NetworkStream, network: CheckedNetwork) -> None:
        self._inner, self._network = inner, network

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what has come."""
        return self._inner.read(max_bytes, self._network.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send."""
        self._inner.write(buffer, self._network.left())

    def close(self) -> None:
        """Close."""
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Speak TLS from here on."""
        inner = self._inner.start_tls(ssl_context, server_hostname, self._network.left())
        return _Bounded(inner, self._network)

    def get_extra_info(self, info: str) -> Any:
        """Tell something of the connection."""
        return self._inner.get_extra_info(info)
