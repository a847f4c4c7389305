"""Messages of checking in, of tickets and of what a clerk does with them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from wire.messages.shapes import (
    Child,
    CounterNumber,
    Language,
    Letter,
    Message,
    Note,
    ServiceName,
    Word,
)
from wire.vocabulary import (
    CallReason,
    Reopening,
    TicketAction,
    TicketStatus,
    Withdrawal,
)


class ReservationBeside(Message):
    """What the clerk sees of the reservation beside the ticket; never sent to a kiosk, board or phone."""

    id: int
    code: str | None = None
    applicant: str | None = None
    children: list[Child]
    confirmation_verified: bool


class Ticket(Message):
    """A ticket; `checklist` and what is `checked` of it are for the clerk who has it in hand."""

    id: int
    number: str
    status: TicketStatus
    service: ServiceName
    language: Language
    priority: Word | None = None
    issued_at: AwareDatetime
    queued_at: AwareDatetime
    appointment_at: AwareDatetime | None = None
    called_at: AwareDatetime | None = None
    started_at: AwareDatetime | None = None
    counter: CounterNumber | None = None
    call_count: int = 0
    people_ahead: int | None = None
    expected_from: AwareDatetime | None = None
    expected_until: AwareDatetime | None = None
    not_today: bool = False
    track_url: str
    actions: list[TicketAction] = Field(default_factory=list)
    note: str | None = None
    announced: bool = False
    checklist: list[str] = Field(default_factory=list)
    checked: list[str] = Field(default_factory=list)
    reservation: ReservationBeside | None = None


class TicketAnswer(Message):
    ticket: Ticket


class CheckInRequest(Message):
    # Its length is a matter of the code's grammar too: `malformed_code`, as for any other wrong text.
    code: str
    service: Letter | None = None
    language: Language | None = None


class IssueRequest(Message):
    service: Letter
    language: Language | None = None
    priority: Word | None = None


class IssueAnswer(Message):
    """The answer to a check-in and to a walk-in ticket.

    `repeat`: the same ticket again; `reinstated`: it missed its call, and waits again now.
    """

    ticket: Ticket
    repeat: bool = False
    reinstated: bool = False


class NotHandedOverRequest(Message):
    """A command for a ticket whose answer nobody saw, by its route and its Idempotency-Key."""

    command: Literal["check-ins", "tickets"]
    key: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class CallNextRequest(Message):
    finish_current: Word | None = None


class CallRequest(Message):
    reason: CallReason | None = None


Documents = Annotated[list[Annotated[str, StringConstraints(max_length=200)]], Field(max_length=20)]


class CheckRequest(Message):
    """All that the clerk has ticked of the service's checklist."""

    checked: Documents


class FinishRequest(Message):
    """How serving ended; `missing` names what of the service's checklist the visitor came without."""

    outcome: Word
    missing: Documents = []


class TransferRequest(Message):
    """To a service or to a counter: exactly one of the two."""

    service: Letter | None = None
    counter: CounterNumber | None = None
    note: Note | None = None


class ParkRequest(Message):
    note: Note | None = None


class WithdrawRequest(Message):
    reason: Literal[
        Withdrawal.VISITOR_LEFT, Withdrawal.TICKET_TWICE, Withdrawal.WRONG_SERVICE, Withdrawal.OTHER
    ] = Withdrawal.VISITOR_LEFT


class ReopenRequest(Message):
    reason: Reopening


class NothingMore(Message):
    """The body of an action that needs none."""


class VerifyRequest(Message):
    code: str


class VerifyAnswer(Message):
    verified: Literal[True] = True
