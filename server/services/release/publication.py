"""What the office publishes of a draw: all that one needs to compute it again, and nothing personal (rule 10)."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from server.domain.release import draw as rules
from server.domain.release.draw import Terms
from server.services.context import Context, not_found
from server.services.release.allocation import Outcome, outcome_of
from server.services.release.draws import places_now, secret_of, shown_hour
from server.store.queries.release import applications, draws
from server.store.tables import Draw

_MOST_KNOWN = 4
_KNOWN: dict[bytes, Outcome] = {}
_LOCK = threading.Lock()


class DrawState(StrEnum):
    """Where a draw is."""

    OPEN = "open"
    CLOSING = "closing"
    WAITS_FOR_NUMBER = "waits_for_number"
    GIVING = "giving"
    DRAWN = "drawn"


@dataclass(frozen=True, slots=True)
class DrawView:
    """A draw as everybody sees it; hashes, seed and secret are hexadecimal and None until they are told.

    `places` of an open draw are those that there are now; they are fixed when its list closes.
    """

    id: int
    public_id: str
    service_id: int
    state: DrawState
    opens_at: datetime
    closes_at: datetime
    closed_at: datetime | None
    drawn_at: datetime | None
    first_day: date
    last_day: date
    secret_hash: str
    list_hash: str | None
    number_words: Mapping[str, str]
    public_number: str | None
    secret: str | None
    seed: str | None
    applications: int
    places: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the list: the place in the order and the hour given, None before the draw or without a place.

    `later` is the hour of a place that came back and was passed on to this line.
    """

    public_id: str
    preferences: tuple[str, ...]
    order: int | None
    given: str | None
    later: str | None


@dataclass(frozen=True, slots=True)
class Lines:
    """Some lines of a draw's list from `first` (0 is the first) on, of so many."""

    first: int
    total: int
    lines: tuple[Line, ...]


def find(session: Session, context: Context, public_id: str) -> DrawView:
    """Show a draw. Raises RuleBroken 404."""
    return view(session, context, _row(session, public_id))


def view(session: Session, context: Context, row: Draw) -> DrawView:
    """Show the row of a draw."""
    terms = None if row.terms is None else Terms.read(row.terms)
    service = context.office.services[row.service_id]
    words = service.policy.booking.draw.public_number if terms is None else terms.number
    return DrawView(
        row.id,
        row.public_id,
        row.service_id,
        state_of(row, context.now),
        row.opens_at,
        row.closes_at,
        row.list_closed_at,
        row.drawn_at,
        row.first_day,
        row.last_day,
        row.secret_hash.hex(),
        None if row.list_hash is None else row.list_hash.hex(),
        words,
        row.public_number,
        None if row.seed is None else secret_of(context, row).hex(),
        None if row.seed is None else row.seed.hex(),
        applications.count_applications(session, row.id),
        places_now(session, context, row) if terms is None else terms.total,
    )


def state_of(row: Draw, now: datetime) -> DrawState:
    """Tell where a draw is."""
    if row.list_hash is None:
        return DrawState.OPEN if now < row.closes_at else DrawState.CLOSING
    if row.seed is None:
        return DrawState.WAITS_FOR_NUMBER
    return DrawState.GIVING if row.drawn_at is None else DrawState.DRAWN


def recent(
    session: Session, context: Context, service_id: int | None, most: int = 10
) -> tuple[DrawView, ...]:
    """List the last draws of a service, or of all, newest first."""
    return tuple(view(session, context, row) for row in draws.draws_of(session, service_id, most))


def document(session: Session, context: Context, public_id: str) -> dict[str, Any]:
    """Write what `draw.py` computes a draw from; the list is told once it is closed, the rest once it is decided.

    `later` are the places that came back after the draw and were passed on, in the order of time. Raises
    RuleBroken 404.
    """
    row = _row(session, public_id)
    shown = view(session, context, row)
    said: dict[str, Any] = {
        "draw": shown.public_id,
        "state": str(shown.state),
        "opens_at": shown.opens_at.isoformat(),
        "closes_at": shown.closes_at.isoformat(),
        "first_day": shown.first_day.isoformat(),
        "last_day": shown.last_day.isoformat(),
        "secret_hash": shown.secret_hash,
    }
    if row.list_hash is not None:
        said |= {
            "list_hash": shown.list_hash,
            "terms": row.terms,
            "applications": [[line, wishes] for line, wishes in applications.entries(session, row.id)],
        }
    if row.seed is not None:
        outcome = _outcome(session, row)
        said |= {
            "secret": shown.secret,
            "public_number": shown.public_number,
            "seed": shown.seed,
            "order": [entry.public_id for entry in outcome.order],
            "given": dict(outcome.given),
            "later": [list(each) for each in _later(session, context, row, outcome.given)],
        }
    return said


def lines(session: Session, context: Context, public_id: str, first: int, most: int) -> Lines:
    """Show some lines of a closed list: in the order of the draw once it is decided, else by their ids."""
    row = _row(session, public_id)
    every = _every_line(session, context, row)
    first = max(0, min(first, len(every) - 1))
    return Lines(first, len(every), tuple(every[first : first + most]))


def line_at(session: Session, context: Context, public_id: str, typed: str) -> int | None:
    """Find the number (0 is the first) of a line in a closed list; None when it has no such line."""
    wanted = rules.read_line(typed)
    every = _every_line(session, context, _row(session, public_id))
    return next((number for number, line in enumerate(every) if line.public_id == wanted), None)


def _outcome(session: Session, row: Draw) -> Outcome:
    """Return what a decided draw came to; kept in memory, for nothing of it changes and many look at it."""
    if row.seed is None:
        raise RuntimeError("a draw is shown before it is decided")
    with _LOCK:
        if (known := _KNOWN.get(row.seed)) is not None:
            return known
    found = outcome_of(session, row)
    with _LOCK:
        _KNOWN[row.seed] = found
        while len(_KNOWN) > _MOST_KNOWN:
            _KNOWN.pop(next(iter(_KNOWN)))
    return found


def _every_line(session: Session, context: Context, row: Draw) -> list[Line]:
    if row.list_hash is None:
        return []
    if row.seed is None:
        found = applications.entries(session, row.id)
        return [Line(line, tuple(wishes), None, None, None) for line, wishes in found]
    outcome = _outcome(session, row)
    later = dict(_later(session, context, row, outcome.given))
    return [
        Line(
            entry.public_id,
            entry.preferences,
            place,
            outcome.given.get(entry.public_id),
            later.get(entry.public_id),
        )
        for place, entry in enumerate(outcome.order, 1)
    ]


def _later(session: Session, context: Context, row: Draw, given: Mapping[str, str]) -> list[tuple[str, str]]:
    service = context.office.services[row.service_id]
    return [
        (line, shown_hour(at, context, service))
        for line, at, _ in applications.visits_given(session, row.id)
        if line not in given
    ]


def _row(session: Session, public_id: str) -> Draw:
    row = draws.draw_of(session, public_id)
    if row is None:
        raise not_found("draw")
    return row
