"""The OpenAPI 3.1 page, made from the registered routes and the messages' own schemas."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from flask import Response
from pydantic.json_schema import models_json_schema

from server.api import authentication
from server.api.phone_addresses import ADDRESSES
from server.api.routes import ROUTES, Route
from wire.messages import Message, Problem

_REF = "#/components/schemas/{model}"
_PARAMETER = re.compile(r"<(?:(int):)?(\w+)>")
_ALWAYS = (400, 401, 403, 404, 409, 413, 415, 422, 429, 503)
_STREAM = {
    "get": {
        "operationId": "stream",
        "summary": "Server-sent events: `id` is the feed number, `event` the fact's type, `data` FactData.",
        "security": [{"bearer": []}],
        "parameters": [
            {
                "name": "topics",
                "in": "query",
                "required": True,
                "schema": {
                    "type": "string",
                    "pattern": "^(hall:[A-Za-z0-9_-]{1,10}|counter:[0-9]{1,3})(,|$)",
                },
            },
            {
                "name": "Last-Event-ID",
                "in": "header",
                "schema": {"type": "string", "pattern": "^[0-9]{1,18}$"},
            },
        ],
        "responses": {
            "200": {"description": "The stream", "content": {"text/event-stream": {}}},
            "410": {"description": "Too far behind: take a snapshot"},
        },
    }
}


def _beside(name: str, what: str, kinds: dict[str, str], **more: Any) -> dict[str, Any]:
    """Describe a page that is no route of the table, by the kind of content of each status."""
    responses = {status: {"description": what, "content": {kind: {}}} for status, kind in kinds.items()}
    return {"get": {"operationId": name, "summary": what, "responses": responses, **more}}


_JSON, _PROBLEM = "application/json", "application/problem+json"
_BESIDE = {
    "/api/v1/stream": _STREAM,
    "/api/v1/openapi.json": _beside("openapi", "This page.", {"200": _JSON}),
    "/healthz": _beside("healthz", "The server lives.", {"200": _JSON}),
    "/readyz": _beside("readyz", "The server can work, or what is missing.", {"200": _JSON, "503": _PROBLEM}),
    "/metrics": _beside(
        "metrics",
        "What a monitoring system reads, from the operator's networks.",
        {"200": "text/plain", "404": _PROBLEM, "503": _PROBLEM},
    ),
    **ADDRESSES,
}


def page() -> Response:
    """Answer the page."""
    return authentication.respond(200, document())


@cache
def document() -> bytes:
    """Return the OpenAPI document as JSON."""
    models = {Problem} | {model for each in ROUTES for model in (each.body, *each.answers.values()) if model}
    ordered = sorted(models, key=lambda model: model.__name__)
    _, schemas = models_json_schema([(model, "serialization") for model in ordered], ref_template=_REF)
    paths: dict[str, Any] = dict(_BESIDE)
    for each in ROUTES:
        address = "/api/v1" + _PARAMETER.sub(r"{\2}", each.path)
        paths.setdefault(address, {})[each.method.lower()] = _operation(each)
    return json.dumps(
        {
            "openapi": "3.1.0",
            "info": {"title": "Numerek", "version": "1"},
            "paths": paths,
            "components": {
                "schemas": schemas["$defs"],
                "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            },
        }
    ).encode()


def _operation(each: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": each.name,
        "summary": (each.handler.__doc__ or "").partition("\n")[0],
        "description": "For: " + ", ".join(sorted(each.who)),
        "parameters": _parameters(each),
        "responses": _responses(each),
    }
    if "anyone" not in each.who:
        operation["security"] = [{"bearer": []}]
    if each.body is not None:
        operation["requestBody"] = {"required": True, "content": _content(each.body, "application/json")}
    return operation


def _parameters(each: Route) -> list[dict[str, Any]]:
    kinds = {"int": {"type": "integer", "minimum": 0, "maximum": 2**63 - 1}, "": {"type": "string"}}
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": kinds[kind]}
        for kind, name in _PARAMETER.findall(each.path)
    ]
    if each.query:
        found.append({"name": each.query, "in": "query", "required": False, "schema": {"type": "string"}})
    if each.is_command:
        key = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"}
        found.append({"name": "Idempotency-Key", "in": "header", "required": True, "schema": key})
    return found


def _responses(each: Route) -> dict[str, Any]:
    responses: dict[str, Any] = {
        str(status): {
            "description": authentication.TITLES[status],
            "content": _content(Problem, "application/problem+json"),
        }
        for status in _ALWAYS
    }
    for status, model in each.answers.items():
        responses[str(status)] = {"description": authentication.TITLES.get(status, "Done")}
        if model is not None:
            kind = "application/json" if status < 400 else "application/problem+json"
            responses[str(status)]["content"] = _content(model, kind)
    return dict(sorted(responses.items()))


def _content(model: type[Message], kind: str) -> dict[str, Any]:
    return {kind: {"schema": {"$ref": _REF.format(model=model.__name__)}}}
