"""The day's curve as numbers of a picture: where its line, its hours and its rules lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from server.services.queue.day_forecasts import WillWait
from server.services.queue.views.hall import DayShown, TooLate

_LEFT, _RIGHT, _TOP, _BOTTOM = 36, 22, 22, 26
_LABEL_WIDTH, _LABEL_HEIGHT = 64, 16
_MOST_LABELS = 4
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on an axis with what stands there."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Label:
    """A line from top to bottom with a word beside it, left of the line where the picture ends right of it."""

    at: float
    down: float
    text: str
    hour: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of the day, `width` by `height`; right of `now` is what may come: a band and its middle.

    `too_late` marks from when on newcomers of a service (the label's text is its letter) are not called any more.
    """

    width: int
    height: int
    line: str
    area: str
    band: str
    middle: str
    hours: tuple[Mark, ...]
    counts: tuple[Mark, ...]
    now: Mark
    now_is_late: bool
    too_late: tuple[Label, ...] = ()

    @property
    def left(self) -> int:
        """Return where the day begins."""
        return _LEFT

    @property
    def right(self) -> int:
        """Return where the day ends."""
        return self.width - _RIGHT

    @property
    def top(self) -> int:
        """Return where the largest count lies."""
        return _TOP

    @property
    def bottom(self) -> int:
        """Return where nobody waits."""
        return self.height - _BOTTOM


def draw(
    day: DayShown,
    ahead: Sequence[WillWait],
    too_late: Sequence[TooLate],
    zone: ZoneInfo,
    width: int,
    height: int,
) -> Chart:
    """Work out the picture of a day, and of what may come, in pixels of its own."""
    counts = [*(point.count for point in day.points), *(each.most for each in ahead)]
    most = _round_up(max(counts, default=0))
    ends_at = max([day.ends_at, *(each.at for each in ahead)])
    span = max((ends_at - day.begins_at) / _HOUR, 0.1)
    wide, high = width - _LEFT - _RIGHT, height - _TOP - _BOTTOM

    def x(at: datetime) -> float:
        return round(_LEFT + wide * ((at - day.begins_at) / _HOUR) / span, 1)

    def y(count: int) -> float:
        return round(_TOP + high * (1 - count / most), 1)

    def is_late(at: datetime) -> bool:
        return x(at) > width - _RIGHT - 2 * _LABEL_WIDTH

    places = [(x(point.at), y(point.count)) for point in day.points]
    line = _path(places)
    floor = height - _BOTTOM
    last = day.points[-1]
    to_come = [each for each in ahead if last.at < each.at]
    middle = [places[-1], *((x(each.at), y(each.middle)) for each in to_come)]
    upper = [places[-1], *((x(each.at), y(each.most)) for each in to_come)]
    lower = [(x(each.at), y(each.fewest)) for each in reversed(to_come)]
    return Chart(
        width=width,
        height=height,
        line=line,
        area=f"{line}L{places[-1][0]} {floor}L{places[0][0]} {floor}Z",
        band=f"{_path([*upper, *lower])}Z" if to_come else "",
        middle=_path(middle) if to_come else "",
        hours=tuple(
            Mark(x(at), f"{at.astimezone(zone):%H:%M}") for at in _hours(day.begins_at, zone, wide, span)
        ),
        counts=tuple(Mark(y(count), str(count)) for count in (0, most // 2, most)),
        now=Mark(x(last.at), str(last.count)),
        now_is_late=is_late(last.at),
        too_late=tuple(
            Label(
                x(each.at),
                _TOP + _LABEL_HEIGHT * (row + 1),
                each.letter,
                f"{each.at.astimezone(zone):%H:%M}",
                is_late(each.at),
            )
            for row, each in enumerate(too_late[:_MOST_LABELS])
            if each.at <= ends_at
        ),
    )


def _path(places: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{across} {down}" for across, down in places)


def _hours(begins_at: datetime, zone: ZoneInfo, wide: int, span: float) -> list[datetime]:
    """List the whole hours of the branch's clock that have room below the picture."""
    every = max(1, -int(-span * _LABEL_WIDTH // wide))
    first = begins_at.astimezone(zone).replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    hours = [first + _HOUR * step for step in range(0, int(span) + 2, every)]
    return [at for at in hours if begins_at <= at <= begins_at + span * _HOUR]


def _round_up(count: int) -> int:
    """Return an even number that is easy to read at the top of an axis."""
    for nice in (4, 10, 20, 40, 60, 80, 100, 150, 200, 300, 400, 600, 800, 1000):
        if count <= nice:
            return nice
    return -(-count // 1000) * 1000
