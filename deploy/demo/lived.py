"""Made days as tickets: visitors who are called by the calling rules, and their rows."""

from __future__ import annotations

import math
import random
from collections import Counter as Count
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.orm import Session

from server.domain.queue.order import Lane
from server.domain.statistics.visits import Visit
from server.services.office.settings import BranchView
from server.store.tables import Ticket

_SPREAD = 0.55
_PATIENCE = (0.06, 25.0)
_TAKEN_TWICE = 0.012
_NOT_THERE = 0.03
Waiting = Sequence[tuple[datetime, Visit]]


def lives_by_rules(
    chance: random.Random,
    branch: BranchView,
    waiting: Waiting,
    hours: tuple[datetime, datetime],
    minutes: Mapping[int, float],
) -> Iterator[Visit]:
    """Let visitors be called by the calling rules; each with the instant from which they are due."""
    # Here and not above: only a fresh demo needs numpy before it serves.
    import numpy as np

    from server.domain.queue.hall_model import Counter, Person, Rules
    from server.domain.queue.simulation import simulate

    opens_at, ends_at = hours
    services = {each.id: n for n, each in enumerate(branch.services.values())}
    desks = [each for each in branch.counters.values() if not each.archived and each.service_ids]
    end = (ends_at - opens_at).total_seconds()
    # A counter opens a little late, and has a break of a quarter of an hour.
    counters = []
    for desk in desks:
        late, pause = chance.uniform(0, 600), chance.uniform(0.35, 0.6) * end
        served = frozenset(services[each] for each in desk.service_ids)
        counters.append(Counter(served, ((late, pause), (pause + 900, end + 7200))))
    people, lasts, leaves, twice = [], [], [], []
    for ready, visit in waiting:
        came = (visit.queued_at - opens_at).total_seconds()
        hour = (ready - opens_at).total_seconds() + 120 if visit.is_booked else None
        people.append(Person(services[visit.service_id], came, hour))
        mean = minutes[visit.service_id] * 60
        lasts.append(mean * math.exp(chance.gauss(-(_SPREAD**2) / 2, _SPREAD)))
        is_twice, is_impatient = chance.random() < _TAKEN_TWICE, chance.random() < _PATIENCE[0]
        stays = 60 * chance.uniform(_PATIENCE[1], 3 * _PATIENCE[1]) if is_impatient else math.inf
        leaves.append(came + (20 if is_twice else stays))
        twice.append(is_twice)
    gaps = [chance.uniform(5, 60) for _ in people]
    calls = simulate(
        people,
        counters,
        [
            Rules(each.lead.total_seconds(), each.overdue.total_seconds(), each.maximum_wait.total_seconds())
            for each in (service.policy.calling(branch.policy) for service in branch.services.values())
        ],
        arrives_at=np.array([[each.queued_at for each in people]]),
        lasts=np.array([[last + gap for last, gap in zip(lasts, gaps, strict=True)]]),
        free_at=np.zeros((1, len(counters))),
        leaves_at=np.array(leaves),
    )
    for n, (_ready, visit) in enumerate(waiting):
        at, counter = float(calls.called_at[0, n]), desks[int(calls.counter[0, n])].id
        if at > min(leaves[n], end + 7200):
            outcome = "ticket_twice" if twice[n] else "visitor_left" if leaves[n] < end else "day_over"
            left = opens_at + timedelta(seconds=min(leaves[n], end))
            yield replace(visit, status="withdrawn", outcome=outcome, finished_at=left)
        else:
            called = opens_at + timedelta(seconds=at)
            yield _served(chance, visit, called, called + timedelta(seconds=lasts[n]), counter)


def _served(chance: random.Random, visit: Visit, called: datetime, ended: datetime, counter: int) -> Visit:
    if chance.random() < _NOT_THERE:
        return replace(
            visit, status="no_show", called_at=called, calls=(called,), finished_at=ended, counter_id=counter
        )
    return replace(
        visit,
        status="finished",
        outcome="without_documents" if chance.random() < 0.04 else "served",
        called_at=called,
        calls=(called,),
        started_at=called + (ended - called) * 0.1,
        finished_at=ended,
        counter_id=counter,
    )


def write_tickets(
    session: Session,
    branch: BranchView,
    day: date,
    visits: Sequence[Visit],
    hours: Mapping[int, datetime],
) -> None:
    """Write made visits as the tickets of a day; `hours` are those of booked visitors, by the visits' ids."""
    services = {each.id: each for each in branch.services.values()}
    hall = next(iter(branch.halls.values()))
    ordinals: Count[str] = Count()
    rows = []
    for visit in visits:
        letter = services[visit.service_id].letter
        ordinals[letter] += 1
        hour = hours.get(visit.id)
        rows.append(
            {
                "branch_id": branch.id,
                "hall_id": hall.id,
                "service_id": visit.service_id,
                "day": day,
                "series": letter,
                "ordinal": ordinals[letter],
                "number": f"{letter}{ordinals[letter]:03}",
                "status": visit.status,
                "lane": Lane.WALK_IN if hour is None else Lane.BOOKED,
                "lane_at": hour or visit.queued_at,
                "language": visit.language,
                "appointment_at": hour,
                "issued_at": visit.issued_at,
                "queued_at": visit.queued_at,
                "called_at": visit.called_at,
                "started_at": visit.started_at,
                "finished_at": visit.finished_at,
                "outcome": visit.outcome,
                "counter_id": visit.counter_id,
                "call_count": 1 if visit.called_at else 0,
            }
        )
    if rows:
        session.execute(insert(Ticket), rows)
