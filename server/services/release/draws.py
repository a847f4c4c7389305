"""Opens draws with a secret that nobody can change later, and closes their lists (rule 10)."""

from __future__ import annotations

import logging
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from server.domain.office.hours import day_of, start_of_day
from server.domain.release import draw as rules
from server.domain.release.draw import Entry, Terms
from server.domain.release.modes import DrawWindow, draw_windows
from server.services.context import Context, RuleBroken, not_found
from server.services.office.settings import ServiceView
from server.services.ports import Outside
from server.store.facts import NewFact, note
from server.store.queries.release import applications, draws
from server.store.queries.release.draws import Days
from server.store.queries.release.waiting_rooms import lock_service
from server.store.store import Store
from server.store.tables import Draw
from wire.vocabulary import FactType, ReleaseMode

_SECRET_BYTES = 32
_DRAW_ID_BYTES = 6
_SLOTS_AT_ONCE = 500

log = logging.getLogger("numerek.draws")


@dataclass(frozen=True, slots=True)
class _Free:
    """What can be drawn: the terms, the slots, and how many places of the limited days."""

    terms: Terms
    slot_ids: list[int]
    days: dict[date, int]


def open_draws(store: Store, context: Context, _outside: Outside | None = None) -> int:
    """Open the draws whose window has begun, and leave the hours of their days to them; return how many."""
    opened = 0
    for service in context.office.services.values():
        if service.policy.booking.release != ReleaseMode.DRAW or not service.policy.booking.is_online:
            continue
        zone = context.branch(service.branch_id).policy.zone
        for window in draw_windows(service.policy.booking.draw, context.now, zone):
            found = store.read(partial(draws.draw_at, service_id=service.id, opens_at=window.opens_at))
            if found is None:
                opened += store.write(partial(open_draw, context=context, service=service, window=window))
    for draw in store.read(lambda session: draws.open_draws(session, context.now)):
        days = days_of(context, draw)
        while slots := store.read(partial(draws.unattached, days=days, most=_SLOTS_AT_ONCE)):
            store.write(partial(draws.attach, slot_ids=slots, draw_id=draw.id))
    return opened


def open_draw(session: Session, context: Context, service: ServiceView, window: DrawWindow) -> bool:
    """Open a draw: its secret is drawn and sealed, the hash of it told; False when it is there already."""
    lock_service(session, service.id)
    if draws.draw_at(session, service.id, window.opens_at) is not None:
        return False
    public_id, secret = secrets.token_hex(_DRAW_ID_BYTES), secrets.token_bytes(_SECRET_BYTES)
    row = Draw(
        service_id=service.id,
        public_id=public_id,
        opens_at=window.opens_at,
        closes_at=window.closes_at,
        first_day=window.first_day,
        last_day=window.last_day,
        sealed_secret=context.keys.seal(secret, bound_to(public_id)),
        secret_hash=rules.hash_of(secret),
    )
    session.add(row)
    session.flush()
    _note(session, context, row, FactType.DRAW_OPENED, {"secret_hash": row.secret_hash.hex()})
    return True


def close_draws(store: Store, context: Context, _outside: Outside | None = None) -> int:
    """Close the lists of the draws whose window is over; return how many."""
    due = store.read(lambda session: draws.draws_to_close(session, context.now))
    return sum(store.write(partial(close_draw, context=context, draw_id=draw_id)) for draw_id in due)


def close_draw(session: Session, context: Context, draw_id: int) -> bool:
    """Close a draw's list and take all free places of its days for it; False when that was done already.

    Both are bound by the hash of the list, which is told now. Where no later number decides, the draw is decided
    with it.
    """
    row = draws.locked_draw(session, draw_id)
    if row.list_hash is not None or context.now < row.closes_at:
        return False
    terms = _hold_places(session, context, row)
    entries = [Entry(line, tuple(wishes)) for line, wishes in applications.entries(session, draw_id)]
    text = rules.list_text(row.public_id, row.secret_hash, terms, entries)
    row.terms, row.list_hash, row.list_closed_at = terms.as_json(), rules.hash_of(text), context.now
    data = {"list_hash": row.list_hash.hex(), "applications": len(entries), "places": terms.total}
    _note(session, context, row, FactType.DRAW_CLOSED, data)
    if not terms.number:
        _decide(context, row, "")
    session.flush()
    return True


def set_number(session: Session, context: Context, public_id: str, number: str) -> None:
    """Enter the public number that decides a draw, once and for all.

    Raises RuleBroken 404, or 409 `draw_is_open` (the list is not closed), `number_is_known`, 422 `bad_number`.
    """
    found = draws.draw_of(session, public_id)
    if found is None:
        raise not_found("draw")
    row = draws.locked_draw(session, found.id)
    if row.list_hash is None:
        raise RuleBroken(409, "draw_is_open", closes_at=row.closes_at.isoformat())
    if row.seed is not None:
        raise RuleBroken(409, "number_is_known", number=row.public_number)
    text = unicodedata.normalize("NFC", " ".join(number.split()))
    if not 1 <= len(text) <= rules.MOST_SIGNS_OF_NUMBER or not text.isprintable():
        raise RuleBroken(422, "bad_number", most_signs=rules.MOST_SIGNS_OF_NUMBER)
    _decide(context, row, text)
    session.flush()


def secret_of(context: Context, row: Draw) -> bytes:
    """Open a draw's secret: only once it is decided may it be told."""
    return context.keys.open(row.sealed_secret, bound_to(row.public_id))


def days_of(context: Context, row: Draw) -> Days:
    """Return the hours from a draw's first day to its last."""
    service = context.office.services[row.service_id]
    zone = context.branch(service.branch_id).policy.zone
    end = start_of_day(row.last_day + timedelta(days=1), zone)
    return Days(row.service_id, start_of_day(row.first_day, zone), end)


def shown_hour(at: datetime, context: Context, service: ServiceView) -> str:
    """Write an instant as Terms has it: the branch's clock with its offset, `2026-12-07T08:30+01:00`."""
    zone = context.branch(service.branch_id).policy.zone
    return at.astimezone(zone).isoformat(timespec="minutes")


def places_now(session: Session, context: Context, row: Draw) -> int:
    """Tell how many places an open draw would give if its list closed now."""
    return _free(session, context, row, locked=False).terms.total


def _free(session: Session, context: Context, row: Draw, *, locked: bool) -> _Free:
    """Find the places that can be drawn; `locked` keeps others from taking them meanwhile."""
    service = context.office.services[row.service_id]
    zone = context.branch(service.branch_id).policy.zone
    left = draws.days_left(session, service.id, row.first_day, row.last_day, locked=locked)
    slots = [
        (slot_id, at, free)
        for slot_id, at, free in draws.free_slots(session, row.id, context.now, locked=locked)
        if left.get(day_of(at, zone), 1) > 0
    ]
    days: dict[date, int] = {}
    limits: dict[str, int] = {}
    for day in sorted({day_of(at, zone) for _, at, _ in slots} & set(left)):
        free_that_day = sum(free for _, at, free in slots if day_of(at, zone) == day)
        days[day] = min(left[day], free_that_day)
        if days[day] < free_that_day:
            limits[day.isoformat()] = days[day]
    places = tuple((shown_hour(at, context, service), free) for _, at, free in slots)
    terms = Terms(places, limits, dict(service.policy.booking.draw.public_number))
    return _Free(terms, [slot_id for slot_id, _, _ in slots], days)


def _hold_places(session: Session, context: Context, row: Draw) -> Terms:
    """Take all free places of the draw's hours, so that whoever wins has theirs; return what can be drawn."""
    found = _free(session, context, row, locked=True)
    draws.hold(session, found.slot_ids)
    for day, count in found.days.items():
        draws.hold_day(session, row.service_id, day, count)
    return found.terms


def _decide(context: Context, row: Draw, number: str) -> None:
    if row.list_hash is None:
        raise RuntimeError("a draw is decided before its list is closed")
    row.public_number = number
    row.seed = rules.seed_of(secret_of(context, row), row.list_hash, number)


def _note(session: Session, context: Context, row: Draw, kind: FactType, data: dict[str, object]) -> None:
    service = context.office.services[row.service_id]
    told = {"draw": row.public_id, "service": service.letter} | data
    note(session, NewFact(kind, context.now, service.branch_id, told))


def bound_to(public_id: str) -> bytes:
    """Return what the secret of a draw is sealed beside."""
    return b"draw " + public_id.encode()
