"""What a counter asks of a kiosk while the server is away, and what the kiosk tells (ADR 0026)."""

from __future__ import annotations

import hmac
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from wire.messages.offline import Hash
from wire.messages.shapes import CounterNumber, Language, Letter, Message

Number = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}\d{2,4}$")]
Key = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{8,100}$")]
Mac = Hash


class LineWish(StrEnum):
    """What a clerk wants of a kiosk's own line."""

    LOOK = "look"
    CALL_NEXT = "call_next"
    FINISH = "finish"
    NO_SHOW = "no_show"


class LineRefusal(StrEnum):
    """Why a kiosk does not do what a counter wants: the reason of its problem+json.

    `sent`: the server was asked to take that number, so it is not ended here any more.
    """

    NOT_SIGNED = "not_signed"
    TOO_OLD = "too_old"
    NO_LINE = "no_line"
    JOURNAL_FAILED = "journal_failed"
    SENT = "sent"


class LineKey(Message):
    """By what counters and kiosks of one branch know each other on one business day."""

    key: Mac


class LineAsked(Message):
    """A clerk's wish: `at` by the server's clock as the counter knows it, `services` those of the counter.

    The same wish once more has the same `key`. `number` is the one to finish, or that did not come.
    """

    at: AwareDatetime
    key: Key
    counter: CounterNumber
    wish: LineWish
    services: Annotated[list[Letter], Field(max_length=26)]
    number: Number | None = None


class LineNumber(Message):
    """A number of a kiosk's own line: nothing here tells who has it."""

    number: Number
    service: Letter
    language: Language
    at: AwareDatetime
    appointment_at: AwareDatetime | None = None
    called_at: AwareDatetime | None = None


class LineTold(Message):
    """The line for this counter after its wish, in the order of calling; `key` is that of the wish.

    `saves`: whether the kiosk can save calls, told by one that could not since its start.
    """

    key: Key
    kiosk: str
    waiting: list[LineNumber]
    in_hand: LineNumber | None = None
    saves: bool | None = None


class SignedLine(Message):
    """A wish or what was told, as text, and by what it proves where it comes from."""

    body: Annotated[str, StringConstraints(max_length=200_000)]
    signature: Mac


def signed_line(key: str, message: LineAsked | LineTold) -> SignedLine:
    """Write a wish, or an answer to one, under the branch's key."""
    body = message.model_dump_json(exclude_none=True)
    return SignedLine(body=body, signature=_signature(key, type(message), body))


def is_signed(key: str, of: type[LineAsked] | type[LineTold], told: SignedLine) -> bool:
    """Say whether this was written under the key; a wish never passes for an answer."""
    return hmac.compare_digest(_signature(key, of, told.body), told.signature)


def _signature(key: str, of: type[Message], body: str) -> str:
    return hmac.new(bytes.fromhex(key), f"{of.__name__}\n{body}".encode(), "sha256").hexdigest()
