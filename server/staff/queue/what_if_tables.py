"""What a page says of a day that was played again: tables of figures, the sentence above them, and the plot."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from babel import numbers
from flask_babel import get_locale
from flask_babel import gettext as _

from server.domain.office.reading import WEEKDAYS
from server.domain.queue.what_if_answer import Answer, Believed, Compared, OfService
from server.services.ports import Plot, PlotMark
from server.services.queue.what_if import Tried

_MINUTE = 60.0
_LEAST_MINUTES, _LEAST_PEOPLE = 0.5, 0.5
_WHOLE_FROM = 9.95


@dataclass(frozen=True, slots=True)
class Line:
    """A figure as it is written, with its difference and range, and whether that is better, worse or neither."""

    title: str
    was: str
    would: str
    difference: str
    low_and_high: str
    judged: str


@dataclass(frozen=True, slots=True)
class Group:
    """The figures of a service."""

    letter: str
    people: str
    lines: tuple[Line, ...]


def groups(answer: Answer, letters: Sequence[str], first: str) -> list[Group]:
    """Write the figures by service, the chosen one first; what is nothing in both plays is left out."""
    found = [_group(each, letters[each.service]) for each in answer.services]
    return sorted(found, key=lambda group: group.letter != first)


def overtime(answer: Answer) -> Line | None:
    """Write how long after the office's end the last counter works; None where none does."""
    each = answer.overtime
    if max(each.was, each.would) < _LEAST_MINUTES * _MINUTE:
        return None
    return _minutes(_("Last visit ends after closing by"), each)


def _group(each: OfService, letter: str) -> Group:
    people = (
        (_("Waiting longer than the target"), each.over_target),
        (_("Waiting longer than 60 min"), each.over_hour),
        (_("Still waiting at closing"), each.left),
        (_("Not called at all"), each.not_served),
    )
    lines = [
        _minutes(_("Median wait"), each.median),
        _minutes(_("Nine of ten wait at most"), each.high),
        *(_people(title, figure) for title, figure in people if max(figure.was, figure.would) >= 0.05),
    ]
    return Group(letter, _number(each.people), tuple(lines))


def _minutes(title: str, each: Compared) -> Line:
    in_minutes = Compared(*(value / _MINUTE for value in (each.was, each.would, each.low, each.high)))
    return _line(title, in_minutes, lambda number: _("%(number)s min", number=number), _LEAST_MINUTES)


def _people(title: str, each: Compared) -> Line:
    return _line(title, each, lambda number: number, _LEAST_PEOPLE)


def _line(title: str, each: Compared, unit: Callable[[str], str], least: float) -> Line:
    judged = ""
    if abs(each.difference) >= least and each.low * each.high > 0:
        judged = "is-better" if each.difference < 0 else "is-worse"
    return Line(
        title,
        unit(_number(each.was)),
        unit(_number(each.would)),
        unit(signed(each.difference)) if abs(each.difference) >= 0.05 else _("no change"),
        f"{signed(each.low)} … {signed(each.high)}",
        judged,
    )


def _number(value: float) -> str:
    pattern = "#,##0" if abs(value) >= _WHOLE_FROM else "#,##0.#"
    return str(numbers.format_decimal(round(value, 1), pattern, locale=get_locale()))


def signed(value: float) -> str:
    """Write a number with its sign."""
    number = _number(abs(value))
    if number == "0":
        return "0"
    return f"{'+' if value > 0 else '−'}{number}"


def sentence(answer: Answer, letters: Sequence[str], letter: str) -> str:
    """Say what came of it for a service."""
    found = next((each for each in answer.services if letters[each.service] == letter), None)
    if found is None:
        return _("Nobody came for %(service)s.", service=letter)
    median = found.median
    was, would = (_number(value / _MINUTE) for value in (median.was, median.would))
    low, high = signed(median.low / _MINUTE), signed(median.high / _MINUTE)
    if abs(median.difference) < _LEAST_MINUTES * _MINUTE:
        return _(
            "Half of those who came for %(service)s would wait %(was)s min, as before.",
            service=letter,
            was=was,
        )
    if median.low * median.high <= 0:
        return _(
            "Half of those who came for %(service)s would wait %(would)s min instead of %(was)s; that may be "
            "chance as well (%(low)s to %(high)s min).",
            service=letter,
            would=would,
            was=was,
            low=low,
            high=high,
        )
    return _(
        "Half of those who came for %(service)s would wait %(would)s min instead of %(was)s: %(low)s to %(high)s "
        "min in four runs of five.",
        service=letter,
        would=would,
        was=was,
        low=low,
        high=high,
    )


def most_concerned(answer: Answer, letters: Sequence[str], tried: Tried) -> str:
    """Return the service with most waiting, of those that the changes name if they name any."""
    named = {
        *tried.opens,
        *tried.arrivals,
        *tried.own,
        *(letter for each in tried.counters for letter in each.letters),
    }
    ours = [each for each in answer.services if letters[each.service] in named]
    most = max(ours or answer.services, key=lambda each: each.people * max(each.median.was, 1.0))
    return letters[most.service]


def weekday_word(weekday: int) -> str:
    """Return a weekday as an address says it."""
    return WEEKDAYS[weekday]


def doubts(answer: Answer, letters: Sequence[str]) -> str:
    """Say for which services the play is too far from the day to believe it; nothing where it is near."""
    far = [letters[each.service] for each in answer.believed if each.is_too_large]
    if not far:
        return ""
    return _(
        "Do not rely on this for %(services)s: without any change the model is too far from what happened on the "
        "day.",
        services=", ".join(far),
    )


@dataclass(frozen=True, slots=True)
class Check:
    """The median wait of a service on the day and in the model, as it is written."""

    letter: str
    people: str
    real: str
    played: str
    error: str
    is_too_large: bool


def checks(answer: Answer, letters: Sequence[str]) -> list[Check]:
    """Write how far the model is from the day where nothing is changed."""
    return [_check(each, letters[each.service]) for each in answer.believed]


def _check(each: Believed, letter: str) -> Check:
    real, played, error = (value / _MINUTE for value in (each.real, each.played, each.error))
    return Check(
        letter,
        str(each.people),
        _("%(number)s min", number=_number(real)),
        _("%(number)s min", number=_number(played)),
        _("%(number)s min", number=signed(error)),
        each.is_too_large,
    )


def plot(answer: Answer, letters: Sequence[str], letter: str) -> Plot | None:
    """Draw how many waited for a service by time of day, as it was and as it would be."""
    curve = next((each for each in answer.curves if letters[each.service] == letter), None)
    if curve is None:
        return None
    series: Mapping[str, Sequence[float]] = {_("was"): curve.was, _("would be"): curve.would}
    marks = [
        PlotMark(hour(at), round(value, 2), row=name, apart=name == _("was"))
        for name, values in series.items()
        for at, value in zip(curve.at, values, strict=True)
    ]
    return Plot("lines", tuple(marks), values=_("people waiting"))


def hour(seconds: float) -> str:
    """Write seconds of a day as the hour that a clock shows."""
    minutes = round(seconds / _MINUTE)
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


@dataclass(frozen=True, slots=True)
class Moment:
    """How many waited at an hour, as it is written."""

    hour: str
    was: str
    would: str


def moments(answer: Answer, letters: Sequence[str], letter: str) -> list[Moment]:
    """Write the numbers of the plot, each half hour."""
    curve = next((each for each in answer.curves if letters[each.service] == letter), None)
    if curve is None:
        return []
    rows = list(zip(curve.at, curve.was, curve.would, strict=True))
    return [Moment(hour(at), _number(was), _number(would)) for at, was, would in rows if at % 1800 == 0]
