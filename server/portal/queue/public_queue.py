"""The queue of a branch for other people's programs, as JSON and as CSV: anybody may ask, from any page.

Nothing here belongs to a browser: no cookie is read or set, so that caches on the way may keep the answer.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from hashlib import sha256

from flask import Blueprint, Response, request

from server.api import authentication
from server.services.context import RuleBroken
from server.services.queue.views import public_queue as views
from server.web.pages import read_recent
from wire.messages import PublicLine, PublicQueue

pages = Blueprint("public_queue", __name__)
_FOR_EVERYBODY = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Numerek-Time, Retry-After",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
_KEPT = "public, max-age=2"
# A spreadsheet would take a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_FIGURES = (
    *("waiting", "waiting_booked", "waiting_walk_in", "counters_open", "walk_ins"),
    *("last_called", "last_called_at", "wait_from_minutes", "wait_until_minutes"),
)


@pages.get("/open/<branch>/queue.json")
def as_json(branch: str) -> Response:
    """Give the queue as JSON."""
    found = _found(branch)
    if isinstance(found, Response):
        return found
    return _answer(found, found.model_dump_json(exclude_none=True), "application/json")


@pages.get("/open/<branch>/queue.csv")
def as_csv(branch: str) -> Response:
    """Give the queue as CSV: a row for each service."""
    found = _found(branch)
    if isinstance(found, Response):
        return found
    written = io.StringIO(newline="")
    csv.writer(written).writerows(_rows(found))
    return _answer(found, written.getvalue(), "text/csv; charset=utf-8")


def _found(branch: str) -> PublicQueue | Response:
    """Read the queue; or say in the API's form why there is none."""
    shared = authentication.runtime().views
    try:
        shown = read_recent(lambda session, context: views.public_queue(session, context, shared, branch))
    except RuleBroken as refused:
        response = authentication.refuse(refused)
        response.headers.update(_FOR_EVERYBODY)
        return response
    return PublicQueue.model_validate(shown, from_attributes=True)


def _answer(queue: PublicQueue, body: str, kind: str) -> Response:
    """Answer the figures; who has them hears that they hold: their instant is no part of the tag."""
    response = Response(body, content_type=kind)
    response.headers.update(_FOR_EVERYBODY)
    response.headers["Cache-Control"] = _KEPT
    figures = f"{kind} {queue.model_dump_json(exclude={'at'})}"
    response.set_etag(sha256(figures.encode()).hexdigest()[:16], weak=True)
    response.make_conditional(request)
    return response


def _rows(queue: PublicQueue) -> Iterator[list[str]]:
    languages = sorted({language for line in queue.services for language in line.names})
    held = queue.expected_times_held_percent
    names_in = [f"name_{language}" for language in languages]
    yield ["branch", "at", "letter", *names_in, *_FIGURES, "expected_times_held_percent"]
    for line in queue.services:
        names = [_text(line.names.get(language, "")) for language in languages]
        yield [_text(queue.branch), queue.at.isoformat(), line.letter, *names, *_figures(line), _number(held)]


def _figures(line: PublicLine) -> list[str]:
    told = line.model_dump(mode="json")
    told["walk_ins"] = "true" if line.walk_ins else "false"
    return ["" if told[name] is None else str(told[name]) for name in _FIGURES]


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _text(words: str) -> str:
    return f"'{words}" if words.startswith(_FORMULA) else words
