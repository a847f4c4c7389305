"""Runs a command so that twice is once: its effect and its answer stand or fall together (architecture.md 4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.orm import Session

from server.services.moment import Moment, RuleBroken
from server.store.answers import Command, KeyReused, keep, replay
from server.store.store import Store

T = TypeVar("T")
Answer = tuple[int, bytes]
_NOT_KEPT = (429,)


def run(
    store: Store,
    moment: Moment,
    command: Command,
    work: Callable[[Session], T],
    render: Callable[[T | RuleBroken], Answer],
) -> Answer:
    """Run `work` once under the command's key and return its rendered status and body.

    A replay returns the same answer. Raises RuleBroken 422 `key_reused` for another body under the same key.
    Broken rules are answers too and kept; 429 and everything from 500 on are not.
    """

    def once(session: Session) -> Answer:
        kept = replay(session, moment.keys, command)
        if kept is not None:
            return kept
        answer = render(work(session))
        if answer[0] not in _NOT_KEPT:
            keep(session, moment.keys, command, answer, moment.now)
        return answer

    try:
        return store.write(once)
    except KeyReused:
        raise RuleBroken(422, "key_reused") from None
    except RuleBroken as broken:
        answer = render(broken)

        def keep_refusal(session: Session) -> Answer:
            kept = replay(session, moment.keys, command)
            if kept is None:
                keep(session, moment.keys, command, answer, moment.now)
            return kept or answer

        return store.write(keep_refusal)
