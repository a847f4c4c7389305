"""Text messages by any gateway that takes HTTP, with the folder beside it that takes them in trials."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, quote_plus, urlsplit

from server.adapters.trial_folder import put_into
from server.services.ports import NotDelivered

_SLOT = re.compile(r"\{(to|text)\}")
_NUMBER = re.compile(r"\+?[0-9]{3,20}")
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
# Our account at the gateway, or its load: to be mended or waited for, and no fault of the message.
_LATER = frozenset({401, 402, 403, 404, 407, 408, 425, 429})
# Whoever stands between has lost the answer: the gateway behind may have taken the message.
_UNCLEAR = frozenset({502, 504})


@dataclass(frozen=True, slots=True)
class Gateway:
    """How a gateway wants to be asked; `{to}` and `{text}` are filled into address and body.

    Raises ValueError for what can be no gateway.
    """

    url: str
    method: Literal["POST", "GET"]
    body: str
    content_type: str
    headers: Mapping[str, str]
    timeout_seconds: float = 20.0

    def __post_init__(self) -> None:
        if urlsplit(self.url).scheme not in ("http", "https") or not urlsplit(self.url).hostname:
            raise ValueError("'sms.url' should be an address such as https://sms.example.org/send")
        if _SLOT.search(urlsplit(self.url).netloc):
            raise ValueError("'sms.url' cannot have {to} or {text} in the name of the host")
        if self.content_type not in (JSON, FORM):
            raise ValueError(f"'sms.content_type' should be {JSON} or {FORM}")
        if self.method == "POST" and self.content_type == JSON:
            try:
                json.loads(fill(self.body, "+48123", 'a "b"', _in_json))
            except ValueError:
                raise ValueError("'sms.body' is no JSON when {to} and {text} are filled in") from None


class GatewayTexter:
    """Sends text messages by a gateway; the same message has the same Idempotency-Key at every try."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def send(self, to: str, text: str, key: str) -> None:
        """Send a text. Raises NotDelivered; what was refused for good, and what may have arrived, is told."""
        import httpx

        number = phone_number(to)
        gateway = self._gateway
        try:
            with self._client.stream(
                gateway.method,
                fill(gateway.url, number, text, _in_address),
                content=self._body(number, text),
                headers={**self._headers, "Idempotency-Key": key},
            ) as answer:
                code = answer.status_code
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            raise NotDelivered("no_connection", retry=True) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NotDelivered(_problem(error), retry=False, unclear=True) from None
        _accepted(code)

    def close(self) -> None:
        """Close what is kept open."""
        if "_client" in vars(self):
            self._client.close()

    @cached_property
    def _client(self) -> Any:
        # Here and not above: an office without a gateway does not pay for the library.
        import httpx

        seconds = self._gateway.timeout_seconds
        return httpx.Client(timeout=seconds, follow_redirects=False, trust_env=False)

    @cached_property
    def _headers(self) -> dict[str, str]:
        kind = {"Content-Type": self._gateway.content_type} if self._gateway.method == "POST" else {}
        return {**self._gateway.headers, **kind}

    def _body(self, to: str, text: str) -> bytes | None:
        if self._gateway.method == "GET":
            return None
        write = _in_json if self._gateway.content_type == JSON else quote_plus
        return fill(self._gateway.body, to, text, write).encode()


class FolderTexter:
    """The dummy beside it: text messages become .txt files."""

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        self._folder, self._now = folder, now

    def send(self, to: str, text: str, key: str) -> None:
        """Put a text into the folder."""
        body = f"To: {phone_number(to)}\n\n{text}\n"
        put_into(self._folder, self._now(), key, ".txt", body.encode())


def phone_number(text: str) -> str:
    """Return a phone number as gateways take it. Raises NotDelivered for what is none."""
    number = text.replace(" ", "")
    if _NUMBER.fullmatch(number) is None:
        raise NotDelivered("no_number", retry=False)
    return number


def fill(template: str, to: str, text: str, write: Callable[[str], str]) -> str:
    """Fill in both words at once, so that a text with `{to}` in it stays what it is."""
    values = {"to": write(to), "text": write(text)}
    return _SLOT.sub(lambda match: values[match[1]], template)


def _in_json(value: str) -> str:
    return json.dumps(value)[1:-1]


def _in_address(value: str) -> str:
    return quote(value, safe="")


def _accepted(code: int) -> None:
    """Read the gateway's answer. Raises NotDelivered."""
    if 200 <= code < 300:
        return
    if code in _UNCLEAR:
        raise NotDelivered(f"gateway_{code}", retry=False, unclear=True)
    # A redirect is not followed: it would take number and text to somewhere that nobody set.
    later = code in _LATER or code < 400 or code >= 500
    raise NotDelivered(f"gateway_{code}", retry=later)


def _problem(error: Exception) -> str:
    return "timeout" if "Timeout" in type(error).__name__ else "broken_line"
