"""The visitor's phone follows a ticket: a plain page that renews itself, without JavaScript."""

from __future__ import annotations

import secrets
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from server.api import authentication
from server.services.context import RuleBroken
from server.services.queue import feedback
from server.services.queue.feedback import Stage
from server.services.queue.views.phone import called_before, phone
from server.services.statistics.published import held_percent
from wire.sentences import Sentences
from wire.vocabulary import TicketStatus

RENEW_SECONDS = 10
_TRACK = "queue/track.html"
_MARKS = tuple(str(mark) for mark in feedback.MARKS)
_ENDED = frozenset({TicketStatus.FINISHED, TicketStatus.NO_SHOW, TicketStatus.WITHDRAWN})

pages = Blueprint("track", __name__)


@pages.get("/t/<token>")
def show(token: str) -> Response:
    """Show a ticket's place in line in the visitor's language; 404 as a page for any other address."""
    return _shown(token)


@pages.get("/t/<token>/why")
def why(token: str) -> Response:
    """Tell why others of the same service were called while this ticket waited."""
    runtime = authentication.runtime()
    context = runtime.context()
    try:
        ticket, calls = runtime.store.read(lambda session: called_before(session, context, token))
    except RuleBroken:
        return _page(_TRACK, "pl", 404, ticket=None, hall="", hours={}, renew=0)
    zone = context.branch(ticket.branch_id).policy.zone
    told = [
        (each.number, _hour(each.called_at, zone), each.reason, _hour(each.appointment_at, zone))
        for each in calls
    ]
    return _page("queue/why.html", ticket.language, 200, number=ticket.number, calls=told, back=f"/t/{token}")


@pages.post("/t/<token>")
def give_feedback(token: str) -> ResponseReturnValue:
    """Keep what the visitor thinks of the visit, and show the page again; its secret is in the address."""
    runtime = authentication.runtime()
    context = runtime.context()
    mark, words = request.form.get("mark", ""), request.form.get("words", "")
    chosen = int(mark) if mark in _MARKS else 0
    try:
        runtime.store.write(lambda session: feedback.give(session, context, token, chosen, words))
    except RuleBroken as broken:
        if broken.status == 422:
            return _shown(token, mistake=broken.reason, mark=mark, words=words)
        if broken.status == 404:
            return _shown(token)
    return redirect(f"/t/{token}", 303)


def _shown(token: str, mistake: str | None = None, mark: str = "", words: str = "") -> Response:
    runtime = authentication.runtime()
    context = runtime.context()
    try:
        ticket, hall = runtime.store.read(lambda session: phone(session, context, token))
        branch = context.branch(hall.branch_id)
        held = runtime.store.read(lambda session: held_percent(session, context, runtime.views, branch))
    except RuleBroken:
        return _page(_TRACK, "pl", 404, ticket=None, hall="", hours={}, renew=0)
    stage = runtime.store.read(lambda session: feedback.stage(session, context, token))
    zone = branch.policy.zone
    place = ticket.place
    hours = {
        "from": _hour(place.expected_from if place else None, zone),
        "until": _hour(place.expected_until if place else None, zone),
        "visit": _hour(ticket.appointment_at, zone),
        "now": _hour(context.now, zone),
    }
    renew = 0 if ticket.status in _ENDED else RENEW_SECONDS
    asking = {"marks": _MARKS, "stage": stage, "stages": Stage, "mistake": mistake}
    typed = {"mark": mark, "words": words, "longest": feedback.LONGEST_WORDS}
    values = {"ticket": ticket, "hall": hall.name, "hours": hours, "renew": renew, "held": held}
    return _page(_TRACK, ticket.language, 422 if mistake else 200, **values, **asking, **typed)


def _page(template: str, language: str, status: int, /, **values: object) -> Response:
    nonce = secrets.token_urlsafe(16)
    spoken = language if language in sentences().languages else "en"
    words = {"say": partial(sentences().say, spoken), "language": spoken}
    direction = Locale.parse(spoken).text_direction
    html = render_template(template, **words, direction=direction, nonce=nonce, **values)
    response = make_response(html, status)
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; frame-ancestors 'none'; base-uri 'none'; "
        "form-action 'self'"
    )
    return response


@cache
def sentences() -> Sentences:
    """Return what the pages say, in every language."""
    return Sentences(Path(__file__).resolve().parent / "texts")


def _hour(at: datetime | None, zone: ZoneInfo) -> str | None:
    return None if at is None else at.astimezone(zone).strftime("%H:%M")
