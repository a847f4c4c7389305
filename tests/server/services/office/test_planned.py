"""Planned changes are made on their day by the one write path, given up before it, and write nothing over."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest

from server.domain.office.reading import SettingError
from server.domain.queue.what_if_day import DeskChange
from server.services.context import RuleBroken
from server.services.office import editing, planned, things
from server.services.queue.what_if import Asked, CounterTried, Tried
from server.services.queue.what_if_settings import Cannot, settings_of
from server.store.tables import OfficeChange, PlannedChange
from tests.server.movable_clock import TEN
from tests.server.sample_office import SampleOffice
from wire.vocabulary import FactType

MONDAY = TEN.date()
TOMORROW = MONDAY + timedelta(days=1)
WANTED = {
    things.branch("wroclaw"): {"maximum_wait_minutes": 20},
    things.counter("wroclaw", 10): {"services": ["L", "N"]},
}


def branch(office: SampleOffice) -> Any:
    """Return the branch as it is now."""
    office.runtime.office.forget()
    return office.runtime.context().office.branch_named("wroclaw")


def plan(office: SampleOffice, day: date = TOMORROW, wanted: planned.Wanted = WANTED, seen: str = "") -> int:
    """Plan a change as the first of the office's people."""
    from server.store.tables import User

    by, context = office.rows(User)[0].id, office.runtime.context()

    def work(session: Any) -> int:
        word = seen or planned.seen_of(session, wanted)
        return planned.plan(session, context, branch(office), day, wanted, seen=word, by=by)

    return office.store.write(work)


def make(office: SampleOffice) -> int:
    """Let the job look."""
    return planned.make_planned(office.store, office.runtime.context())


def longest_wait(office: SampleOffice) -> int:
    """Return the setting that is planned to change."""
    found: int = branch(office).policy.maximum_wait_minutes
    return found


def test_a_change_is_made_on_its_day_and_not_before(office: SampleOffice) -> None:
    plan(office)
    assert make(office) == 0
    office.clock.set("23:59")
    assert make(office) == 0
    assert longest_wait(office) == 45
    office.clock.advance(minutes=2)
    assert make(office) == 1
    assert longest_wait(office) == 20
    assert [
        each.letter
        for each in branch(office).services.values()
        if each.id in branch(office).counters[10].service_ids
    ] == ["L", "N"]
    assert make(office) == 0
    changes = office.rows(OfficeChange)
    assert {(each.subject, each.name) for each in changes} >= {("branch", "wroclaw"), ("counter", "10")}
    assert [fact.data["what"] for fact in office.facts(FactType.WHAT_IF_CHANGED)] == ["planned", "made"]
    row = office.one(PlannedChange)
    assert row.problem is None
    assert changes[-1].user_id == row.user_id


def test_planning_itself_changes_nothing(office: SampleOffice) -> None:
    before = len(office.rows(OfficeChange))
    plan(office)
    assert longest_wait(office) == 45
    assert len(office.rows(OfficeChange)) == before


def test_what_was_changed_meanwhile_is_not_written_over(office: SampleOffice) -> None:
    plan(office)
    author = editing.Author(office.clock.now())
    own = {things.branch("wroclaw"): {"maximum_wait_minutes": 30}}
    office.store.write(lambda session: editing.change_together(session, author, own))
    office.clock.advance(days=1)
    assert make(office) == 1
    assert longest_wait(office) == 30
    assert office.one(PlannedChange).problem == "changed_meanwhile"


def test_a_change_that_is_given_up_is_never_made(office: SampleOffice) -> None:
    made = plan(office)
    context = office.runtime.context()

    def give_up(session: Any) -> None:
        planned.give_up(session, context, branch(office), made, by=1)

    office.store.write(give_up)
    with pytest.raises(RuleBroken, match="done_already"):
        office.store.write(give_up)
    office.clock.advance(days=2)
    assert make(office) == 0
    assert longest_wait(office) == 45


@pytest.mark.parametrize("day", [MONDAY, MONDAY - timedelta(days=1)])
def test_a_day_that_has_begun_is_refused(office: SampleOffice, day: date) -> None:
    with pytest.raises(RuleBroken, match="not_to_come"):
        plan(office, day)


def test_what_changes_nothing_or_was_seen_otherwise_or_does_not_fit_is_refused(office: SampleOffice) -> None:
    with pytest.raises(RuleBroken, match="changes_nothing"):
        plan(office, wanted={things.counter("wroclaw", 10): {"services": ["L"]}})
    with pytest.raises(RuleBroken, match="changed_meanwhile"):
        plan(office, seen="something else")
    with pytest.raises(SettingError):
        plan(office, wanted={things.branch("wroclaw"): {"maximum_wait_minutes": "long"}})
    assert office.rows(PlannedChange) == []


def as_settings(office: SampleOffice, tried: Tried) -> Any:
    """Write a trial of that Monday as settings."""
    of = branch(office)
    return office.store.read(lambda session: settings_of(session, of, Asked(MONDAY, tried=tried)))


def test_a_trial_becomes_settings_as_far_as_it_can(office: SampleOffice) -> None:
    tried = Tried(
        (
            CounterTried(10, DeskChange.ALSO, ("N",)),
            CounterTried(10, DeskChange.ALSO, ("P",)),
            CounterTried(7, DeskChange.ONLY, ("P",), time(9)),
            CounterTried(8, DeskChange.CLOSED),
        ),
        {},
        {"priority_every": 3},
        {"N": 20},
    )
    wanted, cannot = as_settings(office, tried)
    assert wanted == {
        things.branch("wroclaw"): {"priority_every": 3},
        things.counter("wroclaw", 10): {"services": ["L", "N", "P"]},
    }
    assert set(cannot) == {
        (Cannot.ARRIVALS, "N"),
        (Cannot.COUNTER_HOURS, "7"),
        (Cannot.COUNTER_STATE, "8"),
    }


def test_tickets_begin_at_another_hour_on_weekdays_that_begin_alike(office: SampleOffice) -> None:
    assert as_settings(office, Tried(opens={"N": time(9)}))[1] == [(Cannot.NO_HOURS, "N")]
    hours = {"mon": ["08:00-15:00"], "tue": ["08:00-12:00", "13:00-15:00"], "wed": ["10:00-17:00"]}
    office.set_policy("N", walk_in=True, walk_in_hours=hours)
    wanted, cannot = as_settings(office, Tried(opens={"N": time(7, 30)}))
    assert cannot == []
    assert wanted[things.service("wroclaw", "N")]["walk_in_hours"] == {
        "mon": ["07:30-15:00"],
        "tue": ["07:30-12:00", "13:00-15:00"],
        "wed": ["10:00-17:00"],
    }
    office.set_policy(None, opening_hours={"mon": ["08:00-16:00"]})
    assert as_settings(office, Tried(opens={"N": time(7, 30)}))[1] == [(Cannot.OFFICE_CLOSED, "N")]
