"""What sums say: shares, means and quantiles, for all tickets or without those that were never used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from server.domain.queue.accuracy import Accuracy
from server.domain.statistics import buckets
from server.domain.statistics.sums import LEAD_BUCKETS, SERVICE_BUCKETS, WAIT_BUCKETS
from server.domain.statistics.visits import Kind

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of a set of tickets: times in minutes, shares from 0 to 1; None where there is nothing to tell."""

    sums: Counter[str]

    def count(self, name: str) -> int:
        """Return a count or a sum."""
        return self.sums[name]

    @property
    def in_target(self) -> float | None:
        """Return the service level: the share of known waits within the target."""
        return self.share("in_target", "waits")

    @property
    def no_show(self) -> float | None:
        """Return the share of tickets whose visitor was called and did not come."""
        return self.share("no_show", "issued")

    @property
    def lapsed(self) -> float | None:
        """Return the share of booked visits that lapsed without a check-in."""
        return self.share("lapsed", "booked")

    @property
    def promises(self) -> Accuracy | None:
        """Return what came of the expected times that tickets told."""
        count = self.sums["promises"]
        if not count:
            return None
        return Accuracy(
            count,
            self.sums["promises_kept"] / count,
            self.sums["promises_near"] / count,
            self.sums["promise_off_seconds"] / count / 60,
            self.sums["promise_late_seconds"] / count / 60,
        )

    def share(self, part: str, whole: str) -> float | None:
        """Return one count as a share of another."""
        return self.sums[part] / self.sums[whole] if self.sums[whole] else None

    def mean(self, time: str) -> float | None:
        """Return the mean of a time (wait, walk, service, total)."""
        known = self.sums[f"{time}s"]
        return self.sums[f"{time}_seconds"] / known / 60 if known else None

    def wait(self, share: float) -> float | None:
        """Return a quantile of the waits."""
        return buckets.quantile(self.waits, share)

    def service(self, share: float) -> float | None:
        """Return a quantile of the service times."""
        return buckets.quantile([self.sums[each] for each in SERVICE_BUCKETS], share)

    @property
    def waits(self) -> list[int]:
        """Return the waits by bucket."""
        return [self.sums[each] for each in WAIT_BUCKETS]

    @property
    def leads(self) -> list[int]:
        """Return the booked visits by lead time."""
        return [self.sums[each] for each in LEAD_BUCKETS]


@dataclass(frozen=True, slots=True)
class Row:
    """Sums of many days that have a service, a weekday (0 is Monday), an hour, an origin and a kind in common."""

    service_id: int
    weekday: int
    hour: int
    origin: str
    kind: str
    sums: Counter[str]


def cleaned(rows: Iterable[Row]) -> list[Row]:
    """Leave out duplicates and abandoned tickets."""
    return [row for row in rows if row.kind == Kind.KEPT]


def together(rows: Iterable[Row]) -> Figures:
    """Add rows up."""
    found: Counter[str] = Counter()
    for row in rows:
        found.update(row.sums)
    return Figures(found)


def grouped(rows: Iterable[Row], by: Callable[[Row], K]) -> dict[K, Figures]:
    """Add rows up by what they have in common, in order."""
    found: dict[K, Counter[str]] = {}
    for row in rows:
        found.setdefault(by(row), Counter()).update(row.sums)
    return {key: Figures(found[key]) for key in sorted(found)}  # type: ignore[type-var]
