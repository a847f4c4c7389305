"""The queue: the hall as those see it who steer it, what they do there, and a counter in the browser."""

from __future__ import annotations

from server.staff.queue import (
    accuracy,
    all_branches,
    counter,
    counter_entry,
    counter_slip,
    counter_steps,
    feedback,
    hall,
    offline,
    rules,
    steering,
    what_if,
    what_if_kept,
    what_if_plan,
)

PAGES = (
    hall,
    accuracy,
    all_branches,
    offline,
    steering,
    rules,
    counter,
    counter_entry,
    counter_steps,
    counter_slip,
    feedback,
    what_if,
    what_if_kept,
    what_if_plan,
)
