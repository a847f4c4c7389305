"""What a reader of the statistics has chosen: the period, its comparison, the service, raw or cleaned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from server.domain.statistics import periods
from server.domain.statistics.periods import Named, Period
from server.services.office.settings import BranchView, ServiceView
from server.web.times import read_day

NOTHING, BEFORE, OWN = "nothing", "before", "own"
COMPARISONS = (BEFORE, NOTHING, OWN)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A choice, as an address says it; what cannot be read is as if it were not there."""

    name: Named
    period: Period
    comparison: str
    compared: Period | None
    service: ServiceView | None
    is_raw: bool

    @property
    def address(self) -> dict[str, str]:
        """Return the choice as the arguments of an address."""
        found = {"period": str(self.name), "compare": self.comparison}
        if self.name is Named.OWN:
            found |= {"first": str(self.period.first), "last": str(self.period.last)}
        if self.comparison == OWN and self.compared is not None:
            found |= {"first_before": str(self.compared.first), "last_before": str(self.compared.last)}
        if self.service is not None:
            found["service"] = self.service.letter
        return found | ({"figures": "raw"} if self.is_raw else {})


def chosen(said: Mapping[str, str], branch: BranchView, today: date) -> Chosen:
    """Read a choice; without one it is the month so far beside the weeks before."""
    names = {str(each): each for each in Named}
    name = names.get(said.get("period", ""), Named.MONTH)
    own = _period(said, "first", "last")
    if name is Named.OWN and own is None:
        name = Named.MONTH
    period = own if name is Named.OWN and own is not None else periods.named(name, today)
    comparison = said.get("compare", BEFORE)
    compared: Period | None = periods.before(period)
    if comparison == OWN:
        compared = _period(said, "first_before", "last_before")
        comparison = OWN if compared is not None else NOTHING
    elif comparison != BEFORE:
        comparison, compared = NOTHING, None
    service = branch.services.get(said.get("service", ""))
    return Chosen(name, period, comparison, compared, service, said.get("figures") == "raw")


def _period(said: Mapping[str, str], first: str, last: str) -> Period | None:
    begin, end = read_day(said.get(first, "")), read_day(said.get(last, ""))
    return periods.own(begin, end) if begin is not None and end is not None else None
