"""Sample values for every screen: a branch like the demo's, its offers, a ticket."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from kiosk.visit.effects import SubmitCode
from kiosk.visit.refusals import PAUSED, WAYS
from kiosk.visit.screens import (
    Checking,
    CodeEntry,
    Facts,
    Help,
    Mistake,
    OtherService,
    OutOfOrder,
    PriorityQuestion,
    Refused,
    Screen,
    SlipState,
    Start,
    StillThere,
    TicketShown,
    WalkInMenu,
    WhichService,
)
from kiosk.visit.surroundings import Manner, Office, Surroundings
from wire.codes import check_digit
from wire.messages import PriorityKind, ServiceName, ServiceOffer, Ticket
from wire.vocabulary import Refusal, TicketStatus, Withdrawal

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
        code="N",
        names={"pl": "Odbiór dokumentu", "en": "Document pick-up"},
        walk_in=True,
        waiting=3,
        wait_minutes=12,
    ),
    ServiceOffer(
        code="T",
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
    priorities=tuple(PriorityKind(code=each) for each in ("pregnancy", "disability", "small_children")),
    help_counter=1,
    information_service="T",
    portal_url="https://wizyty.example.pl/",
)
NOT_TODAY = {"expected_from": None, "expected_until": None, "not_today": True}
PLAIN_OFFICE = Office(help_counter=1, information_service="T")


def around(office: Office = PLAIN_OFFICE) -> Surroundings:
    """Return the surroundings of a kiosk that has loaded its services."""
    return Surroundings(office=office, offers=OFFERS)


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


NOT_KNOWN_ALONE = {"people_ahead": None, "expected_from": None, "expected_until": None, "track_url": ""}
HALL_CODE = "https://wizyty.example.pl/w/1f-1c8a3b2-0123456789abcdefghijkl"


def every_screen(language: str = "pl", office: Office = OFFICE) -> dict[str, Screen]:
    """Return each screen of the conversation as a visitor may see it, by a name for its picture."""
    near = replace(around(office), manner=Manner(language=language), now_s=100.0, touched_s=88.0)
    asked = SubmitCode(1, QR, "N", language)
    booked = ticket(language=language)
    given_alone = booked.model_copy(update=NOT_KNOWN_ALONE)
    shown = TicketShown(near, asked, booked, False, SlipState.PRINTED, 2, 90.0)
    late = Facts(
        appointment_at=NOON + timedelta(minutes=19),
        check_in_from=NOON - timedelta(hours=1),
        check_in_until=NOON + timedelta(minutes=4),
        opens_at=NOON + timedelta(days=1),
        now=NOON + timedelta(minutes=11),
        day=(NOON + timedelta(days=1)).date(),
        branch="Legnica",
        service="P",
        number="P042",
        called_at=NOON - timedelta(minutes=30),
        finished_at=NOON - timedelta(minutes=10),
    )
    screens: dict[str, Screen] = {
        "start": Start(near),
        "start_without_paper": Start(replace(near, hall_code=HALL_CODE)),
        "start_alone": Start(replace(near, alone=True, called=(("NX03", 12), ("PX01", 2)))),
        "code": CodeEntry(near, digits="48291"),
        "code_mistyped": CodeEntry(near, "P", "482910379", Mistake.MISTYPED),
        "code_paused": CodeEntry(replace(near, typing_from_s=150.0)),
        "which_service": WhichService(near),
        "checking": Checking(near, asked, 100.0),
        "other_service": OtherService(near, asked, "P", late.appointment_at),
        "menu": WalkInMenu(near),
        "priority": PriorityQuestion(near, "N"),
        "ticket_printing": replace(shown, slip=SlipState.PRINTING),
        "ticket_printed": shown,
        "ticket_trouble": replace(shown, slip=SlipState.TROUBLE),
        "ticket_printing_again": replace(shown, slip=SlipState.PRINTING_AGAIN),
        "ticket_other_printer": replace(shown, elsewhere=True),
        "ticket_alone": replace(shown, ticket=given_alone, alone=True),
        "ticket_alone_trouble": replace(shown, ticket=given_alone, alone=True, slip=SlipState.TROUBLE),
        "ticket_repeat": replace(shown, repeat=True),
        "ticket_back_in_line": replace(shown, repeat=True, reinstated=True),
        "ticket_called": replace(
            shown, repeat=True, ticket=booked.model_copy(update={"status": TicketStatus.CALLED, "counter": 7})
        ),
        "ticket_walk_in": replace(shown, ticket=ticket("N007", language, booked=False)),
        "ticket_not_today": replace(shown, ticket=booked.model_copy(update=NOT_TODAY)),
        "booking_qr": Refused(near, "too_late", late, shows_booking_qr=True),
        "out_of_order": OutOfOrder(replace(near, reachable=False)),
        "out_of_order_again": OutOfOrder(replace(near, reachable=False), asked),
        "help": Help(near, Start(near)),
        "still_there": StillThere(near, CodeEntry(near), 117.0),
        "still_there_ticket": StillThere(near, shown, 117.0),
    }
    for reason in WAYS:
        paused = replace(near, typing_from_s=near.now_s + 84) if reason == PAUSED else near
        screens[f"refused_{reason}"] = Refused(paused, str(reason), late)
    for why in Withdrawal:
        screens[f"withdrawn_{why}"] = Refused(near, Refusal.TICKET_WITHDRAWN, replace(late, why=why))
    return screens
