"""Changes of the office: on record, one after the other, taken back, refused where something is in use."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from server.domain.office.differences import differences, digest, part
from server.domain.office.reading import SettingError
from server.services.context import RuleBroken
from server.services.office import editing, things
from server.services.office.editing import Author, ChangedMeanwhile
from server.services.office.set_up import Overwrites, set_up_office
from server.store.tables import OfficeChange, User
from tests.server.at_once import at_once
from tests.server.sample_office import OFFICE, SampleOffice
from wire.vocabulary import FactType

BRANCH = things.branch("wroclaw")
P = things.service("wroclaw", "P")


class Desk:
    """Somebody who edits the sample office."""

    def __init__(self, office: SampleOffice) -> None:
        self.office = office
        self.author = Author(office.clock.now(), office.rows(User)[0].id)

    def run(self, work: Any, *arguments: Any, **named: Any) -> Any:
        """Run a use case as this author."""
        try:
            return self.office.store.write(lambda session: work(session, self.author, *arguments, **named))
        finally:
            self.office.runtime.office.forget()

    def edit(self, thing: Any, said: dict[str, Any], *, names: Any = None, seen: Any = None) -> None:
        """Edit settings as a form does, having seen what is there unless told otherwise."""
        names = names or [*said]
        seen = seen or digest(part(self.stated(thing), names))
        self.run(editing.edit, thing, said, names=names, seen=seen)

    def stated(self, thing: Any) -> Any:
        """Return what a thing is now."""
        return self.office.store.read(lambda session: things.stated(session, thing))

    @property
    def last(self) -> Any:
        """Return the last change on record."""
        return self.office.rows(OfficeChange)[-1]

    def file(self, said: Any = OFFICE, *, overwrite: bool = True) -> int:
        """Apply a file; return how much it changed."""
        now = self.author.now
        return self.office.store.write(
            lambda session: len(set_up_office(session, now, said, overwrite=overwrite))
        )


@pytest.fixture
def desk(office: SampleOffice) -> Desk:
    return Desk(office)


def test_a_change_is_on_record_with_old_and_new_and_taken_over(desk: Desk) -> None:
    before = len(desk.office.facts(FactType.OFFICE_CHANGED))
    desk.edit(P, {"expected_service_minutes": 9})
    row = desk.last
    assert (row.subject, row.name, row.user_id) == ("service", "P", desk.author.user_id)
    assert [(each.name, each.old, each.new) for each in differences(row.old, row.new)] == [
        ("expected_service_minutes", 8, 9)
    ]
    branch = desk.office.runtime.context().office.branch_named("wroclaw")
    assert branch is not None
    assert branch.services["P"].policy.expected_service_minutes == 9
    assert len(desk.office.facts(FactType.OFFICE_CHANGED)) == before + 1


def test_what_changes_nothing_is_not_on_record(desk: Desk) -> None:
    before = len(desk.office.rows(OfficeChange))
    desk.edit(P, {"expected_service_minutes": 8})
    assert len(desk.office.rows(OfficeChange)) == before


def test_the_second_of_two_is_told_what_changed_and_changes_nothing(desk: Desk) -> None:
    names = ["expected_service_minutes", "walk_in"]
    seen = digest(part(desk.stated(P), names))
    desk.edit(P, {"expected_service_minutes": 9, "walk_in": True}, names=names, seen=seen)
    with pytest.raises(ChangedMeanwhile) as refused:
        desk.edit(P, {"expected_service_minutes": 11, "walk_in": True}, names=names, seen=seen)
    assert refused.value.now == {"expected_service_minutes": 9, "walk_in": True}
    assert desk.stated(P)["expected_service_minutes"] == 9


def test_two_who_edit_different_settings_do_not_meet(desk: Desk) -> None:
    seen = digest(part(desk.stated(P), ["checklist"]))
    desk.edit(P, {"expected_service_minutes": 9})
    desk.edit(P, {"checklist": ["identity", "payment"]}, seen=seen)
    assert (desk.stated(P)["expected_service_minutes"], desk.stated(P)["checklist"]) == (
        9,
        ["identity", "payment"],
    )


def test_a_wrong_value_is_refused_by_the_name_of_its_setting(desk: Desk) -> None:
    with pytest.raises(SettingError, match=r"booking\.moves: a whole number from 0 to 10"):
        desk.edit(P, {"booking.moves": 99})
    assert "booking" not in desk.stated(P)
    desk.edit(P, {"booking.moves": 4})
    assert desk.stated(P)["booking"] == {"moves": 4}


@pytest.mark.parametrize("letter", ["O", "I"])
def test_letters_like_digits_are_refused_with_the_reason(desk: Desk, letter: str) -> None:
    with pytest.raises(SettingError, match="would be taken for"):
        desk.run(editing.add, things.service("wroclaw", letter), {"names": {"pl": "Obsługa"}})
    desk.edit(BRANCH, {"letters_like_digits": True})
    desk.run(editing.add, things.service("wroclaw", letter), {"names": {"pl": "Obsługa"}})
    assert desk.stated(things.order("wroclaw"))["services"][-1] == letter


def test_a_name_that_is_taken_is_refused(desk: Desk) -> None:
    with pytest.raises(SettingError, match="there is one of this name"):
        desk.run(editing.add, P, {"names": {"pl": "Druga"}})
    assert desk.stated(P)["names"]["pl"] == "Usługa P"


def test_what_is_in_use_is_not_removed_and_is_told_what_uses_it(desk: Desk) -> None:
    desk.office.book("L", "12:00")
    with pytest.raises(RuleBroken, match="in_use") as refused:
        desk.run(editing.remove, things.service("wroclaw", "L"))
    uses = refused.value.facts["uses"]
    assert uses == {"counter_service": 1, "slot": 1, "reservation": 1}
    assert desk.stated(things.service("wroclaw", "L")) is not None


def test_what_a_branch_names_is_in_use(desk: Desk) -> None:
    desk.run(editing.add, things.service("wroclaw", "X"), {"names": {"pl": "Nowa"}})
    desk.edit(BRANCH, {"information_service": "X"})
    with pytest.raises(RuleBroken) as refused:
        desk.run(editing.remove, things.service("wroclaw", "X"))
    assert refused.value.facts["uses"] == {"information_service": 1}


def test_what_nothing_uses_is_removed_and_comes_back_when_that_is_taken_back(desk: Desk) -> None:
    new = things.counter("wroclaw", 33)
    desk.run(editing.add, new, {"hall": "A", "services": ["N", "P"]})
    desk.run(editing.remove, new)
    assert desk.stated(new) is None
    desk.run(editing.take_back, desk.last.id)
    assert desk.stated(new) == {"hall": "A", "services": ["N", "P"]}
    with pytest.raises(RuleBroken, match="taken_back_already"):
        desk.run(editing.take_back, desk.office.rows(OfficeChange)[-2].id)


def test_a_change_is_taken_back_and_what_else_was_changed_stays(desk: Desk) -> None:
    desk.edit(P, {"expected_service_minutes": 9})
    first = desk.last.id
    desk.edit(P, {"walk_in_daily_limit": 30})
    desk.run(editing.take_back, first)
    assert desk.stated(P)["expected_service_minutes"] == 8
    assert desk.stated(P)["walk_in_daily_limit"] == 30
    assert desk.office.one(OfficeChange, OfficeChange.id == first).undone_by_id == desk.last.id


def test_what_was_changed_again_is_not_taken_back(desk: Desk) -> None:
    desk.edit(P, {"expected_service_minutes": 9})
    first = desk.last.id
    desk.edit(P, {"expected_service_minutes": 10})
    with pytest.raises(RuleBroken, match="changed_since"):
        desk.run(editing.take_back, first)
    with pytest.raises(RuleBroken, match="not_found"):
        desk.run(editing.take_back, desk.last.id, -1)


def test_an_old_value_that_no_longer_fits_is_refused_with_the_reason(desk: Desk) -> None:
    desk.run(editing.add, things.service("wroclaw", "X"), {"names": {"pl": "Nowa"}})
    desk.edit(things.counter("wroclaw", 8), {"services": ["P", "X"]})
    desk.edit(things.counter("wroclaw", 8), {"services": ["P"]})
    change = desk.last.id
    desk.run(editing.remove, things.service("wroclaw", "X"))
    with pytest.raises(SettingError, match="letters of the branch's services"):
        desk.run(editing.take_back, change)


def test_an_archived_service_lets_nobody_new_in_and_serves_who_has_come(desk: Desk) -> None:
    ticket = desk.office.walk_in("N")
    desk.run(editing.archive, things.service("wroclaw", "N"), True)
    refused = desk.office.kiosk.post("/tickets", {"service": "N"})
    assert refused.status_code == 409
    branch = desk.office.runtime.context().office.branch_named("wroclaw")
    assert branch is not None
    assert not branch.services["N"].policy.booking.is_online
    called = desk.office.clerk(7).post("/counters/7/call-next")
    assert called.get_json()["ticket"]["number"] == ticket["number"]
    desk.run(editing.archive, things.service("wroclaw", "N"), False)
    assert desk.office.walk_in("N")["number"]


def test_an_archived_counter_does_not_open_and_an_open_one_is_not_archived(desk: Desk) -> None:
    eight = things.counter("wroclaw", 8)
    with pytest.raises(SettingError, match="counter 8 is not closed"):
        desk.run(editing.archive, eight, True)
    clerk = desk.office.clerk(8)
    assert clerk.post("/counters/8/state", {"state": "closed"}).status_code == 200
    desk.run(editing.archive, eight, True)
    answer = clerk.post("/counters/8/state", {"state": "open"})
    assert (answer.status_code, answer.get_json()["reason"]) == (409, "archived")
    desk.run(editing.archive, eight, False)
    assert clerk.post("/counters/8/state", {"state": "open"}).status_code == 200


def test_a_file_again_changes_nothing_and_is_not_on_record(desk: Desk) -> None:
    before = len(desk.office.rows(OfficeChange))
    version = desk.office.runtime.context().office.version
    assert desk.file() == 0
    desk.office.runtime.office.forget()
    assert desk.office.runtime.context().office.version == version
    assert len(desk.office.rows(OfficeChange)) == before


def test_a_file_that_would_overwrite_an_edit_is_refused_with_the_difference(desk: Desk) -> None:
    desk.edit(P, {"expected_service_minutes": 9})
    with pytest.raises(Overwrites) as refused:
        desk.file(overwrite=False)
    ((thing, who, lost),) = refused.value.lost
    assert (thing, who, lost.name, lost.old, lost.new) == (
        P,
        "Anna Nowak",
        "expected_service_minutes",
        9,
        8,
    )
    assert desk.stated(P)["expected_service_minutes"] == 9
    assert desk.file(overwrite=True) == 1
    assert desk.stated(P)["expected_service_minutes"] == 8
    desk.office.set_policy("P", expected_service_minutes=7)
    assert desk.file(overwrite=False) == 1


def test_of_two_at_the_same_instant_one_is_told(desk: Desk) -> None:
    names = ["expected_service_minutes"]
    seen = digest(part(desk.stated(P), names))

    def edit(minutes: int) -> str:
        try:
            desk.edit(P, {"expected_service_minutes": minutes}, names=names, seen=seen)
        except ChangedMeanwhile:
            return "told"
        return "saved"

    minutes = count(20)
    for _ in range(3):
        now = seen
        said = at_once(2, lambda _: edit(next(minutes)))
        assert sorted(said) == ["saved", "told"]
        seen = digest(part(desk.stated(P), names))
        assert seen != now
