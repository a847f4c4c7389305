"""What if? A question about a past day, or about an average weekday: read here, played beside the server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from server.domain.office.hours import instant
from server.domain.queue.order import CallPolicy
from server.domain.queue.what_if_answer import Answer
from server.domain.queue.what_if_day import END_OF_DAY, AtDesk, Changes, Day, DeskChange
from server.services.context import Context, RuleBroken
from server.services.office.as_of import as_of
from server.services.office.settings import BranchView
from server.services.ports import Simulations
from server.services.queue.what_if_day import read_day
from server.services.statistics.keeping import bounds
from server.store.queries import what_if as rows

if TYPE_CHECKING:
    from server.store.store import Store

RULES = (
    *("call_lead_minutes", "overdue_minutes", "maximum_wait_minutes"),
    *("after_maximum_wait", "priority_every"),
)
"""The calling rules that can be tried: settings of the branch."""
RULES_OF_A_SERVICE = RULES[:-1]
"""Those that a service may rule for itself."""
MOST_TICKETS = 3_000
AVERAGED = 6
_LOOK_BACK = timedelta(days=120)


@dataclass(frozen=True, slots=True)
class CounterTried:
    """Another use of a counter that is tried; without hours all day long."""

    number: int
    what: DeskChange
    letters: tuple[str, ...] = ()
    begins: time | None = None
    ends: time | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """What is tried: at counters, when tickets are given out, calling rules of the branch, how many come.

    own: calling rules that services have for themselves, by letter.
    """

    counters: tuple[CounterTried, ...] = ()
    opens: Mapping[str, time] = field(default_factory=dict)
    rules: Mapping[str, Any] = field(default_factory=dict)
    arrivals: Mapping[str, int] = field(default_factory=dict)
    own: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Say whether it changes anything."""
        return bool(self.counters or self.opens or self.rules or self.arrivals or self.own)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: of a day, or of a weekday (0 is Monday) as it usually is."""

    day: date | None = None
    weekday: int | None = None
    tried: Tried = field(default_factory=Tried)


@dataclass(frozen=True, slots=True)
class Found:
    """The days that a question is about with their changes, how many tickets they have, what was made up."""

    days: tuple[date, ...]
    asked: tuple[tuple[Day, Changes], ...]
    tickets: int
    made_up: int

    @property
    def counters_by_tickets(self) -> int:
        """Return for how many counters no opening is on record."""
        return max(day.desks_by_tickets for day, _ in self.asked)


def last_days(session: Session, context: Context, branch: BranchView) -> list[date]:
    """List the past days with tickets, the latest first."""
    today = branch.policy.business_day(context.now)
    found = rows.tickets_by_day(session, branch.id, today - _LOOK_BACK, today - timedelta(days=1))
    return sorted(found, reverse=True)


def read_asked(session: Session, context: Context, branch: BranchView, asked: Asked) -> Found:
    """Read the days of a question.

    Raises RuleBroken 422: `not_over` for today and later, `no_tickets`, `too_many_tickets`.
    """
    today = branch.policy.business_day(context.now)
    if asked.day is not None and asked.day >= today:
        raise RuleBroken(422, "not_over")
    first = today - _LOOK_BACK if asked.day is None else asked.day
    last = today - timedelta(days=1) if asked.day is None else asked.day
    tickets = rows.tickets_by_day(session, branch.id, first, last)
    days = sorted((day for day in tickets if asked.day or day.weekday() == asked.weekday), reverse=True)
    days = days[:AVERAGED]
    if not days:
        raise RuleBroken(422, "no_tickets")
    if max(tickets[day] for day in days) > MOST_TICKETS:
        raise RuleBroken(422, "too_many_tickets", most=MOST_TICKETS)
    found = tuple(
        (read_day(session, context, branch, day), _changes(session, branch, day, asked.tried)) for day in days
    )
    if not any(day.visitors for day, _ in found):
        raise RuleBroken(422, "no_tickets")
    made = rows.made_up(session, branch.id, days)
    return Found(tuple(days), found, sum(tickets[day] for day in days), len(made))


def play(found: Found, simulations: Simulations) -> Answer:
    """Play the days of a question with and without the changes. Raises NotWritten."""
    return simulations.answer([each for each in found.asked if each[0].visitors])


def ask(
    store: Store, context: Context, branch: BranchView, asked: Asked, simulations: Simulations
) -> tuple[Found, Answer]:
    """Read what a question is about, and answer it. Raises RuleBroken as `read_asked`, and NotWritten."""
    found = store.read(lambda session: read_asked(session, context, branch, asked))
    return found, play(found, simulations)


def _changes(session: Session, branch: BranchView, day: date, tried: Tried) -> Changes:
    """Write what is tried for a day: with its hours as seconds, and its rules as a whole."""
    begins_at, ends_at = bounds(branch, day)
    then = as_of(session, branch, ends_at)
    index = {letter: n for n, letter in enumerate(then.services)}

    def at(hour: time) -> float:
        return (instant(day, hour, branch.policy.zone) - begins_at).total_seconds() % (24 * 3600)

    def end(hour: time | None) -> float:
        return END_OF_DAY if hour is None else at(hour) or END_OF_DAY

    return Changes(
        tuple(
            AtDesk(
                each.number,
                each.what,
                frozenset(index[letter] for letter in each.letters if letter in index),
                0.0 if each.begins is None else at(each.begins),
                end(each.ends),
            )
            for each in tried.counters
        ),
        {index[letter]: at(hour) for letter, hour in tried.opens.items() if letter in index},
        _rules(then, tried) if tried.rules or tried.own else None,
        tried.rules.get("priority_every"),
        {index[letter]: float(percent) for letter, percent in tried.arrivals.items() if letter in index},
    )


def _rules(branch: BranchView, tried: Tried) -> tuple[CallPolicy, ...]:
    """Return the rules of each service; what one rules for itself it keeps, unless that is tried otherwise."""
    policy = replace(branch.policy, **tried.rules)
    return tuple(
        replace(service.policy, **tried.own.get(letter, {})).calling(policy)
        for letter, service in branch.services.items()
    )


def own_rule(branch: BranchView, letter: str, name: str, tried: Tried | None = None) -> Any:
    """Return what a rule of calling is for a service now, or while other rules of the branch are tried."""
    own = getattr(branch.services[letter].policy, name)
    if own is not None:
        return own
    of_branch = getattr(branch.policy, name)
    return of_branch if tried is None else tried.rules.get(name, of_branch)


def letters(branch: BranchView) -> Sequence[str]:
    """Return the letters of a branch's services in the order in which a day numbers them."""
    return tuple(branch.services)
