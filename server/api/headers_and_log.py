"""What every answer carries beside its content, and what the log keeps of a request."""

from __future__ import annotations

import logging
import secrets
import time
from typing import Any

from flask import Response, g, request

from server.api import authentication, request_counts

log = logging.getLogger("numerek.requests")
SAFE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",
}


def begin() -> None:
    """Note when a request began, and give it an id."""
    g.began = time.perf_counter()
    g.request_id = secrets.token_hex(8)


def own_headers() -> list[tuple[str, str]]:
    """Return the headers that are new with each answer: the request's id and the server's time."""
    now = authentication.runtime().clock.now().isoformat(timespec="milliseconds")
    return [("X-Request-Id", g.request_id), ("Numerek-Time", now)]


def write_log(response: Response) -> None:
    """Count the request, and keep a line of it where the log takes such lines."""
    request_counts.count(response.status_code)
    if log.isEnabledFor(logging.INFO):
        log.info("request", extra={"fields": _logged(response)})


def write_bug(error: Exception) -> None:
    """Keep where an error of ours happened, under the request's id."""
    log.error("bug", exc_info=error, extra={"fields": {"id": g.get("request_id")}})


def _logged(response: Response) -> dict[str, Any]:
    """Return what the log keeps: the route's pattern, never the address or a body (quality.md, Safe 6)."""
    rule = request.url_rule
    return {
        "id": g.request_id,
        "method": request.method,
        "route": rule.rule if rule is not None else None,
        "status": response.status_code,
        "reason": g.get("reason"),
        "ms": round((time.perf_counter() - g.began) * 1000, 2),
        "principal": g.get("principal"),
    }
