"""The composition root: puts store, clock, keys, services, routes and front together."""

from __future__ import annotations

import json
import logging
from typing import Any

from flask import Flask, Response, g, request
from sqlalchemy import text
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter, Map

from server.api import (
    boards,
    counters,
    devices,
    door,
    envelope,
    openapi,
    reservations,
    routes,
    tickets,
    visitors,
)
from server.api.envelope import SAFE_HEADERS
from server.clock import Clock
from server.mount import mount
from server.portal import track
from server.services.moment import RuleBroken
from server.services.office import OfficeCache
from server.services.outside import Outside
from server.services.paces import PaceCache
from server.services.sign_in import Brake
from server.store.errors import StoreUnavailable
from server.store.seal import Keyring
from server.store.store import Store
from wire.settings import PortalSettings

log = logging.getLogger("numerek.requests")
_ROUTE_MODULES = (boards, counters, devices, reservations, tickets, visitors)
_POLICY = "Content-Security-Policy"
_SAFE = list(SAFE_HEADERS.items())
_SAFE_BESIDE_A_POLICY = [(name, value) for name, value in _SAFE if name != _POLICY]


def build_house(
    store: Store,
    clock: Clock,
    keys: Keyring,
    public_url: str,
    outside: Outside | None = None,
    portal: PortalSettings | None = None,
) -> door.House:
    """Gather what the routes need."""
    office, paces = OfficeCache(store), PaceCache(store)
    own = portal or PortalSettings()
    return door.House(store, clock, keys, office, paces, Brake(), public_url, outside, own)


def create_app(house: door.House, *, max_body_bytes: int = 65_536) -> Flask:
    """Make the Flask application: API, phone page, health, errors as problem+json, headers, request log.

    Behind it stand the booking pages, unless they are switched off (server.mount).
    """
    app = Flask("server", static_folder=None, template_folder="portal/templates")
    app.config.update(MAX_CONTENT_LENGTH=max_body_bytes, TRAP_HTTP_EXCEPTIONS=False)
    app.extensions["numerek"] = house
    app.url_map.converters["int"] = RowNumber
    app.register_blueprint(routes.blueprint())
    app.register_blueprint(track.pages)
    app.add_url_rule("/api/v1/openapi.json", "openapi", openapi.page)
    app.add_url_rule("/healthz", "healthz", lambda: door.respond(200, b'{"status":"ok"}'))
    app.add_url_rule("/readyz", "readyz", _ready)
    app.register_error_handler(RuleBroken, door.refuse)
    app.register_error_handler(StoreUnavailable, door.refuse_store)
    app.register_error_handler(HTTPException, door.refuse_http)
    app.register_error_handler(Exception, _bug)
    app.before_request(envelope.begin)
    app.after_request(_end)
    if house.portal.enabled:
        mount(app)
    return app


class RowNumber(IntegerConverter):
    """A number in an address that a row can have; a larger one is no address of ours (404)."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=2**63 - 1)


def _ready() -> Response:
    """Say whether requests can be served: the database answers and a branch is set up."""
    missing = []
    try:
        house = door.house()
        house.store.read(lambda session: session.execute(text("SELECT 1")))
        if not house.office.current().branches:
            missing.append("office")
    except Exception as error:
        log.warning("not ready: %s", type(error).__name__)
        missing.append("database")
    if missing:
        return door.refuse(RuleBroken(503, "not_ready", missing=missing, retry_after=1))
    return door.respond(200, b'{"status":"ready"}')


def _end(response: Response) -> Response:
    safe = _SAFE_BESIDE_A_POLICY if _POLICY in response.headers else _SAFE
    response.headers.extend([*safe, *envelope.own_headers()])
    if "etag" in g:
        response.set_etag(g.etag, weak=True)
        response.make_conditional(request)
    envelope.write_log(response)
    return response


def _bug(error: Exception) -> Response:
    """Answer an error of ours: the log has the place, the caller the request's id."""
    envelope.write_bug(error)
    return door.refuse(RuleBroken(500, "internal_error", request_id=g.get("request_id")))


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
