"""The board for a television's browser: enrolled once by a code, then the snapshots and stream of any board."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from flask import Blueprint, Flask, Response, current_app, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from server.api import authentication
from server.api.authentication import Runtime
from server.portal.queue import phone_page
from server.portal.queue.board_browser import ADDRESS, board_behind, cookie_name, keep_token
from server.services.access import devices
from server.services.context import Context, RuleBroken, not_found
from server.services.office.settings import BranchView, HallView
from server.services.store_types import DeviceRow, Session
from wire.messages import BoardSnapshot
from wire.sentences import Sentences, comma
from wire.vocabulary import DeviceRole, FactType

MOST_HALLS = 3
LAYOUTS = ("auto", "landscape", "portrait")
Snapshot = Callable[[Runtime, Session, Context, HallView], BoardSnapshot]
_DAYS = 10
"""For so many days a board knows how they are written, should the server be away."""
_SAID = (
    *("calling", "counter", "wait", "connecting", "nobody_waits", "no_connection", "checkpoint"),
    *("heading.number", "heading.counter", "heading.waiting"),
)
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)

pages = Blueprint("board", __name__)


def join(app: Flask, snapshot: Snapshot) -> None:
    """Add the board's addresses to an application that serves the phone page's files; `snapshot` reads a hall."""
    app.extensions["numerek_board_snapshot"] = snapshot
    app.register_blueprint(pages)


@pages.get(ADDRESS)
def show() -> Response:
    """Show the board that this browser is; else ask for its code."""
    runtime = authentication.runtime()
    device = board_behind(runtime, request.cookies)
    if device is None:
        name = cookie_name(runtime)
        return _asked("board_lost" if name in request.cookies else None)
    told = _setup(runtime.context(), device, request.args.get("halls", ""))
    layout = request.args.get("layout", "")
    values = {"setup": json.dumps(told), "halls": told["halls"], "language": told["languages"][0]}
    page = _page("queue/board.html", 200, layout=layout if layout in LAYOUTS else "auto", **values)
    keep_token(runtime, page, request.cookies[cookie_name(runtime)])
    return page


@pages.post(ADDRESS)
def enrol() -> ResponseReturnValue:
    """Make this browser the board that the code is for."""
    runtime = authentication.runtime()
    context, code = runtime.context(), request.form.get("code", "")
    source = request.remote_addr or ""
    try:
        devices.try_code(runtime.store, context, source)
    except RuleBroken as slow:
        return _asked("board_slow", slow.status)
    found = runtime.store.write(
        lambda session: (
            devices.enrol(session, context, code, source, DeviceRole.BOARD) if code.strip() else None
        )
    )
    if found is None:
        return _asked("board_wrong", 422)
    response = redirect(request.full_path.rstrip("?"), 303)
    keep_token(runtime, response, found[1])
    return response


@pages.get(f"{ADDRESS}/setup")
def setup() -> Response:
    """Tell the board its halls, languages, sentences, days and hours; its script asks from time to time."""
    runtime = authentication.runtime()
    told = _setup(runtime.context(), _enrolled(runtime), request.args.get("halls", ""))
    return authentication.respond(200, json.dumps(told).encode())


@pages.get(f"{ADDRESS}/halls/<hall>")
def show_hall(hall: str) -> Response:
    """Answer the snapshot of a hall of the board's branch: the one that installed boards get."""
    runtime = authentication.runtime()
    context = runtime.context()
    place = context.branch(_enrolled(runtime).branch_id).halls.get(hall)
    if place is None:
        raise not_found("hall")
    read: Snapshot = current_app.extensions["numerek_board_snapshot"]
    shown = runtime.store.read(lambda session: read(runtime, session, context, place))
    return authentication.respond(*authentication.rendered((200, shown)))


def _enrolled(runtime: Runtime) -> DeviceRow:
    device = board_behind(runtime, request.cookies)
    if device is None:
        raise RuleBroken(401, "token_missing")
    return device


def _setup(context: Context, device: DeviceRow, wanted: str) -> dict[str, Any]:
    """Gather what a board needs besides snapshots and facts; `version` changes with all that has no date."""
    branch, texts = context.branch(device.branch_id), _sentences()
    # A board without one of the branch's languages speaks the usual two, as the installed one does.
    languages = [each for each in branch.policy.languages if each in texts.languages] or ["pl", "en"]
    fixed = {
        "halls": [{"code": each.code, "name": each.name} for each in _halls(branch, device.hall, wanted)],
        "branch": branch.name,
        "languages": languages,
        "rtl": [each for each in languages if Locale.parse(each).text_direction == "rtl"],
        "texts": {each: _said(texts, each) for each in texts.languages},
        "events": [str(each) for each in FactType],
        "files": current_app.extensions["numerek_files"].version,
    }
    today = context.now.astimezone(branch.policy.zone).date()
    days = [today + timedelta(days=place) for place in range(-1, _DAYS)]
    return fixed | {
        "version": hashlib.sha256(json.dumps(fixed).encode()).hexdigest()[:12],
        "days": {each.isoformat(): _day(languages[0], each) for each in days},
        "offsets": _offsets(branch.policy.zone, days),
        "now": context.now.isoformat(),
    }


def _halls(branch: BranchView, own: str, wanted: str) -> list[HallView]:
    """Return the halls that the address wishes, at most three, without those that do not exist; else its own."""
    codes = list(dict.fromkeys(wanted.split(",")))[:MOST_HALLS]
    return [branch.halls[code] for code in codes if code in branch.halls] or [branch.halls[own]]


def _said(texts: Sentences, language: str) -> dict[str, str]:
    return {key: texts.say(language, key, day="{day}") for key in _SAID}


def _day(language: str, day: date) -> str:
    return format_date(day, f"EEEE{comma(language)}d MMMM", locale=language)


def _offsets(zone: ZoneInfo, days: list[date]) -> list[list[int]]:
    """Return from which instant (ms of the epoch) the wall clock is so many minutes ahead of UTC."""
    found: list[list[int]] = []
    begin = datetime.combine(days[0], time(0), UTC)
    for hour in range(24 * len(days)):
        at = begin + timedelta(hours=hour)
        ahead = at.astimezone(zone).utcoffset() or timedelta(0)
        minutes = int(ahead.total_seconds() // 60)
        if not found or found[-1][1] != minutes:
            found.append([int(at.timestamp() * 1000), minutes])
    return found


@cache
def _sentences() -> Sentences:
    """Return what boards say: the catalogues of the installed board, so that both say the same."""
    return Sentences(Path(__file__).resolve().parents[3] / "display_board" / "texts")


def _asked(told: str | None, status: int = 200) -> Response:
    """Ask for the code in the browser's own language."""
    spoken = phone_page.sentences().languages
    language = request.accept_languages.best_match(spoken) or "pl"
    return _page("queue/board_code.html", status, told=told, language=language)


def _page(template: str, status: int, *, language: str, **values: Any) -> Response:
    html = render_template(template, **phone_page.words(language), **values)
    response = make_response(html, status)
    response.headers["Content-Security-Policy"] = _POLICY
    return response
