"""Keeps the latest sealed facts ready for streams, encoded once for each kind of listener."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Sequence
from enum import Enum

from server.push.bell import Bell
from server.store.errors import StoreUnavailable
from server.store.facts import SealedFact, facts_after, tip
from server.store.store import Store
from wire.vocabulary import FactType

KEPT = 4096
EVERYBODY = "*"
_PAGE = 1_000
# What a stream that is behind gets in one go: so much waits in memory for a listener that does not read.
_TO_A_STREAM = 200
_LOOK_EVERY_SECONDS = 1.0
_OF_THE_BRANCH = frozenset(
    {
        *(FactType.OFFICE_CHANGED, FactType.SERVICE_CLOSED, FactType.SERVICE_OPENED),
        *(FactType.WALK_INS_STOPPED, FactType.WALK_INS_RESUMED, FactType.COUNTER_ASSIGNED),
        *(FactType.NOTICE_POSTED, FactType.NOTICE_ENDED),
    }
)
_ON_SCREENS = ("hall", "ticket", "number", "service", "counter", "call", "language", "ahead")

log = logging.getLogger("numerek.feed")


class Audience(Enum):
    """Kinds of listeners, by what they are told of a fact: only ids, numbers and reason codes go out.

    A screen on the wall is told nothing that people in the hall do not see: not who is booked, for which hour.
    """

    SCREEN = _ON_SCREENS
    STAFF = (*_ON_SCREENS, "device", "reason", "lane", "appointment_at", "offline")


class Event:
    """A fact as it goes out: where it is heard, and its bytes for each audience; worked out when first asked."""

    __slots__ = ("_fact", "_sent", "_topics", "_traceparent", "branch_id", "number", "type")

    def __init__(self, fact: SealedFact, traceparent: str = "") -> None:
        self._traceparent = traceparent
        self.number, self.branch_id, self.type = fact.feed_number, fact.branch_id, fact.type
        self._fact = fact
        self._sent: dict[Audience, bytes] = {}
        self._topics: frozenset[str] | None = None

    @property
    def ticket(self) -> int | None:
        """Return the ticket that it is about; None where it is about no single one."""
        ticket = self._fact.data.get("ticket")
        return ticket if isinstance(ticket, int) else None

    @property
    def counter(self) -> int | None:
        """Return the number of the counter at which it happened, if it did at one."""
        counter = self._fact.data.get("counter")
        return counter if isinstance(counter, int) else None

    @property
    def topics(self) -> frozenset[str]:
        """Return the topics under which it is heard."""
        if self._topics is None:
            data = self._fact.data
            topics = {f"{kind}:{data[kind]}" for kind in ("hall", "counter") if kind in data}
            if self._fact.type in _OF_THE_BRANCH:
                topics.add(EVERYBODY)
            self._topics = frozenset(topics)
        return self._topics

    def sent(self, audience: Audience) -> bytes:
        """Return it as a server-sent event with what this audience is told."""
        sent = self._sent.get(audience)
        if sent is None:
            fact = self._fact
            data = {key: fact.data[key] for key in audience.value if key in fact.data}
            body = json.dumps(data | {"at": fact.at.isoformat()}, separators=(",", ":"))
            sent = f"id: {fact.feed_number}\nevent: {fact.type}\ndata: {body}\n\n".encode()
            self._sent[audience] = sent
        return sent

    def sent_to_devices(self, audience: Audience) -> bytes:
        """Return it with its traceparent where it is traced, in a field that readers pass over who know none."""
        sent = self.sent(audience)
        return f"traceparent: {self._traceparent}\n".encode() + sent if self._traceparent else sent


class TooFarBehind(Exception):
    """The place asked for is not kept any more, or lies in the future: take a snapshot (410)."""


class Feed:
    """A thread reads new facts when the bell rings; streams on the event loop wait for it without threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._events: list[Event] = []
        self._last = 0
        self._revisions: dict[int, int] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news = asyncio.Event()
        self._rung = threading.Event()
        self._adding = threading.Lock()
        self._stopping = False
        self._bell = Bell(store, self._rung.set)
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin behind the last fact there is, and wake streams on this loop from then on."""
        self._loop = loop
        self._last = self._store.read(lambda session: tip(session.connection()))[0]
        self._store.on_facts(self._take)
        self._bell.start()
        self._thread.start()

    def stop(self) -> None:
        """End the threads."""
        self._stopping = True
        self._rung.set()
        self._bell.stop()
        self._thread.join(5)

    @property
    def last(self) -> int:
        """Return the feed number of the newest event."""
        return self._last

    def revision(self, branch_id: int) -> int:
        """Return the feed number of the newest event of a branch since the start; 0: there was none."""
        return self._revisions.get(branch_id, 0)

    def revisions(self) -> dict[int, int]:
        """Return the newest event of each branch, as of now; from any thread."""
        return dict(self._revisions)

    def after(self, number: int) -> Sequence[Event] | None:
        """Return the next kept events behind `number`; None when they are no longer kept in memory.

        Feed numbers have no gaps, so the place of an event is a subtraction.
        """
        events = self._events
        if not events:
            return [] if number >= self._last else None
        begin = number + 1 - events[0].number
        return None if begin < 0 else events[begin : begin + _TO_A_STREAM]

    def recover(self, number: int) -> Sequence[Event]:
        """Read the next events behind `number` from the log, for a stream that resumes. Raises TooFarBehind."""
        if number > self._last or self._last - number > KEPT:
            raise TooFarBehind
        return [Event(fact) for fact in self._store.read(lambda s: facts_after(s, number, _TO_A_STREAM))]

    async def news(self) -> None:
        """Wait until there is news, or a tick of the timer."""
        await self._news.wait()

    def wake(self) -> None:
        """Wake all who wait; on the event loop only."""
        news, self._news = self._news, asyncio.Event()
        news.set()

    def _run(self) -> None:
        while not self._stopping:
            # The look without a bell catches what another process wrote (an administrator's command).
            self._rung.wait(_LOOK_EVERY_SECONDS)
            self._rung.clear()
            try:
                while self._read_page():
                    pass
            except StoreUnavailable as unavailable:
                log.warning("feed waits: %s", unavailable.reason)

    def _read_page(self) -> bool:
        facts = self._store.read(lambda session: facts_after(session, self._last, _PAGE))
        if not facts:
            return False
        self._add(facts)
        return len(facts) == _PAGE

    def _take(self, facts: Sequence[SealedFact]) -> None:
        """Take facts as the writer sealed them; a gap before them is read from the log."""
        if facts[0].feed_number > self._last + 1:
            self._rung.set()
        else:
            self._add(facts)

    def _add(self, facts: Sequence[SealedFact]) -> None:
        with self._adding:
            behind = [fact for fact in facts if fact.feed_number > self._last]
            if not behind or behind[0].feed_number != self._last + 1:
                return
            new = self._as_events(behind)
            self._events = (self._events + new)[-KEPT:]
            self._last = new[-1].number
            self._revisions |= {each.branch_id: each.number for each in new if each.branch_id is not None}
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.wake)

    def _as_events(self, facts: Sequence[SealedFact]) -> list[Event]:
        tracer = self._store.tracer
        if tracer is None:
            return [Event(fact) for fact in facts]
        return [Event(fact, tracer.in_the_feed(fact)) for fact in facts]
