"""Runs a command so that twice is once: its effect and its answer stand or fall together (architecture.md 4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.orm import Session

from server.services.moment import Moment, RuleBroken
from server.store.answers import AlreadyAnswered, Command, KeyReused, keep, replay
from server.store.store import Store

T = TypeVar("T")
Answer = tuple[int, bytes]


def run(
    store: Store,
    moment: Moment,
    command: Command,
    work: Callable[[Session], T],
    render: Callable[[T | RuleBroken], Answer],
) -> Answer:
    """Run `work` once under the command's key and return its rendered status and body.

    The effect of a repeated command is undone and the first answer given again. Raises RuleBroken 422
    `key_reused` for another body under the same key. Broken rules are answers too and kept; 429 and everything
    from 500 on are not.
    """

    def once(session: Session) -> Answer:
        answer = render(work(session))
        if _is_kept(answer):
            keep(session, moment.keys, command, answer, moment.now)
        return answer

    try:
        try:
            answer = store.write(once)
        except RuleBroken as broken:
            answer = refusal = render(broken)
            if _is_kept(refusal):
                store.write(lambda session: keep(session, moment.keys, command, refusal, moment.now))
    except AlreadyAnswered:
        first = _first_answer(store, moment, command)
        if first is None:
            raise RuntimeError("an answer is there and is not there") from None
        return first
    # A command that was answered before a pause began gets that answer during the pause too.
    return answer if _is_kept(answer) else _first_answer(store, moment, command) or answer


def _is_kept(answer: Answer) -> bool:
    return answer[0] != 429 and answer[0] < 500


def _first_answer(store: Store, moment: Moment, command: Command) -> Answer | None:
    """Return the answer that the command got the first time, if there was one."""
    try:
        # As a write: the first answer may stand in a batch that is not committed yet.
        return store.write(lambda session: replay(session, moment.keys, command))
    except KeyReused:
        raise RuleBroken(422, "key_reused") from None
