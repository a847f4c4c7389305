"""Two kiosks and a server, cuts, lapses, cancellations, returns in any order: nothing is lost or doubled."""

from __future__ import annotations

import itertools
import tempfile
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from kiosk.alone.desk import Desk
from kiosk.alone.journal import Journal, Journalled
from kiosk.visit.effects import IssueTicket, Question, SubmitCode
from kiosk.visit.events import Answered, Unreachable
from server.store.migrate import upgrade
from server.store.tables import Call, Counter, OfflineEntry, Ticket
from server.workers.sweeper import Sweeper
from tests.examples import examples
from tests.kiosk.alone.counter import asked, tells
from tests.kiosk.alone.hall import AloneKiosk
from tests.server.movable_clock import MovableClock
from tests.server.sample_office import SampleOffice, sample_office
from tests.server.services.queue.test_offline_entries import other_kiosk
from wire.messages import LineWish
from wire.vocabulary import Conflict

LINE_COUNTER = 7
LIVING = ("waiting", "called", "serving", "parked")
KIOSKS, FAULTS = st.integers(0, 1), st.sampled_from(["", "", "lost", "late"])


@dataclass(frozen=True)
class Paper:
    """A number in somebody's hand; `holder` is their reservation, or a word of its own for a walk-in."""

    number: str
    holder: int | str
    alone: bool


class AnyOrder(RuleBasedStateMachine):
    """What the hall's people see is written down, and compared with the server when all lines are back."""

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
        self.asks, self.papers, self.visits = itertools.count(1), list[Paper](), list[dict[str, Any]]()
        self.cancelled, self.left_without = set[int](), set[int | str]()
        self.called, self.ended = set[str](), set[str]()
        for minutes in (30, 45):
            self.somebody_books_in(minutes)
        doors = (self.office.kiosk, other_kiosk(self.office))
        self.kiosks = [
            AloneKiosk(self.office, door, folder / name) for door, name in zip(doors, "AB", strict=True)
        ]

    def somebody_books_in(self, minutes: int) -> None:
        """Book a visit."""
        hour = self.clock.now().replace(second=0) + timedelta(minutes=minutes)
        self.visits.append(self.office.book("P", hour))

    @rule(minutes=st.integers(1, 20))
    def time_goes_on(self, minutes: int) -> None:
        self.clock.advance(minutes=minutes)

    @rule()
    def the_sweeper_comes_by(self) -> None:
        Sweeper(self.office.store, self.office.runtime.context).look()

    @precondition(lambda self: len(self.visits) < 4)
    @rule(minutes=st.integers(16, 90))
    def somebody_books(self, minutes: int) -> None:
        self.somebody_books_in(minutes)

    @rule(data=st.data())
    def somebody_cancels(self, data: st.DataObject) -> None:
        visit = data.draw(st.sampled_from(self.visits))
        if self.office.integrator.delete(f"/reservations/{visit['id']}").status_code < 300:
            self.cancelled.add(visit["id"])

    @precondition(lambda self: any(not kiosk.line.is_cut for kiosk in self.kiosks))
    @rule(data=st.data())
    def a_line_is_cut(self, data: st.DataObject) -> None:
        up = [kiosk for kiosk in self.kiosks if not kiosk.line.is_cut]
        data.draw(st.sampled_from(up)).line.is_cut = True

    @precondition(lambda self: any(kiosk.line.is_cut for kiosk in self.kiosks))
    @rule(data=st.data())
    def a_line_comes_back(self, data: st.DataObject) -> None:
        kiosk = data.draw(st.sampled_from([kiosk for kiosk in self.kiosks if kiosk.line.is_cut]))
        kiosk.line.is_cut = False
        kiosk.standby.is_back()

    @rule(which=KIOSKS, data=st.data(), fault=FAULTS)
    def somebody_shows_a_code(self, which: int, data: st.DataObject, fault: str) -> None:
        visit = data.draw(st.sampled_from(self.visits))
        self.somebody_asks(which, SubmitCode(next(self.asks), visit["code"], None, None), visit["id"], fault)

    @rule(which=KIOSKS, fault=FAULTS)
    def somebody_takes_a_ticket(self, which: int, fault: str) -> None:
        ask = next(self.asks)
        self.somebody_asks(which, IssueTicket(ask, "N", "pl", None), f"walk-in {ask}", fault)

    def somebody_asks(self, which: int, question: Question, holder: int | str, fault: str) -> None:
        """Ask, and take the paper that comes."""
        told = self.kiosks[which].asks(question, fault)
        if isinstance(told, Answered):
            self.papers.append(Paper(told.ticket.number, holder, told.alone))
        elif fault or isinstance(told, Unreachable):
            self.left_without.add(holder)

    @rule(which=KIOSKS)
    def a_kiosk_starts_anew(self, which: int) -> None:
        self.kiosks[which].start()

    @rule(which=KIOSKS)
    def a_kiosk_takes_a_list(self, which: int) -> None:
        self.kiosks[which].takes_a_list()

    @rule(which=KIOSKS)
    def a_kiosk_sends(self, which: int) -> None:
        self.kiosks[which].sends()

    @precondition(lambda self: any(kiosk.line.late for kiosk in self.kiosks))
    @rule()
    def a_late_question_arrives(self) -> None:
        line = next(kiosk.line for kiosk in self.kiosks if kiosk.line.late)
        line.deliver(line.late.pop(0))

    @rule(ends=st.booleans())
    def a_clerk_calls(self, ends: bool) -> None:
        clerk = self.office.clerk(8)
        answer = clerk.post("/counters/8/call-next")
        if ends and answer.status_code == 200:
            ticket = answer.get_json()["ticket"]["id"]
            clerk.post(f"/tickets/{ticket}/start")
            clerk.post(f"/tickets/{ticket}/finish", {"outcome": "served"})

    @rule(which=KIOSKS, ends=st.booleans(), is_asked_again=st.booleans())
    def a_clerk_calls_from_a_kiosks_line(self, which: int, ends: bool, is_asked_again: bool) -> None:
        standby = self.kiosks[which].standby
        if standby.desk.listed is None:
            return
        wish = asked(standby, LINE_COUNTER, LineWish.CALL_NEXT)
        told = tells(standby, wish)
        if is_asked_again:
            assert tells(standby, wish) == told
        if told.in_hand is None:
            return
        number = told.in_hand.number
        self.called.add(number)
        if (
            ends
            and tells(standby, asked(standby, LINE_COUNTER, LineWish.FINISH, number=number)).in_hand is None
        ):
            self.ended.add(number)

    @rule(which=KIOSKS)
    def an_entrys_answer_is_lost(self, which: int) -> None:
        line = self.kiosks[which].line
        line.loses_entry = True
        self.kiosks[which].sends()
        line.loses_entry = False

    def teardown(self) -> None:
        """Let all lines come back and all questions arrive: then nothing is lost, and nothing doubled."""
        try:
            for kiosk in self.kiosks:
                kiosk.line.is_cut = False
                for request in kiosk.line.late:
                    kiosk.line.deliver(request)
                kiosk.takes_a_list()  # as each minute: nothing else has to let it send
                assert kiosk.standby.unsent == 0
            self.check()
        finally:
            for kiosk in self.kiosks:
                kiosk.close()
            self.stack.close()

    def check(self) -> None:
        """Compare what people have in hand with what the server knows."""
        tickets, entries = self.office.rows(Ticket), self.office.rows(OfflineEntry)
        conflicts = [each for each in entries if each.conflict is not None]
        holders: dict[str, set[int | str]] = defaultdict(set)
        numbers: dict[int | str, set[str]] = defaultdict(set)
        for paper in self.papers:
            holders[paper.number].add(paper.holder)
            numbers[paper.holder].add(paper.number)
        assert all(len(each) == 1 for each in holders.values()), "no number is in two hands"
        known = {each.number for each in tickets} | {each.number for each in conflicts}
        assert {each.number for each in self.papers} <= known, "no number is lost"
        assert {each.number for each in self.papers if each.alone} <= {each.number for each in entries}
        series: dict[str, list[int]] = defaultdict(list)
        for each in entries:
            series[each.series].append(each.ordinal)
        assert all(sorted(each) == list(range(1, len(each) + 1)) for each in series.values()), "no gaps"
        # Also where one gave way to the other: a kiosk alone can show a number from its list that is no more.
        noticed = {each.reservation_id for each in entries if each.conflict or each.other_ticket_id}
        for visit in self.visits:
            living = [t for t in tickets if t.reservation_id == visit["id"] and t.status in LIVING]
            assert len(living) <= 1, "one visit, one place in line"
            assert len(numbers[visit["id"]]) < 2 or visit["id"] in noticed, "two numbers are noticed"
        orphans = [t for t in tickets if t.appointment_at and t.reservation_id is None]
        assert not [t for t in orphans if t.status in LIVING], "who gave way waits no more"
        self.check_calls(tickets, {each.number for each in conflicts})
        for each in conflicts:
            other = next((t.status for t in tickets if t.id == each.other_ticket_id), "")
            self.explain(each, numbers, is_served=other in ("serving", "finished"))

    def check_calls(self, tickets: list[Ticket], in_conflict: set[str]) -> None:
        """Compare who was called at the kiosks' own lines with what the server knows of calls."""
        calls: dict[int, list[int]] = defaultdict(list)
        for call in self.office.rows(Call):
            calls[call.ticket_id].append(call.counter_id)
        here = self.office.one(Counter, Counter.number == LINE_COUNTER, Counter.branch_id == 1).id
        for each in tickets:
            own = calls[each.id].count(here)
            assert own == (each.number in self.called), "who was called was called here, once"
            assert len(calls[each.id]) <= 1, "nobody is called twice"
            if each.number in self.ended:
                assert each.status == "finished"
            elif each.number in self.called:
                assert each.status in ("called", "parked")
        assert self.called <= {each.number for each in tickets} | in_conflict, "no call is lost"

    def explain(self, conflict: OfflineEntry, numbers: dict[int | str, set[str]], *, is_served: bool) -> None:
        """Let staff be shown only what somebody has to decide; `is_served`: a clerk had the other number."""
        holder = conflict.reservation_id
        assert conflict.conflict in (Conflict.CANCELLED, Conflict.CHECKED_IN_ELSEWHERE), conflict.conflict
        if conflict.conflict == Conflict.CANCELLED:
            assert holder in self.cancelled
        else:
            is_two = len(numbers[holder]) > 1 or holder in self.left_without
            assert is_two or is_served, "nobody else has a number"


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("alone") / "numerek.db"
    upgrade(f"sqlite:///{file}")
    return file


def run(migrated: Path, most: int, phases: tuple[Phase, ...], chance: int | None = None) -> None:
    """Try so many orders of events; with `chance` always the same ones."""
    AnyOrder.database = migrated
    run_state_machine_as_test(
        AnyOrder if chance is None else seed(chance)(type("AnyOrder", (AnyOrder,), {})),
        settings=settings(
            max_examples=most,
            stateful_step_count=40,
            deadline=None,
            phases=phases,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.timeout(600)
def test_whatever_happens_nothing_is_lost_and_nothing_doubled(qapp, migrated: Path) -> None:
    run(migrated, examples(20), tuple(Phase))


def _forgetful(desk: Desk, question: Question, unanswered: str | None) -> object:
    return _ANSWER(desk, question, None)


def _new_series(desk: Desk, *given: object) -> object:
    return replace_ordinal(_DRAFT(desk, *given))


def _asked_and_forgotten(journal: Journal, key: str) -> Journalled | None:
    return next((each for each in journal.pending() if each.key == key), None)


_ANSWER, _DRAFT = Desk.answer, Desk._draft


def replace_ordinal(draft: Any) -> Any:
    return draft.model_copy(update={"series": draft.service + "Q"})


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("of", "name", "fault", "chance"),
    [
        (Desk, "answer", _forgetful, 9),
        (Desk, "_draft", _new_series, 1),
        (Journal, "asked", _asked_and_forgotten, 4),
    ],
    ids=[
        "the key asked in vain is forgotten",
        "two kiosks have one series",
        "what was sent is called here too",
    ],
)
def test_a_fault_is_found(
    qapp, migrated: Path, monkeypatch, of: type, name: str, fault: Any, chance: int
) -> None:
    """The model sees each fault; `chance` is one under which it soon does, or the search takes minutes."""
    monkeypatch.setattr(of, name, fault)
    with pytest.raises(AssertionError):
        run(migrated, examples(200), (Phase.generate,), chance)
