"""Messages to webhooks over HTTP: no redirect is followed, and nothing of an answer is read but its head."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from functools import cached_property

from server.services.ports import NotDelivered


class HttpWebhooks:
    """Posts messages; `networks` are those inside that they may reach, `seconds` is all that one may take."""

    def __init__(
        self, networks: Sequence[str], seconds: float, trusted: ssl.SSLContext | None = None
    ) -> None:
        self._networks, self._seconds, self._trusted = networks, seconds, trusted

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Post a message; return the status of the answer, whatever it is. Raises NotDelivered."""
        # Here and not above: an office without webhooks does not pay for the library.
        import httpcore

        from server.adapters.checked_network import CheckedNetwork

        network = CheckedNetwork(self._networks, self._seconds, plain=not url.startswith("https:"))
        try:
            with (
                httpcore.ConnectionPool(ssl_context=self._tls, network_backend=network) as pool,
                pool.stream("POST", url, headers=list(headers.items()), content=body) as answer,
            ):
                return int(answer.status)
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
            is_tls = isinstance(error.__cause__ or error.__context__, ssl.SSLError)
            raise NotDelivered("tls" if is_tls else "no_connection", retry=True) from None
        except httpcore.TimeoutException:
            raise NotDelivered("too_slow", retry=True) from None
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol):
            raise NotDelivered("no_answer", retry=True) from None

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self._trusted or ssl.create_default_context()
