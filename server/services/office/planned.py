"""Changes of settings that wait for their day: planned with what they change, given up, and made on the day.

They are made as any change of the office is, in the name of who planned them. What somebody changed meanwhile is
not written over: such a plan is given up, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from server.domain.office.differences import Difference, differences, digest, part, with_part
from server.domain.office.reading import SettingError
from server.services.context import Context, RuleBroken, not_found
from server.services.office import editing, things
from server.services.office.editing import Author
from server.services.office.settings import BranchView
from server.services.office.things import Subject, Thing
from server.services.ports import Outside
from server.store.facts import NewFact, note
from server.store.queries import planned as rows
from server.store.store import Store
from server.store.tables import PlannedChange
from wire.vocabulary import FactType

CHANGED_MEANWHILE, GIVEN_UP, DOES_NOT_FIT = "changed_meanwhile", "given_up", "does_not_fit"
Wanted = Mapping[Thing, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Plan:
    """A planned change: `done_at` is when it was made or given up, `problem` why it was not made."""

    id: int
    day: date
    who: str
    planned_at: datetime
    settings: Sequence[tuple[Thing, Mapping[str, Any]]]
    done_at: datetime | None
    problem: str | None


def differing(session: Session, wanted: Wanted) -> list[tuple[Thing, list[Difference]]]:
    """List what would change now, thing by thing; what is so already is left out."""
    found = []
    for thing, said in wanted.items():
        new = {name: value for name, value in said.items() if value is not None}
        changes = differences(part(things.stated(session, thing), said), new)
        if changes:
            found.append((thing, changes))
    return found


def seen_of(session: Session, wanted: Wanted) -> str:
    """Return a short word for what the settings are now that are to change."""
    return digest([[thing.name, part(things.stated(session, thing), said)] for thing, said in wanted.items()])


def plan(
    session: Session, context: Context, branch: BranchView, day: date, wanted: Wanted, *, seen: str, by: int
) -> int:
    """Plan a change for a day to come and return its id.

    Raises RuleBroken 422 `not_to_come`, `changes_nothing`, 409 `changed_meanwhile`; SettingError where it does
    not fit now.
    """
    if day <= branch.policy.business_day(context.now):
        raise RuleBroken(422, "not_to_come")
    if not differing(session, wanted):
        raise RuleBroken(422, "changes_nothing")
    if seen_of(session, wanted) != seen:
        raise RuleBroken(409, CHANGED_MEANWHILE)
    _try(session, context, wanted, by)
    row = PlannedChange(
        branch_id=branch.id,
        day=day,
        user_id=by,
        planned_at=context.now,
        wanted=[[thing.subject, thing.name, dict(said)] for thing, said in wanted.items()],
        seen=seen,
    )
    session.add(row)
    session.flush()
    _note(session, context, row, "planned", by)
    return row.id


def plans(session: Session, branch: BranchView) -> list[Plan]:
    """List the planned changes of a branch, the latest first."""
    return [
        Plan(
            row.id,
            row.day,
            who,
            row.planned_at,
            list(_wanted(row, branch.code).items()),
            row.done_at,
            row.problem,
        )
        for row, who in rows.of_branch(session, branch.id)
    ]


def give_up(session: Session, context: Context, branch: BranchView, plan_id: int, by: int) -> None:
    """Give a planned change up before its day. Raises RuleBroken 404, 409 `done_already`."""
    row = rows.locked(session, plan_id)
    if row is None or row.branch_id != branch.id:
        raise not_found("plan")
    if row.done_at is not None:
        raise RuleBroken(409, "done_already")
    row.done_at, row.problem = context.now, GIVEN_UP
    _note(session, context, row, GIVEN_UP, by)


def make_planned(store: Store, context: Context, _outside: Outside | None = None) -> int:
    """Make the changes whose day has come; return how many."""
    made = 0
    for branch in context.office.branches.values():
        today = branch.policy.business_day(context.now)
        for plan_id in store.read(partial(rows.due, branch_id=branch.id, today=today)):
            store.write(partial(_make, context=context, code=branch.code, plan_id=plan_id))
            made += 1
    return made


def _make(session: Session, context: Context, code: str, plan_id: int) -> None:
    row = rows.locked(session, plan_id)
    if row is None or row.done_at is not None:
        return
    wanted = _wanted(row, code)
    row.done_at = context.now
    if seen_of(session, wanted) != row.seen:
        row.problem = CHANGED_MEANWHILE
    else:
        try:
            _try(session, context, wanted, row.user_id)
        except (SettingError, RuleBroken):
            row.problem = DOES_NOT_FIT
        else:
            editing.change_together(session, Author(context.now, row.user_id), wanted)
    _note(session, context, row, row.problem or "made", row.user_id)


def _try(session: Session, context: Context, wanted: Wanted, by: int) -> None:
    """Write the settings and take them back at once. Raises what a change raises."""
    attempt = session.begin_nested()
    try:
        for thing, said in wanted.items():
            old = things.stated(session, thing)
            if old is None:
                raise RuleBroken(404, "not_found", what=str(thing.subject))
            editing.change(session, Author(context.now, by), thing, with_part(old, said, said))
    finally:
        attempt.rollback()


def _wanted(row: PlannedChange, code: str) -> dict[Thing, dict[str, Any]]:
    return {Thing(Subject(subject), name, code): said for subject, name, said in row.wanted}


def _note(session: Session, context: Context, row: PlannedChange, what: str, by: int) -> None:
    data = {"plan": row.id, "what": what, "user": by}
    note(session, NewFact(FactType.WHAT_IF_CHANGED, context.now, row.branch_id, data))
