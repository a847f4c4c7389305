"""A counter's day in messages: what the fake server answers and the pictures show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from wire.codes import check_digit
from wire.messages import (
    BranchName,
    Child,
    Clerk,
    CounterName,
    CounterSnapshot,
    Device,
    DeviceSettings,
    Figures,
    HallName,
    OutcomeKind,
    ReservationBeside,
    ServiceName,
    Ticket,
    Trouble,
    WaitingTicket,
)
from wire.vocabulary import CounterState, DeviceRole, Outcome, Priority, TicketAction, TicketStatus

NOW = datetime(2026, 11, 24, 9, 18, 41, tzinfo=UTC)
RIGHT_CODE = "48291037" + check_digit("48291037")
WRONG_CODE = "48291036" + check_digit("48291036")
CLERK = Clerk(id=3, login="a.nowak", name="Anna Nowak")
CHECKLIST = ["identity", "payment", "photograph"]
PASSPORT = ServiceName(code="P", name="Paszport – wniosek")
PICK_UP = ServiceName(code="N", name="Odbiór dokumentu")
PERMIT = ServiceName(code="L", name="Pobyt – złożenie wniosku o zezwolenie na pobyt czasowy")
HALL = HallName(code="A", name="Sala A")

CALLED_ACTIONS = [
    TicketAction.RECALL,
    TicketAction.START,
    TicketAction.PUT_BACK,
    TicketAction.PARK,
    TicketAction.NO_SHOW,
    TicketAction.TRANSFER,
    TicketAction.WITHDRAW,
]
SERVING_ACTIONS = [TicketAction.FINISH, TicketAction.PARK, TicketAction.TRANSFER]
ACTIONS = {TicketStatus.CALLED: CALLED_ACTIONS, TicketStatus.SERVING: SERVING_ACTIONS}


def device() -> Device:
    """Make the counter's device as the server describes it."""
    return Device(
        id=7,
        name="Stanowisko 7",
        role=DeviceRole.COUNTER,
        branch=BranchName(code="wroclaw", name="Wrocław", zone="Europe/Warsaw"),
        hall=HALL,
        counter=7,
        settings=DeviceSettings(
            languages=["pl", "en"],
            check_in_lead_minutes=15,
            ask_service_first=False,
            priority_classes=list(Priority),
        ),
        now=NOW,
    )


def beside(verified: bool = False) -> ReservationBeside:
    """Make what stands beside a booked ticket."""
    return ReservationBeside(
        id=11,
        code=RIGHT_CODE,
        applicant="Olena Kovalenko",
        children=[Child(name="Marko", birth_year=2019)],
        confirmation_verified=verified,
    )


def ticket(status: TicketStatus = TicketStatus.CALLED, ticket_id: int = 42, **changes: Any) -> Ticket:
    """Make a booked ticket at the counter."""
    serving = status is TicketStatus.SERVING
    started = NOW - timedelta(minutes=3, seconds=12)
    called = NOW - timedelta(minutes=4) if serving else NOW - timedelta(seconds=41)
    facts: dict[str, Any] = {
        "id": ticket_id,
        "number": f"P{ticket_id:03d}",
        "status": status,
        "service": PASSPORT,
        "language": "uk",
        "issued_at": called - timedelta(minutes=18),
        "queued_at": called - timedelta(minutes=18),
        "appointment_at": datetime(2026, 11, 24, 9, 0, tzinfo=UTC),
        "called_at": called,
        "started_at": started if serving else None,
        "counter": 7,
        "call_count": 1,
        "track_url": "http://127.0.0.1/t/abc",
        "actions": ACTIONS.get(status, []),
        "checklist": CHECKLIST,
        "reservation": beside(),
    }
    return Ticket(**(facts | changes))


def row(ticket_id: int, service: str, waited: int, **changes: Any) -> WaitingTicket:
    """Make a row of a list; `waited` in minutes."""
    facts: dict[str, Any] = {
        "id": ticket_id,
        "number": f"{service}{ticket_id:03d}",
        "service": service,
        "queued_at": NOW - timedelta(minutes=waited),
        "actions": [TicketAction.CALL, TicketAction.WITHDRAW],
    }
    return WaitingTicket(**(facts | changes))


def waiting_rows() -> list[WaitingTicket]:
    """Make the line of the design's picture: booked, walk-in, one who waits too long."""
    ten_past = datetime(2026, 11, 24, 9, 10, tzinfo=UTC)
    return [
        row(43, "P", 21, appointment_at=ten_past),
        row(44, "P", 14, appointment_at=ten_past, priority=Priority.SMALL_CHILDREN),
        row(32, "N", 34),
        row(45, "P", 6, appointment_at=ten_past + timedelta(minutes=10)),
        row(33, "N", 11),
        row(34, "N", 4),
    ]


def snapshot(current: Ticket | None = None, **changes: Any) -> CounterSnapshot:
    """Make the counter's snapshot."""
    gone = [TicketAction.REINSTATE]
    facts: dict[str, Any] = {
        "number": 7,
        "state": CounterState.OPEN,
        "clerk": CLERK,
        "hall": HALL,
        "services": [PASSPORT, PICK_UP],
        "current": current,
        "waiting": waiting_rows(),
        "waiting_total": 9,
        "parked": [row(38, "P", 52, note="dokumenty w tłumaczeniu"), row(30, "N", 26)],
        "no_shows": [row(40, "P", 40, actions=gone)],
        "figures": Figures(
            served=23,
            no_show=2,
            mean_service_seconds=460,
            within_target_share=0.91,
            target_wait_minutes=30,
        ),
        "outcomes": list(Outcome),
        "outcome_kinds": [
            OutcomeKind(code=each, asks_missing=each is Outcome.WITHOUT_DOCUMENTS) for each in Outcome
        ],
        "transfer_services": [PICK_UP, PERMIT],
        "transfer_counters": [
            CounterName(number=5, state=CounterState.OPEN),
            CounterName(number=12, state=CounterState.PAUSED),
        ],
        "troubles": [],
        "as_of": 100,
        "now": NOW,
    }
    return CounterSnapshot(**(facts | changes))


def trouble(part: str = "printer", state: str = "paper_out") -> Trouble:
    """Make a kiosk that needs somebody."""
    return Trouble(
        device="Kiosk 1", role=DeviceRole.KIOSK, part=part, state=state, since=NOW - timedelta(minutes=6)
    )
