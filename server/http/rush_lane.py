"""A lane for the one request that thousands send at the same second: one thread leads, answers leave together.

Threads that compute side by side, or wake the event loop for each answer, spend more on passing the interpreter's
lock to and fro between processors than on the request itself.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")
_TOGETHER = 16


class RushLane(Generic[T]):
    """Runs calls in the order in which they came, one at a time; a call that has to wait steps aside."""

    def __init__(self, threads: int, name: str) -> None:
        self._jobs: queue.SimpleQueue[_Job[T] | None] = queue.SimpleQueue()
        self._lead = threading.Lock()
        self._mine = threading.local()
        self._threads = [
            threading.Thread(target=self._work, name=f"{name}-{place}", daemon=True)
            for place in range(threads)
        ]
        self._loop: asyncio.AbstractEventLoop | None = None

    async def run(self, call: Callable[[], T]) -> T:
        """Run a call in one of the threads and return what it gave, or raise what it raised."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            for thread in self._threads:
                thread.start()
        answer: asyncio.Future[T] = self._loop.create_future()
        self._jobs.put(_Job(call, answer))
        return await answer

    def step_aside(self) -> None:
        """Let another thread lead while this call waits for a commit; nothing happens outside the lane."""
        turn: _Turn[T] | None = getattr(self._mine, "turn", None)
        if turn is not None and turn.leads:
            self._tell(turn)
            turn.leads = False
            self._lead.release()

    def close(self) -> None:
        """End, after the calls that were given already."""
        self._jobs.put(None)
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def _work(self) -> None:
        while self._take_turn():
            pass

    def _take_turn(self) -> bool:
        """Wait for the lead and run calls until it is given away; False when the lane is closed."""
        self._lead.acquire()
        turn: _Turn[T] = _Turn()
        self._mine.turn = turn
        try:
            while turn.leads:
                job = self._jobs.get()
                if job is None:
                    self._jobs.put(None)  # for the others
                    return False
                self._run_some(turn, job)
            return True
        finally:
            if turn.leads:
                self._lead.release()

    def _run_some(self, turn: _Turn[T], job: _Job[T]) -> None:
        """Run a call and, while this thread leads, some of those behind it; then tell the answers."""
        while True:
            job.run()
            turn.done.append(job)
            if not turn.leads or len(turn.done) >= _TOGETHER or self._jobs.empty():
                break
            # Only who leads takes calls: it is still there.
            following = self._jobs.get()
            if following is None:
                self._jobs.put(None)
                break
            job = following
        self._tell(turn)

    def _tell(self, turn: _Turn[T]) -> None:
        done, turn.done = turn.done, []
        if done:
            assert self._loop is not None
            self._loop.call_soon_threadsafe(_settle, done)


@dataclass(slots=True)
class _Job(Generic[T]):
    call: Callable[[], T]
    answer: asyncio.Future[T]
    value: T | None = None
    error: Exception | None = None

    def run(self) -> None:
        try:
            self.value = self.call()
        except Exception as error:
            self.error = error

    def settle(self) -> None:
        if self.answer.done():
            return  # who asked is gone
        if self.error is not None:
            self.answer.set_exception(self.error)
        else:
            self.answer.set_result(self.value)  # type: ignore[arg-type]


@dataclass(slots=True)
class _Turn(Generic[T]):
    leads: bool = True
    done: list[_Job[T]] = field(default_factory=list)


def _settle(done: list[_Job[T]]) -> None:
    for job in done:
        job.settle()
