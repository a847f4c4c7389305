"""The composition root: puts store, clock, keys, services, routes and front together."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter, Map

from server.api import (
    authentication,
    boards,
    counters,
    devices,
    headers_and_log,
    metrics,
    offline,
    openapi,
    readiness,
    reservations,
    routes,
    tickets,
    visitors,
)
from server.api.application import Api
from server.api.headers_and_log import SAFE_HEADERS
from server.clock import Clock
from server.http.asgi import ALIVE
from server.http.dispatch import mount
from server.portal.queue import hall_code, track, web_board
from server.services.context import RuleBroken
from server.services.office.settings import OfficeCache
from server.services.ports import Outside
from server.services.queue.forecasts import Forecasts
from server.store.errors import StoreUnavailable
from server.store.keyring import Keyring
from server.store.leadership import Leadership
from server.store.store import Store
from wire.settings import MetricsSettings, PortalSettings, ReadinessSettings, StaffSettings

log = logging.getLogger("numerek.requests")
_ROUTE_MODULES = (boards, counters, devices, offline, reservations, tickets, visitors)
_OWN = ("Content-Security-Policy", "Cache-Control")
"""What a page or a file may rule for itself."""
_SAFE = list(SAFE_HEADERS.items())


def build_runtime(
    store: Store,
    clock: Clock,
    keys: Keyring,
    public_url: str,
    outside: Outside | None = None,
    portal: PortalSettings | None = None,
    staff: StaffSettings | None = None,
    watched: MetricsSettings | None = None,
    ready: ReadinessSettings | None = None,
    data_dir: Path | None = None,
) -> authentication.Runtime:
    """Gather what the routes need."""
    office, forecasts = OfficeCache(store), Forecasts()
    pages, own = portal or PortalSettings(), staff or StaffSettings()
    return authentication.Runtime(
        store,
        clock,
        keys,
        office,
        forecasts,
        Leadership(store, lambda: not keys.is_behind(clock.now())),
        public_url,
        outside,
        pages,
        own,
        watched or MetricsSettings(),
        ready or ReadinessSettings(),
        data_dir,
    )


def create_app(runtime: authentication.Runtime, *, max_body_bytes: int = 65_536) -> Flask:
    """Make the Flask application: API, phone page, web board, health, errors, headers, request log.

    Behind it stand the booking pages, unless they are switched off (server.http.dispatch).
    """
    app = Flask("server", static_folder=None, template_folder="portal/templates")
    app.config.update(MAX_CONTENT_LENGTH=max_body_bytes, TRAP_HTTP_EXCEPTIONS=False)
    app.extensions["numerek"] = runtime
    app.url_map.converters["int"] = RowNumber
    app.register_blueprint(routes.blueprint())
    track.join(app)
    app.register_blueprint(hall_code.pages)
    web_board.join(app, boards.shared_snapshot)
    app.add_url_rule("/api/v1/openapi.json", "openapi", openapi.page)
    app.add_url_rule("/healthz", "healthz", lambda: authentication.respond(200, ALIVE))
    app.add_url_rule("/readyz", "readyz", readiness.page)
    app.add_url_rule("/metrics", "metrics", metrics.page)
    app.register_error_handler(RuleBroken, authentication.refuse)
    app.register_error_handler(StoreUnavailable, authentication.refuse_store)
    app.register_error_handler(HTTPException, authentication.refuse_http)
    app.register_error_handler(Exception, _bug)
    app.before_request(headers_and_log.begin)
    app.after_request(_end)
    app.wsgi_app = Api(app, max_body_bytes)  # type: ignore[method-assign]
    mount(app, portal=runtime.portal.enabled, staff=runtime.staff.enabled)
    return app


class RowNumber(IntegerConverter):
    """A number in an address that a row can have; a larger one is no address of ours (404)."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=2**63 - 1)


def _end(response: Response) -> Response:
    own = [name for name in _OWN if name in response.headers]
    safe = [each for each in _SAFE if each[0] not in own] if own else _SAFE
    response.headers.extend([*safe, *headers_and_log.own_headers()])
    if "etag" in g:
        response.set_etag(g.etag, weak=True)
        response.make_conditional(request)
    headers_and_log.write_log(response)
    return response


def _bug(error: Exception) -> Response:
    """Answer an error of ours: the log has the place, the caller the request's id."""
    request_id = g.get("request_id")
    headers_and_log.write_bug(error, request_id)
    return authentication.refuse(RuleBroken(500, "internal_error", request_id=request_id))


class JsonLines(logging.Formatter):
    """One line a record, as JSON or as words, in which no value can begin a line of its own."""

    def __init__(self, *, as_json: bool = True) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        line: dict[str, Any] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "from": record.name,
            "event": record.getMessage(),
        }
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        if self._as_json:
            return json.dumps(line)
        words = (f"{name}={json.dumps(value)}" for name, value in list(line.items())[3:])
        return f"{line['at']} {line['level']} {' '.join(words)}"
