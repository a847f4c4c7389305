"""The tables of the statistics: their columns, and how a value is written on a page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from babel import dates, numbers
from flask_babel import format_date, get_locale
from flask_babel import gettext as _

from server.domain.statistics.periods import Period
from server.services.ports import Plot

_WHOLE_FROM = 9.95
Value = str | int | float | None


class Unit(StrEnum):
    """What a column holds; shares are from 0 to 1, times in minutes."""

    TEXT = "text"
    COUNT = "count"
    MEAN = "mean"
    MINUTES = "minutes"
    SHARE = "share"
    HOURS = "hours"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    title: str
    unit: Unit = Unit.COUNT


@dataclass(frozen=True, slots=True)
class Table:
    """A table with the sentence that says what it shows, and its plot where there is one."""

    code: str
    title: str
    sentence: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    plot: Plot | None = None


def written(value: Value, unit: Unit) -> str:
    """Write a value for people, in the page's language; a dash where there is none."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    locale = get_locale()
    if unit is Unit.SHARE:
        return str(numbers.format_percent(value, "#,##0.#%", locale=locale))
    pattern = "#,##0" if unit is Unit.COUNT or abs(value) >= _WHOLE_FROM else "#,##0.#"
    number = str(numbers.format_decimal(value, pattern, locale=locale))
    if unit is Unit.MINUTES:
        return _("%(number)s min", number=number)
    return _("%(number)s h", number=number) if unit is Unit.HOURS else number


def difference(now: float | None, then: float | None, unit: Unit) -> str:
    """Write how a value differs from what it is compared with; nothing where there is nothing to compare."""
    if now is None or then is None:
        return ""
    if unit is Unit.SHARE:
        points = round((now - then) * 100, 1)
        return _("%(number)s points", number=_signed(points)) if points else _("no change")
    if unit is Unit.MINUTES:
        minutes = round(now - then, 1)
        return _("%(number)s min", number=_signed(minutes)) if minutes else _("no change")
    if not then:
        return ""
    percent = round((now - then) / then * 100)
    return f"{_signed(percent)}%" if percent else _("no change")


def _signed(number: float) -> str:
    text = numbers.format_decimal(abs(number), "#,##0.#", locale=get_locale())
    return f"{'+' if number > 0 else '−'}{text}"


def period_name(period: Period) -> str:
    """Write a period: a day, a month, or from when until when."""
    if period.days == 1:
        return str(format_date(period.first, "full"))
    if period.is_whole_month:
        return str(dates.format_skeleton("yMMMM", period.first, locale=get_locale()))
    return str(dates.format_interval(period.first, period.last, "yMMMd", locale=get_locale()))
