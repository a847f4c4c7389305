"""Runs a command so that repeating it changes nothing: effect and answer are one (architecture.md 4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.orm import Session

from server.services.context import Context, RuleBroken
from server.store.answers import AlreadyAnswered, Command, KeyReused, keep, replay
from server.store.errors import OutcomeUnknown
from server.store.store import Store

T = TypeVar("T")
Answer = tuple[int, bytes]


def run(
    store: Store,
    context: Context,
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
            keep(session, context.keys, command, answer, context.now)
        return answer

    try:
        try:
            answer = _settled(store, once)
        except RuleBroken as broken:
            answer = refusal = render(broken)
            if _is_kept(refusal):
                store.write(lambda session: keep(session, context.keys, command, refusal, context.now))
    except AlreadyAnswered:
        first = _first_answer(store, context, command)
        if first is None:
            raise RuntimeError("an answer is there and is not there") from None
        return first
    # A command that was answered before a pause began gets that answer during the pause too.
    return answer if _is_kept(answer) else _first_answer(store, context, command) or answer


def _settled(store: Store, once: Callable[[Session], Answer]) -> Answer:
    """Write, once more when the connection was lost in the commit: if that stands, the key has its answer."""
    try:
        return store.write(once)
    except OutcomeUnknown:
        return store.write(once)


def _is_kept(answer: Answer) -> bool:
    return answer[0] != 429 and answer[0] < 500


def _first_answer(store: Store, context: Context, command: Command) -> Answer | None:
    """Return the answer that the command got the first time, if there was one."""
    try:
        # As a write: the first answer may stand in a batch that is not committed yet.
        return store.write(lambda session: replay(session, context.keys, command))
    except KeyReused:
        raise RuleBroken(422, "key_reused") from None
