"""Gives the places of a decided draw in its order, in steps that may be repeated, and later ones (rule 10)."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice

from sqlalchemy.orm import Session

from server.domain.office.hours import day_of
from server.domain.release import draw as rules
from server.domain.release.draw import Entry, Terms
from server.services.booking.slots.places import Taken, take_now
from server.services.context import Context
from server.services.ports import Outside
from server.services.release.draws import days_of, shown_hour
from server.services.release.outcomes import Slot, book_drawn, tell_without_place
from server.store.facts import NewFact, note
from server.store.queries.booking.slots import DuePlace
from server.store.queries.release import applications, draws
from server.store.store import Store
from server.store.tables import Draw
from wire.vocabulary import FactType

NOTICE = timedelta(hours=24)
"""Nearer than this to its hour a place is nobody's next in order: who learns of it too late would not come."""

_AT_ONCE = 50
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a draw came to: its lines in order, and the hours given, as anybody can compute them."""

    draw_id: int
    terms: Terms
    order: tuple[Entry, ...]
    given: Mapping[str, str]


def outcome_of(session: Session, row: Draw) -> Outcome:
    """Compute a decided draw: the same at every time and on every server."""
    if row.seed is None or row.terms is None:
        raise RuntimeError("a draw is computed before it is decided")
    entries = {line: Entry(line, tuple(wishes)) for line, wishes in applications.entries(session, row.id)}
    order = tuple(entries[line] for line in rules.order_of(row.seed, entries))
    terms = Terms.read(row.terms)
    return Outcome(row.id, terms, order, rules.give(order, terms))


def give_places(store: Store, context: Context, _outside: Outside | None = None, most_steps: int = 20) -> int:
    """Give the places of decided draws; return how many draws were finished.

    A turn takes a bounded number of steps, so that other jobs have theirs; what it, a crash or another server
    leaves undone goes on at the next turn where it was.
    """
    finished = 0
    for row in store.read(draws.draws_to_give):
        outcome = store.read(partial(outcome_of, row=row))
        waiting = store.read(partial(applications.unplaced_ids, draw_id=row.id))
        for step in islice(_steps(outcome, waiting), most_steps):
            store.write(partial(give_some, context=context, outcome=outcome, step=step))
        if len(waiting) > most_steps * _AT_ONCE:
            continue
        for at in store.read(partial(_missed, row=row, outcome=outcome)):
            while store.write(partial(give_missed, context=context, outcome=outcome, at=at)):
                pass
        finished += store.write(partial(finish, context=context, outcome=outcome))
    return finished


def give_all(store: Store, context: Context) -> int:
    """Give the places of all decided draws now; return how many draws were finished."""
    finished = 0
    while store.read(draws.draws_to_give):
        finished += give_places(store, context, most_steps=sys.maxsize)
    return finished


def give_some(session: Session, context: Context, outcome: Outcome, step: Sequence[tuple[int, str]]) -> int:
    """Give some of those in order their place in it and the visit that they won; return how many.

    Each once: the draw's row is held meanwhile, and who has a place in the order is passed over. A winner who
    cannot be booked any more (the account is gone, or there is another visit) gets none.
    """
    row = draws.locked_draw(session, outcome.draw_id)
    if row.drawn_at is not None:
        return 0
    due = applications.not_yet_placed(session, row.id, [line for _, line in step])
    slots = _slots(session, row, [outcome.given[line] for line in due if line in outcome.given])
    # Read at once and held, so that no application asks for its own; written at once too.
    keys = applications.keys_of(session, due.values())
    with session.no_autoflush:
        for place, line in step:
            if (application := due.get(line)) is None:
                continue
            application.place = place
            at = outcome.given.get(line)
            if at is None:
                tell_without_place(session, context, row, application, len(outcome.order))
            elif at in slots:
                book_drawn(session, context, application, slots[at])
    session.flush()
    del keys
    return len(due)


def give_missed(session: Session, context: Context, outcome: Outcome, at: str) -> bool:
    """Give one place that its winner could not take to the next in order; False when none is left or wanted."""
    row = draws.locked_draw(session, outcome.draw_id)
    slot = _slots(session, row, [at]).get(at)
    if row.drawn_at is not None or slot is None:
        return False
    won = sum(hour == at for hour in outcome.given.values())
    if draws.booked_by_slot(session, row.id).get(slot.id, 0) >= won:
        return False
    return _pass_on(session, context, row, slot)


def finish(session: Session, context: Context, outcome: Outcome) -> bool:
    """Give back what nobody in order wants, for everybody to book; False when that was done already."""
    row = draws.locked_draw(session, outcome.draw_id)
    if row.drawn_at is not None or applications.unplaced_ids(session, row.id):
        return False
    booked, service = draws.booked_by_slot(session, row.id), context.office.services[row.service_id]
    slots = _slots(session, row, [at for at, _ in outcome.terms.places])
    taken_that_day: Counter[str] = Counter()
    held_that_day: Counter[str] = Counter()
    for at, held in outcome.terms.places:
        taken = booked.get(slots[at].id, 0) if at in slots else 0
        taken_that_day[at[:10]] += taken
        held_that_day[at[:10]] += held
        if held > taken and at in slots:
            draws.let_go(session, slots[at].id, held - taken)
    for day, held in held_that_day.items():
        unused = outcome.terms.day_limits.get(day, held) - taken_that_day[day]
        draws.hold_day(session, service.id, datetime.fromisoformat(day).date(), -unused)
    row.drawn_at = context.now
    session.flush()
    data = {"draw": row.public_id, "service": service.letter, "applications": len(outcome.order)}
    data |= {"drawn": len(outcome.given), "booked": sum(booked.values()), "places": outcome.terms.total}
    note(session, NewFact(FactType.DRAW_DRAWN, context.now, service.branch_id, data))
    return True


def offer_late_hours(store: Store, context: Context, _outside: Outside | None = None) -> int:
    """Offer hours planned after their draw to those in order, then to everybody; return how many there were.

    Each place in a transaction of its own.
    """
    offered = 0
    for row in store.read(partial(draws.drawn_since, day=context.now.date())):
        late = store.read(partial(draws.unattached, days=days_of(context, row), most=_AT_ONCE))
        for slot_id in late:
            while store.write(partial(offer_late_place, context=context, draw_id=row.id, slot_id=slot_id)):
                pass
        offered += len(late)
    return offered


def offer_late_place(session: Session, context: Context, draw_id: int, slot_id: int) -> bool:
    """Give one place of such an hour to the next in order; without one leave the hour to everybody, say False."""
    row = draws.locked_draw(session, draw_id)
    service = context.office.services[row.service_id]
    starts_at = draws.starts_at(session, slot_id)
    if starts_at is None:
        return False
    taken = take_now(session, context, service, starts_at)
    if isinstance(taken, Taken):
        if _pass_on(session, context, row, Slot(slot_id, starts_at)):
            return True
        draws.let_go(session, slot_id, 1)
        zone = context.branch(service.branch_id).policy.zone
        draws.hold_day(session, service.id, day_of(starts_at, zone), -1)
    draws.attach(session, [slot_id], draw_id)
    return False


def next_in_order(session: Session, context: Context, place: DuePlace) -> bool:
    """Give a place that comes back to the next in its draw's order who has none and whom the hour suits.

    False: nobody wants it, or its hour is too near (NOTICE, and the service's own lead time); everybody may book
    it then.
    """
    if place.draw_id is None:
        return False
    row = draws.locked_draw(session, place.draw_id)
    return row.drawn_at is not None and _pass_on(session, context, row, Slot(place.slot_id, place.starts_at))


def _missed(session: Session, row: Draw, outcome: Outcome) -> list[str]:
    """List the hours of which a winner could not take the place."""
    won, booked = Counter(outcome.given.values()), draws.booked_by_slot(session, row.id)
    slots = _slots(session, row, list(won))
    return [at for at, slot in slots.items() if booked.get(slot.id, 0) < won[at]]


def _pass_on(session: Session, context: Context, row: Draw, slot: Slot) -> bool:
    service = context.office.services[row.service_id]
    lead = timedelta(minutes=service.policy.booking.lead_minutes)
    if slot.starts_at < context.now + max(NOTICE, lead):
        return False
    at = shown_hour(slot.starts_at, context, service)
    for row_id, wishes in _without_visit(session, row.id):
        if any(rules.suits(wish, at) for wish in wishes):
            application = applications.locked_application(session, row_id)
            if application.reservation_id is None and book_drawn(session, context, application, slot):
                return True
    return False


def _without_visit(session: Session, draw_id: int) -> Iterator[tuple[int, list[str]]]:
    after = 0
    while page := applications.in_order(session, draw_id, after, _PAGE):
        for row_id, place, wishes in page:
            yield row_id, wishes
            after = place


def _slots(session: Session, row: Draw, hours: Sequence[str]) -> dict[str, Slot]:
    instants = {at: datetime.fromisoformat(at) for at in hours}
    found = draws.slots_at(session, row.service_id, sorted(set(instants.values())))
    return {at: Slot(found[instant], instant) for at, instant in instants.items() if instant in found}


def _steps(outcome: Outcome, waiting: set[str]) -> Iterator[list[tuple[int, str]]]:
    due = [
        (place, entry.public_id) for place, entry in enumerate(outcome.order, 1) if entry.public_id in waiting
    ]
    for first in range(0, len(due), _AT_ONCE):
        yield due[first : first + _AT_ONCE]
