"""What an office tells everybody of its figures: how many of the expected times held, where it wants that."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from server.domain.queue.accuracy import published_percent
from server.services.context import Context
from server.services.office.settings import BranchView
from server.services.queue.views.shared import SharedViews
from server.store.queries.statistics import sums

DAYS = 28
"""Of so many days, today among them, the expected times are counted."""
_KEPT_FOR = timedelta(seconds=5)


def held_percent(session: Session, context: Context, views: SharedViews, branch: BranchView) -> int | None:
    """Tell which share of the last weeks' expected times held; None where it is not published, or too few."""
    if not branch.policy.public_expected_times:
        return None

    def read() -> int | None:
        today = branch.policy.business_day(context.now)
        first = today - timedelta(days=DAYS - 1)
        return published_percent(*sums.promises(session, branch.id, first, today))

    return views.get(session, context, ("expected times held", branch.id), read, good_for=_KEPT_FOR)
