"""The figures at the head of the page, each beside what it was in the period that it is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext as _

from printers.layout import PAPER_80_MM, preview
from printers.ticket import SlipLayout, Ticket, languages, ticket_slip
from server.domain.statistics.figures import Figures
from server.services.office.settings import BranchView
from server.services.statistics.report import Report
from server.staff.statistics.values import Column, Table, Unit, Value, difference, written
from server.web.request_context import request_context

_DOTS_A_METRE = 203 / 0.0254


@dataclass(frozen=True, slots=True)
class Headline:
    """A figure with its change; `is_better` is None where no direction is better."""

    code: str
    title: str
    value: Value
    unit: Unit
    before: Value = None
    change: str = ""
    is_better: bool | None = None

    @property
    def text(self) -> str:
        """Return the figure as it is written."""
        return written(self.value, self.unit)


def headlines(report: Report, other: Report | None, branch: BranchView, target: int | None) -> list[Headline]:
    """List the figures."""
    now, then = report.total, other.total if other else None
    every, every_then = report.all_tickets, other.all_tickets if other else None
    in_target = _("Within %(minutes)s min", minutes=target) if target is not None else _("Within the target")
    metres = slip_metres(branch)
    paper = every.count("issued") * metres
    paper_then = every_then.count("issued") * metres if every_then else None

    then_no_show = every_then.no_show if every_then else None
    then_lapsed = every_then.lapsed if every_then else None

    held, held_then = every.promises, every_then.promises if every_then else None

    def line(code: str, title: str, value: Value, before: Value, unit: Unit, better: int = 0) -> Headline:
        number, was = (each if isinstance(each, int | float) else None for each in (value, before))
        change = difference(number, was, unit)
        is_better = None
        if better and number is not None and was is not None and number != was:
            is_better = (number > was) == (better > 0)
        return Headline(code, title, value, unit, before, change, is_better)

    def both(unit: Unit, code: str, title: str, figure: str, better: int = 0) -> Headline:
        return line(code, title, _figure(now, figure), _figure(then, figure), unit, better)

    found = [
        both(Unit.COUNT, "served", _("Served"), "served"),
        both(Unit.MINUTES, "median", _("Median wait"), "p50", -1),
        both(Unit.SHARE, "in_target", in_target, "in_target", 1),
        both(Unit.MINUTES, "p80", _("80% wait at most"), "p80", -1),
        both(Unit.MINUTES, "p95", _("95% wait at most"), "p95", -1),
        both(Unit.MINUTES, "walk", _("Mean walk to the counter"), "walk"),
        both(Unit.MINUTES, "service", _("Mean service"), "service"),
        both(Unit.MINUTES, "total", _("Mean total"), "total", -1),
        line(
            "no_show",
            _("Did not come"),
            every.no_show,
            then_no_show,
            Unit.SHARE,
            -1,
        ),
        line(
            "lapsed",
            _("Bookings lapsed"),
            every.lapsed,
            then_lapsed,
            Unit.SHARE,
            -1,
        ),
        line(
            "promises",
            _("Called in the promised time"),
            held.kept_share if held else None,
            held_then.kept_share if held_then else None,
            Unit.SHARE,
            1,
        ),
        line("paper", _("Paper of the slips, reckoned, metres"), paper, paper_then, Unit.MEAN),
    ]
    return [each for each in found if each.value is not None]


def _figure(figures: Figures | None, name: str) -> Value:
    if figures is None:
        return None
    if name.startswith("p") and name[1:].isdigit():
        return figures.wait(int(name[1:]) / 100)
    if name == "in_target":
        return figures.in_target
    return figures.count(name) if name == "served" else figures.mean(name)


def as_table(found: list[Headline], *, is_compared: bool) -> Table:
    """Put the figures into a table, for files."""
    rows = tuple(
        (
            each.title,
            _plain(each.value, each.unit),
            *((_plain(each.before, each.unit),) if is_compared else ()),
        )
        for each in found
    )
    compared = (Column(_("Before"), Unit.MEAN),) if is_compared else ()
    columns = (Column(_("Figure"), Unit.TEXT), Column(_("Period"), Unit.MEAN), *compared)
    return Table("figures", _("Figures"), "", columns, rows)


def _plain(value: Value, unit: Unit) -> Value:
    return round(value, 4 if unit is Unit.SHARE else 2) if isinstance(value, float) else value


def slip_metres(branch: BranchView) -> float:
    """Tell how much paper a slip takes as the branch prints it now, on paper of 80 mm."""
    key = repr((branch.policy.slip, branch.name, branch.policy.languages, branch.policy.zone))
    if _slips.get(branch.id, ("", 0.0))[0] != key:
        _slips[branch.id] = (key, _measured(branch))
    return _slips[branch.id][1]


# What was measured of each branch's slip, and of which slip: to lay one out takes longer than a page may.
_slips: dict[int, tuple[str, float]] = {}


def _measured(branch: BranchView) -> float:
    now = request_context().now
    service = next(iter(branch.services.values()), None)
    spoken = next(each for each in (*branch.policy.languages, "pl") if each in languages())
    ticket = Ticket(
        number="P042",
        office=branch.name,
        hall="A",
        service=service.name(spoken) if service else "",
        prepare=(service.prepare(spoken) if service else None) or "",
        issued_at=now,
        people_ahead=5,
        expected_from=now + timedelta(minutes=10),
        expected_until=now + timedelta(minutes=20),
        track_url="https://example.org/t/0123456789abcdef",
    )
    layout = SlipLayout(**branch.policy.slip.layout())
    slip = ticket_slip(ticket, layout, spoken, branch.policy.zone)
    return float(preview(slip, PAPER_80_MM).height / _DOTS_A_METRE)
