"""One request to the demo's server, as a device or a clerk makes it: for what no window of the demo does."""

from __future__ import annotations

import json
import secrets
import urllib.error
import urllib.request
from typing import Any

SECONDS = 10.0


def ask(base_url: str, method: str, path: str, token: str = "", body: Any = None) -> tuple[int, Any]:
    """Send one command or question; return the status and the answer (None without one).

    Raises OSError when nobody answers.
    """
    headers = {"Idempotency-Key": secrets.token_urlsafe(12), "Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    payload = json.dumps(body or {}).encode() if method == "POST" else None
    request = urllib.request.Request(base_url + path, payload, headers, method=method)
    # A proxy of the machine has nothing to say on loopback.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=SECONDS) as answer:
            return answer.status, _read(answer.read())
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, _read(refused.read())


def fetch_page(url: str) -> str:
    """Fetch a page as a phone does; raise OSError when it cannot be had."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=SECONDS) as answer:
        return str(answer.read().decode("utf-8"))


def sign_in(base_url: str, counter_token: str, clerk: dict[str, str]) -> str:
    """Sign a clerk in at a counter; return the session's token."""
    status, answer = ask(base_url, "POST", "/api/v1/sessions", counter_token, clerk)
    if status != 201:
        raise OSError(f"the clerk could not sign in: {status} {answer}")
    return str(answer["token"])


def _read(text: bytes) -> Any:
    return json.loads(text) if text else None
