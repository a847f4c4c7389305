"""What came of playing a day again with changes: figures with their uncertainty, and what to believe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_BELIEVED_SECONDS, _BELIEVED_SHARE = 300.0, 0.3


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure as it was and would be (means over the runs), and its difference with what P10–P90 of runs say."""

    was: float
    would: float
    low: float
    high: float

    @property
    def difference(self) -> float:
        """Return how much more it would be."""
        return self.would - self.was


@dataclass(frozen=True, slots=True)
class OfService:
    """The figures of a service, in seconds and people; `people` is how many came."""

    service: int
    people: float
    median: Compared
    high: Compared
    over_target: Compared
    over_hour: Compared
    left: Compared
    not_served: Compared


@dataclass(frozen=True, slots=True)
class Believed:
    """The median wait of a service on the day itself and in the play of the day as it was, of so many people."""

    service: int
    people: int
    real: float
    played: float

    @property
    def error(self) -> float:
        """Return by how much the play is off."""
        return self.played - self.real

    @property
    def is_too_large(self) -> bool:
        """Say whether the error is too large to believe the rest."""
        return abs(self.error) > max(_BELIEVED_SECONDS, _BELIEVED_SHARE * self.real)


@dataclass(frozen=True, slots=True)
class Curve:
    """How many waited for a service at some instants of the day, as it was and as it would be."""

    service: int
    at: tuple[float, ...]
    was: tuple[float, ...]
    would: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a question."""

    runs: int
    services: tuple[OfService, ...]
    overtime: Compared
    believed: tuple[Believed, ...]
    curves: tuple[Curve, ...]


def read_answer(kept: Mapping[str, Any]) -> Answer:
    """Read an answer from what `dataclasses.asdict` wrote of it."""
    return Answer(
        kept["runs"],
        tuple(
            OfService(**{name: _compared(value) for name, value in each.items()}) for each in kept["services"]
        ),
        Compared(**kept["overtime"]),
        tuple(Believed(**each) for each in kept["believed"]),
        tuple(
            Curve(each["service"], tuple(each["at"]), tuple(each["was"]), tuple(each["would"]))
            for each in kept["curves"]
        ),
    )


def _compared(value: Any) -> Any:
    return Compared(**value) if isinstance(value, Mapping) else value
