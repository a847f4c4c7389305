"""A puzzle that costs a machine some work, by ALTCHA: made and checked here, without any third party (rule 9)."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import altcha

VALID = timedelta(minutes=30)
"""So long a puzzle may take, with the form around it."""
_ALGORITHM = "PBKDF2/SHA-256"
# A device tries numbers from 0 until the right one: 256 on average, so that nobody waits more than twice that.
_TRIES = 512
_LONGEST = 4_096
_KEY = b"|key"

Spend = Callable[[str, datetime], bool]
"""Keeps that something was used, for every server; False when it was used before."""


class AltchaChallenges:
    """Puzzles signed with a key of ours; each is taken once, until it expires by the office's clock.

    `cost` is how many rounds of hashing each of a device's tries takes.
    """

    def __init__(self, secrets: Callable[[], Sequence[bytes]], cost: int, spend: Spend) -> None:
        """Take what tells the keys, the one in use last: with it puzzles are made, those of all are taken."""
        self._secrets, self._cost, self._spend = secrets, cost, spend

    def new(self, now: datetime) -> Mapping[str, Any]:
        """Make a puzzle, as the widget reads it from JSON."""
        until = int((now + VALID).timestamp())
        secret = self._secrets()[-1]
        made = altcha.create_challenge(
            _ALGORITHM,
            self._cost,
            counter=secrets.randbelow(_TRIES),
            # Not the library's own expiry: that one asks the machine's clock, and the visitor's.
            data={"until": until},
            hmac_secret=secret,
            hmac_key_secret=secret + _KEY,
        )
        return made.to_dict()

    def solved(self, payload: str, now: datetime) -> bool:
        """Say whether the widget's answer solves a puzzle of ours that is neither too old nor spent; spend it."""
        if not payload or len(payload) > _LONGEST:
            return False
        if not any(_is_solved(payload, each) for each in reversed(self._secrets())):
            return False
        challenge = json.loads(base64.b64decode(payload))["challenge"]
        if now.timestamp() > challenge["parameters"]["data"]["until"]:
            return False
        return self._spend(challenge["signature"], now)


def _is_solved(payload: str, secret: bytes) -> bool:
    return bool(altcha.verify_solution(payload, secret, hmac_key_secret=secret + _KEY).verified)


class NoChallenges:
    """The dummy beside it: a puzzle that anything solves, for trials and tests without a browser."""

    def new(self, now: datetime) -> Mapping[str, Any]:
        """Make a puzzle without work."""
        return {"none": True}

    def solved(self, payload: str, now: datetime) -> bool:
        """Say that it is solved when anything was sent."""
        return bool(payload)
