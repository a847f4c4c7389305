"""The line in front of the pages as one server keeps it: numbers in blocks, its pace, whose turn came when."""

from __future__ import annotations

import asyncio
import logging
import time
from bisect import bisect_left
from collections import deque
from collections.abc import Callable

from server.services.context import Context
from server.services.release.arrivals import Line, Seen, next_pace, turn_of
from server.store.errors import StoreUnavailable

log = logging.getLogger("numerek.server")
TICK_SECONDS = 1.0
MOST_IN_A_BLOCK = 1_000
_PARTS = 8
_ANSWERS_KEPT = 2_000
_PACE_SECONDS = 30.0
# Longer than any turn is kept ([portal] turn_kept_minutes): what stands before it is over for everybody.
_LOG_SECONDS = 9_000.0
Monotonic = Callable[[], float]


class OwnLine:
    """One server's part in the common line; its methods run on the event loop, but for `look`."""

    def __init__(self, line: Line, most_per_second: float, now: Monotonic = time.monotonic) -> None:
        self._line, self._most, self._now = line, most_per_second, now
        self.pace = most_per_second
        self.seen = Seen(0, 0)
        self._tokens = most_per_second
        self._carry = 0.0
        self._block: list[int] = []
        self._block_at = self._taken_since = now()
        self._taken = self._taken_before = 0
        self._taking = asyncio.Lock()
        self._answers: deque[float] = deque(maxlen=_ANSWERS_KEPT)
        self._is_refusing = False
        # When how many had been let in: by rising time and count.
        self._log: deque[tuple[float, int]] = deque()

    def is_free(self) -> bool:
        """Say whether nobody stands in line and one more can be let in at once, who is counted then."""
        if self.seen.given > self.seen.let_in or self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    async def take(self) -> int:
        """Give the next number; the more come, the larger blocks are fetched. Raises StoreUnavailable."""
        async with self._taking:
            if not self._block or self._now() - self._block_at > TICK_SECONDS:
                size = self._size()
                last = await asyncio.to_thread(self._line.take, size)
                self._block, self._block_at = list(range(last, last - size, -1)), self._now()
                given = max(last, self.seen.given)
                self.seen = Seen(given, self.seen.let_in, self.seen.drawn, self.seen.held_until)
            self._taken += 1
            return self._block.pop()

    def _size(self) -> int:
        """Return how many numbers to fetch: few beside those of the last second, since what is left is lost."""
        since = self._now() - self._taken_since
        if since > TICK_SECONDS:
            self._taken_before = self._taken if since < 2 * TICK_SECONDS else 0
            self._taken, self._taken_since = 0, self._now()
        return min(MOST_IN_A_BLOCK, 1 + max(self._taken, self._taken_before) // _PARTS)

    def turn_since(self, number: int) -> float | None:
        """Return for how many seconds it is a number's turn; None while others come first."""
        place = turn_of(number, self.seen.drawn)
        if place > self.seen.let_in:
            return None
        at = bisect_left(self._log, place, key=lambda each: each[1])
        # Who was let in before this server looked for the first time has the turn since then at least.
        return self._now() - self._log[at][0] if at < len(self._log) else 0.0

    def is_lost(self, number: int) -> bool:
        """Say whether a number may be of counts that began anew since (a common store that lost them).

        Then its turn would not come for long, or never. If not, another server gave it within the last second,
        and the next number is a higher one.
        """
        return bool(self._log) and number > self.seen.given

    def seconds_until(self, number: int) -> float:
        """Guess how long a number waits, by how many were let in lately."""
        ahead = turn_of(number, self.seen.drawn) - self.seen.let_in
        return ahead / max(self.pace_of_all, 0.01)

    @property
    def pace_of_all(self) -> float:
        """Return how many a second all servers together let in lately; this server's own, where that is more."""
        now = self._now()
        first = next((each for each in self._log if each[0] >= now - _PACE_SECONDS), None)
        if first is None or now - first[0] < TICK_SECONDS:
            return self.pace
        return max(self.pace, (self.seen.let_in - first[1]) / (now - first[0]))

    def answered(self, seconds: float, status: int) -> None:
        """Note how long an answer took to somebody who is in, and whether they were sent away (503)."""
        self._answers.append(seconds)
        self._is_refusing = self._is_refusing or status == 503

    def look(self, context: Context, seconds: float) -> Seen:
        """See how the line stands, let in as many as fit into so many seconds; return it as it is then.

        In a thread: it asks the database or the common store. Raises StoreUnavailable.
        """
        seen = self._line.look(context, self.pace_of_all)
        self._carry = min(self._carry + self.pace * seconds, 2 * self._most)
        more = 0 if seen.held_until else min(int(self._carry), seen.given - seen.let_in)
        if more > 0:
            self._carry -= more
            seen = Seen(seen.given, self._line.let_in(more), seen.drawn, seen.held_until)
        return seen

    def saw(self, seen: Seen, seconds: float) -> None:
        """Take up how the line stands now, and find the pace for the next second."""
        now = self._now()
        self.seen = seen
        if self._log and seen.let_in < self._log[-1][1]:
            self._log.clear()  # the counts began anew: what was let in before is another line's
        if not self._log or self._log[-1][1] != seen.let_in:
            self._log.append((now, seen.let_in))
        while len(self._log) > 1 and self._log[1][0] < now - _LOG_SECONDS:
            self._log.popleft()
        slowest = sorted(self._answers)[int(len(self._answers) * 0.99)] if self._answers else 0.0
        self.pace = next_pace(self.pace, self._most, slowest, is_refusing=self._is_refusing)
        self._answers.clear()
        self._is_refusing = False
        self._tokens = min(max(1.0, self.pace), self._tokens + self.pace * seconds)

    async def keep(self, context: Callable[[], Context]) -> None:
        """Look again every second, until cancelled; while nothing can be asked, nobody is let in."""
        before = self._now()
        while True:
            now = self._now()
            try:
                self.saw(await asyncio.to_thread(lambda: self.look(context(), now - before)), now - before)  # noqa: B023
            except StoreUnavailable:
                log.warning("the line in front of the pages stands: its counts are away")
            except Exception:
                # Whatever it was: a line that nobody looks at any more would keep everybody out.
                log.exception("the line in front of the pages could not be looked at")
            before = now
            await asyncio.sleep(TICK_SECONDS)
