"""Kiosks alone, cuts, lapses, cancellations and returns in any order: nobody lost, nobody doubled."""

from __future__ import annotations

import itertools
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from server.store.tables import OfflineEntry, Reservation, Ticket
from server.workers.sweeper import Sweeper
from tests.server.movable_clock import MovableClock, at
from tests.server.sample_office import Door, SampleOffice, sample_office
from tests.server.services.queue.test_offline_entries import other_kiosk, said, send

LIVING = ("waiting", "called", "serving", "parked")
EXAMPLES = 15
STEPS = 30


@dataclass
class Alone:
    """A kiosk: what its journal holds, what of it was sent, and the questions that nobody answered."""

    door: Door
    letter: str
    journal: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    sent: int = 0
    lost: dict[int | None, str] = field(default_factory=dict)

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
    @rule(data=st.data())
    def somebody_cancels(self, data: st.DataObject) -> None:
        visit = data.draw(st.sampled_from(self.visits))
        self.office.integrator.delete(f"/reservations/{visit['id']}")

    @rule(data=st.data(), which=st.integers(0, 1), answered=st.booleans())
    def a_kiosk_asks_the_server(self, data: st.DataObject, which: int, answered: bool) -> None:
        kiosk, key = self.kiosks[which], f"asked-{next(self.keys)}"
        visit = data.draw(st.sampled_from([None, *self.visits]))
        if visit is None:
            kiosk.door.post("/tickets", {"service": "P"}, key)
        else:
            kiosk.door.post("/check-ins", {"code": visit["code"]}, key)
        if not answered:
            kiosk.lost[visit and visit["id"]] = key

    @rule(data=st.data(), which=st.integers(0, 1))
    def a_kiosk_gives_a_number_alone(self, data: st.DataObject, which: int) -> None:
        kiosk = self.kiosks[which]
        visit = data.draw(st.sampled_from([None, *self.visits]))
        reservation = visit and visit["id"]
        more = {"unanswered": kiosk.lost.pop(reservation, None)}
        entry = said(len(kiosk.journal) + 1, self.clock.now(), reservation, letter=kiosk.letter, **more)
        kiosk.journal.append((f"journal-{next(self.keys)}", entry))

    @precondition(lambda self: any(each.waits for each in self.kiosks))
    @rule(data=st.data(), times=st.integers(1, 2))
    def a_kiosk_sends(self, data: st.DataObject, times: int) -> None:
        kiosk = data.draw(st.sampled_from([each for each in self.kiosks if each.waits]))
        key, entry = kiosk.journal[kiosk.sent]
        told = self.send_next(kiosk)
        for _ in range(times - 1):
            assert send(self.office, entry, key, kiosk.door) == told

    @precondition(lambda self: any(each.sent for each in self.kiosks))
    @rule(data=st.data())
    def an_old_entry_comes_again_under_another_key(self, data: st.DataObject) -> None:
        kiosk = data.draw(st.sampled_from([each for each in self.kiosks if each.sent]))
        _, entry = data.draw(st.sampled_from(kiosk.journal[: kiosk.sent]))
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


def test_any_order_loses_nobody_and_doubles_nobody(migrated_file: Path) -> None:
    AnyOrder.database = migrated_file
    run_state_machine_as_test(
        AnyOrder,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
