"""What the conversation asks the kiosk to do."""

from __future__ import annotations

from dataclasses import dataclass, field

from wire.messages import Ticket


@dataclass(frozen=True, slots=True)
class SubmitCode:
    """Check a reservation in. The same `ask` again is the same question, under the same key."""

    ask: int
    text: str = field(repr=False)
    service: str | None
    language: str | None


@dataclass(frozen=True, slots=True)
class IssueTicket:
    """Take a ticket without a reservation."""

    ask: int
    service: str
    language: str
    priority: str | None


@dataclass(frozen=True, slots=True)
class PrintSlip:
    """Print a ticket's slip; a copy says so on the paper, and so does one that was given without the server."""

    ask: int
    ticket: Ticket
    copy: bool
    language: str
    alone: bool = False


@dataclass(frozen=True, slots=True)
class SayAgain:
    """Read the screen aloud from its beginning."""


@dataclass(frozen=True, slots=True)
class LoadServices:
    """Look up what the branch offers now and how long people wait."""


@dataclass(frozen=True, slots=True)
class Forget:
    """Drop all that is known of the visitor: questions on their way and slips not yet begun.

    The server is told of a question that it has not answered, by the question's key.
    """


Question = SubmitCode | IssueTicket
Effect = Question | PrintSlip | SayAgain | LoadServices | Forget
