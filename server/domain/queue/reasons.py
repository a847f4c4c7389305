"""Why somebody was called before somebody else of the same service, from the rules that the calls follow."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from server.domain.queue.order import CallPolicy, Class, LineTicket, rank


class Reason(StrEnum):
    """Kinds of reasons, as visitors are told them: none of them says who somebody is."""

    STAFF = "staff"
    PAUSED = "paused"
    URGENT = "urgent"
    PRIORITY = "priority"
    SHARE = "share"
    SENT = "sent"
    YOU_ARE_EARLY = "you_are_early"
    BOOKED = "booked"
    LONGER = "longer"
    COUNTER = "counter"


def why(
    mine: LineTicket,
    other: LineTicket,
    at: datetime,
    policy: CallPolicy,
    *,
    out_of_order: bool = False,
    sent_to_counter: bool = False,
    paused: bool = False,
) -> Reason:
    """Tell why `other` was called at `at`, and `mine` was not.

    `out_of_order`: staff called them by a decision on record; `sent_to_counter`: one counter alone may call them;
    `paused`: the visitor of `mine` had asked for more time, and stood in no line.
    What is left when no rule of the line explains it are rules of the counter, such as its languages.
    """
    if out_of_order:
        return Reason.STAFF
    if other.urgent_since is not None and other.urgent_since <= at:
        return Reason.URGENT
    own = rank(mine, at, policy, priority_allowed=True)
    theirs = rank(other, at, policy, priority_allowed=True)
    if paused and theirs > own:
        return Reason.PAUSED
    if theirs[0] is Class.PRIORITY and own[0] is not Class.PRIORITY:
        return Reason.PRIORITY
    if sent_to_counter:
        return Reason.SENT
    if own[0] is Class.PRIORITY and theirs[0] is not Class.PRIORITY:
        return Reason.SHARE
    if theirs > own:
        # The share of those with priority was used up: they stood where they also belong.
        own, theirs = (rank(each, at, policy, priority_allowed=False) for each in (mine, other))
    if theirs > own:
        return Reason.LONGER if other.queued_at < mine.queued_at else Reason.COUNTER
    if own[0] is Class.BOOKED_EARLY and theirs[0] is not Class.BOOKED_EARLY:
        return Reason.YOU_ARE_EARLY
    is_by_hour = theirs[0] in (Class.BOOKED_OVERDUE, Class.BOOKED_DUE, Class.BOOKED_EARLY)
    return Reason.BOOKED if is_by_hour else Reason.LONGER
