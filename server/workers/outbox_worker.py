"""The outbox worker: takes messages out of the outbox, writes them out and hands them over, beside the requests.

Each step is a transaction of its own; writing and the network lie between them. So a mail server that is down
keeps nobody from booking, and no message is sent blindly a second time.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from traceback import extract_tb

from server.services.booking.visits import visit_of
from server.services.context import Context
from server.services.messages.delivery import Result, Taken, begin, settle, take, take_stock
from server.services.ports import NotDelivered, NotWritten, Outside
from server.store.errors import StoreUnavailable
from server.store.queries import messages as rows
from server.store.store import Store
from server.workers.message_writer import MessageWriter, VisitOf
from server.workers.office_letters import OutdatedMessage, ReportOf
from server.workers.periodic import join_all
from wire.vocabulary import Channel

log = logging.getLogger("numerek.outbox")
# Codes must be there while people look at the page that asks for them.
_LOOK_EVERY_SECONDS = 0.5
_STOCK_EVERY_SECONDS = 30.0
# While many wait for an answer, each hand rests so long after a letter: a code is awaited for minutes.
_REST_SECONDS = 0.2
# Two at once a channel: one slow letter does not hold up all others.
_HANDS = 2
# The message has left: so long it is tried to note that, else staff would have to ask.
_SETTLE_TRIES = 5
_SETTLE_PAUSE_SECONDS = 1.0


class OutboxWorker:
    """Threads that send what is due on the channels that are set up."""

    def __init__(
        self,
        store: Store,
        context: Callable[[], Context],
        outside: Outside,
        visit: VisitOf = visit_of,
        is_rushed: Callable[[], bool] = lambda: False,
        report: ReportOf | None = None,
        leads: Callable[[], bool] = lambda: True,
    ) -> None:
        self._store, self._context, self._is_rushed, self._leads = store, context, is_rushed, leads
        self._writer, self._mailer = MessageWriter(store, outside, visit, report), outside.mailer
        self.channels = tuple(
            channel
            for channel, line in ((Channel.EMAIL, outside.mailer), (Channel.SMS, outside.texter))
            if line is not None
        )
        self._stopped = threading.Event()
        # Nobody hands anything over before what an earlier run left behind is told from it.
        self._is_counted, self._stock_at = threading.Event(), 0.0
        hands = [channel for channel in self.channels for _ in range(_HANDS)]
        self._threads = [
            threading.Thread(
                target=self._run, args=(channel, place == 0), name=f"outbox-{channel}", daemon=True
            )
            for place, channel in enumerate(hands)
        ]

    def start(self) -> None:
        """Begin; what an earlier run left in mid-handover is set aside first."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End, after the messages at hand; one that takes longer is `unknown` at the next start."""
        self._stopped.set()
        join_all(self._threads)

    def take_stock(self, *, is_first: bool = False) -> int:
        """Set aside what was left in mid-handover; SQLite bears one server, so at its start all of it is."""
        return take_stock(self._store, self._context(), is_alone=is_first and self._store.sqlite)

    def send_one(self, *channels: Channel) -> bool:
        """Send the next message that is due on these channels (all without any); False when there is none."""
        wanted, context = channels or self.channels, self._context()
        if not wanted or not self._store.look(lambda place: rows.is_due(place, context.now, wanted)):
            return False
        message = self._store.write(lambda session: take(session, context, wanted))
        if message is not None:
            self._settle(message, *self._deliver(message))
        return message is not None

    def _deliver(self, message: Taken) -> tuple[Result, str]:
        """Write a message out and hand it over; say how that ended, with the problem in a word."""
        has_begun = False
        try:
            hand_over = self._writer.write(message, self._context())
            context = self._context()
            if not self._store.write(lambda session: begin(session, context, message)):
                return Result.POINTLESS, "dropped"
            has_begun = True
            hand_over()
        except OutdatedMessage as why:
            return Result.POINTLESS, str(why)
        except NotWritten as why:
            return Result.LATER, f"papers_{why}"
        except NotDelivered as why:
            if why.unclear:
                return Result.UNCLEAR, why.problem
            return Result.LATER if why.retry else Result.REFUSED, why.problem
        except StoreUnavailable:
            raise
        except Exception as error:
            # A message that breaks us is set aside: the others behind it must go on. Its text may be personal.
            place = extract_tb(error.__traceback__)[-1]
            what = (message.id, type(error).__name__, place.filename, place.lineno)
            log.error("message %s could not be sent: %s in %s, line %s", *what)
            return Result.UNCLEAR if has_begun else Result.REFUSED, "error"
        return Result.SENT, ""

    def _settle(self, message: Taken, result: Result, problem: str) -> None:
        for left in reversed(range(_SETTLE_TRIES)):
            context = self._context()
            try:
                self._store.write(lambda session, at=context: settle(session, at, message, result, problem))  # type: ignore[misc]
                break
            except StoreUnavailable:
                if not left or self._stopped.wait(_SETTLE_PAUSE_SECONDS):
                    raise
        if result is not Result.SENT:
            about = (message.id, message.kind, message.channel, result, problem)
            log.warning("message %s (%s, %s): %s %s", *about)

    def _run(self, channel: Channel, is_first: bool) -> None:
        has_sent = False
        while not self._stopped.is_set():
            try:
                if not self._leads():
                    self._stopped.wait(_LOOK_EVERY_SECONDS)
                    continue
                if is_first:
                    self._see_to_stock()
                elif not self._is_counted.wait(_LOOK_EVERY_SECONDS):
                    continue
                while not self._stopped.is_set() and self._leads() and self.send_one(channel):
                    has_sent = True
                    if self._is_rushed():
                        self._stopped.wait(_REST_SECONDS)
                if has_sent and channel is Channel.EMAIL and self._mailer is not None:
                    self._mailer.close()
                has_sent = False
            except StoreUnavailable as unavailable:
                log.warning("messages put off: %s", unavailable.reason)
            except Exception:
                log.exception("the outbox worker failed")
            self._stopped.wait(_LOOK_EVERY_SECONDS)

    def _see_to_stock(self) -> None:
        if time.monotonic() < self._stock_at:
            return
        self.take_stock(is_first=not self._is_counted.is_set())
        self._stock_at = time.monotonic() + _STOCK_EVERY_SECONDS
        self._is_counted.set()
