"""What counters did with a number at a kiosk's own line, before the server knew of it (ADR 0026)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from server.domain.queue.tickets import calls_after
from server.services.context import Context
from server.services.office.settings import BranchView, CounterView
from server.services.queue import deserted
from server.store.facts import NewFact, note
from server.store.queries import office, tickets
from server.store.tables import Ticket
from wire.vocabulary import FactType, Outcome, TicketAction, TicketStatus


@dataclass(frozen=True, slots=True)
class LineCall:
    """A number was called to a counter; `ended_at`, when its clerk was done, or gave up who did not come."""

    counter: int
    called_at: datetime
    ended_at: datetime | None = None
    no_show: bool = False


def follow(session: Session, context: Context, branch: BranchView, ticket_id: int, call: LineCall) -> None:
    """Bring a new ticket to where the kiosk's line brought it, by the times at which that was.

    One that is in hand is set aside where its counter has another one by now, or no clerk. A counter that is no
    more leaves it in the line. Facts tell the time in `offline`: boards announce nothing that is over.
    """
    counter = branch.counters.get(call.counter)
    row = tickets.ticket(session, ticket_id, locked=True)
    if counter is None or row is None:
        return
    called_at = _between(row.issued_at, call.called_at, context.now)
    row.counter_id, row.called_at = counter.id, called_at
    row.call_count = calls_after(TicketAction.CALL, row.call_count)
    end: _End | None
    if call.ended_at is not None:
        end = _end(session, context, row, _between(called_at, call.ended_at, context.now), call.no_show)
    else:
        end = _in_hand(session, context, row, counter)
    tickets.add_call(
        session,
        {"ticket_id": row.id, "hall_id": counter.hall_id, "counter_id": counter.id, "called_at": called_at},
    )
    hall = context.office.halls[counter.hall_id].code
    about = {"ticket": row.id, "number": row.number, "counter": counter.number, "hall": hall}
    # Without the call's own id it is announced by a board's next look only, and only while it is fresh.
    told = {"language": row.language, "offline": called_at.isoformat()}
    note(session, NewFact(FactType.TICKET_CALLED, context.now, row.branch_id, about | told))
    if end is not None:
        note(session, NewFact(end[0], context.now, row.branch_id, about | end[1]))


_End = tuple[FactType, dict[str, str]]


def _end(session: Session, context: Context, row: Ticket, at: datetime, no_show: bool) -> _End:
    row.finished_at, told = at, {"offline": at.isoformat()}
    if no_show:
        row.status = TicketStatus.NO_SHOW
        return FactType.TICKET_MISSED, told
    outcomes = context.branch(row.branch_id).policy.outcome_codes
    # When the visitor came to the counter, nobody noted.
    row.status, row.started_at = TicketStatus.FINISHED, row.called_at
    row.outcome = str(Outcome.SERVED) if Outcome.SERVED in outcomes else outcomes[0]
    if (reservation := tickets.reservation_of(session, row)) is not None:
        reservation.sealed_codes = None
    return FactType.TICKET_FINISHED, told | {"outcome": row.outcome}


def _in_hand(session: Session, context: Context, row: Ticket, counter: CounterView) -> _End | None:
    with session.no_autoflush:
        is_busy = tickets.in_hand(session, counter.id) is not None
        is_deserted = office.counter(session, counter.id).clerk_id is None
    if not (is_busy or is_deserted):
        row.status = TicketStatus.CALLED
        return None
    row.status = TicketStatus.PARKED
    row.call_count = calls_after(TicketAction.PARK, row.call_count)
    why = {"reason": deserted.REASON} if is_deserted else {}
    return FactType.TICKET_PARKED, {"offline": context.now.isoformat()} | why


def _between(first: datetime, said: datetime, last: datetime) -> datetime:
    return max(first, min(said.astimezone(UTC), last))
