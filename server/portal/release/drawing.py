"""What everybody may know of a draw: its state, its numbers, its list, and how to compute it again (rule 10)."""

from __future__ import annotations

import json
from pathlib import Path

from flask import Response, request
from flask_babel import gettext as _

from server.domain.release.draw import read_line, shown_line
from server.portal import languages
from server.portal.booking import draw_wishes
from server.portal.guard import limits
from server.portal.release.blueprint import account_id, office_of, pages
from server.services.release import applications, publication, shuffles
from server.services.release.publication import DrawState, DrawView, Lines
from server.web.forms import Form
from server.web.pages import page, read

_SCRIPTS = Path(__file__).parents[1] / "static"
_LINES = 50
_LONGEST_TYPED = 40
_MOST_LISTED = 30
_BETWEEN = (DrawState.CLOSING, DrawState.WAITS_FOR_NUMBER, DrawState.GIVING)


@pages.get("/draws/draw.py")
def script() -> Response:
    """Give the script that computes a draw again."""
    return _script("draw.py")


@pages.get("/draws/line.py")
def line_script() -> Response:
    """Give the script that computes again which place a number of the line in front of the pages drew."""
    return _script("line.py")


def _script(name: str) -> Response:
    response = Response((_SCRIPTS / name).read_bytes(), content_type="text/x-python; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@pages.get("/draws/<draw>/draw.json")
def data(draw: str) -> Response:
    """Give all that the script computes from, as far as it is told."""
    limits.stop_too_often("draw.json", session="30 per minute", block="300 per minute")
    said = read(lambda session, context: publication.document(session, context, draw))
    response = Response(json.dumps(said, ensure_ascii=False), content_type="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="draw-{said["draw"]}.json"'
    return response


@pages.get("/draws")
def listed() -> Response:
    """List the draws of all branches: those to which one can apply, those that wait, those that are decided."""
    every = read(lambda session, context: publication.recent(session, context, None, _MOST_LISTED))
    told = [(each, *office_of(each.service_id)) for each in every]
    groups = (
        (_("Open now"), [each for each in told if each[0].state is DrawState.OPEN]),
        (_("Not decided yet"), [each for each in told if each[0].state in _BETWEEN]),
        (_("Decided"), [each for each in told if each[0].state is DrawState.DRAWN]),
    )
    orders = read(lambda session, context: shuffles.recent(session, context, _MOST_LISTED))
    return page(
        "release/draws.html",
        _("Draws of places"),
        groups=groups,
        orders=[(each, *office_of(each.service_id)) for each in orders],
        state_words=state_words,
        states=DrawState,
    )


@pages.get("/draws/<draw>")
def draw(draw: str) -> Response:
    """Show a draw; `line` in the address finds an entry of its list, `from` pages through it."""
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
        mine=read(lambda session, context: applications.mine_in(session, context, account_id(), draw)),
        form=Form(),
        lines=some,
        typed=typed,
        found=read_line(typed) if found is not None else None,
        ways=_ways(some),
        others=[each for each in others if each.public_id != shown.public_id],
        shown_line=shown_line,
        wish_words=draw_wishes.words,
        hour_words=draw_wishes.hour_words,
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
    """Return the ways through a long list: what each says, and the entry with which it begins."""
    last = max(0, some.total - 1) // _LINES * _LINES
    ways = [
        (_("First entries"), 0, some.first > 0),
        (_("Entries before"), some.first - _LINES, some.first > 0),
        (_("Entries after"), some.first + _LINES, some.first < last),
        (_("Last entries"), last, some.first < last),
    ]
    return [(text, first) for text, first, leads in ways if leads]


def _find(shown: DrawView, typed: str) -> int | None:
    if not typed or shown.list_hash is None:
        return None
    return read(lambda session, context: publication.line_at(session, context, shown.public_id, typed))


def _some(shown: DrawView, found: int | None) -> Lines:
    """Read the part of the list that was asked for: around an entry that was found, else from a number on."""
    asked = request.args.get("from", "0")
    first = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 0
    if found is not None:
        first = found
    first -= first % _LINES
    return read(lambda session, context: publication.lines(session, context, shown.public_id, first, _LINES))
