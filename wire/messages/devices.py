"""Messages of devices and of the clerks who sign in on them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from wire.messages.shapes import (
    KEEPABLE,
    BranchName,
    CounterNumber,
    HallName,
    Language,
    Letter,
    Message,
    Word,
)
from wire.vocabulary import (
    DeviceRole,
    SlipRow,
)

MOST_SHOWN = 50
"""Of so many traced facts a device tells at once when it showed them."""


class Alive(Message):
    """GET /healthz: the server is there."""

    status: str


class EnrolRequest(Message):
    enrolment_code: Annotated[str, StringConstraints(min_length=8, max_length=64)]


class SlipSettings(Message):
    """What the office rules of its slips; `cut` none: as the kiosk's own printer is set."""

    office: dict[Language, str] = Field(default_factory=dict)
    number_size: Literal["small", "usual", "large"] = "usual"
    rows: list[SlipRow] = Field(default_factory=lambda: list(SlipRow))
    hall: bool = True
    service: bool = True
    to_bring: bool = True
    qr: bool = True
    footer: dict[Language, str] = Field(default_factory=dict)
    logo: bool = True
    mark_copies: bool = True
    cut: Literal["full", "part", "none"] | None = None


class PriorityKind(Message):
    """A kind of priority; without a name in a language the program has its own."""

    code: Word
    names: dict[Language, str] = Field(default_factory=dict)


class DeviceSettings(Message):
    """What the office rules and a device needs to know; all of it may change without a restart.

    `priority_classes` may be chosen on the device; `priority_kinds` names these and all that tickets may hold.
    """

    languages: list[Language]
    check_in_lead_minutes: int
    ask_service_first: bool
    priority_classes: list[Word]
    priority_kinds: list[PriorityKind] = Field(default_factory=list)
    help_counter: int | None = None
    portal_url: str | None = None
    notices: dict[Language, str] = Field(default_factory=dict)
    target_wait_minutes: int = 15
    information_service: Letter | None = None
    slip: SlipSettings = Field(default_factory=SlipSettings)
    paperless_tickets: bool = False
    offline_hours: int = 0


class Device(Message):
    """A device and its place; it starts again when `restarts_asked` is another number than before.

    `staff_secret`, in base32 and for kiosks only, makes the codes that open the staff's menu (wire.staff_code).
    `new_rolls` counts for each of its printers the rolls that staff told of.
    """

    id: int
    name: str
    role: DeviceRole
    branch: BranchName
    hall: HallName
    counter: CounterNumber | None = None
    settings: DeviceSettings
    restarts_asked: int = 0
    staff_secret: str | None = None
    new_rolls: list[int] = Field(default_factory=list)
    now: AwareDatetime


class EnrolAnswer(Message):
    device: Device
    token: str


class Supply(Message):
    """The paper of a printer: slips ever printed, and what is left by reckoning, where that is done."""

    slips: Annotated[int, Field(ge=0, le=10**9)] = 0
    metres_left: Annotated[int, Field(ge=0, le=10**4)] | None = None
    slips_left: Annotated[int, Field(ge=0, le=10**7)] | None = None


class StatusRequest(Message):
    """How a device is, in words of its own rooms (`printer: paper_out`); told again when it changes.

    `offline_entries` counts what a kiosk gave alone and the server has not taken yet.
    """

    printer: Word | None = None
    paper: Word | None = None
    roll: Word | None = None
    second_printer: Word | None = None
    second_roll: Word | None = None
    supplies: Annotated[list[Supply], Field(max_length=2)] | None = None
    scanner: Word | None = None
    version: Annotated[str, StringConstraints(max_length=40, pattern=KEEPABLE)] | None = None
    clock: AwareDatetime | None = None
    offline_entries: Annotated[int, Field(ge=0, le=100_000)] | None = None


class StaffMenuRequest(Message):
    """When staff opened the menu of a kiosk, by the server's clock as the kiosk knew it."""

    opened_at: AwareDatetime


Traceparent = Annotated[str, StringConstraints(pattern=r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")]


class Shown(Message):
    """When a traced fact was seen on the screen, by the server's clock as the device knew it."""

    traceparent: Traceparent
    shown_at: AwareDatetime


class ShownRequest(Message):
    """What a device showed of that which came with a `traceparent`."""

    shown: Annotated[list[Shown], Field(min_length=1, max_length=MOST_SHOWN)]


class Trouble(Message):
    """A device that needs somebody: shown to the clerks of its hall."""

    device: str
    role: DeviceRole
    part: Word
    state: Word
    since: AwareDatetime


class SignInRequest(Message):
    login: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=KEEPABLE)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    take_over: bool = False


class Clerk(Message):
    id: int
    login: str
    name: str


class SignInAnswer(Message):
    token: str
    clerk: Clerk
    counter: CounterNumber
    expires_at: AwareDatetime
    not_closed: list[str] = []
