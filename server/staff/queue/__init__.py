"""The hall as those see it who steer it: who waits, what the counters do, what wants attention."""

from __future__ import annotations

from server.staff.queue import hall

PAGES = (hall,)
