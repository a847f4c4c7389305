"""What a service rules about its booking on the web, as frozen values (rules 1 to 13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from types import MappingProxyType
from typing import Annotated, Any

from server.domain.messages.wording import KINDS
from server.domain.office.hours import Window
from server.domain.office.reading import (
    WEEKDAYS,
    Clock,
    Flag,
    SettingError,
    Texts,
    day,
    number,
    one_of,
    optional,
    several,
    table,
    text,
    texts,
    window,
    word,
)
from wire.vocabulary import ReleaseMode


@dataclass(frozen=True, slots=True)
class Closure:
    """Days from the first to the last on which nothing can be booked."""

    first: Annotated[date, day]
    last: Annotated[date, day]
    why: Texts = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise SettingError("last", "is before the first day")


def weekday(value: Any) -> int:
    """Read a weekday such as mon: 0 is Monday."""
    if value not in WEEKDAYS:
        raise ValueError(f"one of {', '.join(WEEKDAYS)} is expected")
    return WEEKDAYS.index(value)


@dataclass(frozen=True, slots=True)
class SlotTemplate:
    """Hours of a week that can be booked: every so many minutes of a window, for so many people at once.

    Weekdays are 0 (Monday) to 6. `first` and `last` are the days between which it holds, None is without end.
    """

    days: Annotated[tuple[int, ...], several(weekday)]
    hours: Annotated[Window, window]
    every_minutes: Annotated[int, number(1, 24 * 60)]
    capacity: Annotated[int, number(1, 1_000)] = 1
    first: Annotated[date | None, optional(day)] = None
    last: Annotated[date | None, optional(day)] = None


@dataclass(frozen=True, slots=True)
class Fee:
    """What has to be paid, and how much: `340 zł`."""

    what: Annotated[Mapping[str, str], texts]
    amount: Annotated[str, text]


@dataclass(frozen=True, slots=True)
class Form:
    """A form to fill in before the visit, and where it is."""

    name: Annotated[Mapping[str, str], texts]
    url: Annotated[str, text]


@dataclass(frozen=True, slots=True)
class InformationPolicy:
    """What a service tells before and after booking (rule 3), by language."""

    summary: Texts = field(default_factory=dict)
    documents: Annotated[tuple[Mapping[str, str], ...], several(texts)] = ()
    fees: Annotated[tuple[Fee, ...], several(table(Fee))] = ()
    payment: Texts = field(default_factory=dict)
    photos: Texts = field(default_factory=dict)
    forms: Annotated[tuple[Form, ...], several(table(Form))] = ()
    copies: Texts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """A question of the verification before a visit (rule 12); `choices` are codes with their words.

    `when` is where a date may lie: `past` with today, `future` with today, or `any`.
    """

    key: Annotated[str, word]
    label: Annotated[Mapping[str, str], texts]
    kind: Annotated[str, one_of("text", "date", "choice")] = "text"
    required: Flag = True
    when: Annotated[str, one_of("any", "past", "future")] = "any"
    hint: Texts = field(default_factory=dict)
    choices: Annotated[tuple[Mapping[str, str], ...], several(texts)] = ()


@dataclass(frozen=True, slots=True)
class DrawPolicy:
    """How a service draws its places (rule 10).

    On the weekday at `opens` a window opens for `window_hours`, for the places of the `covers_days` days that
    begin `ahead_days` after it has closed. `public_number` says in words which later number decides
    (None: the office names none, and the secret with the list decides).
    """

    weekday: Annotated[str, one_of(*WEEKDAYS)] = "mon"
    opens: Clock = time(8, 0)
    window_hours: Annotated[int, number(1, 24 * 14)] = 72
    ahead_days: Annotated[int, number(1, 90)] = 7
    covers_days: Annotated[int, number(1, 31)] = 7
    public_number: Texts = field(default_factory=dict)


def delays(value: Any) -> tuple[int, int]:
    """Read the shortest and the longest time in minutes."""
    least, most = several(number(0, 7 * 24 * 60))(value)
    if least > most:
        raise ValueError("two numbers of minutes are expected, the smaller one first")
    return least, most


def message_words(value: Any) -> Mapping[str, Mapping[str, str]]:
    """Read texts by the kind of message and the language."""
    if not isinstance(value, Mapping):
        raise ValueError('words by the kind of message are expected, such as {"confirmation": {"pl": "…"}}')
    unknown = sorted(set(value) - set(KINDS))
    if unknown:
        raise ValueError(f"there is no message {unknown[0]!r}")
    return MappingProxyType({kind: texts(said) for kind, said in value.items()})


@dataclass(frozen=True, slots=True)
class BookingPolicy:
    """How a service is booked on the web; without `slots` it is not.

    Reminders are minutes before the hour. `return_minutes` are the shortest and the longest time after which
    the place of a cancelled visit comes back (rule 11), `hold_return_minutes` those of a hold that was let go
    (rule 6). `holds_let_go` is how many holds a person or an account may let go within a day before the next
    one has to wait. Where at most one place in `few_share` is free, few are left. `admit_per_minute` is how many
    a daily release lets in; `words` are the service's own, added to a kind of message.
    """

    slots: Annotated[tuple[SlotTemplate, ...], several(table(SlotTemplate))] = ()
    horizon_days: Annotated[int, number(1, 366)] = 30
    lead_minutes: Annotated[int, number(0, 60 * 24 * 30)] = 60
    daily_limit: Annotated[int | None, optional(number(1, 100_000))] = None
    account_required: Flag = True
    account_limit: Annotated[int, number(1, 100)] = 3
    one_per_person: Flag = True
    one_per_email: Flag = False
    one_per_phone: Flag = False
    phone_required: Flag = False
    most_children: Annotated[int, number(0, 20)] = 0
    ask_legal_stay: Flag = False
    activation: Annotated[str, one_of("email", "sms", "choice")] = "email"
    hold_minutes: Annotated[int, number(1, 10)] = 10
    contact_corrections: Annotated[int, number(0, 5)] = 2
    hold_return_minutes: Annotated[tuple[int, int], delays] = (1, 5)
    holds_let_go: Annotated[int, number(1, 100)] = 3
    moves: Annotated[int, number(0, 10)] = 1
    return_minutes: Annotated[tuple[int, int], delays] = (10, 180)
    reminders: Annotated[tuple[int, ...], several(number(10, 60 * 24 * 14))] = (1440, 120)
    wishes: Flag = False
    few_share: Annotated[int, number(2, 100)] = 4
    release: Annotated[str, one_of(*ReleaseMode)] = ReleaseMode.OPEN
    release_at: Clock = time(8, 0)
    release_days_ahead: Annotated[int, number(1, 366)] = 14
    admit_per_minute: Annotated[int, number(1, 100_000)] = 60
    draw: Annotated[DrawPolicy, table(DrawPolicy)] = field(default_factory=DrawPolicy)
    questions: Annotated[tuple[Question, ...], several(table(Question))] = ()
    answer_hours: Annotated[int, number(1, 24 * 60)] = 48
    answer_reminder_hours: Annotated[int, number(1, 24 * 60)] = 24
    words: Annotated[Mapping[str, Mapping[str, str]], message_words] = field(default_factory=dict)

    @property
    def is_online(self) -> bool:
        """Say whether the service can be booked on the web."""
        return bool(self.slots)
