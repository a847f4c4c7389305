"""What everybody may know of a draw: its state, its numbers, its list, and how to compute it again (rule 10)."""

from __future__ import annotations

import json
from pathlib import Path

from flask import Response, request
from flask_babel import gettext as _

from server.domain.release.draw import read_line, shown_line
from server.portal import languages
from server.portal.guard import limits
from server.portal.pages import page, read
from server.portal.release import wishes
from server.portal.release.blueprint import account_id, office_of, pages
from server.services.release import applications, publication
from server.services.release.applications import OwnApplication
from server.services.release.publication import DrawState, DrawView, Lines

_SCRIPT = Path(__file__).parents[1] / "static" / "draw.py"
_LINES = 50
_LONGEST_TYPED = 40


@pages.get("/draws/draw.py")
def script() -> Response:
    """Give the script that computes a draw again."""
    response = Response(_SCRIPT.read_bytes(), content_type="text/x-python; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="draw.py"'
    return response


@pages.get("/draws/<draw>/draw.json")
def data(draw: str) -> Response:
    """Give all that the script computes from, as far as it is told."""
    limits.stop_too_often("draw.json", session="30 per minute", block="300 per minute")
    said = read(lambda session, context: publication.document(session, context, draw))
    response = Response(json.dumps(said, ensure_ascii=False), content_type="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="draw-{said["draw"]}.json"'
    return response


@pages.get("/draws/<draw>")
def draw(draw: str) -> Response:
    """Show a draw; `line` in the address finds a line of its list, `from` pages through it."""
    shown = read(lambda session, context: publication.find(session, context, draw))
    branch, service = office_of(shown.service_id)
    typed = request.args.get("line", "")[:_LONGEST_TYPED]
    found = _find(shown, typed)
    some = _some(shown, found)
    others = read(lambda session, context: publication.recent(session, context, service.id))
    return page(
        "release/draw.html",
        _("Draw of places"),
        draw=shown,
        branch=branch,
        service=service,
        name=service.name(languages.current()),
        zone=branch.policy.zone,
        mine=_mine(shown),
        lines=some,
        typed=typed,
        found=read_line(typed) if found is not None else None,
        ways=_ways(some),
        others=[each for each in others if each.public_id != shown.public_id],
        shown_line=shown_line,
        wish_words=wishes.words,
        hour_words=wishes.hour_words,
        state_words=state_words,
        is_known=account_id() is not None,
    )


def state_words(shown: DrawView) -> str:
    """Say in a few words where a draw is."""
    return {
        DrawState.OPEN: _("Applications are taken"),
        DrawState.CLOSING: _("The list is being closed"),
        DrawState.WAITS_FOR_NUMBER: _("The list is closed; the public number is awaited"),
        DrawState.GIVING: _("The places are being given"),
        DrawState.DRAWN: _("The places are drawn"),
    }[shown.state]


def _ways(some: Lines) -> list[tuple[str, int]]:
    """Return the ways through a long list: what each says, and the line with which it begins."""
    last = max(0, some.total - 1) // _LINES * _LINES
    ways = [
        (_("First lines"), 0, some.first > 0),
        (_("Lines before"), some.first - _LINES, some.first > 0),
        (_("Lines after"), some.first + _LINES, some.first < last),
        (_("Last lines"), last, some.first < last),
    ]
    return [(text, first) for text, first, leads in ways if leads]


def _mine(shown: DrawView) -> OwnApplication | None:
    who = account_id()
    if who is None:
        return None
    every = read(lambda session, context: applications.mine(session, context, who))
    return next((each for each in every if each.draw == shown.public_id), None)


def _find(shown: DrawView, typed: str) -> int | None:
    if not typed or shown.list_hash is None:
        return None
    return read(lambda session, context: publication.line_at(session, context, shown.public_id, typed))


def _some(shown: DrawView, found: int | None) -> Lines:
    """Read the part of the list that was asked for: around a line that was found, else from a number on."""
    asked = request.args.get("from", "0")
    first = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 0
    if found is not None:
        first = found
    first -= first % _LINES
    return read(lambda session, context: publication.lines(session, context, shown.public_id, first, _LINES))
