"""What use cases and pages need of the outside world as they see it; `server.adapters` has each, with a dummy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Protocol

from server.domain.messages.wording import Wording
from server.domain.queue.what_if_answer import Answer
from server.domain.queue.what_if_day import Changes, Day
from wire.vocabulary import MessageKind


class NotDelivered(Exception):
    """A message could not be handed over. `retry`: later it may; else it never will.

    `unclear`: it may have been taken all the same, so it is not sent blindly again.
    """

    def __init__(self, problem: str, *, retry: bool, unclear: bool = False) -> None:
        super().__init__(problem)
        self.problem = problem
        self.retry = retry
        self.unclear = unclear


class NotWritten(Exception):
    """A document could not be written now; later it may. Its text is `busy`, `too_slow` or `broken`."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a letter."""

    name: str
    kind: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter ready to be sent; `key` is the same at every try."""

    key: str
    to: str
    language: str
    subject: str
    text: str
    html: str
    reply_to: str | None = None
    attachments: tuple[Attachment, ...] = ()


_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Visit:
    """A reservation as its owner may read it, with all that a page or a paper tells of it; instants in UTC.

    `told_at` is when this was read, `email` the branch's address; `forms` are names with addresses, `fees` what
    with how much.
    """

    reservation_id: int
    status: str
    code: str | None
    qr: str | None
    service: str
    service_name: str
    branch: str
    branch_name: str
    address: str | None
    map_url: str | None
    phone: str | None
    hall: str | None
    zone: str
    appointment_at: datetime
    check_in_until: datetime
    applicant: str | None
    children: tuple[tuple[str, int], ...]
    prepare: str | None
    documents: tuple[str, ...]
    url: str
    legal_stay_until: date | None = None
    legal_stay: str | None = None
    booked_at: datetime = _NEVER
    told_at: datetime = _NEVER
    moves: int = 0
    email: str | None = None
    copies: str | None = None
    photos: str | None = None
    forms: tuple[tuple[str, str], ...] = ()
    fees: tuple[tuple[str, str], ...] = ()
    payment: str | None = None


@dataclass(frozen=True, slots=True)
class MessageContent:
    """All that a message may say.

    `values` are for its reader alone, `facts` are ids and codes, as they were put into the outbox; `words` are
    the service's own, added to this kind of message, `wording` is the branch's own in place of the product's;
    hours are shown in `zone`; `until` ends what the message asks for. `service_name` is there for a message
    about a service, with or without a visit; `branch_name` is the service's branch, else the office's first;
    `email` is where answers go, and `sms_name` the office in a text message. `verbatim` stands in a letter as it
    is, sign by sign.
    """

    kind: MessageKind
    language: str
    public_url: str
    zone: str
    values: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    visit: Visit | None = None
    words: str | None = None
    wording: Wording | None = None
    service_name: str | None = None
    branch_name: str | None = None
    phone: str | None = None
    email: str | None = None
    address: str | None = None
    sms_name: str | None = None
    until: datetime | None = None
    verbatim: str | None = None


class Mailer(Protocol):
    """Sends letters. Raises NotDelivered. `close` lets go of what was kept open for the next one."""

    def send(self, letter: Letter) -> None: ...

    def close(self) -> None: ...


class Texter(Protocol):
    """Sends text messages to phones; `key` is the same at every try. Raises NotDelivered."""

    def send(self, to: str, text: str, key: str) -> None: ...


class WebhookLine(Protocol):
    """Posts a message to an address; returns the status of the answer. Raises NotDelivered."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int: ...


class Papers(Protocol):
    """Writes documents; takes long, so never inside a transaction. PDFs raise NotWritten."""

    def confirmation_pdf(self, visit: Visit, language: str) -> bytes: ...

    def confirmation_ics(self, visit: Visit, language: str) -> bytes: ...

    def page_pdf(self, title: str, html: str, language: str) -> bytes: ...


@dataclass(frozen=True, slots=True)
class PlotMark:
    """A bar or a cell of a plot: its name (and its row in a grid), and what it is compared with."""

    name: str
    value: float | None
    row: str = ""
    other: float | None = None
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot: `bars`, `lying_bars`, a `grid`, `lines` or `narrow_lines` (one a row).

    `names` and `values` title its axes. `line_after` is the place of the bar at whose end a dashed line stands
    with `line_text`; marks that are `apart` have another shade.
    """

    kind: str
    marks: tuple[PlotMark, ...]
    names: str = ""
    values: str = ""
    dark: bool = False
    line_after: int | None = None
    line_text: str = ""


class Plots(Protocol):
    """Draws plots as SVG. Raises NotWritten."""

    def svg(self, plot: Plot) -> bytes: ...


class Simulations(Protocol):
    """Plays past days with and without changes, beside the server. Raises NotWritten."""

    def answer(self, asked: Sequence[tuple[Day, Changes]]) -> Answer: ...


class Countries(Protocol):
    """Tells the country of an address as two letters, None when nobody knows; `as_of` is the age of the data."""

    def of(self, address: str) -> str | None: ...

    @property
    def as_of(self) -> date | None: ...


class Challenges(Protocol):
    """Makes a puzzle that costs a machine some work, and checks its solution, each once."""

    def new(self, now: datetime) -> Mapping[str, Any]: ...

    def solved(self, payload: str, now: datetime) -> bool: ...


@dataclass(frozen=True, slots=True)
class Outside:
    """All of the outside world; what is None is not set up."""

    papers: Papers
    countries: Countries
    challenges: Challenges
    mailer: Mailer | None = None
    texter: Texter | None = None
    plots: Plots | None = None
    simulations: Simulations | None = None
    webhooks: WebhookLine | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
