"""The statistics of a month as a paper: the same figures, sentences, plots and tables as on the page.

It is downloaded from the page, and sent by mail; then no request stands behind it.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from babel import dates
from flask import Blueprint, Flask, Response, abort, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup

from server.api import authentication
from server.domain.access.roles import Permission
from server.domain.statistics.mailing import code_of, read_month
from server.domain.statistics.periods import Named, Period, before, month_of
from server.services.ports import NotWritten, Outside
from server.staff import branches, languages
from server.staff.permissions import needs
from server.staff.statistics.chosen import BEFORE, Chosen
from server.staff.statistics.reports import Shown, shown_of
from server.staff.statistics.values import Table, period_name, written
from server.texts import STAFF_LANGUAGES
from server.web.request_context import request_context

pages = Blueprint("statistics_paper", __name__)
MONTHS = 24
"""So many months back, this one among them, a report can be had."""


@pages.get(branches.AT + "/statistics/report.pdf")
@needs(Permission.SEE_STATISTICS)
def pdf() -> ResponseReturnValue:
    """Print the report of a month."""
    month = offered(request.args.get("month", ""))
    outside = authentication.runtime().outside
    if month is None or outside is None:
        abort(404)
    try:
        body = _printed(month, outside)
    except NotWritten:
        abort(503)
    response = Response(body, content_type="application/pdf")
    name = f"{branches.here().code}-{code_of(month)}.pdf"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def report_pdf(staff: Flask, branch: str, month: Period, language: str) -> bytes:
    """Print the report of a month of a branch, by its code, outside any request.

    It is in Polish where the staff's pages do not speak the language. Raises NotWritten.
    """
    with staff.app_context():
        g.branch_code = branch
        g.language = language if language in STAFF_LANGUAGES else STAFF_LANGUAGES[0]
        outside = authentication.runtime().outside
        if outside is None:
            raise NotWritten("broken")
        return _printed(month, outside)


def _printed(month: Period, outside: Outside) -> bytes:
    """Print the report of a month of the branch at hand, in the language at hand. Raises NotWritten."""
    title = _("Statistics: %(period)s", period=period_name(month))
    return outside.papers.page_pdf(title, report_page(month, title, outside), languages.current())


def months() -> list[tuple[str, str]]:
    """List the months that a report can be had of, the latest first, with their names."""
    found, first = [], _today().replace(day=1)
    for _back in range(MONTHS):
        name = dates.format_skeleton("yMMMM", first, locale=get_locale())
        found.append((code_of(month_of(first)), str(name)))
        first = (first - timedelta(days=1)).replace(day=1)
    return found


def report_page(month: Period, title: str, outside: Outside) -> str:
    """Write the inside of the report of a month."""
    found = shown_of(Chosen(Named.OWN, month, BEFORE, before(month), None, is_raw=False))
    return render_template(
        "statistics/paper.html",
        title=title,
        branch=branches.here(),
        found=found,
        period_name=period_name,
        written=written,
        drawings=_drawings(found, outside),
    )


def _drawings(found: Shown, outside: Outside) -> dict[str, Markup]:
    """Draw the plots. Raises NotWritten."""
    return {table.code: _drawn(table, outside) for table in found.tables if table.plot is not None}


def _drawn(table: Table, outside: Outside) -> Markup:
    if outside.plots is None or table.plot is None:
        return Markup()
    drawing = outside.plots.svg(table.plot).decode()
    # The drawing is our own press's, in which names are text; only the prologue of a file goes.
    return Markup(re.sub(r"^\s*<\?xml[^>]*\?>|<!DOCTYPE[^>]*>", "", drawing))  # noqa: S704


def offered(said: str) -> Period | None:
    """Read a month that a report can be had of; None for anything else."""
    return read_month(said) if said in {code for code, _name in months()} else None


def _today() -> date:
    return branches.here().policy.business_day(request_context().now)
