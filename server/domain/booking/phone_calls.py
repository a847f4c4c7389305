"""The phone calls of staff about a reservation."""

from __future__ import annotations

from enum import StrEnum


class CallResult(StrEnum):
    """How a phone call about a reservation ended."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    CALL_BACK = "call_back"
