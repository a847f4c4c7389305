"""What the messages are made of: shapes of text and number, the names of places, and the error."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Letter = Annotated[str, StringConstraints(pattern=r"^[A-Z]$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
# PostgreSQL keeps any text but one with a NUL in it.
KEEPABLE = r"^[^\x00]*$"
Note = Annotated[str, StringConstraints(max_length=200, pattern=KEEPABLE)]
# What is printed, mailed and shown on one line has no control characters, so it cannot end the line either.
ONE_LINE = r"^[^\x00-\x1f\x7f-\x9f]*$"
CounterNumber = Annotated[int, Field(ge=1, le=999)]


class Message(BaseModel):
    """What every message has in common: frozen, and nothing that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Problem(Message):
    """An error as application/problem+json (RFC 9457); `reason` is the code that programs read."""

    type: str = "about:blank"
    title: str
    status: int
    reason: str
    facts: dict[str, Any] = Field(default_factory=dict)
    request_id: str | None = None


class BranchName(Message):
    code: str
    name: str
    zone: str


class HallName(Message):
    code: str
    name: str


class ServiceName(Message):
    """A service by its letter and its name in the language of the answer."""

    code: Letter
    name: str
    prepare: str | None = None


class Child(Message):
    name: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=ONE_LINE)]
    birth_year: Annotated[int, Field(ge=1900, le=2200)]
