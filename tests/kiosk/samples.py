"""Sample values for the kiosk's tests: a branch like the seed's, its offers, a ticket."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from kiosk.visit.surroundings import Around, Office
from wire.codes import check_digit
from wire.messages import ServiceName, ServiceOffer, Ticket
from wire.vocabulary import Priority, Refusal, TicketStatus

NOON = datetime(2026, 11, 24, 8, 41, tzinfo=UTC)
CODE = "48291037" + check_digit("48291037")
QR = "NQ1:" + "ABCDEFGH" * 4
OTHER_QR = "NQ1:" + "HGFEDCBA" * 4

OFFERS = (
    ServiceOffer(
        code="P",
        names={"pl": "Paszport – wniosek", "en": "Passport – application"},
        walk_in=False,
        refusal=Refusal.NOT_OFFERED,
        waiting=4,
    ),
    ServiceOffer(
        code="O",
        names={"pl": "Odbiór dokumentu", "en": "Document pick-up"},
        walk_in=True,
        waiting=3,
        wait_minutes=12,
    ),
    ServiceOffer(
        code="I",
        names={"pl": "Informacja", "en": "Information"},
        walk_in=True,
        waiting=0,
        wait_minutes=2,
    ),
    ServiceOffer(
        code="L",
        names={"pl": "Karta pobytu – wniosek", "en": "Residence permit – application"},
        walk_in=False,
        refusal=Refusal.CLOSED,
        opens_at=NOON + timedelta(days=1),
        waiting=0,
    ),
)

OFFICE = Office(
    languages=("pl", "en"),
    priority_classes=(Priority.PREGNANCY, Priority.DISABILITY, Priority.SMALL_CHILDREN),
    help_counter=1,
    portal_url="https://wizyty.example.pl/",
)
PLAIN_OFFICE = Office(help_counter=1)


def around(office: Office = PLAIN_OFFICE) -> Around:
    """Return the surroundings of a kiosk that has loaded its services."""
    return Around(office=office, offers=OFFERS)


def ticket(number: str = "P042", language: str = "pl", booked: bool = True) -> Ticket:
    """Return a ticket as the server gives it to a kiosk."""
    return Ticket(
        id=42,
        number=number,
        status=TicketStatus.WAITING,
        service=ServiceName(
            code=number[0],
            name="Paszport – wniosek" if language == "pl" else "Passport – application",
            prepare="dokument tożsamości, fotografia, potwierdzenie opłaty"
            if language == "pl"
            else "identity document, photograph, proof of payment",
        ),
        language=language,
        issued_at=NOON,
        queued_at=NOON,
        appointment_at=NOON + timedelta(minutes=19) if booked else None,
        people_ahead=3,
        expected_from=NOON + timedelta(minutes=19),
        expected_until=NOON + timedelta(minutes=24),
        track_url="https://wizyty.example.pl/t/7Q2M4ZK1B8XW3VN6",
    )
