"""Tables and plots of when: how long visitors waited, at which hours and on which days they came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from babel import dates
from flask_babel import get_locale
from flask_babel import gettext as _

from server.domain.statistics import buckets
from server.domain.statistics.figures import Figures
from server.services.ports import Plot, PlotMark
from server.services.statistics.report import Report
from server.staff.statistics.values import Column, Table, Unit, Value, written

# Bars of five minutes, then of ten, then longer ones: each ends at an edge of the buckets.
_BARS = (5, 10, 15, 20, 25, 30, 40, 50, 60, 90, 120)
_A_YEAR = 365
_LEADS = ("0", "1", "2–3", "4–7", "8–14", "15–30", "31+")


def waits(report: Report, target: int | None) -> Table:
    """Tell how many waited how long; `target` is None where services have different ones."""
    total = report.total
    bars = _bars(total.waits)
    known = sum(count for _name, _end, count in bars)
    rows = [(name, count, count / known if known else None) for name, _end, count in bars]
    within = [place for place, (_name, end, _count) in enumerate(bars) if target and end and end <= target]
    exact = bool(within) and bars[within[-1]][1] == target
    share = written(total.in_target, Unit.SHARE)
    plot = Plot(
        "bars",
        _evened(bars, within[-1] if exact else None),
        names=_("minutes of waiting, from"),
        values=_("people in 5 minutes"),
        line_after=within[-1] if exact else None,
        line_text=_("target %(target)s min: %(share)s", target=target, share=share) if exact else "",
    )
    sentence = _(
        "Half of the %(count)s who were called waited at most %(half)s, four of five at most %(most)s, and one "
        "in twenty longer than %(long)s; %(share)s were called within the target.",
        count=written(known, Unit.COUNT),
        half=written(total.wait(0.5), Unit.MINUTES),
        most=written(total.wait(0.8), Unit.MINUTES),
        long=written(total.wait(0.95), Unit.MINUTES),
        share=share,
    )
    columns = (Column(_("Minutes"), Unit.TEXT), Column(_("People called")), Column(_("Share"), Unit.SHARE))
    return Table("waits", _("How long people waited"), sentence, columns, tuple(rows), plot)


def _evened(bars: list[tuple[str, int | None, int]], last: int | None) -> tuple[PlotMark, ...]:
    """Give bars of more minutes the height of five of them; the last one has no end, and so none."""
    marks, begin = [], 0
    for place, (_name, end, count) in enumerate(bars):
        if end is not None:
            even = count * _BARS[0] / (end - begin)
            marks.append(PlotMark(str(begin), even, apart=last is not None and place > last))
            begin = end
    return tuple(marks)


def _bars(counts: list[int]) -> list[tuple[str, int | None, int]]:
    found: list[tuple[str, int | None, int]] = []
    begin = 0
    for end in _BARS:
        inside = [count for count, edge in zip(counts, buckets.EDGES, strict=False) if begin < edge <= end]
        found.append((f"{begin}–{end}", end, sum(inside)))
        begin = end
    return [*found, (f"{begin}+", None, counts[-1])]


def busiest(report: Report) -> Table:
    """Tell the median wait by weekday and hour of the ticket."""
    cells = {key: each for key, each in report.by_weekday_and_hour.items() if each.count("waits")}
    hours = _span(hour for _weekday, hour in cells)
    weekdays = sorted({weekday for weekday, _hour in cells})
    rows: list[tuple[Value, ...]] = []
    marks = []
    for weekday in weekdays:
        medians = [_median(cells.get((weekday, hour))) for hour in hours]
        rows.append((weekday_name(weekday), *medians))
        marks += [
            PlotMark(_hour(hour), median, row=weekday_name(weekday, short=True))
            for hour, median in zip(hours, medians, strict=True)
        ]
    columns = (
        Column(_("Weekday"), Unit.TEXT),
        *(Column(_hour(hour), Unit.MEAN) for hour in hours),
    )
    weekday, hour = max(cells, key=lambda key: cells[key].wait(0.5) or 0)
    sentence = _(
        "The longest waits are here: %(weekday)s, %(hour)s, half of the people longer than %(minutes)s.",
        weekday=weekday_name(weekday),
        hour=_hour(hour),
        minutes=written(cells[weekday, hour].wait(0.5), Unit.MINUTES),
    )
    return Table(
        "busiest",
        _("When the wait is longest (median, minutes)"),
        sentence,
        columns,
        tuple(rows),
        Plot("grid", tuple(marks)),
    )


def hours(report: Report, other: Report | None) -> Table:
    """Tell by hour how many tickets a day were given, and how long those people waited."""
    now, then = report.by_hour, other.by_hour if other else {}
    days, days_then = day_count(report), _days_by_weekday(other).total()
    span = _span(hour for hour in now if now[hour].count("issued"))
    names = {hour: _hour(hour) for hour in span}
    most = max(span, key=lambda hour: now[hour].count("issued") if hour in now else 0)
    sentence = _(
        "Most tickets are given in the hour from %(hour)s: %(count)s on a day with tickets.",
        hour=_hour(most),
        count=written(now[most].count("issued") / days, Unit.MEAN),
    )
    return _tickets(
        "hours",
        _("Tickets by hour"),
        sentence,
        Column(_("Hour"), Unit.TEXT),
        names,
        (now, dict.fromkeys(span, days)),
        (then, dict.fromkeys(span, days_then)) if other else None,
    )


def weekdays(report: Report, other: Report | None) -> Table:
    """Tell by weekday how many tickets a day were given, and how long those people waited."""
    now, then = report.by_weekday, other.by_weekday if other else {}
    seen = {weekday: each for weekday, each in now.items() if each.count("issued")}
    names = {weekday: weekday_name(weekday, short=True) for weekday in seen}
    days, days_then = _days_by_weekday(report), _days_by_weekday(other)
    most = max(seen, key=lambda weekday: seen[weekday].count("issued") / max(days[weekday], 1))
    sentence = _(
        "The fullest weekday: %(weekday)s, with %(count)s tickets on a day.",
        weekday=weekday_name(most),
        count=written(seen[most].count("issued") / max(days[most], 1), Unit.MEAN),
    )
    return _tickets(
        "weekdays",
        _("Tickets by weekday"),
        sentence,
        Column(_("Weekday"), Unit.TEXT),
        names,
        (now, days),
        (then, days_then) if other else None,
    )


def _tickets(
    code: str,
    title: str,
    sentence: str,
    first: Column,
    names: Mapping[int, str],
    now: tuple[Mapping[int, Figures], Mapping[int, int]],
    then: tuple[Mapping[int, Figures], Mapping[int, int]] | None,
) -> Table:
    """Make the table and the plot of tickets by hour or weekday, beside those of another period."""
    rows: list[tuple[Value, ...]] = []
    marks = []
    for key, name in names.items():
        figures = now[0].get(key) or Figures(Counter())
        mean = figures.count("issued") / max(now[1].get(key, 0), 1)
        other = None
        # A weekday or a period without any day with tickets has no data, which is not a bar of zero.
        if then is not None and then[1].get(key):
            other = (then[0].get(key) or Figures(Counter())).count("issued") / then[1][key]
        compared = () if then is None else (other,)
        rows.append((name, mean, *compared, figures.wait(0.5), figures.in_target))
        marks.append(PlotMark(name, mean, other=other))
    compared_column = () if then is None else (Column(_("Before"), Unit.MEAN),)
    columns = (
        first,
        Column(_("Tickets a day"), Unit.MEAN),
        *compared_column,
        Column(_("Median wait"), Unit.MINUTES),
        Column(_("Within the target"), Unit.SHARE),
    )
    return Table(
        code, title, sentence, columns, tuple(rows), Plot("bars", tuple(marks), values=_("tickets a day"))
    )


def days(report: Report) -> Table:
    """Tell for each day how many tickets were given and served, and how the waits were."""
    by_day: dict[date, Counter[str]] = {}
    for day, _service, counts in report.days:
        by_day.setdefault(day, Counter()).update(counts)
    shown = {day: Figures(by_day[day]) for day in sorted(by_day) if by_day[day]["issued"]}
    rows = tuple(
        (day.isoformat(), each.count("issued"), each.count("served"), each.mean("wait"), each.in_target)
        for day, each in shown.items()
    )
    fullest = max(shown, key=lambda day: shown[day].count("issued"))
    sentence = _(
        "On %(days)s days tickets were given; the most, %(count)s, on this one: %(day)s.",
        days=len(shown),
        count=written(shown[fullest].count("issued"), Unit.COUNT),
        day=dates.format_date(fullest, "full", locale=get_locale()),
    )
    columns = (
        Column(_("Day"), Unit.TEXT),
        Column(_("Tickets")),
        Column(_("Served")),
        Column(_("Mean wait"), Unit.MINUTES),
        Column(_("Within the target"), Unit.SHARE),
    )
    # A day of two years is told apart by its year.
    written_as = "Md" if report.period.days <= _A_YEAR else "yMd"
    marks = tuple(
        PlotMark(dates.format_skeleton(written_as, day, locale=get_locale()), each.count("issued"))
        for day, each in shown.items()
    )
    plot = Plot("bars", marks, values=_("tickets"))
    return Table("days", _("Tickets by day"), sentence, columns, rows, plot)


def leads(report: Report) -> Table:
    """Tell how many days before their visit people booked."""
    counts = report.total.leads
    booked = sum(counts)
    soon = sum(counts[:4]) / booked if booked else None
    sentence = _(
        "Of %(count)s booked visits %(share)s were booked a week or less before.",
        count=written(booked, Unit.COUNT),
        share=written(soon, Unit.SHARE),
    )
    columns = (Column(_("Days before"), Unit.TEXT), Column(_("Visits")), Column(_("Share"), Unit.SHARE))
    rows = tuple((name, count, count / booked) for name, count in zip(_LEADS, counts, strict=True))
    marks = tuple(PlotMark(name, count) for name, count in zip(_LEADS, counts, strict=True))
    plot = Plot("bars", marks, names=_("days from booking to visit"), values=_("visits"))
    return Table("leads", _("How long before people book"), sentence, columns, rows, plot)


def day_count(report: Report | None) -> int:
    """Count the days with tickets; at least one, to divide by."""
    return max(sum(_days_by_weekday(report).values()), 1)


def _days_by_weekday(report: Report | None) -> Counter[int]:
    seen = {day for day, _service, counts in report.days if counts["issued"]} if report else ()
    return Counter(day.weekday() for day in seen)


def weekday_name(weekday: int, *, short: bool = False) -> str:
    """Write a weekday (0 is Monday) to stand alone."""
    names = dates.get_day_names("abbreviated" if short else "wide", "stand-alone", get_locale())
    return str(names[weekday])


def _median(figures: Figures | None) -> float | None:
    return figures.wait(0.5) if figures else None


def _hour(hour: int) -> str:
    return f"{hour}:00"


def _span(found: Iterable[int]) -> range:
    hours_seen = list(found)
    return range(min(hours_seen), max(hours_seen) + 1) if hours_seen else range(0)
