"""A supervisor steers a hall for today: services, walk-ins, what counters serve, notices on the boards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from server.services.context import Context, RuleBroken, not_found
from server.services.office.settings import BranchView, CounterView, ServiceView
from server.services.ports import Outside
from server.store.facts import NewFact, note
from server.store.queries import office as office_rows
from server.store.queries import steering as rows
from server.store.queries import tickets
from server.store.store import Store
from server.store.tables import Steering
from wire.vocabulary import CounterState, FactType, SteeringKind

LONGEST_TEXT = 200
_LONGEST_NOTICE = timedelta(days=31)
_FACTS = {
    SteeringKind.SERVICE_CLOSED: (FactType.SERVICE_CLOSED, FactType.SERVICE_OPENED),
    SteeringKind.WALK_INS_STOPPED: (FactType.WALK_INS_STOPPED, FactType.WALK_INS_RESUMED),
    SteeringKind.COUNTER_SERVES: (FactType.COUNTER_ASSIGNED, FactType.COUNTER_ASSIGNED),
    SteeringKind.NOTICE: (FactType.NOTICE_POSTED, FactType.NOTICE_ENDED),
    SteeringKind.MESSAGE: (FactType.COUNTER_TOLD, FactType.COUNTER_HEARD),
    SteeringKind.HELP: (FactType.HELP_CALLED, FactType.HELP_ENDED),
}
# The set-up as everybody sees it follows from these.
_OF_THE_SET_UP = frozenset(
    {
        *(SteeringKind.SERVICE_CLOSED, SteeringKind.WALK_INS_STOPPED),
        *(SteeringKind.COUNTER_SERVES, SteeringKind.NOTICE),
    }
)


@dataclass(frozen=True, slots=True)
class Supervisor:
    """Who steers, and which branch."""

    id: int
    branch: BranchView

    def service(self, letter: str) -> ServiceView:
        """Return a service of the branch. Raises RuleBroken 404."""
        if (found := self.branch.services.get(letter)) is None:
            raise not_found("service")
        return found

    def counter(self, number: int) -> CounterView:
        """Return a counter of the branch. Raises RuleBroken 404."""
        if (found := self.branch.counters.get(number)) is None:
            raise not_found("counter")
        return found


def begin(session: Session, context: Context, kind: SteeringKind, branch_id: int, **values: Any) -> Steering:
    """Begin something that goes on, and note it; without `ends_at` it goes on to the end of the business day."""
    policy = context.branch(branch_id).policy
    values.setdefault("begins_at", context.now)
    values.setdefault("ends_at", policy.business_day_began_at(context.now) + timedelta(days=1))
    row = Steering(kind=kind, branch_id=branch_id, **values)
    session.add(row)
    session.flush()
    if kind is not SteeringKind.NOTICE:
        note_change(session, context, row, 0, values.get("user_id"))
    return row


def end(session: Session, context: Context, row: Steering, user_id: int | None) -> None:
    """End something, by somebody or by its hour; what people wrote in it goes with it."""
    row.ended_at = context.now
    if row.kind in (SteeringKind.MESSAGE, SteeringKind.NOTICE):
        row.value = None
    note_change(session, context, row, 1, user_id)


def note_change(session: Session, context: Context, row: Steering, which: int, user_id: int | None) -> None:
    """Note that something began (0) or ended (1), and let every server read the set-up that follows."""
    kind = SteeringKind(row.kind)
    data: dict[str, Any] = {"steering": row.id, "user": user_id}
    if row.service_id is not None:
        data["service"] = context.office.services[row.service_id].letter
    if row.counter_id is not None:
        counter = context.office.counters[row.counter_id]
        data |= {"counter": counter.number, "hall": context.office.halls[counter.hall_id].code}
    if kind is SteeringKind.COUNTER_SERVES and which == 0:
        data["services"] = (row.value or {})["services"]
    note(session, NewFact(_FACTS[kind][which], context.now, row.branch_id, data))
    if kind in _OF_THE_SET_UP:
        office_rows.grow_version(session)


def set_service(
    session: Session, context: Context, by: Supervisor, letter: str, kind: SteeringKind, on: bool
) -> bool:
    """Close a service or stop its walk-ins for today, or take that back; False when it is so already."""
    service = by.service(letter)
    office_rows.hold_service(session, service.id)
    there = rows.going_on(session, kind, service_id=service.id)
    if bool(there) == on:
        return False
    if on:
        begin(session, context, kind, by.branch.id, service_id=service.id, user_id=by.id)
    for row in there:
        end(session, context, row, by.id)
    return True


def set_counter(session: Session, context: Context, by: Supervisor, number: int, is_open: bool) -> bool:
    """Open a counter at which somebody sits, or close one; False when it is so already.

    Raises RuleBroken 409 `nobody_there`, and `counter_busy` for one with a ticket in hand.
    """
    place = by.counter(number)
    row = office_rows.counter(session, place.id)
    if (row.state == CounterState.OPEN) == is_open and row.state != CounterState.PAUSED:
        return False
    if is_open and row.clerk_id is None:
        raise RuleBroken(409, "nobody_there")
    if not is_open and tickets.in_hand(session, place.id) is not None:
        raise RuleBroken(409, "counter_busy")
    row.state = CounterState.OPEN if is_open else CounterState.CLOSED
    row.state_since = context.now
    fact = FactType.COUNTER_OPENED if is_open else FactType.COUNTER_CLOSED
    data = {"counter": number, "hall": context.office.halls[place.hall_id].code, "user": by.id}
    note(session, NewFact(fact, context.now, by.branch.id, data))
    return True


def assign(
    session: Session, context: Context, by: Supervisor, number: int, letters: Sequence[str] | None
) -> None:
    """Let a counter serve these services today, in this order; None lets it serve its usual ones again.

    Raises RuleBroken 422 `no_service`.
    """
    place = by.counter(number)
    there = rows.going_on(session, SteeringKind.COUNTER_SERVES, counter_id=place.id)
    for row in there:
        row.ended_at = context.now
    if letters is None:
        if there:
            note_change(session, context, there[-1], 1, by.id)
        return
    ids = [by.service(letter).id for letter in dict.fromkeys(letters)]
    if not ids:
        raise RuleBroken(422, "no_service")
    begin(
        session,
        context,
        SteeringKind.COUNTER_SERVES,
        by.branch.id,
        counter_id=place.id,
        user_id=by.id,
        value={"services": ids},
    )


def tell(session: Session, context: Context, by: Supervisor, number: int, text: str) -> None:
    """Send a message to a counter, which shows it until its clerk has read it. Raises RuleBroken 422."""
    place = by.counter(number)
    begin(
        session,
        context,
        SteeringKind.MESSAGE,
        by.branch.id,
        counter_id=place.id,
        user_id=by.id,
        value={"text": _text(text)},
    )


def post_notice(
    session: Session,
    context: Context,
    by: Supervisor,
    texts: Mapping[str, str],
    begins_at: datetime,
    ends_at: datetime,
) -> int:
    """Have the boards show a notice from an instant until another one; return its id.

    Raises RuleBroken 422 `notice_empty`, `text_too_long`, `notice_over` and `notice_too_long`.
    """
    written = {language: _text(text) for language, text in texts.items() if text.strip()}
    if not written:
        raise RuleBroken(422, "notice_empty")
    begins_at = max(begins_at, context.now)
    if ends_at <= begins_at:
        raise RuleBroken(422, "notice_over")
    if ends_at - begins_at > _LONGEST_NOTICE:
        raise RuleBroken(422, "notice_too_long")
    row = begin(
        session,
        context,
        SteeringKind.NOTICE,
        by.branch.id,
        user_id=by.id,
        value=written,
        begins_at=begins_at,
        ends_at=ends_at,
    )
    if begins_at <= context.now:
        _show(session, context, row)
    return row.id


def end_notice(session: Session, context: Context, by: Supervisor, notice_id: int) -> None:
    """Take a notice off the boards before its time. Raises RuleBroken 404."""
    row = rows.one(session, notice_id, SteeringKind.NOTICE, by.branch.id)
    if row is None:
        raise not_found("notice")
    end(session, context, row, by.id)


def keep_time(store: Store, context: Context, _outside: Outside | None = None) -> int:
    """Begin the notices whose hour has come and end what is over; return how many changed."""
    if not store.read(lambda session: rows.due(session, context.now)):
        return 0

    def work(session: Session) -> int:
        due = rows.due(session, context.now)
        for row in due:
            if row.ends_at is not None and row.ends_at <= context.now:
                end(session, context, row, None)
            else:
                _show(session, context, row)
        return len(due)

    return store.write(work)


def _show(session: Session, context: Context, row: Steering) -> None:
    row.answered_at = context.now
    note_change(session, context, row, 0, row.user_id)


def _text(text: str) -> str:
    text = " ".join(text.split())
    if not text:
        raise RuleBroken(422, "text_missing")
    if len(text) > LONGEST_TEXT:
        raise RuleBroken(422, "text_too_long", most=LONGEST_TEXT)
    return text
