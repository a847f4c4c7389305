"""The visitor's phone follows a ticket: a page that renews itself; its script keeps it current and rings."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
)
from flask.typing import ResponseReturnValue

from server.api import authentication
from server.domain.queue.visitor_steps import VisitorStep
from server.portal.queue import phone_page
from server.portal.queue.phone_page import BESIDE_A_STREAM_SECONDS, RENEW_SECONDS, clock
from server.services.context import RuleBroken, not_found
from server.services.queue import feedback, visitor
from server.services.queue.views.phone import called_before
from server.web import static_files
from server.web.qr import svg

_TRACK = "queue/track.html"

pages = Blueprint("track", __name__)


def join(app: Flask) -> None:
    """Add the pages, and the script that they name, to an application."""
    static_files.join(app, Path(__file__).parent / "static", prefix="/t", fetched=False)
    app.register_blueprint(pages)


@pages.get("/t/<token>")
def show(token: str) -> Response:
    """Show a ticket's place in line in the visitor's language; 404 as a page for any other address."""
    return _shown(token)


@pages.get("/t/<token>/state")
def state(token: str) -> Response:
    """Answer the part of the page that changes, for its script; 304 while it is the one that the phone has."""
    runtime = authentication.runtime()
    page = phone_page.read_page(runtime, token, chosen_language())
    g.etag = page.etag
    if request.if_none_match.contains_weak(page.etag):
        return authentication.respond(200, b"{}")
    return authentication.respond(200, page.state(current_app.jinja_env))


@pages.get("/t/<token>/events")
def events(token: str) -> Response:
    """Say that there is no stream here: it is served by the front alone, and the page asks instead."""
    raise not_found("stream")


@pages.get("/t/<token>/why")
def why(token: str) -> Response:
    """Tell why others of the same service were called while this ticket waited."""
    runtime = authentication.runtime()
    context = runtime.context()
    try:
        ticket, calls = runtime.store.read(lambda session: called_before(session, context, token))
    except RuleBroken:
        return unknown()
    zone = context.branch(ticket.branch_id).policy.zone
    told = [
        (each.number, clock(each.called_at, zone), each.reason, clock(each.appointment_at, zone))
        for each in calls
    ]
    language = phone_page.spoken(chosen_language() or ticket.language)
    return page(
        "queue/why.html", language, 200, number=ticket.number, calls=told, back=f"/t/{token}{suffix()}"
    )


@pages.get("/t/<token>/code")
def code(token: str) -> Response:
    """Show the ticket's QR alone, white and full screen, for a scanner or another phone."""
    try:
        found = phone_page.read_page(authentication.runtime(), token, chosen_language())
    except RuleBroken:
        return unknown()
    ticket = found.values["ticket"]
    said = found.values["say"]("qr", number=ticket.number)
    language = found.values["language"]
    return page("queue/code.html", language, 200, **found.values, qr=svg(ticket.track_url, said))


@pages.get("/t/<token>/manifest.webmanifest")
def manifest(token: str) -> Response:
    """Tell a browser how the ticket's page stands on a home screen."""
    found = phone_page.read_page(authentication.runtime(), token, chosen_language()).values
    icons = [(f"icon-{side}.png", f"{side}x{side}", "image/png") for side in (192, 512)]
    told = {
        "id": found["path"],
        "name": f"{found['ticket'].number} · {found['hall']}",
        "short_name": found["ticket"].number,
        "start_url": found["path"] + found["suffix"],
        "scope": "/t/",
        "display": "standalone",
        "lang": found["language"],
        "dir": found["direction"],
        "background_color": "#EEF2F7",
        "theme_color": "#083663",
        "icons": [
            {"src": static_files.address(name), "sizes": sizes, "type": kind}
            for name, sizes, kind in (*icons, ("numerek.svg", "any", "image/svg+xml"))
        ],
    }
    answer = authentication.respond(200, json.dumps(told, ensure_ascii=False).encode())
    answer.mimetype = "application/manifest+json"
    return answer


@pages.get("/t/<token>/leave")
def ask_to_leave(token: str) -> Response:
    """Ask once more: who has left the line cannot come back into it."""
    try:
        found = phone_page.read_page(authentication.runtime(), token, chosen_language())
    except RuleBroken:
        return unknown()
    if VisitorStep.LEAVE not in found.values["steps"]:
        return _shown(token)
    return page("queue/leave.html", found.values["language"], 200, **found.values)


@pages.post("/t/<token>/leave", endpoint="leave", defaults={"step": "leave"})
@pages.post("/t/<token>/pause", endpoint="pause", defaults={"step": "pause"})
@pages.post("/t/<token>/back", endpoint="come_back", defaults={"step": "back"})
@pages.post("/t/<token>/here", endpoint="announce", defaults={"step": "here"})
def take_step(token: str, step: str) -> ResponseReturnValue:
    """Take a step of the visitor's own, and show the page again; its secret is in the address."""
    runtime = authentication.runtime()
    context = runtime.context()
    try:
        runtime.store.write(lambda session: visitor.take(session, context, token, VisitorStep(step)))
    except RuleBroken as broken:
        return _shown(token, refused=broken.reason) if broken.status == 409 else unknown()
    return redirect(f"/t/{token}{suffix()}", 303)


@pages.post("/t/<token>")
def give_feedback(token: str) -> ResponseReturnValue:
    """Keep what the visitor thinks of the visit, and show the page again; its secret is in the address."""
    runtime = authentication.runtime()
    context = runtime.context()
    mark, words = request.form.get("mark", ""), request.form.get("words", "")
    chosen = int(mark) if mark in phone_page.MARKS else 0
    try:
        runtime.store.write(lambda session: feedback.give(session, context, token, chosen, words))
    except RuleBroken as broken:
        if broken.status == 422:
            return _shown(token, mistake=broken.reason, mark=mark, words=words)
        if broken.status == 404:
            return _shown(token)
    return redirect(f"/t/{token}{suffix()}", 303)


def chosen_language() -> str | None:
    """Return the language that the address names, if the pages speak it."""
    chosen = request.args.get("language", "")
    return chosen if chosen in phone_page.sentences().languages else None


def suffix() -> str:
    """Return what an address of ours carries on: the language that was chosen."""
    chosen = chosen_language()
    return f"?language={chosen}" if chosen else ""


def unknown() -> Response:
    """Say that there is no such ticket, in the language that was chosen, else the phone's own."""
    own = request.accept_languages.best_match(phone_page.sentences().languages, "pl")
    return page(_TRACK, chosen_language() or own, 404, ticket=None, renew=0)


def _shown(token: str, mistake: str | None = None, refused: str | None = None, **typed: str) -> Response:
    runtime = authentication.runtime()
    try:
        found = phone_page.read_page(runtime, token, chosen_language())
    except RuleBroken:
        return unknown()
    zone = runtime.context().branch(found.branch_id).policy.zone
    now = runtime.clock.now()
    live: dict[str, Any] = {
        "now": clock(now, zone),
        "instant": now.isoformat(timespec="seconds"),
        "zone": zone.key,
        "etag": found.etag,
        "seconds": (RENEW_SECONDS, BESIDE_A_STREAM_SECONDS),
    }
    status = 422 if mistake else 409 if refused else 200
    shown = {**found.values, **live, **typed, "mistake": mistake, "refused": refused}
    return page(_TRACK, found.values["language"], status, **shown)


def page(template: str, language: str, status: int, /, **values: object) -> Response:
    """Answer a page with what it may load: its own style and script, and nothing from elsewhere."""
    nonce = secrets.token_urlsafe(16)
    html = render_template(template, **{**phone_page.words(language), **values}, nonce=nonce)
    response = make_response(html, status)
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; "
        "img-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    )
    return response
