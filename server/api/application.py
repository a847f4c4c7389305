"""Serves the API's routes by themselves: Flask's frame around a request cost a third of a check-in.

Flask knows the same addresses and answers whatever is asked of them that no route takes: another method, OPTIONS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_etags

from server.api import authentication, headers_and_log
from server.api.asked import Asked
from server.api.authentication import Reply
from server.api.routes import API, BLUEPRINT, ROUTES, Route, answer
from server.services.context import RuleBroken
from server.store.errors import StoreUnavailable

_SAFE = list(headers_and_log.SAFE_HEADERS.items())
_STATUS = {each.value: f"{each.value} {each.phrase}" for each in HTTPStatus}
_NOT_MODIFIED, _NO_CONTENT = 304, 204
_Found = tuple[Route, str, Mapping[str, Any]]


class Api:
    """The WSGI application of the routes, in front of Flask's."""

    def __init__(self, flask: Flask, most_bytes: int) -> None:
        self._flask = flask
        self._inner = flask.wsgi_app
        self._most_bytes = most_bytes
        self._routes = {f"{BLUEPRINT}.{each.name}": each for each in ROUTES}
        self._addresses = flask.url_map.bind("")

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request."""
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        if path.startswith(API):
            path = path.encode("latin-1").decode(errors="replace")
            found = self._find(path, method)
        else:
            found = None
        if found is None:
            return self._inner(environ, start_response)
        route, pattern, values = found
        asked = Asked(environ, method, path, self._most_bytes)
        runtime: authentication.Runtime = self._flask.extensions["numerek"]
        reply = _dressed(_answered(lambda: answer(runtime, route, asked, values), asked), asked)
        named = [*reply.headers, *_SAFE, *headers_and_log.headers_of(asked.request_id, runtime.clock.now())]
        headers_and_log.write_done(
            headers_and_log.Done(
                self._flask.name,
                asked.request_id,
                method,
                pattern,
                reply.status,
                asked.began,
                asked.reason,
                asked.principal,
            )
        )
        start_response(_STATUS[reply.status], named)
        return [] if method == "HEAD" else [reply.body]

    def _find(self, path: str, method: str) -> _Found | None:
        """Find the route of a request, its pattern and the values in its address; None for what is none."""
        try:
            rule, values = self._addresses.match(path, method, return_rule=True)
        except HTTPException:
            return None
        route = self._routes.get(rule.endpoint)
        if route is None or method == "OPTIONS":
            return None
        return route, rule.rule, values


def _answered(call: Callable[[], Reply], asked: Asked) -> Reply:
    """Answer; what goes wrong becomes a problem, and an error of ours stands in the log."""
    try:
        return call()
    except RuleBroken as broken:
        return _refused(broken, asked)
    except StoreUnavailable as gone:
        return _refused(RuleBroken(503, gone.reason, retry_after=gone.retry_after_seconds), asked)
    except Exception as error:
        headers_and_log.write_bug(error, asked.request_id)
        return _refused(RuleBroken(500, "internal_error", request_id=asked.request_id), asked)


def _refused(error: RuleBroken, asked: Asked) -> Reply:
    asked.reason = error.reason
    return authentication.refusal_of(error)


def _dressed(reply: Reply, asked: Asked) -> Reply:
    """Add the tag of what was answered and its length; nothing but the tag for who has it already."""
    headers = reply.headers
    if asked.etag is not None and reply.status < 400:
        headers = [*headers, ("ETag", f'W/"{asked.etag}"')]
        if parse_etags(asked.header("HTTP_IF_NONE_MATCH")).contains_weak(asked.etag):
            return Reply(_NOT_MODIFIED, headers[-1:], b"")
    if reply.status != _NO_CONTENT:
        headers = [*headers, ("Content-Length", str(len(reply.body)))]
    return Reply(reply.status, headers, reply.body)
