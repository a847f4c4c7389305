"""Trials of *What if?* that were given a name: kept with what was asked and found, and removed again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy.orm import Session

from server.domain.queue.what_if_answer import Answer, read_answer
from server.domain.queue.what_if_day import DeskChange
from server.services.context import Context, RuleBroken, not_found
from server.services.office.settings import BranchView
from server.services.queue.what_if import Asked, CounterTried, Tried, letters
from server.store.facts import NewFact, note
from server.store.queries import what_if as rows
from server.store.tables import WhatIfTrial
from wire.vocabulary import FactType

LONGEST_NAME = 80
MOST_COMPARED = 3


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial that was kept: `letters` are those of the services that the answer numbers."""

    id: int
    name: str
    who: str
    made_at: datetime
    asked: Asked
    letters: Sequence[str]
    answer: Answer


def keep(
    session: Session, context: Context, branch: BranchView, name: str, asked: Asked, answer: Answer, by: int
) -> int:
    """Keep a trial under a name and return its id. Raises RuleBroken 422 `name_missing`, 409 `too_many`."""
    said = " ".join("".join(each if each.isprintable() else " " for each in name).split())
    if not said:
        raise RuleBroken(422, "name_missing")
    if len(rows.trials(session, branch.id)) >= rows.MOST_TRIALS:
        raise RuleBroken(409, "too_many", most=rows.MOST_TRIALS)
    row = WhatIfTrial(
        branch_id=branch.id,
        name=said[:LONGEST_NAME],
        user_id=by,
        made_at=context.now,
        asked=_written(asked),
        found={"letters": list(letters(branch)), "answer": asdict(answer)},
    )
    session.add(row)
    session.flush()
    _note(session, context, row, "kept", by)
    return row.id


def trials(session: Session, branch: BranchView) -> list[Trial]:
    """List the trials of a branch, the latest first."""
    return [_trial(row, who) for row, who in rows.trials(session, branch.id)]


def some(session: Session, branch: BranchView, ids: Sequence[int]) -> list[Trial]:
    """Return some trials of a branch in the order in which they are named. Raises RuleBroken 404."""
    found = {each.id: each for each in trials(session, branch)}
    if not ids or any(each not in found for each in ids):
        raise not_found("trial")
    return [found[each] for each in dict.fromkeys(ids)]


def remove(session: Session, context: Context, branch: BranchView, trial_id: int, by: int) -> None:
    """Remove a trial. Raises RuleBroken 404."""
    row = rows.trial(session, branch.id, trial_id)
    if row is None:
        raise not_found("trial")
    _note(session, context, row, "removed", by)
    session.delete(row)


def _note(session: Session, context: Context, row: WhatIfTrial, what: str, by: int) -> None:
    data = {"trial": row.id, "what": what, "user": by}
    note(session, NewFact(FactType.WHAT_IF_CHANGED, context.now, row.branch_id, data))


def _trial(row: WhatIfTrial, who: str) -> Trial:
    return Trial(
        row.id,
        row.name,
        who,
        row.made_at,
        _read(row.asked),
        tuple(row.found["letters"]),
        read_answer(row.found["answer"]),
    )


def _written(asked: Asked) -> dict[str, Any]:
    tried = asked.tried
    return {
        "day": None if asked.day is None else asked.day.isoformat(),
        "weekday": asked.weekday,
        "counters": [
            {
                "number": each.number,
                "what": str(each.what),
                "letters": list(each.letters),
                "begins": _hour_text(each.begins),
                "ends": _hour_text(each.ends),
            }
            for each in tried.counters
        ],
        "opens": {letter: _hour_text(hour) for letter, hour in tried.opens.items()},
        "rules": dict(tried.rules),
        "arrivals": dict(tried.arrivals),
        "own": {letter: dict(rules) for letter, rules in tried.own.items()},
    }


def _read(kept: Mapping[str, Any]) -> Asked:
    counters = tuple(
        CounterTried(
            each["number"],
            DeskChange(each["what"]),
            tuple(each["letters"]),
            _hour(each["begins"]),
            _hour(each["ends"]),
        )
        for each in kept["counters"]
    )
    opens = {letter: time.fromisoformat(said) for letter, said in kept["opens"].items()}
    day = None if kept["day"] is None else date.fromisoformat(kept["day"])
    # Trials that were kept before services could try rules of their own have none.
    tried = Tried(counters, opens, kept["rules"], kept["arrivals"], kept.get("own", {}))
    return Asked(day, kept["weekday"], tried)


def _hour_text(hour: time | None) -> str | None:
    return None if hour is None else f"{hour:%H:%M}"


def _hour(said: str | None) -> time | None:
    return None if said is None else time.fromisoformat(said)
