"""What an operator's monitoring is told of the office: lines, counters, and messages that wait; nobody's data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from server.services.office.settings import Office
from server.store.queries import messages
from server.store.queries.statistics import watching as rows


@dataclass(frozen=True, slots=True)
class Watched:
    """Who waits by branch and letter of the service, open counters by branch, messages by their status."""

    waiting: Mapping[tuple[str, str], int]
    open_counters: Mapping[str, int]
    messages: Mapping[str, int]


def watch(session: Session, office: Office) -> Watched:
    """Read what there is to watch now; what is put away is left out while nobody waits there."""
    waiting, counters = rows.waiting(session), rows.open_counters(session)
    told: dict[str, int] = {}
    for row in messages.counts(session):
        told[row[1]] = told.get(row[1], 0) + row[2]
    return Watched(
        waiting={
            (office.branches[each.branch_id].code, each.letter): waiting.get(each.id, 0)
            for each in office.services.values()
            if not each.policy.archived or waiting.get(each.id)
        },
        open_counters={each.code: counters.get(each.id, 0) for each in office.branches.values()},
        messages=told,
    )
