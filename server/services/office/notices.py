"""Boards and pages look again when a notice of the office begins or ends."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from server.services.context import Context
from server.services.ports import Outside
from server.store.facts import NewFact, note
from server.store.store import Store
from wire.vocabulary import FactType

# What turned while the server that looked was gone is told again at worst, which does no harm.
_LOOKS_BACK = timedelta(minutes=2)


class NoticeClock:
    """Notes that a notice began or ended since the last look, so that open screens look again.

    The first look, and one after a long time, goes two minutes back.
    """

    def __init__(self) -> None:
        self._looked_at: datetime | None = None

    def look(self, store: Store, context: Context, _outside: Outside | None = None) -> int:
        """Note what turned since the last look; return how many facts that made."""
        now = context.now
        back = now - _LOOKS_BACK
        facts = list(_turned(context, max(self._looked_at or back, back), now))

        def work(session: Session) -> None:
            for each in facts:
                note(session, each)

        if facts:
            store.write(work)
        self._looked_at = now
        return len(facts)


def _turned(context: Context, since: datetime, now: datetime) -> list[NewFact]:
    """Make a fact for each branch and way in which its notices turned."""
    found = []
    for branch in context.office.branches.values():
        policy = branch.policy
        turns = {
            each.turns(policy.wall(since), policy.wall(now)) for each in policy.timed_notices if each.board
        }
        for began, fact in ((True, FactType.NOTICE_POSTED), (False, FactType.NOTICE_ENDED)):
            if began in turns:
                found.append(NewFact(fact, now, branch.id, {"branch": branch.code}))
    return found
