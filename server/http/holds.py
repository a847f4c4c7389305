"""Where requests to hold an hour go, which thousands send in one second: who is too late is told together."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from server.http.dispatch import ASIDE, Pages
from server.http.rush_lane import RushLane
from server.store.errors import StoreUnavailable
from server.store.group_commit import ANSWER_SECONDS
from server.store.store import Store

T = TypeVar("T")
log = logging.getLogger("numerek.server")
Answer = tuple[int, list[tuple[bytes, bytes]], bytes]
Environ = Mapping[str, Any]
_Asked = tuple[Mapping[str, Any], bytes, float]
_Outcome = tuple[Answer | None, Environ]
_ON: _Outcome = None, {}
_AT_ONCE = 256
"""So many are looked at together at most: those who came first do not wait for all who came after them."""
_TOGETHER = 8
"""So many holds share a commit of SQLite at most: a kiosk's check-in waits behind no more of them."""


class Holds:
    """Answers what came while the last answers were made together; what is left goes to Flask one by one.

    On SQLite where the writer is: for a hold that does little beside its write this costs a third less.
    """

    def __init__(self, pages: Pages | None, store: Store, threads: int) -> None:
        self._pages = pages
        self._threads = threads
        self._store = store
        self._lane: RushLane[Answer | None] = RushLane(threads, "rush")
        self._looker = ThreadPoolExecutor(1, thread_name_prefix="full-hours")
        self._few = asyncio.Semaphore(_TOGETHER)
        # All in the event loop alone.
        self._waiting: list[tuple[_Asked, asyncio.Future[_Outcome]]] = []
        self._looking: asyncio.Task[None] | None = None
        self._under_way = 0

    @property
    def is_crowded(self) -> bool:
        """Say whether more people want to hold an hour than can be served at once."""
        return self._under_way > self._threads

    async def answer(
        self, scope: Mapping[str, Any], body: bytes, flask: Callable[[Environ], Answer], until: float
    ) -> Answer | None:
        """Answer that the hour is full, or as `flask` does with these additions to the environment.

        None when the time to begin with it is over (time.monotonic). Raises StoreUnavailable.
        """
        self._under_way += 1
        try:
            answer, environ = await self._look(scope, body)
            return answer or await self._hold(flask, environ, until)
        finally:
            self._under_way -= 1

    def close(self) -> None:
        """End, after the requests that were given already."""
        self._looker.shutdown(wait=True)
        self._lane.close()

    @property
    def _is_ready(self) -> bool:
        """Say whether the pages were wanted before: to make them takes too long for the writer."""
        return self._pages is not None and self._pages.is_made

    async def _hold(
        self, flask: Callable[[Environ], Answer], environ: Environ, until: float
    ) -> Answer | None:
        # Only what was found genuine, and within the limits: the writer is for nobody's rubbish.
        is_genuine = bool(environ) and not any(environ.values())
        if self._store.sqlite and is_genuine:
            return await self._join(partial(flask, environ), until)
        aside = {**environ, ASIDE: self._lane.step_aside}
        return await self._lane.run(partial(before, until, partial(flask, aside)))

    async def _join(self, call: Callable[[], Answer], until: float) -> Answer | None:
        async with self._few:
            # Behind a held database the line would only grow.
            if time.monotonic() >= until:
                return None
            joined = self._store.join(call)
            assert joined is not None
            return await in_time(joined)

    async def _look(self, scope: Mapping[str, Any], body: bytes) -> _Outcome:
        if not self._is_ready:
            return _ON
        told: asyncio.Future[_Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append(((scope, body, time.perf_counter()), told))
        if self._looking is None:
            self._looking = asyncio.create_task(self._look_for_all())
        return await told

    async def _look_for_all(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                waiting, self._waiting = self._waiting[:_AT_ONCE], self._waiting[_AT_ONCE:]
                asked = [each for each, _ in waiting]
                outcomes = await loop.run_in_executor(self._looker, self._outcomes, asked)
                for (_, told), outcome in zip(waiting, outcomes, strict=True):
                    if not told.done():  # who asked may be gone
                        told.set_result(outcome)
        finally:
            self._looking = None

    def _outcomes(self, asked: Sequence[_Asked]) -> Sequence[_Outcome]:
        assert self._pages is not None
        try:
            outcomes: Sequence[_Outcome] = self._pages().extensions["full_hours"].answers(asked)
        except Exception:
            # What went wrong with one must not be told to all; Flask finds it again.
            log.exception("full hours could not be told")
            return [_ON] * len(asked)
        return outcomes


def before(until: float, call: Callable[[], T]) -> T | None:
    """Run a call, or return None when the time to begin with it is over."""
    return call() if time.monotonic() < until else None


async def in_time(joined: Future[T]) -> T:
    """Wait for a request that joined the writer, so long as a write may take. Raises StoreUnavailable."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await asyncio.wrap_future(joined)
    except TimeoutError:
        raise StoreUnavailable("database_busy") from None
