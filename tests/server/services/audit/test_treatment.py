"""Every call out of order is on the auditor's list once, with its reason, and none that was in order."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from server.domain.audit.treatment import Treatment
from server.domain.statistics.periods import Period
from server.services.audit import treatment
from server.services.audit.treatment import PAGE_ROWS, Asked, Case, Figure
from server.services.booking import integrators
from server.services.office.settings import BranchView
from server.services.queue import closing_time, special_treatment
from server.services.queue.steering import Supervisor
from server.store.tables import Fact, Ticket, User
from tests.server.movable_clock import at
from tests.server.sample_office import Door, SampleOffice
from tests.server.services.queue.a_day import Day
from wire.vocabulary import CallReason, FactType, Priority, Reopening, Urgency, Withdrawal

MONDAY = date(2026, 11, 23)
REASONS = [each for each in CallReason if each is not CallReason.WAS_PARKED]
Told = tuple[Treatment, str | None, str | None]


def branch_of(office: SampleOffice, code: str = "wroclaw") -> BranchView:
    found = office.runtime.office.current().branch_named(code)
    assert found is not None
    return found


def listed(office: SampleOffice, page: int | None = None, code: str = "wroclaw", **asked: Any) -> list[Case]:
    wanted = Asked(**({"period": Period(MONDAY, MONDAY)} | asked))
    branch, context = branch_of(office, code), office.runtime.context()
    return office.store.read(lambda session: treatment.cases(session, context, branch, wanted, page))


def counted(office: SampleOffice, **asked: Any) -> list[Figure]:
    wanted = Asked(**({"period": Period(MONDAY, MONDAY)} | asked))
    branch = branch_of(office)
    return office.store.read(lambda session: treatment.figures(session, branch, wanted))


def told(case: Case) -> Told:
    return case.treatment, case.number, case.reason


class SteeredDay(Day):
    """A day on which a supervisor decides too; what was done otherwise than by the line is remembered."""

    def __init__(self, office: SampleOffice, seed: int, clerks: dict[int, Door]) -> None:
        super().__init__(office, seed, clerks)
        self.done: Counter[Told] = Counter()
        self.by_line: list[str] = []
        self.codes: dict[int, str] = {}
        user = office.one(User, User.login == "wroclaw7")
        branch = branch_of(office)
        self.by = Supervisor(user.id, branch)

    def happens(self) -> None:
        step = self.chance.choice(
            [
                *(
                    self.walk_in,
                    self.walk_in,
                    self.check_in,
                    self.by_turn,
                    self.by_turn,
                    self.by_hand,
                    self.urge,
                ),
                *(self.urge, self.step, self.leave, self.miss, self.come_back, self.let_in_late),
            ]
        )
        step()

    def walk_in(self) -> None:
        more = {"priority": self.chance.choice([*Priority])} if self.chance.random() < 0.2 else {}
        door = self.chance.choice([self.office.kiosk, *self.clerks.values()])
        said = door.post("/tickets", {"service": self.chance.choice("PNT")} | more)
        self._know(said.get_json())
        if said.status_code == 201 and more:
            self.done[Treatment.PRIORITY, said.get_json()["ticket"]["number"], more["priority"]] += 1

    def check_in(self) -> None:
        booked = self.office.book(self.chance.choice("PN"), "10:40")
        said = self.office.kiosk.post("/check-ins", {"code": booked["code"]})
        self._know(said.get_json())
        if said.status_code == 201:
            self.codes[said.get_json()["ticket"]["id"]] = booked["code"]

    def miss(self) -> None:
        """Call somebody twice more and note that they did not come, as far as the rules go along."""
        if not self.in_hand:
            return
        number, ticket = self.chance.choice([*self.in_hand.items()])
        for verb in ("recall", "recall", "no-show"):
            said = self.clerks[number].post(f"/tickets/{ticket}/{verb}", {})
            if said.status_code == 200 and verb == "recall":
                self.done[Treatment.RECALLED, self.row(ticket).number, None] += 1

    def leave(self) -> None:
        """Take one of the last who came out of the line, where the rules go along."""
        if not self.known:
            return
        reason = self.chance.choice(
            [Withdrawal.VISITOR_LEFT, Withdrawal.TICKET_TWICE, Withdrawal.WRONG_SERVICE]
        )
        ticket = self.chance.choice(self.known[-6:])
        said = self.clerks[7].post(f"/tickets/{ticket}/withdraw", {"reason": reason})
        if said.status_code == 200:
            self.done[Treatment.WITHDRAWN, self.row(ticket).number, str(reason)] += 1

    def come_back(self) -> None:
        for ticket, code in self.codes.items():
            said = self.office.kiosk.post("/check-ins", {"code": code})
            if said.status_code == 200 and said.get_json().get("reinstated"):
                self.done[Treatment.CAME_BACK, self.row(ticket).number, None] += 1

    def let_in_late(self) -> None:
        booked, context = self.office.book("L", "12:00"), self.office.runtime.context()
        self.office.set_reservation(booked["id"], status="lapsed", lapses_at=at("9:50"))
        self.office.store.write(
            lambda session: integrators.reinstate(session, context, booked["id"], "office_fault", self.by.id)
        )
        self.done[Treatment.LET_IN_LATE, None, "office_fault"] += 1

    def free(self) -> int:
        """Choose a counter, which mostly finishes what it has in hand."""
        number = self.chance.choice(list(self.clerks))
        if number in self.in_hand and self.chance.random() < 0.7:
            for verb, body in (("start", {}), ("finish", {"outcome": "served"})):
                self.clerks[number].post(f"/tickets/{self.in_hand[number]}/{verb}", body)
        return number

    def by_turn(self) -> None:
        number = self.free()
        said = self.clerks[number].post(f"/counters/{number}/call-next")
        if said.status_code == 200:
            ticket = said.get_json()["ticket"]
            self.in_hand[number] = ticket["id"]
            self.by_line.append(ticket["number"])

    def by_hand(self) -> None:
        if not self.known:
            return
        number, ticket = self.free(), self.chance.choice(self.known)
        reason = self.chance.choice([*REASONS, None])
        before = self.row(ticket)
        said = self.clerks[number].post(f"/tickets/{ticket}/call", {"reason": reason} if reason else {})
        if said.status_code == 200:
            was_waiting = before.status == "waiting"
            assert reason is not None or not was_waiting, "whoever waits is called by hand with a reason only"
            kind = Treatment.BY_HAND if was_waiting else Treatment.SET_ASIDE
            self.done[kind, before.number, str(reason or CallReason.WAS_PARKED)] += 1
            self.in_hand[number] = ticket

    def urge(self) -> None:
        if not self.known:
            return
        ticket, context = self.chance.choice(self.known), self.office.runtime.context()
        reason = self.chance.choice([*Urgency])
        row = self.row(ticket)
        if row.status != "waiting":
            return
        if row.urgent_since is not None:
            work: Any = lambda session: special_treatment.make_ordinary(session, context, self.by, ticket)  # noqa: E731
            kind, said = Treatment.ORDINARY_AGAIN, None
        else:
            work = lambda session: special_treatment.make_urgent(session, context, self.by, ticket, reason)  # noqa: E731
            kind, said = Treatment.URGENT, str(reason)
        self.office.store.write(work)
        self.done[kind, row.number, said] += 1

    def step(self) -> None:
        if not self.in_hand and not self.known:
            return
        verb, body, kind, reason = self.chance.choice(
            [
                ("start", {}, None, None),
                ("finish", {"outcome": "served"}, None, None),
                ("park", {}, None, None),
                ("no-show", {}, None, None),
                ("recall", {}, Treatment.RECALLED, None),
                ("put-back", {}, Treatment.PUT_BACK, None),
                ("transfer", {"service": "P"}, Treatment.HANDED_OVER, None),
                ("transfer", {"counter": 7}, Treatment.HANDED_OVER, None),
                ("undo", {}, Treatment.UNDONE, None),
                ("reinstate", {}, Treatment.REINSTATED, None),
                ("reopen", {"reason": Reopening.NOT_DONE}, Treatment.REOPENED, "not_done"),
            ]
        )
        number, ticket = self.chance.choice([*self.in_hand.items(), *((7, each) for each in self.known[-3:])])
        said = self.clerks[number].post(f"/tickets/{ticket}/{verb}", body)
        if said.status_code == 200 and kind is not None:
            self.done[kind, self.row(ticket).number, reason] += 1

    def row(self, ticket: int) -> Any:
        return self.office.one(Ticket, Ticket.id == ticket)


@pytest.mark.parametrize("seed", range(4))
def test_what_a_played_day_did_out_of_order_is_listed_once_and_nothing_else(
    office: SampleOffice, seed: int
) -> None:
    office.clock.set("10:00")
    day = SteeredDay(
        office, seed, {7: office.supervisor(7), 8: office.supervisor(8), 1: office.supervisor(1)}
    )
    for _ in range(140):
        day.happens()
        office.clock.advance(seconds=random.Random(seed).randint(3, 9))
    found = listed(office)
    assert Counter(map(told, found)) == day.done
    assert len(day.by_line) > 3
    done = {kind: sum(day.done[each] for each in day.done if each[0] is kind) for kind in Treatment}
    assert sum(count > 0 for count in done.values()) > 5
    assert not any(each.lacks_reason for each in found)
    # The log itself has no other call out of order, and no call by the line is listed.
    calls = [fact for fact in office.facts(FactType.TICKET_CALLED) if fact.data.get("out_of_order")]
    assert len(calls) == sum(each.treatment is Treatment.BY_HAND for each in found)
    assert len(office.facts(FactType.TICKET_CALLED)) == len(day.by_line) + sum(
        each.treatment in (Treatment.BY_HAND, Treatment.SET_ASIDE) for each in found
    )
    figures = counted(office)
    assert sum(each.count for each in figures) == len(found)
    by_person = Counter((each.who, each.treatment, each.reason) for each in found)
    assert {(each.who, each.treatment, each.reason): each.count for each in figures} == by_person
    for kind in Treatment:
        assert [told(each) for each in listed(office, kind=kind)] == [
            told(each) for each in found if each.treatment is kind
        ]
    for who in {each.who for each in found if each.who is not None}:
        assert len(listed(office, who=who)) == sum(each.who == who for each in found)


def hand_call(office: SampleOffice) -> str:
    """Call the second of two who wait, for their health."""
    office.walk_in("P")
    second = office.walk_in("P")
    clerk = office.clerk(7)
    assert clerk.post(f"/tickets/{second['id']}/call", {"reason": "health"}).status_code == 200
    return str(second["number"])


def test_a_case_tells_when_what_who_where_and_why(office: SampleOffice) -> None:
    office.clock.set("10:15")
    number = hand_call(office)
    (case,) = listed(office)
    user = office.one(User, User.login == "wroclaw7")
    assert (case.at, case.number, case.counter, case.more) == (at("10:15"), number, 7, None)
    assert (case.treatment, case.reason, case.lacks_reason) == (Treatment.BY_HAND, "health", False)
    assert (case.who, case.name) == (user.id, "Anna Nowak")
    assert case.service is not None
    assert case.service.letter == "P"


def test_where_a_visitor_was_sent_and_what_was_undone_stands_there(office: SampleOffice) -> None:
    ticket = office.walk_in("P")
    clerk = office.clerk(7)
    called = clerk.post("/counters/7/call-next").get_json()["ticket"]
    for verb, body in (("start", {}), ("transfer", {"counter": 8}), ("undo", {})):
        assert clerk.post(f"/tickets/{called['id']}/{verb}", body).status_code == 200
    assert clerk.post(f"/tickets/{called['id']}/transfer", {"service": "N"}).status_code == 200
    assert [(each.treatment, each.more) for each in listed(office)] == [
        (Treatment.HANDED_OVER, "N"),
        (Treatment.UNDONE, "transfer"),
        (Treatment.HANDED_OVER, 8),
    ]
    assert {each.number for each in listed(office)} == {ticket["number"]}


def test_priority_tells_whether_a_clerk_gave_it(office: SampleOffice) -> None:
    office.walk_in("P", priority="elderly")
    assert office.clerk(7).post("/tickets", {"service": "P", "priority": "pregnancy"}).status_code == 201
    office.walk_in("P")
    assert office.clerk(7).post("/tickets", {"service": "P"}).status_code == 201
    user = office.one(User, User.login == "wroclaw7")
    assert [(each.treatment, each.reason, each.who, each.more) for each in listed(office)] == [
        (Treatment.PRIORITY, "pregnancy", user.id, None),
        (Treatment.PRIORITY, "elderly", None, None),
    ]
    assert {(each.who, each.reason): each.count for each in counted(office)} == {
        (user.id, "pregnancy"): 1,
        (None, "elderly"): 1,
    }
    for fact in office.facts("ticket.issued"):
        assert not {"elderly", "pregnancy"} & {*map(str, fact.data.values())}, "the log does not tell which"


def test_who_comes_back_after_a_missed_call_is_listed_as_their_own_step(office: SampleOffice) -> None:
    office.set_policy(no_show_after_calls=1)
    booked = office.book("P", "10:30")
    ticket = office.kiosk.post("/check-ins", {"code": booked["code"]}).get_json()["ticket"]
    clerk = office.clerk(7)
    assert clerk.post("/counters/7/call-next").get_json()["ticket"]["id"] == ticket["id"]
    assert clerk.post(f"/tickets/{ticket['id']}/no-show", {}).status_code == 200
    assert listed(office) == [], "a call that was missed after all calls went by the line"
    assert office.kiosk.post("/check-ins", {"code": booked["code"]}).get_json()["reinstated"]
    (case,) = listed(office)
    assert (case.treatment, case.number, case.who) == (Treatment.CAME_BACK, ticket["number"], None)


def test_a_withdrawal_is_listed_when_a_clerk_decided_it_and_not_when_the_day_ended(
    office: SampleOffice,
) -> None:
    for status in ("waiting", "waiting"):
        assert office.walk_in("P")["status"] == status
    first, second = office.rows(Ticket)
    clerk = office.clerk(7)
    assert clerk.post(f"/tickets/{first.id}/withdraw", {"reason": "wrong_service"}).status_code == 200
    context = office.runtime.context()
    assert office.store.write(lambda session: closing_time.send_home(session, context, [second.id])) == 1
    assert len(office.facts("ticket.withdrawn")) == 2
    (case,) = listed(office)
    assert (case.number, case.reason, case.name) == (first.number, "wrong_service", "Anna Nowak")
    assert not case.lacks_reason


def test_a_reservation_let_in_late_is_listed_without_a_ticket(office: SampleOffice) -> None:
    booked = office.book("P", "12:00")
    office.set_reservation(booked["id"], status="lapsed", lapses_at=at("9:50"))
    context, user = office.runtime.context(), office.one(User, User.login == "wroclaw7")
    office.store.write(
        lambda session: integrators.reinstate(session, context, booked["id"], "office_fault", user.id)
    )
    (case,) = listed(office)
    assert (case.treatment, case.number, case.reservation) == (Treatment.LET_IN_LATE, None, booked["id"])
    assert (case.reason, case.who, case.lacks_reason) == ("office_fault", user.id, False)
    assert case.service is not None
    assert case.service.letter == "P"


def test_only_the_period_and_the_branch_count(office: SampleOffice) -> None:
    office.clock.set("10:00")
    hand_call(office)
    before, after = MONDAY - timedelta(days=1), MONDAY + timedelta(days=1)
    assert listed(office, period=Period(before, before)) == []
    assert listed(office, period=Period(after, after)) == []
    assert len(listed(office, period=Period(before, after))) == 1
    assert listed(office, code="legnica") == []
    office.set_policy(day_starts_at="10:01")
    assert listed(office) == [], "what was before the day starts belongs to the day before"
    assert len(listed(office, period=Period(before, before))) == 1


def test_a_call_out_of_order_whose_reason_is_gone_is_marked(office: SampleOffice) -> None:
    hand_call(office)

    def strip(session: Any) -> None:
        fact = session.execute(select(Fact).where(Fact.type == FactType.TICKET_CALLED)).scalar_one()
        fact.data = {name: value for name, value in fact.data.items() if name != "reason"}

    office.store.write(strip)
    (case,), (figure,) = listed(office), counted(office)
    assert (case.lacks_reason, figure.lacks_reason, figure.count) == (True, True, 1)


def test_the_list_comes_in_pages(office: SampleOffice) -> None:
    branch = branch_of(office)

    def fill(session: Any) -> None:
        for place in range(PAGE_ROWS + 7):
            data = {"ticket": 1, "number": f"P{place:03}", "hall": "A", "user": 1, "reason": "other"}
            session.add(
                Fact(at=at("10:00") + timedelta(seconds=place), type="ticket.made_urgent",
                     branch_id=branch.id, data=data)
            )  # fmt: skip

    office.store.write(fill)
    first, second = listed(office, page=0), listed(office, page=1)
    assert (len(first), len(second), listed(office, page=2)) == (PAGE_ROWS, 7, [])
    assert [each.number for each in first + second] == [f"P{n:03}" for n in reversed(range(PAGE_ROWS + 7))]


def test_the_log_is_not_read_through(office: SampleOffice) -> None:
    hand_call(office)
    asked = treatment._where(branch_of(office), Asked(Period(MONDAY, MONDAY)))

    def plan(session: Any) -> str:
        query = select(Fact.id).where(*treatment.rows._conditions(session, asked))
        sql = str(query.compile(session.get_bind(), compile_kwargs={"literal_binds": True}))
        if office.store.sqlite:
            return str(session.execute(text(f"EXPLAIN QUERY PLAN {sql}")).all())
        session.execute(text("SET LOCAL enable_seqscan = off"))
        return str(session.execute(text(f"EXPLAIN {sql}")).all())

    assert "ix_fact_special" in office.store.read(plan)
