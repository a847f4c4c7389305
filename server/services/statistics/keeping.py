"""The keeper of each day's sums: it follows the facts, and sums the days that they touch up anew."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import partial

from sqlalchemy.orm import Session

from server.domain.office.hours import instant
from server.domain.statistics.open_times import open_times
from server.domain.statistics.sums import DeskSums, Rules, Sums, sums_of
from server.services.context import Context
from server.services.office.settings import BranchView
from server.services.ports import Outside
from server.store import facts
from server.store.facts import SealedFact
from server.store.queries.statistics import rows
from server.store.queries.statistics import sums as kept
from server.store.store import Store
from wire.vocabulary import FactType

_FACTS_AT_ONCE = 2_000
_FACTS_A_LOOK = 20_000
_DAYS_A_LOOK = 20
_NO_FIGURES = frozenset({FactType.PERSONAL_DATA_ERASED, FactType.PERSONAL_DATA_GIVEN})
"""What changes no figure: sums name nobody, so they stay when personal data goes."""


def keep_sums(store: Store, context: Context, _outside: Outside | None = None) -> int:
    """Sum up what is due; return how many days.

    A day is read and summed beside the writer, which only puts the sums down. Its rows are read after the facts
    that made it due, so a fact that comes meanwhile makes it due again.
    """
    _follow(store, context)
    _forget_clerks(store, context)
    due = store.read(lambda session: kept.due(session, _DAYS_A_LOOK))
    for branch_id, day in due:
        branch = context.office.branches.get(branch_id)
        if branch is not None:
            sums, desks = store.read(partial(sum_day, context=context, branch=branch, day=day))
            store.write(
                partial(
                    kept.write_day,
                    branch_id=branch_id,
                    day=day,
                    sums=sums,
                    desks=desks,
                    made_at=context.now,
                )
            )
    return len(due)


def sum_day(session: Session, context: Context, branch: BranchView, day: date) -> tuple[Sums, DeskSums]:
    """Sum a day up from its rows."""
    rules = rules_of(branch)
    begins_at, ends_at = bounds(branch, day)
    visits = rows.visits(session, branch.id, day)
    bookings = rows.bookings(session, branch.id, begins_at, ends_at)
    counters = [counter.id for counter in branch.counters.values()]
    until = max(min(ends_at, context.now), begins_at)
    changes = rows.counter_changes(session, branch.id, _numbers(branch), begins_at, until)
    presences = open_times(rows.presences(session, counters, begins_at, until), changes)
    return sums_of(visits, bookings, presences, rules)


def _numbers(branch: BranchView) -> dict[int, int]:
    return {counter.number: counter.id for counter in branch.counters.values()}


def rules_of(branch: BranchView) -> Rules:
    """Return what the branch rules for its figures now."""
    policy = branch.policy
    return Rules(
        zone=policy.zone,
        target_minutes={each.id: each.policy.target_minutes(policy) for each in branch.services.values()},
        not_served=frozenset(each.code for each in policy.outcomes if not each.served),
        without_documents=frozenset(each.code for each in policy.outcomes if each.asks_missing),
        by_clerk=policy.statistics_by_clerk,
    )


def bounds(branch: BranchView, day: date) -> tuple[datetime, datetime]:
    """Tell when a business day begins and ends."""
    starts: time = branch.policy.day_starts_at
    zone = branch.policy.zone
    return instant(day, starts, zone), instant(day + timedelta(days=1), starts, zone)


def _follow(store: Store, context: Context) -> None:
    """Make the days due that the facts since the last look touch; at the first look, all days."""
    seen = store.read(kept.seen)
    if seen is None:
        store.write(partial(_begin, context=context))
        return
    for _ in range(_FACTS_A_LOOK // _FACTS_AT_ONCE):
        news = store.read(partial(facts.facts_after, after=seen, most=_FACTS_AT_ONCE))
        if not news:
            return
        days = store.read(partial(_touched, context=context, news=news))
        seen = news[-1].feed_number
        store.write(partial(_note, days=days, seen=seen))


def _begin(session: Session, context: Context) -> None:
    """Have all days summed up for which the branches have tickets or booked visits."""
    tip, _ = facts.tip(session.connection())
    for branch in context.office.branches.values():
        days, hours = rows.ends(session, branch.id)
        days += [branch.policy.business_day(at) for at in hours]
        if days:
            first, length = min(days), (max(days) - min(days)).days + 1
            kept.make_due(session, ((branch.id, first + timedelta(days=more)) for more in range(length)))
    kept.keep_seen(session, tip)


def _touched(session: Session, context: Context, news: Iterable[SealedFact]) -> set[tuple[int, date]]:
    """Tell which days of which branches facts are about: when they happened, and whose ticket or visit it was."""
    found: set[tuple[int, date]] = set()
    tickets: set[int] = set()
    reservations: set[int] = set()
    for fact in news:
        branch = context.office.branches.get(fact.branch_id or 0)
        if branch is None or fact.type in _NO_FIGURES:
            continue
        found.add((branch.id, branch.policy.business_day(fact.at)))
        for moved in ("from", "to"):
            if fact.type == FactType.RESERVATION_MOVED and moved in fact.data:
                at = datetime.fromisoformat(fact.data[moved])
                found.add((branch.id, branch.policy.business_day(at)))
        tickets.update(_ids(fact, "ticket"))
        reservations.update(_ids(fact, "reservation"))
    found |= rows.days_of_tickets(session, tickets) if tickets else set()
    for branch_id, at in rows.hours_of_reservations(session, reservations) if reservations else ():
        found.add((branch_id, context.branch(branch_id).policy.business_day(at)))
    return found


def _ids(fact: SealedFact, name: str) -> list[int]:
    value = fact.data.get(name)
    return [value] if isinstance(value, int) else []


def _note(session: Session, days: set[tuple[int, date]], seen: int) -> None:
    kept.make_due(session, days)
    kept.keep_seen(session, seen)


def _forget_clerks(store: Store, context: Context) -> None:
    """Take the clerks out of what was kept while an office allowed figures by clerk."""
    silent = [each.id for each in context.office.branches.values() if not each.policy.statistics_by_clerk]
    if store.read(partial(kept.has_clerks, branch_ids=silent)):
        store.write(partial(kept.forget_clerks, branch_ids=silent))
