"""What every answer carries beside its content, and what the log keeps of a request."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, current_app, g, request

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


listeners: list[Callable[[Mapping[str, Any]], None]] = []
"""Who else is told what the log keeps of a request, in its thread."""


@dataclass(frozen=True, slots=True)
class Done:
    """A request that was answered, as the log keeps it: `began` as time.perf_counter told it.

    `route` is the pattern, never the address; nothing of a body is kept (quality.md, Safe 6).
    """

    application: str
    request_id: str
    method: str
    route: str | None
    status: int
    began: float
    reason: str | None = None
    principal: str | None = None


def new_id() -> str:
    """Draw the id of a request."""
    return secrets.token_hex(8)


def begin() -> None:
    """Note when a request began, and give it an id."""
    g.began = time.perf_counter()
    g.request_id = new_id()


def own_headers() -> list[tuple[str, str]]:
    """Return the headers that are new with each answer: the request's id and the server's time."""
    return headers_of(g.request_id, authentication.runtime().clock.now())


def headers_of(request_id: str, now: datetime) -> list[tuple[str, str]]:
    """Return the headers that are new with each answer, for this id and this instant."""
    return [("X-Request-Id", request_id), ("Numerek-Time", now.isoformat(timespec="milliseconds"))]


def write_log(response: Response) -> None:
    """Count the request, and keep a line of it where the log takes such lines."""
    rule = request.url_rule
    done = Done(
        current_app.name,
        g.request_id,
        request.method,
        rule.rule if rule is not None else None,
        response.status_code,
        g.began,
        g.get("reason"),
        g.get("principal"),
    )
    write_done(done)


def write_done(done: Done) -> None:
    """Count a request that was answered, and keep a line of it where the log takes such lines."""
    seconds = time.perf_counter() - done.began
    request_counts.count(done.application, done.method, done.route, done.status, seconds, done.reason)
    if listeners or log.isEnabledFor(logging.INFO):
        told = _logged(done, seconds)
        for listener in listeners:
            listener(told)
        log.info("request", extra={"fields": told})


def write_bug(error: Exception, request_id: str | None) -> None:
    """Keep where an error of ours happened, under the request's id."""
    log.error("bug", exc_info=error, extra={"fields": {"id": request_id}})


def _logged(done: Done, seconds: float) -> dict[str, Any]:
    """Return what the log keeps."""
    return {
        "id": done.request_id,
        "method": done.method,
        "route": done.route,
        "status": done.status,
        "reason": done.reason,
        "ms": round(seconds * 1000, 2),
        "principal": done.principal,
    }
