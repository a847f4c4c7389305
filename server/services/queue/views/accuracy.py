"""How true the expected times of a branch were, for those who answer for them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from server.domain.queue.accuracy import Accuracy, Promise, accuracy
from server.services.context import Context
from server.services.office.settings import BranchView, ServiceView
from server.store.queries import forecast as rows

DAYS = 28
"""Of so many days past the promises are summed up."""


@dataclass(frozen=True, slots=True)
class BranchAccuracy:
    """What came of the promises of a branch: in all, and by service; a service without any is left out."""

    whole: Accuracy | None
    services: tuple[tuple[ServiceView, Accuracy], ...]


def branch_accuracy(session: Session, context: Context, branch: BranchView) -> BranchAccuracy:
    """Sum up what slips of the last weeks promised beside what came of it."""
    since = context.now - timedelta(days=DAYS)
    by_service: dict[int, list[Promise]] = defaultdict(list)
    for service_id, promise in rows.promises(session, [each.id for each in branch.services.values()], since):
        by_service[service_id].append(promise)
    found = ((each, accuracy(by_service[each.id])) for each in branch.services.values())
    return BranchAccuracy(
        accuracy([each for own in by_service.values() for each in own]),
        tuple((service, summed) for service, summed in found if summed),
    )
