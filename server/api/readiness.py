"""GET /readyz: whether this server can serve, by its parts; a warning keeps nobody away."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

from flask import Response

from server.api import authentication
from server.api.authentication import Runtime
from server.services.context import RuleBroken
from server.services.statistics.watching import overdue_seconds
from server.store.errors import StoreUnavailable
from server.store.health import DatabaseHealth, asked, look_at_database, look_at_disks

log = logging.getLogger("numerek.requests")
OK = "ok"
MISSING = frozenset(
    {
        ("database", "gone"),
        ("database", "read_only"),
        ("disk", "full"),
        ("office", "not_set_up"),
        ("keys", "missing"),
    }
)
"""What keeps the server from serving; any other word but `ok` is a warning."""
_MB = 1_000_000


def page() -> Response:
    """Say whether requests can be served, and how each part is.

    A setting that cannot be read shuts off its service only: the server is ready, and says which one is shut off.
    It also says what the office has not stated on the booking pages, and which statement wants its yearly review.
    """
    runtime = authentication.runtime()
    parts: dict[str, str] = {"disk": _disk(runtime)}
    beside: dict[str, list[str]] = {}
    try:
        with asked():
            parts |= _of_the_database(runtime)
            beside = dict(_beside(runtime))
    except StoreUnavailable as error:
        log.warning("not ready: %s", error.reason)
        parts["database"] = "gone"
    missing = [name for name, word in parts.items() if (name, word) in MISSING]
    if missing:
        refused = RuleBroken(503, "not_ready", missing=missing, parts=parts, retry_after=1)
        return authentication.refuse(refused)
    told: dict[str, Any] = {"status": "ready", "parts": parts} | beside
    return authentication.respond(200, json.dumps(told, separators=(",", ":")).encode())


def _of_the_database(runtime: Runtime) -> dict[str, str]:
    health = look_at_database(runtime.store)
    parts = {"database": OK if health.is_writable else "read_only"}
    if health.standbys:
        parts["replication"] = _replication(health, runtime.readiness.lag_seconds)
    if runtime.store.replica is not None:
        parts["replica"] = runtime.store.replica.state
    now = runtime.clock.now()
    overdue = runtime.store.read(lambda session: overdue_seconds(session, now))
    parts["outbox"] = "stuck" if overdue > runtime.readiness.outbox_minutes * 60 else OK
    parts["keys"] = runtime.keys.lack(now) or OK
    parts["office"] = OK if runtime.office.current().branches else "not_set_up"
    return parts


def _replication(health: DatabaseHealth, most_seconds: float) -> str:
    if health.lag_seconds is None:
        return "unknown"
    return OK if health.lag_seconds <= most_seconds else "lagging"


def _disk(runtime: Runtime) -> str:
    free = {name: disk.free for name, disk in look_at_disks(runtime.store, runtime.data_dir).items()}
    if "database" in free and free["database"] < runtime.readiness.disk_full_mb * _MB:
        return "full"
    return "low" if any(each < runtime.readiness.disk_low_mb * _MB for each in free.values()) else OK


def _beside(runtime: Runtime) -> Iterator[tuple[str, list[str]]]:
    office = runtime.office.current()
    if problems := office.problems():
        yield "shut_off", problems
    if not runtime.portal.enabled:
        return
    publisher = office.publisher
    if not_stated := publisher.not_stated(runtime.portal.terms_version):
        yield "not_stated", list(not_stated)
    if due := publisher.policy.accessibility.review_due(runtime.clock.now().date()):
        yield "review_due", [f"accessibility statement by {due}"]
