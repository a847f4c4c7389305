"""Messages of reservations, for integrators."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from wire.messages.shapes import (
    ONE_LINE,
    Child,
    Language,
    Letter,
    Message,
    Word,
)
from wire.vocabulary import (
    ReservationStatus,
)

Name = Annotated[
    str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True, pattern=ONE_LINE)
]
_EMAIL = r"^[^@\s\x00-\x1f\x7f-\x9f]+@[^@\s\x00-\x1f\x7f-\x9f]+$"


class Applicant(Message):
    name: Name
    birth_date: date | None = None
    document: Annotated[str, StringConstraints(max_length=60, pattern=ONE_LINE)] | None = None
    email: Annotated[str, StringConstraints(max_length=254, pattern=_EMAIL)] | None = None
    phone: Annotated[str, StringConstraints(max_length=32, pattern=r"^[0-9 +()./-]*$")] | None = None
    language: Language = "pl"


class ReservationRequest(Message):
    branch: Word
    service: Letter
    appointment_at: AwareDatetime
    applicant: Applicant
    children: Annotated[list[Child], Field(max_length=12)] = Field(default_factory=list)


class ReservationAnswer(Message):
    id: int
    code: str | None = None
    qr: str | None = None
    status: ReservationStatus
    service: Letter
    appointment_at: AwareDatetime
    check_in_until: AwareDatetime
