"""A trial is put in force from a day: what would change is shown, what cannot is said, and it can be given up."""

from __future__ import annotations

from server.services.office.planned import make_planned
from server.store.tables import PlannedChange
from tests.server.sample_office import SampleOffice
from tests.server.staff.people import Colleague
from tests.server.staff.queue.test_what_if import DAY, PAGE, manager, outside

__all__ = ["manager", "outside"]
PUT = f"{PAGE}/put-in-force"
ASKED = DAY.partition("?")[2] + "&counter1=10&what1=also&letters1=N&rule.maximum_wait_minutes=20&more.N=20"


def longest_wait(office: SampleOffice) -> int:
    """Return what the branch rules now."""
    office.runtime.office.forget()
    branch = office.runtime.context().office.branch_named("wroclaw")
    assert branch is not None
    return branch.policy.maximum_wait_minutes


def test_the_way_leads_from_the_result_over_the_differences_into_force(
    office: SampleOffice, manager: Colleague
) -> None:
    assert f'formaction="{PUT}"' in manager.get(f"{PAGE}?{ASKED}").text
    shown = manager.get(f"{PUT}?{ASKED}")
    for said in ("Counter 10", "L, N", "45", "20", "How many people come for N: no setting"):
        assert said in shown.words
    assert 'value="2026-11-25"' in shown.text
    sent = manager.submit(shown, PUT)
    assert sent.status == 303
    assert "From Wednesday, 25 November 2026" in manager.follow(sent).words
    assert longest_wait(office) == 45
    office.clock.advance(days=1)
    make_planned(office.store, office.runtime.context())
    assert longest_wait(office) == 20


def test_rules_of_one_service_come_into_force_for_it_alone(office: SampleOffice, manager: Colleague) -> None:
    asked = f"{DAY.partition('?')[2]}&own=N&own.maximum_wait_minutes=20&own.after_maximum_wait=alarm"
    shown = manager.get(f"{PUT}?{asked}")
    assert ": 45 → 20" in shown.words
    assert manager.submit(shown, PUT).status == 303
    office.clock.advance(days=1)
    make_planned(office.store, office.runtime.context())
    assert longest_wait(office) == 45
    branch = office.runtime.context().office.branch_named("wroclaw")
    assert branch is not None
    own = {
        letter: (each.policy.maximum_wait_minutes, each.policy.after_maximum_wait)
        for letter, each in branch.services.items()
    }
    assert own == {"N": (20, "alarm"), **dict.fromkeys("PLTK", (None, None))}


def test_a_day_that_has_begun_is_refused_with_what_was_chosen(
    office: SampleOffice, manager: Colleague
) -> None:
    shown = manager.get(f"{PUT}?{ASKED}")
    found = manager.submit(shown, PUT, {"from_day": "2026-11-24"})
    assert found.status == 422
    assert "tomorrow at the earliest" in found.words
    assert 'value="2026-11-24"' in found.text
    assert office.rows(PlannedChange) == []


def test_what_is_no_setting_at_all_offers_no_button(manager: Colleague) -> None:
    found = manager.get(f"{PUT}?{DAY.partition('?')[2]}&more.N=20&counter1=8&what1=closed")
    assert "Nothing: there is no setting to change." in found.words
    assert "whoever works there opens and closes it" in found.words
    assert "Put in force from this day" not in found.words
    nothing = manager.get(f"{PUT}?{DAY.partition('?')[2]}")
    assert "Set first what should be otherwise." in manager.follow(nothing).words


def test_a_plan_is_given_up(office: SampleOffice, manager: Colleague) -> None:
    assert "No change is planned." in manager.get(f"{PAGE}/planned").words
    manager.submit(manager.get(f"{PUT}?{ASKED}"), PUT)
    plan = office.one(PlannedChange).id
    sent = manager.submit(manager.get(f"{PAGE}/planned"), f"{PAGE}/planned/{plan}/give-up")
    assert "Given up before its day." in manager.follow(sent).words
    again = manager.submit(manager.get(PAGE), f"{PAGE}/planned/{plan}/give-up")
    assert "It is too late" in manager.follow(again).words
    assert manager.submit(manager.get(PAGE), f"{PAGE}/planned/99/give-up").status == 404
