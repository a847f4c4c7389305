"""Renews the forecast of a line each second in which something happened there, beside the writer.

Forecasts take a twentieth of the time at most, and as much again those of the rest of the day, which halls show:
where lines are long or branches many, each is renewed less often.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from server.services.context import Context
from server.store.store import Store
from server.workers.periodic import PeriodicThread

_REST = 20
_AT_ONCE_S = 0.05


class Forecaster:
    """A thread after whose first look no request plays a line forward any more."""

    def __init__(self, store: Store, context: Callable[[], Context]) -> None:
        self._store, self._context = store, context
        self._rests_until = self._days_rest_until = 0.0
        self._thread = PeriodicThread("forecaster", self.look, later=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the look at hand."""
        self._thread.stop()

    def look(self) -> None:
        """Renew what something happened to."""
        # Here and not above: a start of the server does not wait for numpy. To load it is no forecast's time: for
        # twenty times as long there would be no new one.
        import server.services.queue.played_line  # noqa: F401

        began = time.monotonic()
        if began < self._rests_until:
            return
        context = self._context()
        for _ in context.office.branches:
            is_done = not self._store.read(
                lambda session: context.forecasts.renew(session, context.office, context.now)
            )
            if is_done or time.monotonic() - began > _AT_ONCE_S:
                break
        context.forecasts.beside = True
        self._rests_until = began + _REST * (time.monotonic() - began)
        self._look_ahead(context)

    def _look_ahead(self, context: Context) -> None:
        """Renew how many will be waiting in a branch whose hall somebody looks at; no line waits for that."""
        began = time.monotonic()
        if began >= self._days_rest_until:
            days = context.forecasts.days
            self._store.read(lambda session: days.renew(session, context.office, context.now))
            spent = time.monotonic() - began
            self._days_rest_until = began + _REST * spent
