"""The report of a period: a branch's sums, added up by the database, as figures by what readers ask for."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from server.domain.statistics.figures import Figures, Row, cleaned, grouped, together
from server.domain.statistics.periods import Period
from server.domain.statistics.sums import HEADLINES, MEASURES
from server.domain.statistics.visits import Kind
from server.services.office.settings import BranchView
from server.store.queries.statistics import sums
from server.store.queries.statistics.sums import DeskRow, Standing


@dataclass(frozen=True, slots=True)
class Report:
    """Figures of a branch over a period; `rows` are without duplicates and abandoned tickets unless it is raw.

    `days` has each day's counts by service, `standing` tells how far the sums are.
    """

    period: Period
    is_raw: bool
    everything: tuple[Row, ...]
    days: tuple[tuple[date, int, Counter[str]], ...]
    desks: tuple[DeskRow, ...]
    clerks: tuple[DeskRow, ...]
    standing: Standing

    @property
    def rows(self) -> tuple[Row, ...]:
        """Return the rows that the figures are of."""
        return self.everything if self.is_raw else tuple(cleaned(self.everything))

    @property
    def total(self) -> Figures:
        """Return the figures of all services."""
        return together(self.rows)

    @property
    def all_tickets(self) -> Figures:
        """Return the figures of all tickets, used or not: what was given, who did not come."""
        return together(self.everything)

    @property
    def by_service(self) -> dict[int, Figures]:
        """Return the figures of each service that had any."""
        return grouped(self.rows, lambda row: row.service_id)

    @property
    def by_hour(self) -> dict[int, Figures]:
        """Return the figures of each hour of the day."""
        return grouped(self.rows, lambda row: row.hour)

    @property
    def by_weekday(self) -> dict[int, Figures]:
        """Return the figures of each weekday."""
        return grouped(self.rows, lambda row: row.weekday)

    @property
    def by_weekday_and_hour(self) -> dict[tuple[int, int], Figures]:
        """Return the figures of each hour of each weekday."""
        return grouped(self.rows, lambda row: (row.weekday, row.hour))

    @property
    def by_origin(self) -> dict[str, Figures]:
        """Return the figures of booked visitors and of walk-ins."""
        return grouped(self.rows, lambda row: row.origin)

    @property
    def by_kind(self) -> dict[str, Figures]:
        """Return the figures of tickets that were kept, abandoned, and taken twice."""
        return grouped(self.everything, lambda row: row.kind)


def report(
    session: Session,
    branch: BranchView,
    period: Period,
    *,
    is_raw: bool,
    service_id: int | None = None,
    headlines: bool = False,
) -> Report:
    """Read the report of a period, of all services or of one; counters are of all services.

    `headlines`: only what another period is compared with: no service times, lead times and counters.
    """
    where = (branch.id, period.first, period.last)
    rows = sums.added_up(session, *where, HEADLINES if headlines else MEASURES)
    days = sums.by_day(session, *where, tuple(Kind) if is_raw else (Kind.KEPT,))
    if service_id is not None:
        rows = [row for row in rows if row.service_id == service_id]
        days = [each for each in days if each[1] == service_id]
    by_clerk = branch.policy.statistics_by_clerk and not headlines
    return Report(
        period,
        is_raw,
        tuple(rows),
        tuple(days),
        () if headlines else tuple(sums.at_counters(session, *where, by_clerk=False)),
        tuple(sums.at_counters(session, *where, by_clerk=True)) if by_clerk else (),
        sums.standing(session, *where),
    )
