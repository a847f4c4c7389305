"""Who may open the staff's menu: a one-time code by time, which counts without the server too."""

from __future__ import annotations

import hmac
import json
import logging
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import pyotp

from wire.staff_code import STEP_SECONDS

log = logging.getLogger(__name__)

MOST_WRONG = 5
PAUSE_SECONDS = 60.0
MOST_KEPT = 100
"""So many openings are kept while the server is away; then the oldest are forgotten."""


class Verdict(StrEnum):
    """What became of a code."""

    RIGHT = "right"
    WRONG = "wrong"
    PAUSED = "paused"
    UNKNOWN = "unknown"


@dataclass
class Kept:
    """What the kiosk keeps beside its token: the secret, the newest code's step that counted, untold openings."""

    secret: str = ""
    used_step: int = 0
    openings: list[str] = field(default_factory=list)


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """Find the step whose code this is, among that of now, the one before and the one after; None for no code."""
    totp, step = pyotp.TOTP(secret, interval=STEP_SECONDS), int(now.timestamp()) // STEP_SECONDS
    return next(
        (each for each in (step, step - 1, step + 1) if _is_same(totp.at(each * STEP_SECONDS), code)), None
    )


def _is_same(code: str, typed: str) -> bool:
    return hmac.compare_digest(code.encode(), typed.encode())


class StaffAccess:
    """Takes codes, each once, and pauses after five wrong ones; keeps its file for this user only.

    `now` is the server's time as far as the kiosk knows it, `monotonic` counts seconds for the pause.
    """

    def __init__(self, file: Path, now: Callable[[], datetime], monotonic: Callable[[], float]) -> None:
        self._file, self._now, self._monotonic = file, now, monotonic
        self._kept = _read(file)
        self._wrong, self._paused_until = 0, 0.0

    @property
    def pause_left_s(self) -> float:
        """Return for how many seconds no code is taken; 0 when one is."""
        return max(0.0, self._paused_until - self._monotonic())

    @property
    def openings(self) -> list[datetime]:
        """List when the menu was opened, as far as the server was not told yet, the oldest first."""
        return [datetime.fromisoformat(each) for each in self._kept.openings]

    def learn(self, secret: str | None) -> None:
        """Take the secret that the server tells; None leaves the one that is known."""
        if secret and secret != self._kept.secret:
            self._kept.secret, self._kept.used_step = secret, 0
            self._keep()

    def judge(self, code: str) -> Verdict:
        """Take a code: the right one opens the menu once, at this instant. A wrong one counts for the pause."""
        if not self._kept.secret:
            return Verdict.UNKNOWN
        if self.pause_left_s:
            return Verdict.PAUSED
        step = step_of(self._kept.secret, code, self._now())
        if step is None or step <= self._kept.used_step:
            self._wrong += 1
            if self._wrong % MOST_WRONG == 0:
                self._paused_until = self._monotonic() + PAUSE_SECONDS
            return Verdict.WRONG
        self._wrong = 0
        self._kept.used_step = step
        self._kept.openings = [*self._kept.openings, self._now().isoformat()][-MOST_KEPT:]
        self._keep()
        return Verdict.RIGHT

    def told(self, opened_at: datetime) -> None:
        """Forget an opening that the server knows by now."""
        self._kept.openings = [
            each for each in self._kept.openings if datetime.fromisoformat(each) != opened_at
        ]
        self._keep()

    def _keep(self) -> None:
        """Write the file whole; a full disk does not keep staff out."""
        fresh = self._file.with_name(self._file.name + ".new")
        try:
            fresh.unlink(missing_ok=True)
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
                json.dump(asdict(self._kept), stream)
            fresh.replace(self._file)
        except OSError as error:
            log.warning(
                "What belongs to the staff's menu could not be kept in %s: %s", self._file, error.strerror
            )


def _read(file: Path) -> Kept:
    """Read what was kept; without a file, or with a damaged one, there is nothing yet."""
    try:
        kept = Kept(**json.loads(file.read_text(encoding="ascii")))
        [datetime.fromisoformat(each) for each in kept.openings]
    except (OSError, ValueError, TypeError):
        return Kept()
    return kept
