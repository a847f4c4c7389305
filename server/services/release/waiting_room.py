"""The waiting room of a daily release: who is there before the hour is shuffled, later ones follow (rule 10)."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from server.domain.release.modes import Gate, NotYet, Open, Waits
from server.services.context import Context
from server.services.office.settings import ServiceView
from server.services.ports import Outside
from server.services.release.gate import gate, next_release
from server.services.release.shuffles import commit, committed, decide, new_line
from server.store.facts import NewFact, note
from server.store.queries.release import waiting_rooms as rows
from server.store.queries.release.waiting_rooms import Room
from server.store.store import Store
from wire.vocabulary import FactType

_KEPT = timedelta(days=1)
_FORGET_AT_ONCE = 1_000


def look(session: Session, context: Context, service: ServiceView, account_id: int | None) -> Gate:
    """Tell what somebody in front of the waiting room finds.

    As `gate`, but from when the room opens until the hour it is NotYet, which says whether they are in.
    """
    found = gate(session, context, service, account_id)
    coming = next_release(session, context, service)
    if not isinstance(found, Open) or found.until is not None or coming is None:
        return found
    room = Room(service.id, coming.opens_at)
    is_in = account_id is not None and rows.entry(session, room, account_id) is not None
    return NotYet(coming.opens_at, coming.room_opens_at, is_in)


def enter(session: Session, context: Context, service: ServiceView, account_id: int) -> Gate:
    """Enter the waiting room; whoever is in keeps the place, whose turn is over goes to the end.

    Before the hour nobody has a place. From the hour on those who wait are shuffled first, here if no job came
    to it yet, so that whoever comes now stands behind them.
    """
    rows.lock_service(session, service.id)
    found = look(session, context, service, account_id)
    if isinstance(found, NotYet):
        if context.now < found.room_opens_at or found.is_in_room:
            return found
        room = Room(service.id, found.opens_at)
        committed(session, context, service, room.opens_at)
        rows.enter(session, room, account_id, context.now, None, new_line())
        return NotYet(found.opens_at, found.room_opens_at, is_in_room=True)
    if not isinstance(found, Waits):
        return found
    room = Room(service.id, found.opens_at)
    _put_in_order(session, context, service, room)
    there = rows.entry(session, room, account_id)
    if there is None:
        rows.enter(session, room, account_id, context.now, rows.last_place(session, room) + 1)
    elif found.is_over:
        rows.put(session, there[0], rows.last_place(session, room) + 1, context.now)
    return gate(session, context, service, account_id)


def line_of(session: Session, service: ServiceView, opens_at: datetime, account_id: int | None) -> str | None:
    """Return the entry number by which somebody in the waiting room finds themselves in its order."""
    return rows.line_of(session, Room(service.id, opens_at), account_id) if account_id is not None else None


def shuffle_room(session: Session, context: Context, room: Room) -> int:
    """Put those of a waiting room who have no place yet into a random order; return how many.

    Once: whoever comes second, here or on another server, finds nobody without a place.
    """
    service = context.office.services.get(room.service_id)
    if service is None:
        return 0
    rows.lock_service(session, service.id)
    return _put_in_order(session, context, service, room)


def commit_rooms(store: Store, context: Context, _outside: Outside | None = None) -> int:
    """Draw the secret of each coming release as soon as its hour is known, and publish its hash."""
    made = 0
    for service in context.office.services.values():
        coming = store.read(partial(next_release, context=context, service=service))
        if coming is not None:
            made += store.write(partial(commit, context=context, service=service, opens_at=coming.opens_at))
    return made


def shuffle_rooms(store: Store, context: Context, _outside: Outside | None = None) -> int:
    """Shuffle the waiting rooms whose hour has come; return how many there were."""
    due = store.read(lambda session: rows.rooms_to_shuffle(session, context.now))
    for room in due:
        store.write(partial(shuffle_room, context=context, room=room))
    return len(due)


def forget_rooms(store: Store, context: Context, _outside: Outside | None = None) -> int:
    """Take out who waited for releases that are over since a day; return how many."""
    forgotten = 0
    while count := store.write(
        lambda session: rows.forget_rooms(session, context.now - _KEPT, _FORGET_AT_ONCE)
    ):
        forgotten += count
    return forgotten


def _put_in_order(session: Session, context: Context, service: ServiceView, room: Room) -> int:
    people = {line or new_line(): row_id for row_id, line in rows.waiting_for_order(session, room)}
    if not people:
        return 0
    shuffle = committed(session, context, service, room.opens_at)
    order = decide(context, shuffle, people)
    first = rows.last_place(session, room) + 1
    rows.put_all(session, [(people[line], first + ahead, line) for ahead, line in enumerate(order)])
    session.flush()
    data: dict[str, object] = {
        "service": service.letter,
        "opens_at": room.opens_at.isoformat(),
        "people": len(people),
    }
    data |= {"draw": shuffle.public_id, "secret_hash": shuffle.secret_hash.hex()}
    data |= {"list_hash": shuffle.list_hash.hex() if shuffle.list_hash else None}
    note(session, NewFact(FactType.WAITING_ROOM_SHUFFLED, context.now, service.branch_id, data))
    return len(people)
