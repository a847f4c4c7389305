"""What a reader has chosen, for page, plots and files alike: the headlines, and the tables with their plots."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import request

from server.api import authentication
from server.services.office.settings import BranchView
from server.services.statistics.kept import kept_report
from server.services.statistics.report import Report
from server.staff import branches
from server.staff.statistics import by_time, by_what
from server.staff.statistics.chosen import Chosen, chosen
from server.staff.statistics.headlines import Headline, headlines
from server.staff.statistics.values import Table
from server.web.request_context import request_context


@dataclass(frozen=True, slots=True)
class Shown:
    """A choice with what there is to show of it."""

    choice: Chosen
    report: Report
    headlines: list[Headline]
    tables: list[Table]
    compared_is_empty: bool = False

    def table(self, code: str) -> Table | None:
        """Return a table by its code; None for one that is not shown."""
        return next((each for each in self.tables if each.code == code), None)


def shown() -> Shown:
    """Read what the address of this request asks for, at its branch."""
    branch = branches.here()
    return shown_of(chosen(request.args, branch, branch.policy.business_day(request_context().now)))


def shown_of(choice: Chosen) -> Shown:
    """Read what a choice asks for, at the branch of this request."""
    branch, store = branches.here(), authentication.runtime().store
    service_id = choice.service.id if choice.service else None
    report = kept_report(store, branch, choice.period, is_raw=choice.is_raw, service_id=service_id)
    other = None
    if choice.compared is not None:
        other = kept_report(
            store, branch, choice.compared, is_raw=choice.is_raw, service_id=service_id, headlines=True
        )
    target = _target(branch, report)
    figures = headlines(report, other, branch, target)
    tables = list(_tables(report, other, branch, target))
    is_empty = other is not None and not other.all_tickets.count("issued")
    return Shown(choice, report, figures, tables, compared_is_empty=is_empty)


def _tables(report: Report, other: Report | None, branch: BranchView, target: int | None) -> list[Table]:
    total, every = report.total, report.all_tickets
    has_tickets, has_waits = total.count("issued") > 0, total.count("waits") > 0
    wanted: tuple[tuple[bool, Callable[[], Table]], ...] = (
        (has_waits, lambda: by_time.waits(report, target)),
        (has_waits, lambda: by_time.busiest(report)),
        (has_tickets, lambda: by_time.hours(report, other)),
        (has_tickets, lambda: by_time.weekdays(report, other)),
        (has_tickets and report.period.days > 1, lambda: by_time.days(report)),
        (every.count("booked") > 0, lambda: by_time.leads(report)),
        (bool(report.desks), lambda: by_what.counters(report, branch)),
        (every.count("issued") + every.count("booked") > 0, lambda: by_what.services(report, branch)),
        (every.count("promises") > 0, lambda: by_what.promises(report, branch)),
        (has_tickets, lambda: by_what.origins(report)),
        (bool(report.clerks), lambda: by_what.clerks(report)),
        (every.count("issued") > 0, lambda: by_what.kinds(report)),
    )
    return [make() for is_wanted, make in wanted if is_wanted]


def _target(branch: BranchView, report: Report) -> int | None:
    """Return the target of the services that are shown; None where they have different ones."""
    services = {each.id: each for each in branch.services.values()}
    found = {
        services[row.service_id].policy.target_minutes(branch.policy)
        for row in report.rows
        if row.service_id in services
    }
    return found.pop() if len(found) == 1 else None
