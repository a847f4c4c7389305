"""Reports that are kept in memory while their sums stand: a page, its plots and files read them once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from weakref import WeakKeyDictionary

from server.domain.statistics.periods import Period
from server.services.office.settings import BranchView
from server.services.statistics.report import Report, report
from server.store.queries.statistics import sums
from server.store.store import Store

_KEPT = 12
_lock = threading.Lock()
_reports: WeakKeyDictionary[Store, OrderedDict[Hashable, Report]] = WeakKeyDictionary()


def kept_report(
    store: Store,
    branch: BranchView,
    period: Period,
    *,
    is_raw: bool,
    service_id: int | None = None,
    headlines: bool = False,
) -> Report:
    """Return the report of a period, read anew when a day of it was summed up since (told some seconds later)."""
    key = (branch.id, period, is_raw, service_id, headlines, branch.policy.statistics_by_clerk)
    standing = store.read_recent(lambda session: sums.standing(session, branch.id, period.first, period.last))
    with _lock:
        found = _reports.setdefault(store, OrderedDict()).get(key)
    if found is not None and found.standing == standing:
        return found
    made = store.read_recent(
        lambda session: report(
            session, branch, period, is_raw=is_raw, service_id=service_id, headlines=headlines
        )
    )
    with _lock:
        reports = _reports.setdefault(store, OrderedDict())
        reports[key] = made
        reports.move_to_end(key)
        while len(reports) > _KEPT:
            reports.popitem(last=False)
    return made
