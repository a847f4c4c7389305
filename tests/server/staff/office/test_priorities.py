"""An office names whom it lets go before others: on a page, at the kiosk and at the counters."""

from __future__ import annotations

from typing import Any

import pytest

from server.services.office import things
from tests.server.sample_office import SampleOffice
from tests.server.staff.office.forms import save
from tests.server.staff.office.test_settings import HOSTILE, value
from tests.server.staff.people import Colleague, People
from tests.server.staff.queue.web_counter import at_counter
from wire.vocabulary import Role

CALLING = "/staff/at/wroclaw/settings/calling"
USUAL = ["pregnancy", "disability", "small_children", "elderly"]


@pytest.fixture
def manager(people: People) -> Colleague:
    """Sign a manager in."""
    return people.signed_in(Role.MANAGER)


def settings(office: SampleOffice, client: Any) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/devices/me").get_json()["settings"]
    return found


def asked(office: SampleOffice, client: Any, priority: str) -> tuple[int, str | None]:
    answer = client.post("/tickets", {"service": "N", "priority": priority})
    return answer.status_code, answer.get_json().get("reason")


def test_an_office_that_sets_nothing_has_the_usual_four(office: SampleOffice) -> None:
    assert settings(office, office.kiosk)["priority_classes"] == USUAL
    assert settings(office, office.clerk(7))["priority_classes"] == USUAL


def test_a_kind_of_the_office_is_offered_where_it_says(office: SampleOffice, manager: Colleague) -> None:
    new = {"priority_classes__4__code": "veteran", "priority_classes__4__names__pl": "Kombatant"}
    assert save(manager, CALLING, **new).status == 303
    at_kiosk = settings(office, office.kiosk)
    assert at_kiosk["priority_classes"] == [*USUAL, "veteran"]
    assert at_kiosk["priority_kinds"][-1] == {"code": "veteran", "names": {"pl": "Kombatant"}}
    assert asked(office, office.kiosk, "veteran") == (201, None)
    assert save(manager, CALLING, priority_classes__4__staff_only=["on"]).status == 303
    assert settings(office, office.kiosk)["priority_classes"] == USUAL
    assert asked(office, office.kiosk, "veteran") == (422, "priority_by_staff")
    assert settings(office, office.clerk(7))["priority_classes"] == [*USUAL, "veteran"]
    assert asked(office, office.clerk(7), "veteran") == (201, None)


def test_a_kind_with_tickets_is_put_away_and_not_removed(office: SampleOffice, manager: Colleague) -> None:
    office.set_policy(priority_classes=["elderly", {"code": "veteran", "names": {"pl": "Kombatant"}}])
    before = value(office, things.branch("wroclaw"))
    assert asked(office, office.kiosk, "veteran") == (201, None)
    gone = {"priority_classes__1__code": "", "priority_classes__1__names__pl": ""}
    refused = save(manager, CALLING, **gone)
    assert (refused.status, len(refused.mistakes)) == (422, 1)
    assert value(office, things.branch("wroclaw")) == before
    assert save(manager, CALLING, priority_classes__1__archived=["on"]).status == 303
    assert asked(office, office.kiosk, "veteran") == (422, "archived_priority")
    assert asked(office, office.clerk(7), "veteran") == (422, "archived_priority")
    at_kiosk = settings(office, office.kiosk)
    assert at_kiosk["priority_classes"] == ["elderly"]
    assert [each["code"] for each in at_kiosk["priority_kinds"]] == ["elderly", "veteran"]


def test_a_kind_that_no_ticket_has_and_one_of_ours_are_removed(
    office: SampleOffice, manager: Colleague
) -> None:
    office.set_policy(priority_classes=["elderly", "veteran"])
    assert asked(office, office.kiosk, "elderly") == (201, None)
    gone = {"priority_classes__0__code": "", "priority_classes__1__code": ""}
    assert save(manager, CALLING, **gone).status == 303
    assert settings(office, office.kiosk)["priority_classes"] == []


def test_the_counter_in_the_browser_names_kinds_also_those_put_away(
    office: SampleOffice, people: People
) -> None:
    veteran = {"code": "veteran", "names": {"pl": "Kombatant & <b>kombatantka</b>"}}
    office.set_policy(priority_classes=["elderly", veteran])
    office.walk_in("P", priority="veteran")
    counter = at_counter(office, people)
    assert '<option value="veteran">Kombatant &amp; &lt;b&gt;' in counter.page.text
    office.set_policy(priority_classes=["elderly", veteran | {"archived": True}])
    counter.do("call-next")
    assert "Kombatant & <b>kombatantka</b>" in counter.page.words
    assert '<option value="veteran">' not in counter.page.text


def test_a_form_that_nobody_touched_keeps_words_as_words(office: SampleOffice, manager: Colleague) -> None:
    office.set_policy(priority_classes=["elderly", {"code": "veteran", "staff_only": True}])
    before = value(office, things.branch("wroclaw"))
    assert save(manager, CALLING).status == 303
    assert value(office, things.branch("wroclaw")) == before


def test_a_name_twice_and_hostile_names_are_told(office: SampleOffice, manager: Colleague) -> None:
    twice = save(manager, CALLING, priority_classes__4__code="elderly")
    assert (twice.status, len(twice.mistakes)) == (422, 1)
    hostile = HOSTILE.replace("\u200f", "")[:60]
    named = save(manager, CALLING, priority_classes__4__code="own", priority_classes__4__names__pl=hostile)
    assert named.status == 303, named.mistakes
    assert "<script>alert" not in manager.get(CALLING).text
