"""A visit and what messages tell of it, for the tests of letters, papers and lines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from server.services.ports import MessageContent, Visit
from wire.vocabulary import MessageKind

TEN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
VISIT = Visit(
    reservation_id=17,
    status="booked",
    code="482 910 378",
    qr="NQ1:" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
    service="P",
    service_name="Paszport – wniosek",
    branch="wroclaw",
    branch_name="Urząd Wojewódzki",
    address="pl. Powstańców Warszawy 1\n50-153 Wrocław",
    map_url="https://maps.example.org/?q=51.1,17.0",
    phone="71 340 69 27",
    hall="Sala A",
    zone="Europe/Warsaw",
    appointment_at=TEN,
    check_in_until=TEN - timedelta(minutes=15),
    applicant="Ганна Łucja Żółć-Nowak",
    children=(("Ола", 2019),),
    prepare="dokument tożsamości, fotografię",
    documents=("Dokument tożsamości", "Aktualna fotografia 35 × 45 mm", "Potwierdzenie opłaty 140 zł"),
    url="https://numerek.test/pl/reservations/17",
    booked_at=TEN - timedelta(days=9),
    told_at=TEN - timedelta(days=8),
)
ACCOUNT_URL = "https://numerek.test/pl/account/confirm/abc.def"


def told(kind: MessageKind, language: str = "pl", **more: Any) -> MessageContent:
    """Write what a message of a kind tells."""
    url = f"https://numerek.test/{language}/questions/{'t' * 32}"
    known: dict[str, Any] = {
        "kind": kind,
        "language": language,
        "public_url": "https://numerek.test",
        "zone": "Europe/Warsaw",
        "values": {"url": url, "code": "482910", "title": "Paszport"},
        "facts": {
            "draw": "d-2026-48",
            "line": "7K3-M2P",
            "closes_at": TEN.isoformat(),
            "secret_hash": "0a" * 32,
            "place": 431,
            "applications": 1204,
            "branch": "wroclaw",
            "month": "2026-10",
            "day": "2026-11-22",
        },
        "verbatim": "numerek.test/wroclaw\n7\nAAAA\n\n\u2014 numerek.test/wroclaw BBBB\n",
        "visit": VISIT,
        "service_name": "Paszport – wniosek",
        "branch_name": "Urząd Wojewódzki",
        "phone": "71 340 69 27",
        "until": TEN - timedelta(days=1),
    }
    return MessageContent(**(known | more))


def visit(**more: Any) -> Visit:
    """Change the visit."""
    return replace(VISIT, **more)
