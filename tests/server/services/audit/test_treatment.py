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
from server.services.office.settings import BranchView
from server.services.queue import special_treatment
from server.services.queue.steering import Supervisor
from server.store.tables import Fact, Ticket, User
from tests.server.movable_clock import at
from tests.server.sample_office import Door, SampleOffice
from tests.server.services.queue.a_day import Day
from wire.vocabulary import CallReason, FactType, Reopening, Urgency

MONDAY = date(2026, 11, 23)
REASONS = [each for each in CallReason if each is not CallReason.WAS_PARKED]
Told = tuple[Treatment, str, str | None]


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
        user = office.one(User, User.login == "wroclaw7")
        branch = branch_of(office)
        self.by = Supervisor(user.id, branch)

    def happens(self) -> None:
        step = self.chance.choice(
            [self.walk_in, self.walk_in, self.check_in, self.by_turn, self.by_hand, self.urge, self.step]
        )
        step()

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
    for _ in range(90):
        day.happens()
        office.clock.advance(seconds=random.Random(seed).randint(3, 9))
    found = listed(office)
    assert Counter(map(told, found)) == day.done
    assert len(day.by_line) > 3
    assert sum(day.done[each] for each in day.done if each[0] is Treatment.BY_HAND) > 0
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
    for who in {each.who for each in found}:
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
