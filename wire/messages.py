"""Requests, answers and snapshots of /api/v1 as pydantic models: the one source of the OpenAPI page."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from wire.vocabulary import (
    CounterState,
    DeviceRole,
    Priority,
    Refusal,
    ReservationStatus,
    TicketAction,
    TicketStatus,
)

Letter = Annotated[str, StringConstraints(pattern=r"^[A-Z]$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Note = Annotated[str, StringConstraints(max_length=200)]
CounterNumber = Annotated[int, Field(ge=1, le=999)]


class Message(BaseModel):
    """What every message has in common: frozen, and nothing that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# --- errors ------------------------------------------------------------------------------------------


class Problem(Message):
    """An error as application/problem+json (RFC 9457); `reason` is the code that programs read."""

    type: str = "about:blank"
    title: str
    status: int
    reason: str
    facts: dict[str, Any] = Field(default_factory=dict)
    request_id: str | None = None


# --- devices -----------------------------------------------------------------------------------------


class EnrolRequest(Message):
    enrolment_code: Annotated[str, StringConstraints(min_length=8, max_length=64)]


class BranchName(Message):
    code: str
    name: str
    zone: str


class HallName(Message):
    code: str
    name: str


class DeviceSettings(Message):
    """What the office rules and a device needs to know; all of it may change without a restart."""

    languages: list[Language]
    check_in_lead_minutes: int
    ask_service_first: bool
    priority_classes: list[Priority]
    help_counter: int | None = None
    portal_url: str | None = None
    notices: dict[Language, str] = Field(default_factory=dict)
    target_wait_minutes: int = 15


class Device(Message):
    id: int
    name: str
    role: DeviceRole
    branch: BranchName
    hall: HallName
    counter: CounterNumber | None = None
    settings: DeviceSettings
    now: AwareDatetime


class EnrolAnswer(Message):
    device: Device
    token: str


class StatusRequest(Message):
    """How a device is, in words of its own rooms (`printer: paper_out`); told again when it changes."""

    printer: Word | None = None
    paper: Word | None = None
    scanner: Word | None = None
    version: Annotated[str, StringConstraints(max_length=40)] | None = None
    clock: AwareDatetime | None = None


class Trouble(Message):
    """A device that needs somebody: shown to the clerks of its hall."""

    device: str
    role: DeviceRole
    part: Word
    state: Word
    since: AwareDatetime


# --- clerks ------------------------------------------------------------------------------------------


class SignInRequest(Message):
    login: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Clerk(Message):
    id: int
    login: str
    name: str


class SignInAnswer(Message):
    token: str
    clerk: Clerk
    counter: CounterNumber
    expires_at: AwareDatetime


# --- tickets -----------------------------------------------------------------------------------------


class ServiceName(Message):
    """A service by its letter and its name in the language of the answer."""

    code: Letter
    name: str
    prepare: str | None = None


class Child(Message):
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    birth_year: Annotated[int, Field(ge=1900, le=2200)]


class ReservationBeside(Message):
    """What the clerk sees of the reservation beside the ticket; never sent to a kiosk, board or phone."""

    id: int
    code: str | None
    applicant: str | None
    children: list[Child]
    confirmation_verified: bool
    checklist: list[str]


class Ticket(Message):
    id: int
    number: str
    status: TicketStatus
    service: ServiceName
    language: Language
    priority: Priority | None = None
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
    track_url: str
    actions: list[TicketAction] = Field(default_factory=list)
    note: str | None = None
    reservation: ReservationBeside | None = None


class TicketAnswer(Message):
    ticket: Ticket


class CheckInRequest(Message):
    code: Annotated[str, StringConstraints(min_length=1, max_length=512)]
    service: Letter | None = None
    language: Language | None = None


class IssueRequest(Message):
    service: Letter
    language: Language | None = None
    priority: Priority | None = None


class IssueAnswer(Message):
    """The answer to a check-in (`repeat`: the same ticket again) and to a walk-in ticket."""

    ticket: Ticket
    repeat: bool = False


class CallNextRequest(Message):
    finish_current: Word | None = None


class CallRequest(Message):
    reason: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None


class FinishRequest(Message):
    outcome: Word


class TransferRequest(Message):
    """To a service or to a counter: exactly one of the two."""

    service: Letter | None = None
    counter: CounterNumber | None = None
    note: Note | None = None


class ParkRequest(Message):
    note: Note | None = None


class NothingMore(Message):
    """The body of an action that needs none."""


class VerifyRequest(Message):
    code: Annotated[str, StringConstraints(min_length=1, max_length=512)]


class VerifyAnswer(Message):
    verified: Literal[True] = True


# --- services and counters ---------------------------------------------------------------------------


class ServiceOffer(Message):
    code: Letter
    names: dict[Language, str]
    walk_in: bool
    refusal: Refusal | None = None
    opens_at: AwareDatetime | None = None
    waiting: int
    wait_minutes: int | None = None


class ServicesAnswer(Message):
    services: list[ServiceOffer]
    now: AwareDatetime


class CounterStateRequest(Message):
    state: CounterState


class WaitingTicket(Message):
    id: int
    number: str
    service: Letter
    appointment_at: AwareDatetime | None = None
    queued_at: AwareDatetime
    priority: Priority | None = None
    note: str | None = None
    actions: list[TicketAction] = Field(default_factory=list)


class Figures(Message):
    """The counter's day so far; seconds and shares are of finished tickets."""

    served: int
    no_show: int
    mean_service_seconds: int | None
    within_target_share: float | None
    target_wait_minutes: int


class CounterName(Message):
    number: CounterNumber
    state: CounterState


class CounterSnapshot(Message):
    """All that a counter's window shows; the stream tells when to look again."""

    number: CounterNumber
    state: CounterState
    clerk: Clerk | None
    hall: HallName
    services: list[ServiceName]
    current: Ticket | None
    waiting: list[WaitingTicket]
    waiting_total: int
    parked: list[WaitingTicket]
    no_shows: list[WaitingTicket]
    figures: Figures
    outcomes: list[Word]
    transfer_services: list[ServiceName]
    transfer_counters: list[CounterName]
    troubles: list[Trouble]
    as_of: int
    now: AwareDatetime


# --- boards and phones -------------------------------------------------------------------------------


class BoardCall(Message):
    id: int
    number: str
    counter: CounterNumber
    called_at: AwareDatetime
    language: Language
    active: bool


class BoardLine(Message):
    service: Letter
    names: dict[Language, str]
    numbers: list[str]
    total: int


class BoardSnapshot(Message):
    """What a hall's board shows: calls newest first, numbers that wait, never a name (rules.md 22)."""

    branch: BranchName
    hall: HallName
    called: list[BoardCall]
    waiting: list[BoardLine]
    notices: dict[Language, str]
    as_of: int
    now: AwareDatetime


class TrackAnswer(Message):
    number: str
    status: TicketStatus
    people_ahead: int | None = None
    expected_from: AwareDatetime | None = None
    expected_until: AwareDatetime | None = None
    counter: CounterNumber | None = None
    as_of: AwareDatetime


# --- facts on the stream -----------------------------------------------------------------------------


class FactData(Message):
    """The `data` of a stream event: ids, numbers and reason codes; `id` and `event` are the SSE fields."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    at: AwareDatetime
    hall: str | None = None
    ticket: int | None = None
    number: str | None = None
    service: Letter | None = None
    counter: CounterNumber | None = None
    call: int | None = None
    language: Language | None = None
    device: int | None = None
    reason: str | None = None


# --- reservations, for integrators -------------------------------------------------------------------


class Applicant(Message):
    name: Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
    birth_date: date | None = None
    document: Annotated[str, StringConstraints(max_length=60)] | None = None
    email: Annotated[str, StringConstraints(max_length=254)] | None = None
    phone: Annotated[str, StringConstraints(max_length=32)] | None = None
    language: Language = "pl"


class ReservationRequest(Message):
    branch: Word
    service: Letter
    appointment_at: AwareDatetime
    applicant: Applicant
    children: Annotated[list[Child], Field(max_length=12)] = Field(default_factory=list)


class ReservationAnswer(Message):
    id: int
    code: str | None
    qr: str | None
    status: ReservationStatus
    service: Letter
    appointment_at: AwareDatetime
    check_in_until: AwareDatetime
