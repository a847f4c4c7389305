"""Services that tell all that a service can tell."""

from __future__ import annotations

from typing import Any

from tests.server.sample_office import SampleOffice

INFORMATION: dict[str, Any] = {
    "summary": {"pl": "Wniosek o paszport", "en": "Apply for a passport"},
    "documents": [{"pl": "dowód osobisty", "en": "identity card"}, {"pl": "stary paszport"}],
    "fees": [{"what": {"en": "Passport", "pl": "Paszport"}, "amount": "140 zł"}],
    "payment": {"en": "By bank transfer"},
    "photos": {"en": "One photograph, 35 × 45 mm"},
    "forms": [
        {"name": {"en": "Consent of the parents"}, "url": "https://example.org/consent.pdf"},
        {"name": {"en": "Paper form"}, "url": "at the desk"},
    ],
    "copies": {"en": "Every page of the passport"},
}
EVERY_DAY = [
    {"days": ["mon", "tue", "wed", "thu", "fri"], "hours": "08:00-15:00", "every_minutes": 30, "capacity": 2}
]


def tell_everything(office: SampleOffice) -> None:
    """Give the office an address, and its services what there is to tell."""
    office.set_policy(
        address={"pl": "plac Powstańców 1", "en": "1 Powstańców Square"},
        map_url="https://maps.example.org/?q=1",
        phone="+48 71 340 60 00",
        email="visits@example.org",
        opening_hours={"mon": ["08:00-12:00", "13:00-15:30"], "tue": ["08:00-15:30"]},
    )
    office.set_policy(
        "P", information=INFORMATION, booking={"slots": EVERY_DAY}, prepare={"en": "your passport"}
    )
    office.set_policy("L", booking={"slots": EVERY_DAY, "release": "daily", "release_at": "09:00"})
    office.set_policy("K", booking={"slots": EVERY_DAY, "release": "draw"})
