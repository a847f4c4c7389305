"""Tables and plots of what and where: services, booked and walk-in visitors, counters, what figures leave out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _

from server.domain.queue.accuracy import MOST_MINUTES, Accuracy
from server.domain.statistics.figures import Figures, grouped
from server.domain.statistics.sums import Origin
from server.domain.statistics.visits import Kind
from server.services.office.settings import BranchView, ServiceView
from server.services.ports import Plot, PlotMark
from server.services.statistics.report import Report
from server.staff import languages
from server.staff.statistics.values import Column, Table, Unit, Value, written


def services(report: Report, branch: BranchView) -> Table:
    """Tell the figures of each service."""
    named = {each.id: each for each in branch.services.values()}
    everything = grouped(report.everything, lambda row: row.service_id)
    kept = report.by_service
    rows: list[tuple[Value, ...]] = []
    for service_id, tickets in everything.items():
        figures = kept.get(service_id, tickets)
        rows.append(
            (
                _service_name(named.get(service_id), service_id),
                figures.count("served"),
                figures.wait(0.5),
                figures.wait(0.8),
                figures.wait(0.95),
                figures.in_target,
                figures.service(0.5),
                figures.share("without_documents", "served"),
                tickets.lapsed,
                tickets.no_show,
            )
        )
    columns = (
        Column(_("Service"), Unit.TEXT),
        Column(_("Served")),
        Column(_("Median wait"), Unit.MINUTES),
        Column(_("80% wait at most"), Unit.MINUTES),
        Column(_("95% wait at most"), Unit.MINUTES),
        Column(_("Within the target"), Unit.SHARE),
        Column(_("Median service"), Unit.MINUTES),
        Column(_("Without documents"), Unit.SHARE),
        Column(_("Bookings lapsed"), Unit.SHARE),
        Column(_("Did not come"), Unit.SHARE),
    )
    return Table("services", _("Services"), _worst(rows), columns, tuple(rows))


def _service_name(service: ServiceView | None, service_id: int) -> str:
    if service is None:
        return str(service_id)
    name = f"{service.letter} – {service.name(languages.current())}"
    return _("%(service)s (put away)", service=name) if service.policy.archived else name


def _worst(rows: Sequence[tuple[Value, ...]]) -> str:
    known = [(row[5], str(row[0])) for row in rows if isinstance(row[5], float)]
    if not known:
        return _("Nobody has been called yet.")
    share, name = min(known)
    return _(
        "Fewest people are called within the target here: %(service)s (%(share)s).",
        service=name,
        share=written(share, Unit.SHARE),
    )


def origins(report: Report) -> Table:
    """Tell booked visitors beside those who came without a reservation."""
    words = {Origin.BOOKED: _("With a reservation"), Origin.WALK_IN: _("Without a reservation")}
    found = report.by_origin
    rows = tuple(
        (
            words[each],
            found[each].count("issued"),
            found[each].count("served"),
            found[each].wait(0.5),
            found[each].wait(0.95),
            found[each].in_target,
            found[each].mean("service"),
        )
        for each in Origin
        if each in found
    )
    columns = (
        Column(_("Visitors"), Unit.TEXT),
        Column(_("Tickets")),
        Column(_("Served")),
        Column(_("Median wait"), Unit.MINUTES),
        Column(_("95% wait at most"), Unit.MINUTES),
        Column(_("Within the target"), Unit.SHARE),
        Column(_("Mean service"), Unit.MINUTES),
    )
    tickets = report.total.count("issued")
    booked = found[Origin.BOOKED].count("issued") if Origin.BOOKED in found else 0
    sentence = _(
        "%(share)s of the tickets were given for a reservation.",
        share=written(booked / tickets if tickets else None, Unit.SHARE),
    )
    return Table("origins", _("With and without a reservation"), sentence, columns, rows)


def promises(report: Report, branch: BranchView) -> Table:
    """Tell how true the expected times were that tickets told."""
    named = {each.id: each for each in branch.services.values()}
    found = grouped(report.everything, lambda row: row.service_id)
    rows: list[tuple[Value, ...]] = [
        (_service_name(named.get(service_id), service_id), *_of_promises(accuracy))
        for service_id, figures in found.items()
        if (accuracy := figures.promises) is not None
    ]
    whole = report.all_tickets.promises
    if whole is not None:
        rows.append((_("All services together"), *_of_promises(whole)))
    sentence = _(
        "Of %(count)s numbers whose slip told a time, %(share)s were called within it; on average the call was "
        "%(minutes)s off its middle.",
        count=written(whole.promises if whole else 0, Unit.COUNT),
        share=written(whole.kept_share if whole else None, Unit.SHARE),
        minutes=written(whole.error_minutes if whole else None, Unit.MINUTES),
    )
    columns = (
        Column(_("Service"), Unit.TEXT),
        Column(_("Tickets")),
        Column(_("Called in the promised time"), Unit.SHARE),
        Column(_("Within %(count)d minutes", count=MOST_MINUTES), Unit.SHARE),
        Column(_("Off by, on average"), Unit.MINUTES),
        Column(_("Later than told (earlier: below 0)"), Unit.MINUTES),
    )
    return Table("promises", _("How true the expected times were"), sentence, columns, tuple(rows))


def _of_promises(found: Accuracy) -> tuple[Value, ...]:
    return found.promises, found.kept_share, found.near_share, found.error_minutes, found.bias_minutes


def counters(report: Report, branch: BranchView) -> Table:
    """Tell how occupied each counter was."""
    numbers = {each.id: each.number for each in branch.counters.values()}
    desks = sorted(report.desks, key=lambda desk: numbers.get(desk.counter_id, 0))
    rows = tuple((str(numbers.get(desk.counter_id, desk.counter_id)), *_of_desk(desk.sums)) for desk in desks)
    busy = sum(desk.sums["busy_seconds"] for desk in desks if desk.sums["open_seconds"])
    there = sum(desk.sums["open_seconds"] for desk in desks)
    sentence = _(
        "The counters had a visitor in %(share)s of the time in which they were open; breaks are left out.",
        share=written(min(busy / there, 1) if there else None, Unit.SHARE),
    )
    marks = tuple(
        PlotMark(str(row[0]), round(row[-1] * 100, 1)) for row in rows if isinstance(row[-1], float)
    )
    plot = Plot("lying_bars", marks, names=_("counter"), values=_("% of the time"))
    columns = (Column(_("Counter"), Unit.TEXT), *_desk_columns())
    return Table(
        "counters", _("How occupied the counters are"), sentence, columns, rows, plot if marks else None
    )


def clerks(report: Report) -> Table:
    """Tell the figures of each clerk; only where the office allows them."""
    sums: dict[str, Any] = {}
    for row in report.clerks:
        sums.setdefault(row.clerk or "", type(row.sums)()).update(row.sums)
    rows = tuple((name, *_of_desk(sums[name])) for name in sorted(sums))
    sentence = _("The office allows figures by clerk. They say nothing about how hard a visit was.")
    return Table("clerks", _("Clerks"), sentence, (Column(_("Clerk"), Unit.TEXT), *_desk_columns()), rows)


def _desk_columns() -> tuple[Column, ...]:
    return (
        Column(_("Served")),
        Column(_("Did not come")),
        Column(_("Mean service"), Unit.MINUTES),
        Column(_("With a visitor"), Unit.HOURS),
        Column(_("Open, without breaks"), Unit.HOURS),
        Column(_("Occupied"), Unit.SHARE),
    )


def _of_desk(sums: Any) -> tuple[Value, ...]:
    busy, there = sums["busy_seconds"], sums["open_seconds"]
    return (
        sums["served"],
        sums["no_show"],
        sums["service_seconds"] / sums["services"] / 60 if sums["services"] else None,
        busy / 3600,
        there / 3600 if there else None,
        min(busy / there, 1.0) if there else None,
    )


def kinds(report: Report) -> Table:
    """Tell which tickets cleaned figures leave out, and what else is known of the tickets."""
    found = report.by_kind
    words = {
        Kind.KEPT: _("Used, or still waiting"),
        Kind.ABANDONED: _("Abandoned: did not come or left"),
        Kind.DUPLICATE: _("Taken twice"),
    }
    rows: list[tuple[Value, ...]] = [
        (words[each], found[each].count("issued"), found[each].wait(0.5), found[each].in_target)
        for each in Kind
        if each in found and found[each].count("issued")
    ]
    everything: Figures = report.all_tickets
    rows.append((_("All tickets"), everything.count("issued"), everything.wait(0.5), everything.in_target))
    others = (
        (_("Among them left open at the day's end"), "not_closed"),
        (_("Among them with a clock that went back"), "ran_back"),
    )
    rows += [(name, everything.count(code), None, None) for name, code in others if everything.count(code)]
    left_out = everything.count("issued") - (found[Kind.KEPT].count("issued") if Kind.KEPT in found else 0)
    sentence = _(
        "Cleaned figures leave out %(count)s of %(all)s tickets: those taken twice and those that nobody used.",
        count=written(left_out, Unit.COUNT),
        all=written(everything.count("issued"), Unit.COUNT),
    )
    columns = (
        Column(_("Tickets"), Unit.TEXT),
        Column(_("Count")),
        Column(_("Median wait"), Unit.MINUTES),
        Column(_("Within the target"), Unit.SHARE),
    )
    return Table("kinds", _("Raw and cleaned"), sentence, columns, tuple(rows))
