"""Messages: frozen, strict about what comes in, and the stream's data open to what is yet to come."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from wire import messages
from wire.messages import CheckInRequest, FactData, Message, Problem, ReservationRequest, TransferRequest


def models() -> list[type[Message]]:
    """List all messages."""
    found = [each for each in vars(messages).values() if isinstance(each, type) and issubclass(each, Message)]
    assert len(found) > 30
    return found


def test_every_message_is_frozen_and_all_but_facts_refuse_what_they_do_not_know() -> None:
    for model in models():
        assert model.model_config["frozen"] is True, model
        assert model.model_config["extra"] == ("ignore" if model is FactData else "forbid"), model


def test_a_fact_of_a_newer_server_is_still_read() -> None:
    fact = FactData.model_validate_json('{"at": "2026-11-23T09:00:00Z", "number": "P001", "mood": "fine"}')
    assert fact.number == "P001"


@pytest.mark.parametrize(
    "text",
    ["2026-11-23T12:00:00", "2026-11-23", "12:00", "", "yesterday"],
)
def test_an_instant_has_an_offset(text: str) -> None:
    wish: dict[str, Any] = {"branch": "wroclaw", "service": "P", "applicant": {"name": "A"}}
    ReservationRequest.model_validate(wish | {"appointment_at": "2026-11-23T12:00:00+01:00"})
    with pytest.raises(ValidationError):
        ReservationRequest.model_validate_json(json.dumps(wish | {"appointment_at": text}))


@pytest.mark.parametrize("service", ["p", "PP", "", "1", "Ż", "P\n"])
def test_a_service_is_one_capital_letter(service: str) -> None:
    with pytest.raises(ValidationError):
        CheckInRequest(code="482910378", service=service)


@pytest.mark.parametrize("note", ["a\x00b", "x" * 201])
def test_a_note_is_short_and_can_be_kept(note: str) -> None:
    assert TransferRequest(counter=7, note="line one\nline two — ż").note
    with pytest.raises(ValidationError):
        TransferRequest(counter=7, note=note)


def test_a_problem_says_what_programs_read() -> None:
    said = json.loads(Problem(title="T", status=409, reason="too_late").model_dump_json(exclude_none=True))
    assert said == {"type": "about:blank", "title": "T", "status": 409, "reason": "too_late", "facts": {}}
