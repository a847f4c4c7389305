"""Visits booked elsewhere come in by a CSV file: a report line by line, nothing booked while one is wrong."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from server.domain.access.roles import Permission
from server.services.booking.importing import LinesRefused, book_all
from server.services.booking.integrators import Booked
from server.services.booking.visits_file import (
    NEEDED,
    OPTIONAL,
    FileUnreadable,
    LineProblem,
    VisitLine,
    Wrong,
    read_visits,
)
from server.services.context import Context
from server.staff import branches
from server.staff.booking.desk_blueprint import AT, pages
from server.staff.booking.import_words import words
from server.staff.permissions import needs
from server.web.forms import Form
from server.web.pages import page, write
from server.web.request_context import request_context


class ImportForm(Form):
    """The token; the file is read from the request."""


@pages.route(AT + "/import", methods=["GET", "POST"])
@needs(Permission.CHANGE_RESERVATIONS)
def bring() -> ResponseReturnValue:
    """Take a file of visits of this branch."""
    form, sent = ImportForm(), request.files.get("file")
    problems: list[LineProblem] = []
    done: list[tuple[VisitLine, Booked]] = []
    unreadable = None
    if form.validate_on_submit() and sent is not None:
        context = request_context()
        try:
            visits, problems = _read(sent.read(), context)
            if not problems:
                booked, _new = write(lambda session, context: book_all(session, context, visits))
                done = list(zip(visits, booked, strict=True))
        except FileUnreadable as broken:
            unreadable = broken
        except LinesRefused as refused:
            problems = list(refused.problems)
    failed = bool(problems or unreadable)
    return page(
        "booking/import.html",
        _("Import visits"),
        status=422 if failed else 200,
        problems=[(each.line, words(each)) for each in sorted(problems, key=lambda each: each.line)],
        unreadable=(unreadable.line, words(unreadable)) if unreadable else None,
        done=done,
        columns=(*NEEDED, *OPTIONAL),
    )


def _read(file: bytes, context: Context) -> tuple[list[VisitLine], list[LineProblem]]:
    """Read a file; lines of another branch are wrong here."""
    visits, problems = read_visits(file, context)
    code = branches.here().code
    other = [
        LineProblem(each.line, Wrong.OTHER_BRANCH, {"name": code})
        for each in visits
        if each.visit.branch != code
    ]
    return visits, problems + other
