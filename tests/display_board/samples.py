"""Snapshots, facts and faces for the board's tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from display_board.views.face import CalledNumber, Face, Row, WaitingRow
from wire.messages import (
    BoardCall,
    BoardLine,
    BoardSnapshot,
    BranchName,
    Device,
    DeviceSettings,
    FactData,
    HallName,
)
from wire.vocabulary import DeviceRole

NINE = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
BRANCH = BranchName(code="wroclaw", name="Urząd Wojewódzki", zone="Europe/Warsaw")
HALL = HallName(code="A", name="Sala A")
DEVICE = Device(
    id=2,
    name="Board",
    role=DeviceRole.BOARD,
    branch=BRANCH,
    hall=HALL,
    settings=DeviceSettings(
        languages=["pl", "en"], check_in_lead_minutes=15, ask_service_first=False, priority_classes=[]
    ),
    now=NINE,
)


def call(number, at=0.0, active=True, counter=7, language="pl"):
    """Make the call with this id; its ticket has the same number; `at` in seconds after nine."""
    return BoardCall(
        id=number,
        number=f"P{number:03}",
        counter=counter,
        called_at=NINE + timedelta(seconds=at),
        language=language,
        active=active,
    )


def snapshot(*called, as_of=0, waiting=(), notices=None, at=0.0, checkpoint=None):
    """Make a snapshot of these calls, newest first."""
    return BoardSnapshot(
        branch=BRANCH,
        hall=HALL,
        called=list(called),
        waiting=[
            BoardLine(service=numbers[0][0], names={}, numbers=numbers, total=total)
            for numbers, total in waiting
        ],
        notices=notices or {},
        checkpoint=checkpoint,
        as_of=as_of,
        now=NINE + timedelta(seconds=at),
    )


def fact(made):
    """Make the fact that tells a call."""
    return FactData(
        at=made.called_at,
        hall="A",
        ticket=made.id,
        number=made.number,
        service="P",
        counter=made.counter,
        call=made.id,
        language=made.language,
    )


NOTICE = "Prosimy przygotować dokument tożsamości, aktualną fotografię i potwierdzenie opłaty."
FULL = Face(
    place="Urząd Wojewódzki · Sala A",
    day="wtorek, 24 listopada",
    hour="10:02",
    called=CalledNumber("P042", "7", "Zapraszamy · Now calling", "stanowisko"),
    number_heading="Numer · Number",
    counter_heading="Stanowisko · Counter",
    rows=tuple(Row(f"L{100 + i}", str(i + 1), i == 0) for i in range(8)),
    waiting_heading="Oczekują · Waiting",
    waiting=(WaitingRow(("P043", "P044", "P045", "P046"), 12), WaitingRow(("L119", "L120"), 2)),
    nobody=("Nikt teraz nie czeka", "Nobody is waiting now"),
    notice=NOTICE,
    checkpoint=("Kod dnia 2026-11-23", "G4HOZ-7NX4L"),
)
EMPTY = Face(
    place=FULL.place,
    rest=("Prosimy czekać na wezwanie numeru", "Please wait until your number is called"),
    number_heading=FULL.number_heading,
    counter_heading=FULL.counter_heading,
    waiting_heading=FULL.waiting_heading,
    nobody=FULL.nobody,
)
CROWDED = Face(
    place="Dolnośląski Urząd Wojewódzki we Wrocławiu · Sala obsługi cudzoziemców A",
    day="poniedziałek, 28 października",
    hour="10:02",
    called=CalledNumber("K1000", "112", "Zapraszamy · Now calling", "stanowisko", "counter", lit=True),
    number_heading=FULL.number_heading,
    counter_heading=FULL.counter_heading,
    rows=tuple(Row(f"K{1000 + i}", str(100 + i), i == 0) for i in range(30)),
    waiting_heading=FULL.waiting_heading,
    waiting=tuple(WaitingRow(tuple(f"{letter}1{i:03}" for i in range(20)), 1200) for letter in "PLOIKWMQ"),
    notice=NOTICE + " " + NOTICE[:65],
    checkpoint=("Kod dnia 2026-11-23", "WWWWW-MMMMM"),
    sign="",
)
OFFLINE = Face(
    place=FULL.place,
    called=FULL.called,
    rows=FULL.rows,
    number_heading=FULL.number_heading,
    counter_heading=FULL.counter_heading,
    checkpoint=FULL.checkpoint,
    sign="Brak połączenia z systemem. Numery mogą być nieaktualne.",
)
