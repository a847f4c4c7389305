"""The signed days of a branch for people, and for programs as files: nothing in them is personal."""

from __future__ import annotations

import json
from datetime import date

from flask import Blueprint, Response, abort
from flask_babel import gettext as _

from server.portal.guard import limits
from server.services.audit import publication
from server.services.audit.cosigning import witnesses_of
from server.services.office.settings import BranchView
from server.web.pages import page, read
from server.web.request_context import request_context

pages = Blueprint("audit", __name__)

_MOST = 30


@pages.get("/audit/<branch>")
def days(branch: str) -> Response:
    """List the days that were signed, with their codes, and say how to check them."""
    found = branch_of(branch)
    return page(
        "audit/days.html",
        _("Check how the queue went"),
        branch=found,
        days=read(lambda session, _context: publication.days(session, found.id, _MOST)),
        witnesses=witnesses_of(found),
        keys=read(lambda session, _context: publication.keys(session, found.id)),
    )


@pages.get("/audit/<branch>/key")
def keys(branch: str) -> Response:
    """Give the public keys, a line each, the one in use last."""
    found = branch_of(branch)
    known = read(lambda session, _context: publication.keys(session, found.id))
    if not known:
        abort(404)
    return _text("".join(f"{each.verifier}\n" for each in known), f"{branch}-key.txt")


@pages.get("/audit/<branch>/latest")
def latest(branch: str) -> Response:
    """Give the last checkpoint."""
    found = branch_of(branch)
    note = read(lambda session, _context: publication.note(session, found.id, None))
    return _text(note, f"{branch}-latest.txt")


@pages.get("/audit/<branch>/<day>/checkpoint")
def checkpoint(branch: str, day: str) -> Response:
    """Give the checkpoint of a day."""
    found, when = branch_of(branch), day_of(day)
    note = read(lambda session, _context: publication.note(session, found.id, when))
    return _text(note, f"{branch}-{day}.txt")


@pages.get("/audit/<branch>/<day>/log.json")
@pages.get("/audit/<branch>/<day>/log-<int:part>.json")
def log(branch: str, day: str, part: int | None = None) -> Response:
    """Give all rows of a day, or a part of a long one, with its checkpoint and what was before them."""
    limits.stop_too_often("log.json", session="6 per minute", block="12 per minute")
    found, when = branch_of(branch), day_of(day)
    rows = read(lambda session, context: publication.day_log(session, context, found.id, when, part))
    text = json.dumps(rows.as_json(), ensure_ascii=False, indent=0)
    return _file(text, "application/json", f"{branch}-{day}{f'-{part}' if part else ''}.json")


@pages.get("/audit/<branch>/<day>/row/<int:place>")
def row(branch: str, day: str, place: int) -> Response:
    """Prove that a row is in the log of a day."""
    found, when = branch_of(branch), day_of(day)
    proof = read(lambda session, context: publication.row_proof(session, context, found.id, when, place))
    return _text(str(proof), f"{branch}-{day}-{place}.tlog-proof")


@pages.get("/audit/<branch>/<day>/since/<since>")
def since(branch: str, day: str, since: str) -> Response:
    """Prove that the log of a day begins with that of an earlier one."""
    found, when, earlier = branch_of(branch), day_of(day), day_of(since)
    proof = read(lambda session, _context: publication.growth_proof(session, found.id, earlier, when))
    return _text(str(proof), f"{branch}-{day}-since-{since}.txt")


def branch_of(code: str) -> BranchView:
    """Return the branch of an address; it answers 404 where there is none."""
    found = request_context().office.branch_named(code)
    if found is None:
        abort(404)
    return found


def day_of(text: str) -> date:
    """Return the day of an address; it answers 404 to anything else."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        abort(404)
    if day.isoformat() != text:
        abort(404)
    return day


def _text(text: str, name: str) -> Response:
    return _file(text, "text/plain; charset=utf-8", name)


def _file(text: str, kind: str, name: str) -> Response:
    response = Response(text, content_type=kind)
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response
