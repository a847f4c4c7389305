"""Where requests to hold an hour go, which thousands send in one second: who is too late is told together."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from server.http.dispatch import ASIDE, Pages
from server.http.rush_lane import RushLane

log = logging.getLogger("numerek.server")
Answer = tuple[int, list[tuple[bytes, bytes]], bytes]
Environ = Mapping[str, Any]
_Asked = tuple[Mapping[str, Any], bytes, float]
_Outcome = tuple[Answer | None, Environ]
_ON: _Outcome = None, {}


class Holds:
    """Answers what came while the last answers were made together; what is left goes to Flask one by one."""

    def __init__(self, pages: Pages | None, threads: int) -> None:
        self._pages = pages
        self._lane: RushLane[Answer | None] = RushLane(threads, "rush")
        self._looker = ThreadPoolExecutor(1, thread_name_prefix="full-hours")
        # Both in the event loop alone.
        self._waiting: list[tuple[_Asked, asyncio.Future[_Outcome]]] = []
        self._looking: asyncio.Task[None] | None = None

    @property
    def is_crowded(self) -> bool:
        """Say whether more people ask than can be served at once."""
        return bool(self._waiting) or self._lane.is_crowded

    async def answer(
        self, scope: Mapping[str, Any], body: bytes, flask: Callable[[Environ], Answer | None]
    ) -> Answer | None:
        """Answer that the hour is full, or as `flask` does with these additions to the environment."""
        answer, environ = await self._look(scope, body)
        if answer is not None:
            return answer
        return await self._lane.run(partial(flask, {**environ, ASIDE: self._lane.step_aside}))

    def close(self) -> None:
        """End, after the requests that were given already."""
        self._looker.shutdown(wait=True)
        self._lane.close()

    async def _look(self, scope: Mapping[str, Any], body: bytes) -> _Outcome:
        if self._pages is None or not self._pages.is_made:
            return _ON
        told: asyncio.Future[_Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append(((scope, body, time.perf_counter()), told))
        if self._looking is None:
            self._looking = asyncio.create_task(self._look_for_all())
        return await told

    async def _look_for_all(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            waiting, self._waiting = self._waiting, []
            asked = [each for each, _ in waiting]
            outcomes = await loop.run_in_executor(self._looker, self._outcomes, asked)
            for (_, told), outcome in zip(waiting, outcomes, strict=True):
                if not told.done():  # who asked may be gone
                    told.set_result(outcome)
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
