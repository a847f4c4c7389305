"""What the window shows as plain values: sentences, hours and colours' names, ready for the views."""

from __future__ import annotations

from dataclasses import dataclass

from counter_client.state import Key, Panel


@dataclass(frozen=True, slots=True)
class Header:
    place: str
    link: str
    is_linked: bool
    clerk: str
    pause: str
    can_close: bool
    can_sign_out: bool


@dataclass(frozen=True, slots=True)
class Pill:
    """The state of the counter in one word and its running time; `tone` is called, serving, paused, free."""

    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class VerifyLine:
    """The confirmation: `state` is ask, busy, mismatch, malformed or verified; `text` says it in words."""

    state: str
    text: str


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A line of the checklist: its word, what it says, and whether it is ticked."""

    item: str
    text: str
    is_ticked: bool


@dataclass(frozen=True, slots=True)
class TicketFace:
    """The card: a ticket in hand, or what is to be done without one (`is_number` false)."""

    caption: str
    headline: str
    is_number: bool
    pill: Pill
    waited: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    note: str = ""
    verify: VerifyLine | None = None
    checklist: tuple[CheckLine, ...] = ()
    hint: str = ""
    ticket: int | None = None


@dataclass(frozen=True, slots=True)
class Button:
    key: Key
    label: str
    short: str
    shortcut: str
    is_enabled: bool


@dataclass(frozen=True, slots=True)
class Row:
    id: int
    number: str
    detail: str
    extra: str
    wait: str
    late: str


@dataclass(frozen=True, slots=True)
class ListFace:
    tabs: tuple[tuple[Panel, str], ...]
    panel: Panel
    rows: tuple[Row, ...]
    empty: str
    more: str
    hint: str


@dataclass(frozen=True, slots=True)
class DialogFace:
    """A question: lines with their keys; `number` is an issued ticket's, `note` the hint of a text field.

    `picked` tells the places of the lines that are on, where several can be: Enter then takes the last line.
    """

    title: str
    hint: str
    lines: tuple[tuple[str, str], ...]
    foot: str
    number: str = ""
    note: str | None = None
    is_choice: bool = True
    picked: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class SignInFace:
    title: str
    place: str
    login: str
    password: str
    enter: str
    said: str
    hint: str
    other_language: str
    can_enter: bool


@dataclass(frozen=True, slots=True)
class WindowFace:
    """All of it; `sign_in` is None while a clerk is at work."""

    header: Header
    sign_in: SignInFace | None
    ticket: TicketFace
    buttons: tuple[Button, ...]
    list: ListFace
    today: tuple[tuple[str, str], ...]
    dialog: DialogFace | None
    trouble: str
    attention: str
    said: str
    tone: str
    waiting: str
    words: dict[str, str]
