"""An office names how visits end: on a page, at the counters, and in the figures."""

from __future__ import annotations

from datetime import date

import pytest

from server.services.booking.desk import verifying
from server.services.office import things
from tests.server.sample_office import SampleOffice
from tests.server.staff.office.forms import save
from tests.server.staff.office.test_settings import HOSTILE, value
from tests.server.staff.people import Colleague, People
from wire.vocabulary import Role

CALLING = "/staff/at/wroclaw/settings/calling"


@pytest.fixture
def manager(people: People) -> Colleague:
    """Sign a manager in."""
    return people.signed_in(Role.MANAGER)


def finish(office: SampleOffice, outcome: str, **more: object) -> int:
    clerk = office.clerk(7)
    ticket = office.walk_in("P")["id"]
    for step in ("call", "start"):
        assert (
            clerk.post(
                f"/tickets/{ticket}/{step}", {"reason": "other"} if step == "call" else None
            ).status_code
            == 200
        )
    answer = clerk.post(f"/tickets/{ticket}/finish", {"outcome": outcome} | more)
    return answer.status_code


def test_an_outcome_of_the_office_is_offered_and_counted_as_it_says(
    office: SampleOffice, manager: Colleague
) -> None:
    new = {
        "outcomes__4__code": "sent_on",
        "outcomes__4__names__pl": "Skierowano",
        "outcomes__4__served": None,
    }
    assert save(manager, CALLING, **new).status == 303
    new = {
        "outcomes__5__code": "incomplete",
        "outcomes__5__served": ["on"],
        "outcomes__5__asks_missing": ["on"],
    }
    assert save(manager, CALLING, **new).status == 303
    shown = office.clerk(7).get("/counters/7").get_json()
    assert shown["outcomes"][-2:] == ["sent_on", "incomplete"]
    kinds = {each["code"]: each for each in shown["outcome_kinds"]}
    assert kinds["sent_on"]["names"] == {"pl": "Skierowano"}
    assert [code for code, each in kinds.items() if each["asks_missing"]] == [
        "without_documents",
        "incomplete",
    ]
    assert finish(office, "served") == finish(office, "sent_on") == 200
    assert finish(office, "incomplete", missing=["identity"]) == 200
    assert finish(office, "never_heard") == 422
    assert office.clerk(7).get("/counters/7").get_json()["figures"]["served"] == 2
    branch = office.runtime.office.current().branch_named("wroclaw")
    assert branch is not None
    day = date(2026, 11, 23)
    (found,) = office.store.read(lambda session: verifying.figures(session, branch, day, day))
    assert (found.finished, found.without, found.missing) == (3, 1, {"identity": 1})


def test_a_form_that_nobody_touched_keeps_words_as_words(office: SampleOffice, manager: Colleague) -> None:
    office.set_policy(outcomes=["served", "without_documents", {"code": "sent_on", "served": False}])
    before = value(office, things.branch("wroclaw"))
    assert save(manager, CALLING).status == 303
    assert value(office, things.branch("wroclaw")) == before


def test_a_name_twice_and_hostile_names_are_told(office: SampleOffice, manager: Colleague) -> None:
    twice = save(manager, CALLING, outcomes__4__code="served")
    assert (twice.status, len(twice.mistakes)) == (422, 1)
    hostile = HOSTILE.replace("\u200f", "")[:60]
    named = save(manager, CALLING, outcomes__4__code="own", outcomes__4__names__pl=hostile)
    assert named.status == 303, named.mistakes
    assert "<script>alert" not in manager.get(CALLING).text
