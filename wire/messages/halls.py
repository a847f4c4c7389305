"""What services, counters, boards and phones are shown, and the facts on the stream."""

from __future__ import annotations

from datetime import date

from pydantic import AwareDatetime, ConfigDict, Field

from wire.messages.devices import Clerk, Trouble
from wire.messages.shapes import (
    BranchName,
    CounterNumber,
    HallName,
    Language,
    Letter,
    Message,
    ServiceName,
    Word,
)
from wire.messages.tickets import Ticket
from wire.vocabulary import (
    CounterState,
    Refusal,
    TicketAction,
    TicketStatus,
)


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


class PaperlessCode(Message):
    """The address that a screen shows as a QR for a minute: who opens it takes a ticket without paper."""

    address: str
    shown_from: AwareDatetime
    shown_until: AwareDatetime


class PaperlessAnswer(Message):
    """The code of this minute and of the next; none where the branch gives no tickets without paper."""

    codes: list[PaperlessCode]
    now: AwareDatetime


class CounterStateRequest(Message):
    state: CounterState


class WaitingTicket(Message):
    id: int
    number: str
    service: Letter
    appointment_at: AwareDatetime | None = None
    queued_at: AwareDatetime
    priority: Word | None = None
    note: str | None = None
    not_handed_over: bool = False
    paused_until: AwareDatetime | None = None
    announced: bool = False
    urgent_since: AwareDatetime | None = None
    actions: list[TicketAction] = Field(default_factory=list)


class Figures(Message):
    """The counter's day so far; seconds and shares are of finished tickets."""

    served: int
    no_show: int
    mean_service_seconds: int | None = None
    within_target_share: float | None = None
    target_wait_minutes: int


class CallingOrder(Message):
    """How the branch merges its lanes (rules.md, Who is next), so that a counter can place a newcomer itself."""

    lead_seconds: int
    overdue_seconds: int
    maximum_wait_seconds: int


class CounterName(Message):
    number: CounterNumber
    state: CounterState


class CounterMessage(Message):
    """What a supervisor wrote to a counter, until its clerk has read it."""

    id: int
    text: str
    sent_at: AwareDatetime


class HelpCall(Message):
    """A counter of the hall that calls for help, and who is coming."""

    counter: CounterNumber
    called_at: AwareDatetime
    accepted_by: str | None = None


class OutcomeKind(Message):
    """An outcome that a clerk may choose; without a name in a language the program has its own."""

    code: Word
    names: dict[Language, str] = Field(default_factory=dict)
    asks_missing: bool = False


class CounterSnapshot(Message):
    """All that a counter's window shows; the facts behind `as_of` change it or tell when to look again.

    `finished` is the day's finished tickets, for a supervisor only.
    """

    number: CounterNumber
    state: CounterState
    clerk: Clerk | None = None
    hall: HallName
    services: list[ServiceName]
    current: Ticket | None = None
    waiting: list[WaitingTicket]
    waiting_total: int
    parked: list[WaitingTicket]
    no_shows: list[WaitingTicket]
    finished: list[WaitingTicket] | None = None
    figures: Figures
    outcomes: list[Word]
    outcome_kinds: list[OutcomeKind] = Field(default_factory=list)
    transfer_services: list[ServiceName]
    transfer_counters: list[CounterName]
    troubles: list[Trouble]
    messages: list[CounterMessage] = Field(default_factory=list)
    help: list[HelpCall] = Field(default_factory=list)
    order: CallingOrder | None = None
    as_of: int
    now: AwareDatetime


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


class BoardCheckpoint(Message):
    """The last day whose log was signed, and the short code by which people compare it."""

    day: date
    code: str


class BoardSnapshot(Message):
    """What a hall's board shows: calls newest first, numbers that wait, never a name (rules.md 22)."""

    branch: BranchName
    hall: HallName
    called: list[BoardCall]
    waiting: list[BoardLine]
    notices: dict[Language, str]
    checkpoint: BoardCheckpoint | None = None
    as_of: int
    now: AwareDatetime


class TrackAnswer(Message):
    number: str
    status: TicketStatus
    people_ahead: int | None = None
    expected_from: AwareDatetime | None = None
    expected_until: AwareDatetime | None = None
    not_today: bool = False
    counter: CounterNumber | None = None
    as_of: AwareDatetime


class FactData(Message):
    """The `data` of a stream event: ids, numbers and reason codes; `id` and `event` are the SSE fields.

    `ahead` tells how many stand before a newcomer in their service's line; `lane`, `appointment_at`, `device`,
    `reason` and `offline`, since when a newcomer has a number that a kiosk gave alone, are for counters only.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    at: AwareDatetime
    hall: str | None = None
    ticket: int | None = None
    number: str | None = None
    service: Letter | None = None
    counter: CounterNumber | None = None
    call: int | None = None
    language: Language | None = None
    lane: str | None = None
    appointment_at: AwareDatetime | None = None
    ahead: int | None = None
    device: int | None = None
    reason: str | None = None
    offline: AwareDatetime | None = None
