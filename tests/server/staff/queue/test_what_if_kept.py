"""Trials are kept under a name, shown side by side, opened again and removed; each on record."""

from __future__ import annotations

from typing import Any

import pytest

from server.store.tables import WhatIfTrial
from tests.server.sample_office import SampleOffice
from tests.server.staff.people import Colleague, People
from tests.server.staff.queue.days import PlayedHere
from tests.server.staff.queue.test_what_if import DAY, OPENED, PAGE, joined, manager, outside
from tests.server.staff.statistics.test_overview import PlotsKept
from wire.vocabulary import FactType, Role

__all__ = ["manager", "outside"]
KEPT = f"{PAGE}/kept"


def keep(manager: Colleague, name: str, address: str = OPENED) -> None:
    """Keep what an address shows under a name."""
    manager.submit(manager.get(address), KEPT, {"name": name})


def test_a_trial_is_kept_with_who_and_what_and_is_on_record(office: SampleOffice, manager: Colleague) -> None:
    assert "No trial is kept yet." in manager.get(KEPT).words
    keep(manager, "  Counter 8\n helps ")
    found = manager.get(KEPT)
    for said in ("Counter 8 helps", "Monday, 23 November 2026", "Counter 8: is open N", "Anna manager"):
        assert said in found.words
    (fact,) = office.facts(FactType.WHAT_IF_CHANGED)
    row = office.one(WhatIfTrial)
    assert fact.data == {"trial": row.id, "what": "kept", "user": manager.user_id}
    assert row.found["letters"][0] in "PLNTK"


def test_two_trials_stand_side_by_side_with_their_plots(
    office: SampleOffice, manager: Colleague, outside: tuple[PlayedHere, PlotsKept]
) -> None:
    keep(manager, "One")
    keep(manager, "Nothing", DAY)
    ids = [row.id for row in office.rows(WhatIfTrial)]
    found = manager.get(f"{PAGE}/compared?trial={ids[0]}&trial={ids[1]}")
    assert "Medianwait6.5min0min−6.5min−6.5…−6.5" in joined(found)
    assert "Half of those who came for N would wait 6.5 min, as before." in found.words
    assert found.text.count("<picture>") == 2
    assert manager.get(f"{KEPT}/{ids[0]}/plot.svg").status == 200


def test_more_than_three_are_too_many_to_stand_side_by_side(office: SampleOffice, manager: Colleague) -> None:
    for name in "ABCD":
        keep(manager, name)
    query = "&".join(f"trial={row.id}" for row in office.rows(WhatIfTrial))
    found = manager.get(f"{PAGE}/compared?{query}")
    assert "the first three are shown" in found.words
    assert found.text.count("<picture>") == 3


def test_a_trial_opens_again_as_it_was_asked(manager: Colleague) -> None:
    keep(manager, "One", f"{OPENED}&from1=09:00&to1=12:00&opens.N=07:30&more.N=-20&rule.priority_every=3")
    text = manager.get(KEPT).text
    address = text.split('href="/staff/at/wroclaw/what-if?')[1].split('"')[0].replace("&amp;", "&")
    for said in ("day=2026-11-23", "counter1=8", "what1=open", "letters1=N", "from1=09:00", "more.N=-20"):
        assert said in address.replace("%3A", ":")
    assert manager.get(f"{PAGE}?{address}").status == 200


def test_a_trial_keeps_the_rules_of_a_service(office: SampleOffice, manager: Colleague) -> None:
    keep(manager, "Own", f"{DAY}&own=N&own.maximum_wait_minutes=20")
    text = manager.get(KEPT).text
    assert ": 45 → 20" in text
    assert "own=N&amp;own.maximum_wait_minutes=20" in text

    def as_before(session: Any) -> None:
        row = session.query(WhatIfTrial).one()
        row.asked = {name: value for name, value in row.asked.items() if name != "own"}

    office.store.write(as_before)
    assert ": 45 → 20" not in manager.get(KEPT).text, "one that was kept before this could be tried"


def test_a_trial_is_removed(office: SampleOffice, manager: Colleague) -> None:
    keep(manager, "One")
    trial = office.one(WhatIfTrial).id
    manager.submit(manager.get(KEPT), f"{KEPT}/{trial}/remove")
    assert office.rows(WhatIfTrial) == []
    assert [fact.data["what"] for fact in office.facts(FactType.WHAT_IF_CHANGED)] == ["kept", "removed"]


@pytest.mark.parametrize("query", ["trial=99", "trial=99&trial=1"])
def test_what_is_not_there_is_not_found(manager: Colleague, query: str) -> None:
    assert manager.get(f"{PAGE}/compared?{query}").status == 404


def test_nothing_chosen_and_a_nameless_trial_are_told(office: SampleOffice, manager: Colleague) -> None:
    assert "Tick the trials" in manager.follow(manager.get(f"{PAGE}/compared")).words
    sent = manager.submit(manager.get(OPENED), KEPT, {"name": " \t "})
    assert "Give the trial a name." in manager.follow(sent).words
    assert office.rows(WhatIfTrial) == []


def test_a_day_that_cannot_be_played_is_not_kept(
    office: SampleOffice, manager: Colleague, outside: tuple[PlayedHere, PlotsKept]
) -> None:
    opened = manager.get(OPENED)
    outside[0].trouble = "busy"
    sent = manager.submit(opened, KEPT, {"name": "One"})
    assert sent.status == 303
    outside[0].trouble = ""
    assert "Nothing was kept: Others are asking" in manager.follow(sent).words
    assert office.rows(WhatIfTrial) == []


def test_another_branchs_trials_are_not_found(
    office: SampleOffice, manager: Colleague, people: People
) -> None:
    keep(manager, "One")
    trial = office.one(WhatIfTrial).id
    other = people.signed_in(Role.MANAGER, branch="legnica")
    assert other.get(f"/staff/at/legnica/what-if/compared?trial={trial}").status == 404
    assert other.get(f"/staff/at/wroclaw/what-if/compared?trial={trial}").status == 404
