"""The webhook worker: tells programs of others what happened; one that hangs holds up no other."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from server.services.access.webhook_delivery import Outcome, Parcel, settle, take, waiting
from server.services.audit.cosigning import tell_witnesses
from server.services.context import Context
from server.services.ports import NotDelivered, WebhookLine
from server.store.errors import StoreUnavailable
from server.store.store import Store
from server.workers.periodic import join_all

log = logging.getLogger("numerek.webhooks")
_LOOK_EVERY_SECONDS = 1.0
_HANDS = 3


class WebhookWorker:
    """Threads that send what is due, each webhook's messages one after the other."""

    def __init__(
        self,
        store: Store,
        context: Callable[[], Context],
        line: WebhookLine,
        leads: Callable[[], bool] = lambda: True,
    ) -> None:
        self._store, self._context, self._line, self._leads = store, context, line, leads
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, name=f"webhooks-{place}", daemon=True)
            for place in range(_HANDS)
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End, after the messages at hand; one that takes longer goes out again after the next start."""
        self._stopped.set()
        join_all(self._threads)

    def send_due(self) -> int:
        """Send a message to each webhook that waits for one, and each day's checkpoint to its witnesses.

        Return how many went out.
        """
        context = self._context()
        sent = tell_witnesses(self._store, context, self._line)
        for webhook_id in self._store.read(lambda session: waiting(session, context)):
            if self._stopped.is_set():
                break
            sent += self._send(webhook_id)
        return sent

    def _send(self, webhook_id: int) -> bool:
        context = self._context()
        parcel = self._store.write(lambda session: take(session, context, webhook_id))
        if parcel is None:
            return False
        outcome, context = self._post(parcel), self._context()
        self._store.write(lambda session: settle(session, context, parcel, outcome))
        if outcome.problem is not None:
            log.warning("webhook %s: %s", parcel.webhook_id, outcome.problem)
        return True

    def _post(self, parcel: Parcel) -> Outcome:
        began, status, problem = time.monotonic(), None, None
        try:
            status = self._line.post(parcel.url, parcel.headers, parcel.body)
            problem = None if 200 <= status < 300 else f"status_{status}"
        except NotDelivered as why:
            problem = why.problem
        except Exception as error:
            # An address that breaks us must not keep the others from theirs.
            log.error("webhook %s could not be sent: %s", parcel.webhook_id, type(error).__name__)
            problem = "error"
        return Outcome(status, problem, int((time.monotonic() - began) * 1000))

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                while self._leads() and self.send_due() and not self._stopped.is_set():
                    pass
            except StoreUnavailable as unavailable:
                log.warning("webhooks put off: %s", unavailable.reason)
            except Exception:
                log.exception("the webhook worker failed")
            self._stopped.wait(_LOOK_EVERY_SECONDS)
