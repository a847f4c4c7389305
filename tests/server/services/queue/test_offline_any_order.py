"""Kiosks alone, cuts, lapses, cancellations and returns in any order: nobody lost, nobody doubled."""

from __future__ import annotations

import itertools
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from server.services.queue import offline
from server.store.tables import OfflineEntry, Reservation, Ticket
from server.workers.sweeper import Sweeper
from tests.server.movable_clock import MovableClock, at
from tests.server.sample_office import Door, SampleOffice, sample_office
from tests.server.services.queue.test_offline_entries import other_kiosk, said, send

LIVING = ("waiting", "called", "serving", "parked")
EXAMPLES = 15
STEPS = 30
WHICH = st.integers(0, 4)


@dataclass
class Alone:
    """A kiosk: what its journal holds and what of it was sent."""

    door: Door
    letter: str
    journal: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    sent: int = 0

    @property
    def waits(self) -> bool:
        return self.sent < len(self.journal)


class AnyOrder(RuleBasedStateMachine):
    """The server's side of it; what is sent twice, late or beside a cancellation is all the same to a kiosk."""

    database: Path

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        file = folder / "numerek.db"
        file.write_bytes(self.database.read_bytes())
        self.clock = MovableClock()
        url = f"sqlite:///{file}"
        self.office: SampleOffice = self.stack.enter_context(sample_office(url, self.clock))
        self.kiosks = [Alone(self.office.kiosk, "X"), Alone(other_kiosk(self.office), "Y")]
        self.keys = itertools.count(1)
        self.visits: list[dict[str, Any]] = []

    def teardown(self) -> None:
        """Let all lines return: then all is sent."""
        try:
            for kiosk in self.kiosks:
                while kiosk.waits:
                    self.send_next(kiosk)
            self.nobody_is_lost_or_doubled()
        finally:
            self.stack.close()

    @rule(minutes=st.integers(1, 20))
    def time_goes_on(self, minutes: int) -> None:
        self.clock.advance(minutes=minutes)

    @rule()
    def the_sweeper_comes_by(self) -> None:
        Sweeper(self.office.store, self.office.runtime.context).look()

    @precondition(lambda self: len(self.visits) < 4)
    @rule(minutes=st.integers(16, 90))
    def somebody_books(self, minutes: int) -> None:
        hour = self.clock.now().replace(second=0) + timedelta(minutes=minutes)
        if hour < at("23:00"):
            self.visits.append(self.office.book("P", hour))

    @precondition(lambda self: bool(self.visits))
    @rule(which=WHICH)
    def somebody_cancels(self, which: int) -> None:
        visit = self.visits[which % len(self.visits)]
        self.office.integrator.delete(f"/reservations/{visit['id']}")

    @rule(which=WHICH, at_kiosk=st.integers(0, 1))
    def a_kiosk_asks_the_server(self, which: int, at_kiosk: int) -> None:
        self.ask(self.kiosks[at_kiosk], self.somebody(which), f"asked-{next(self.keys)}")

    @rule(which=WHICH, at_kiosk=st.integers(0, 1), arrived=st.booleans())
    def the_line_is_cut_in_the_middle_of_a_question(self, which: int, at_kiosk: int, arrived: bool) -> None:
        kiosk, visit, key = self.kiosks[at_kiosk], self.somebody(which), f"asked-{next(self.keys)}"
        if arrived:
            self.ask(kiosk, visit, key)
        self.give_alone(kiosk, visit, key)

    @rule(which=WHICH, at_kiosk=st.integers(0, 1))
    def a_kiosk_gives_a_number_alone(self, which: int, at_kiosk: int) -> None:
        self.give_alone(self.kiosks[at_kiosk], self.somebody(which))

    def somebody(self, which: int) -> dict[str, Any] | None:
        """Choose a booked visitor, or one without a reservation."""
        return [None, *self.visits][which % (len(self.visits) + 1)]

    def ask(self, kiosk: Alone, visit: dict[str, Any] | None, key: str) -> None:
        if visit is None:
            kiosk.door.post("/tickets", {"service": "P"}, key)
        else:
            kiosk.door.post("/check-ins", {"code": visit["code"]}, key)

    def give_alone(self, kiosk: Alone, visit: dict[str, Any] | None, unanswered: str | None = None) -> None:
        ordinal = len(kiosk.journal) + 1
        reservation: int | None = visit["id"] if visit else None
        more: dict[str, Any] = {"letter": kiosk.letter, "unanswered": unanswered}
        entry = said(ordinal, self.clock.now(), reservation, **more)
        kiosk.journal.append((f"journal-{next(self.keys)}", entry))

    @precondition(lambda self: any(each.waits for each in self.kiosks))
    @rule(which=WHICH, times=st.integers(1, 2))
    def a_kiosk_sends(self, which: int, times: int) -> None:
        kiosks = [each for each in self.kiosks if each.waits]
        kiosk = kiosks[which % len(kiosks)]
        key, entry = kiosk.journal[kiosk.sent]
        told = self.send_next(kiosk)
        for _ in range(times - 1):
            assert send(self.office, entry, key, kiosk.door) == told

    @precondition(lambda self: any(each.sent for each in self.kiosks))
    @rule(which=WHICH, at_kiosk=st.integers(0, 1))
    def an_old_entry_comes_again_under_another_key(self, which: int, at_kiosk: int) -> None:
        kiosks = [each for each in self.kiosks if each.sent]
        kiosk = kiosks[at_kiosk % len(kiosks)]
        _, entry = kiosk.journal[which % kiosk.sent]
        before = len(self.office.rows(OfflineEntry))
        send(self.office, entry, None, kiosk.door)
        assert len(self.office.rows(OfflineEntry)) == before

    @rule(ends=st.booleans())
    def a_clerk_calls(self, ends: bool) -> None:
        clerk = self.office.clerk(8)
        answer = clerk.post("/counters/8/call-next")
        if ends and answer.status_code == 200:
            ticket = answer.get_json()["ticket"]["id"]
            clerk.post(f"/tickets/{ticket}/start")
            clerk.post(f"/tickets/{ticket}/finish", {"outcome": "served"})

    def send_next(self, kiosk: Alone) -> dict[str, Any]:
        key, entry = kiosk.journal[kiosk.sent]
        kiosk.sent += 1
        return send(self.office, entry, key, kiosk.door)

    @invariant()
    def nobody_is_lost_or_doubled(self) -> None:
        tickets = {row.id: row for row in self.office.rows(Ticket)}
        entries = self.office.rows(OfflineEntry)
        assert len(entries) == sum(kiosk.sent for kiosk in self.kiosks)
        for entry in entries:
            assert (entry.ticket_id is None) == (entry.conflict is not None)
            if entry.ticket_id is not None:
                assert tickets[entry.ticket_id].number == entry.number
                before = tickets.get(entry.other_ticket_id)
                assert before is None or before.status not in LIVING
        for visit in self.office.rows(Reservation):
            own = [row for row in tickets.values() if row.reservation_id == visit.id]
            assert len(own) == (visit.status == "checked_in")
        # What gave way has no visit any more, and none of these waits.
        orphans = [row for row in tickets.values() if row.appointment_at and row.reservation_id is None]
        assert not [row for row in orphans if row.status in LIVING]
        living = [row.number for row in tickets.values() if row.status in LIVING]
        assert len(living) == len(set(living))


RUN = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def test_any_order_loses_nobody_and_doubles_nobody(migrated_file: Path) -> None:
    AnyOrder.database = migrated_file
    run_state_machine_as_test(AnyOrder, settings=RUN)


@pytest.mark.parametrize("without", ["_give_way", "_is_same"])
def test_the_model_notices_what_it_looks_for(
    migrated_file: Path, monkeypatch: pytest.MonkeyPatch, without: str
) -> None:
    """The control: numbers that do not give way, and entries that are not known again."""
    monkeypatch.setattr(offline, without, lambda *_: None)
    AnyOrder.database = migrated_file
    once = settings(RUN, derandomize=True, max_examples=50, phases=(Phase.generate,))
    with pytest.raises(AssertionError):
        run_state_machine_as_test(AnyOrder, settings=once)
