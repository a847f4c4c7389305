"""Guessing booking codes is slow: a device that types too many wrong ones pauses (quality.md, Safe 5).

Only typed codes with a right check digit count and pause; QR codes and walk-ins go on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class WrongCodePolicy:
    """How many wrong tries a device has, and how long it pauses then: each pause is twice the one before."""

    tries: int = 5
    first_pause: timedelta = timedelta(seconds=30)
    longest_pause: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class WrongCodes:
    """The wrong tries of a device since its last right code; `WrongCodes()` is what a right code leaves."""

    count: int = 0
    pauses_until: datetime | None = None


def after_wrong(state: WrongCodes, now: datetime, policy: WrongCodePolicy) -> WrongCodes:
    """Count a wrong try at `now`; from the last free one on, each starts a pause."""
    count = state.count + 1
    if count < policy.tries:
        return WrongCodes(count)
    # Capped before it is raised: after a night of guessing the power would not fit a timedelta.
    doublings = min(count - policy.tries, 32)
    return WrongCodes(count, now + min(policy.first_pause * 2**doublings, policy.longest_pause))


def paused_until(state: WrongCodes, now: datetime) -> datetime | None:
    """Tell until when typed codes are not looked at; None when they are."""
    return state.pauses_until if state.pauses_until is not None and now < state.pauses_until else None
