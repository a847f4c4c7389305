"""Messages of reservations, for integrators."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from wire.messages.shapes import (
    Child,
    Language,
    Letter,
    Message,
    Word,
)
from wire.vocabulary import (
    ReservationStatus,
)


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
    code: str | None = None
    qr: str | None = None
    status: ReservationStatus
    service: Letter
    appointment_at: AwareDatetime
    check_in_until: AwareDatetime
