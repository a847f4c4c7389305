"""The page of a branch's statistics, and its plots as pictures with addresses of their own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.api import authentication
from server.domain.access.roles import Permission
from server.domain.statistics.periods import Named
from server.services.ports import NotWritten
from server.staff import branches, languages
from server.staff.permissions import needs
from server.staff.statistics import by_mail
from server.staff.statistics.chosen import BEFORE, NOTHING, OWN
from server.staff.statistics.paper import months
from server.staff.statistics.reports import shown
from server.staff.statistics.values import Table, period_name, written
from server.web.pages import page

pages = Blueprint("statistics", __name__)
PERIODS = {
    Named.TODAY: _l("Today"),
    Named.YESTERDAY: _l("Yesterday"),
    Named.WEEK: _l("Last 7 days"),
    Named.MONTH: _l("This month"),
    Named.LAST_MONTH: _l("Last month"),
    Named.YEAR: _l("Last 365 days"),
    Named.OWN: _l("Own dates"),
}
_COMPARISONS = {
    BEFORE: _l("The period before"),
    NOTHING: _l("Nothing"),
    OWN: _l("Own dates for comparison"),
}
_PLOT_KEPT_SECONDS = 60


@pages.get(branches.AT + "/statistics")
@needs(Permission.SEE_STATISTICS)
def show() -> ResponseReturnValue:
    """Show the figures of a period as plots with their tables."""
    found = shown()
    choice, standing = found.choice, found.report.standing
    services = sorted(branches.here().services.values(), key=lambda each: each.letter)
    return page(
        "statistics/overview.html",
        _("Statistics"),
        tab=_("Statistics: %(period)s", period=period_name(choice.period)),
        choice=choice,
        found=found,
        standing=standing,
        periods=PERIODS,
        comparisons=_COMPARISONS,
        services=[(each.letter, each.name(languages.current())) for each in services],
        period_name=period_name,
        months=months(),
        by_mail=by_mail.standing(),
        month_name=by_mail.month_name,
        written=written,
        is_empty=not found.report.all_tickets.count("issued"),
        without_other=[
            table.code
            for table in found.tables
            if choice.compared and table.code in ("hours", "weekdays") and not _is_compared(table)
        ],
        plot_address=lambda code, **more: _address("statistics.plot", code=code, **more),
        file_address=lambda endpoint, **more: _address(endpoint, **more),
    )


@pages.get(branches.AT + "/statistics/plots/<code>.svg")
@needs(Permission.SEE_STATISTICS)
def plot(code: str) -> ResponseReturnValue:
    """Draw a plot of the page, for a light page or a dark one."""
    table, outside = shown().table(code), authentication.runtime().outside
    if table is None or table.plot is None or outside is None or outside.plots is None:
        abort(404)
    dark = request.args.get("theme") == "dark"
    try:
        drawn = outside.plots.svg(replace(table.plot, dark=dark))
    except NotWritten:
        abort(503)
    kept = {"Cache-Control": f"private, max-age={_PLOT_KEPT_SECONDS}"}
    return Response(drawn, mimetype="image/svg+xml", headers=kept)


def _is_compared(table: Table) -> bool:
    return table.plot is not None and all(mark.other is not None for mark in table.plot.marks)


def _address(endpoint: str, **more: str) -> str:
    """Return the address of a plot or a file of what this page shows."""
    asked = {name: value for name, value in request.args.items() if name not in ("theme", "code", "branch")}
    values: dict[str, Any] = asked | more
    return url_for(endpoint, **values)
