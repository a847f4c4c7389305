"""What is kept of a command: nothing that can be guessed from, and its answer even while a device pauses."""

from __future__ import annotations

import hashlib
import json

from server.store.tables import Answer
from tests.server.sample_office import SampleOffice
from wire.codes import check_digit


def test_a_stolen_database_does_not_tell_a_guessed_body(office: SampleOffice) -> None:
    body = {"code": office.book("P", "10:30")["code"]}
    sent = json.dumps(body).encode()
    assert office.kiosk.raw("POST", "/check-ins", sent, Idempotency_Key="k").status_code == 201
    fingerprints = {bytes(row.fingerprint) for row in office.rows(Answer)}
    assert fingerprints
    assert hashlib.sha256(sent).digest() not in fingerprints


def test_a_repeated_check_in_is_answered_while_the_kiosk_pauses(office: SampleOffice) -> None:
    code = office.book("P", "10:30")["code"]
    first = office.kiosk.post("/check-ins", {"code": code}, key="the first")
    other = office.book("P", "10:40")["code"]
    for _ in range(10):
        office.kiosk.post("/check-ins", {"code": _wrong(other)})
    assert office.kiosk.post("/check-ins", {"code": other}).status_code == 429
    again = office.kiosk.post("/check-ins", {"code": code}, key="the first")
    assert (again.status_code, again.data) == (first.status_code, first.data)


def _wrong(code: str) -> str:
    """Change a code into another of good form that nobody has."""
    digits = code[:-1]
    changed = f"{(int(digits) + 1) % 10 ** len(digits):0{len(digits)}d}"
    return changed + check_digit(changed)
