"""The queue: the hall as those see it who steer it, and a counter in the browser."""

from __future__ import annotations

from server.staff.queue import counter, counter_entry, counter_steps, hall, rules

PAGES = (hall, rules, counter, counter_entry, counter_steps)
