"""The auditor's page: all special treatment of a period, by person and by reason, and the same as CSV."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from server.domain.access.roles import Permission
from server.domain.audit.treatment import Treatment
from server.services.audit import treatment
from server.services.audit.treatment import PAGE_ROWS, Asked, Case
from server.services.office.settings import BranchView
from server.staff import branches, languages
from server.staff.audit import words
from server.staff.permissions import needs
from server.staff.statistics.chosen import Chosen, chosen
from server.staff.statistics.files import written_csv
from server.staff.statistics.overview import PERIODS, period_name
from server.staff.statistics.values import Column, Table, Unit
from server.web.pages import page, read
from server.web.request_context import request_context

pages = Blueprint("treatment", __name__)
_MOST_DIGITS = 9


@pages.get(branches.AT + "/special-treatment")
@needs(Permission.SEE_TREATMENT)
def show() -> ResponseReturnValue:
    """Show who was treated otherwise than the line would have it, by whom and why."""
    branch = branches.here()
    choice, asked = _asked(branch)
    number = _number("page") or 0
    figures = read(lambda session, _context: treatment.figures(session, branch, asked))
    everybody = figures
    if asked.kind or asked.who:
        whole = Asked(asked.period)
        everybody = read(lambda session, _context: treatment.figures(session, branch, whole))
    found = read(lambda session, context: treatment.cases(session, context, branch, asked, number))
    return page(
        "audit/treatment.html",
        _("Special treatment"),
        choice=choice,
        asked=asked,
        periods=PERIODS,
        period_name=period_name,
        figures=figures,
        total=sum(each.count for each in figures),
        unexplained=sum(each.count for each in figures if each.lacks_reason),
        people={each.who: words.who(each.who, each.name) for each in everybody if each.who is not None},
        found=found,
        words=words,
        kinds=words.KINDS,
        service_name=_service,
        earlier=_address("treatment.show", page=number + 1) if len(found) == PAGE_ROWS else None,
        later=_address("treatment.show", page=number - 1) if number else None,
        file_address=_address("treatment.as_csv"),
    )


@pages.get(branches.AT + "/special-treatment.csv")
@needs(Permission.SEE_TREATMENT)
def as_csv() -> ResponseReturnValue:
    """Give all cases of the period as CSV."""
    branch = branches.here()
    _choice, asked = _asked(branch)
    found = read(lambda session, context: treatment.cases(session, context, branch, asked))
    columns = (
        *(Column(_("Time"), Unit.TEXT), Column(_("Ticket"), Unit.TEXT), Column(_("Service"), Unit.TEXT)),
        *(Column(_("What was done"), Unit.TEXT), Column(_("Reason"), Unit.TEXT)),
        *(Column(_("Who"), Unit.TEXT), Column(_("Counter")), Column(_("Reason missing"), Unit.TEXT)),
    )
    zone = branch.policy.zone
    rows = tuple(
        (
            *(f"{each.at.astimezone(zone):%Y-%m-%d %H:%M:%S}", words.about(each), _service(each)),
            *(words.more_of(each), words.reason(branch, each.treatment, each.reason)),
            *(words.by(each), each.counter, _("missing") if each.lacks_reason else ""),
        )
        for each in found
    )
    body = written_csv(Table("special-treatment", _("Special treatment"), "", columns, rows))
    response = Response(body, content_type="text/csv; charset=utf-8")
    name = f"{branch.code}-{asked.period.first}-{asked.period.last}-special-treatment.csv"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _asked(branch: BranchView) -> tuple[Chosen, Asked]:
    choice = chosen(request.args, branch, branch.policy.business_day(request_context().now))
    kinds = {str(each): each for each in Treatment}
    return choice, Asked(choice.period, kinds.get(request.args.get("kind", "")), _number("who"))


def _number(name: str) -> int | None:
    said = request.args.get(name, "")
    return int(said) if said.isascii() and said.isdigit() and len(said) <= _MOST_DIGITS else None


def _service(case: Case) -> str:
    service = case.service
    return f"{service.letter} – {service.name(languages.current())}" if service else "–"


def _address(endpoint: str, **more: int) -> str:
    """Return the address of another part of what this page shows."""
    asked = ("period", "first", "last", "kind", "who")
    values: dict[str, Any] = {name: request.args[name] for name in asked if request.args.get(name)}
    return url_for(endpoint, **(values | more))
