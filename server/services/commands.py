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
_NOT_KEPT = (429,)


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
        if answer[0] not in _NOT_KEPT:
            keep(session, moment.keys, command, answer, moment.now)
        return answer

    try:
        return store.write(once)
    except AlreadyAnswered:
        return _kept(store, moment, command)
    except RuleBroken as broken:
        refusal = render(broken)
    if refusal[0] in _NOT_KEPT or refusal[0] >= 500:
        return refusal
    try:
        store.write(lambda session: keep(session, moment.keys, command, refusal, moment.now))
    except AlreadyAnswered:
        return _kept(store, moment, command)
    return refusal


def _kept(store: Store, moment: Moment, command: Command) -> Answer:
    """Return the answer that the command got the first time."""
    try:
        kept = store.read(lambda session: replay(session, moment.keys, command))
    except KeyReused:
        raise RuleBroken(422, "key_reused") from None
    if kept is None:
        raise RuntimeError("an answer is there and is not there")
    return kept
