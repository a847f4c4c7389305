"""Templates: followers take values over, their own stand, a change reaches all at once and is taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from server.domain.office.differences import digest, part
from server.domain.office.reading import SettingError
from server.domain.office.templates import Kind, settings_of
from server.services.context import RuleBroken
from server.services.office import editing, things
from server.services.office.editing import Author, Concerns, OfFollower
from server.services.office.exporting import office_tables
from server.services.office.set_up import set_up_office
from server.services.office.things import Thing
from server.store.tables import OfficeChange, Template
from tests.server.sample_office import SampleOffice

RULES = things.template("branch", "standard")
PASSPORT = things.template("service", "passport")
WROCLAW, LEGNICA = things.branch("wroclaw"), things.branch("legnica")
SERVICE = things.service("wroclaw", "P")


def act(office: SampleOffice, use_case: Any, *given: Any, **more: Any) -> Any:
    who = Author(office.clock.now())
    found = office.store.write(lambda session: use_case(session, who, *given, **more))
    office.runtime.office.forget()
    return found


def stated(office: SampleOffice, thing: Thing) -> dict[str, Any]:
    found = office.store.read(lambda session: things.stated(session, thing))
    assert found is not None
    return found


def edit(office: SampleOffice, thing: Thing, said: dict[str, Any], *names: str, sure: str = "") -> None:
    wanted = names or tuple(said)
    seen = digest(part(stated(office, thing), wanted))
    act(office, editing.edit, thing, said, names=wanted, seen=seen, sure=sure)


def edit_surely(office: SampleOffice, thing: Thing, said: dict[str, Any], *names: str) -> Concerns:
    with pytest.raises(Concerns) as told:
        edit(office, thing, said, *names)
    edit(office, thing, said, *names, sure=told.value.sure)
    return told.value


def records(office: SampleOffice) -> list[tuple[str, str]]:
    return [(row.subject, row.name) for row in office.rows(OfficeChange)]


@pytest.fixture
def following(office: SampleOffice) -> SampleOffice:
    """Give an office whose two branches follow one template."""
    act(office, editing.add, RULES, {"title": "Standard", "call_lead_minutes": 5, "undo_seconds": 20})
    for branch in (WROCLAW, LEGNICA):
        act(office, editing.follow, branch, "standard")
    return office


def test_a_follower_has_the_template_s_values(following: SampleOffice) -> None:
    view = following.runtime.context().office.branch_named("legnica")
    assert view is not None
    assert (view.policy.call_lead_minutes, view.policy.undo_seconds, view.policy.template) == (
        5,
        20,
        "standard",
    )
    assert view.policy.own == frozenset()


def test_a_change_of_the_template_reaches_all_followers_at_once(following: SampleOffice) -> None:
    told = edit_surely(following, RULES, {"call_lead_minutes": 7})
    assert [(thing, [each.name for each in found]) for thing, found in told.others] == [
        (WROCLAW, ["call_lead_minutes"]),
        (LEGNICA, ["call_lead_minutes"]),
    ]
    assert [stated(following, each)["call_lead_minutes"] for each in (WROCLAW, LEGNICA)] == [7, 7]
    # On record in both places.
    assert records(following)[-3:] == [
        ("template", "branch standard"),
        ("branch", "wroclaw"),
        ("branch", "legnica"),
    ]
    assert following.one(Template).version == 2


def test_nothing_is_changed_by_a_preview(following: SampleOffice) -> None:
    before = (stated(following, RULES), stated(following, LEGNICA), len(records(following)))
    with pytest.raises(Concerns):
        edit(following, RULES, {"call_lead_minutes": 7}, sure="another")
    assert (stated(following, RULES), stated(following, LEGNICA), len(records(following))) == before


def test_what_a_branch_changes_is_its_own_and_stands(following: SampleOffice) -> None:
    edit(following, LEGNICA, {"call_lead_minutes": 9})
    assert stated(following, LEGNICA)["own"] == {"call_lead_minutes": True}
    told = edit_surely(following, RULES, {"call_lead_minutes": 7, "undo_seconds": 30})
    assert [(thing, len(found)) for thing, found in told.others] == [(WROCLAW, 2), (LEGNICA, 1)]
    shown = stated(following, LEGNICA)
    assert (shown["call_lead_minutes"], shown["undo_seconds"]) == (9, 30)


def test_a_value_of_one_s_own_stands_although_the_template_came_to_say_the_same(
    following: SampleOffice,
) -> None:
    edit(following, LEGNICA, {"call_lead_minutes": 9})
    edit_surely(following, RULES, {"call_lead_minutes": 9})
    edit_surely(following, RULES, {"call_lead_minutes": 4})
    assert [stated(following, each)["call_lead_minutes"] for each in (WROCLAW, LEGNICA)] == [4, 9]


def test_the_default_as_one_s_own_value_stands_as_well(following: SampleOffice) -> None:
    edit(following, LEGNICA, {}, "undo_seconds")
    assert "undo_seconds" not in stated(following, LEGNICA)
    edit_surely(following, RULES, {"undo_seconds": 40})
    assert "undo_seconds" not in stated(following, LEGNICA)
    assert stated(following, WROCLAW)["undo_seconds"] == 40


def test_a_follower_follows_again(following: SampleOffice) -> None:
    edit(following, LEGNICA, {"call_lead_minutes": 9, "undo_seconds": 9})
    act(following, editing.follow_again, LEGNICA, ["call_lead_minutes"])
    shown = stated(following, LEGNICA)
    assert (shown["call_lead_minutes"], shown["undo_seconds"]) == (5, 9)
    assert shown["own"] == {"undo_seconds": True}


def test_one_who_begins_to_follow_keeps_what_differs_if_they_wish(office: SampleOffice) -> None:
    act(office, editing.add, RULES, {"title": "Standard", "call_lead_minutes": 5, "undo_seconds": 20})
    edit(office, WROCLAW, {"call_lead_minutes": 9})
    act(office, editing.follow, WROCLAW, "standard", ["call_lead_minutes"])
    shown = stated(office, WROCLAW)
    assert (shown["call_lead_minutes"], shown["undo_seconds"]) == (9, 20)
    act(office, editing.follow, WROCLAW, "standard")
    shown = stated(office, WROCLAW)
    assert (shown["call_lead_minutes"], shown.get("own")) == (5, None)
    act(office, editing.leave_template, WROCLAW)
    shown = stated(office, WROCLAW)
    assert (shown["call_lead_minutes"], shown.get("template")) == (5, None)
    edit(office, RULES, {"call_lead_minutes": 6})
    assert stated(office, WROCLAW)["call_lead_minutes"] == 5


def test_changes_are_taken_back_on_both_sides(following: SampleOffice) -> None:
    edit_surely(following, RULES, {"call_lead_minutes": 7})
    edit(following, LEGNICA, {"undo_seconds": 9})
    of_template, *_, own = following.rows(OfficeChange)[-4:]
    act(following, editing.take_back, own.id)
    assert "own" not in stated(following, LEGNICA), "it follows again, as before"
    act(following, editing.take_back, of_template.id)
    assert [stated(following, each)["call_lead_minutes"] for each in (WROCLAW, LEGNICA)] == [5, 5]
    edit_surely(following, RULES, {"call_lead_minutes": 8})
    act(following, editing.take_back, following.rows(OfficeChange)[-1].id)
    shown = stated(following, LEGNICA)
    assert (shown["call_lead_minutes"], shown["own"]) == (5, {"call_lead_minutes": True})


def test_a_template_in_use_is_not_removed(following: SampleOffice) -> None:
    with pytest.raises(RuleBroken) as told:
        act(following, editing.remove, RULES)
    assert (told.value.reason, told.value.facts) == ("in_use", {"uses": {"branch": 2}})
    act(following, editing.archive, RULES, True)
    with pytest.raises(SettingError, match="no such template"):
        act(following, editing.follow, LEGNICA, "standard")
    assert stated(following, LEGNICA)["template"] == "standard"
    act(following, editing.remove_template, RULES)
    assert following.rows(Template) == []
    shown = stated(following, LEGNICA)
    assert (shown["call_lead_minutes"], shown.get("template")) == (5, None)


def test_a_template_that_does_not_fit_a_follower_changes_nothing(following: SampleOffice) -> None:
    edit(following, LEGNICA, {"check_in_lead_minutes": 30})
    with pytest.raises(OfFollower) as told:
        edit(following, RULES, {"check_in_earliest_minutes": 20})
    assert (told.value.follower, told.value.key) == (LEGNICA, "check_in_earliest_minutes")
    assert "check_in_earliest_minutes" not in stated(following, WROCLAW)


def test_a_service_follows_a_template_with_its_texts(office: SampleOffice) -> None:
    value = {
        "title": "Passport",
        "names": {"pl": "Paszport"},
        "walk_in": True,
        "booking": {"moves": 3},
        "information": {"payment": {"pl": "Kartą"}},
    }
    act(office, editing.add, PASSPORT, value)
    act(office, editing.follow, SERVICE, "passport")
    shown = stated(office, SERVICE)
    assert shown["names"] == {"pl": "Paszport"}
    assert "checklist" not in shown, "what the template leaves out is as by default"
    edit(office, SERVICE, {"booking.moves": 5, "names": {"pl": "Paszporty"}})
    edit_surely(office, PASSPORT, {"booking.moves": 2, "booking.hold_minutes": 5, "names": {"pl": "Dowód"}})
    shown = stated(office, SERVICE)
    assert (shown["booking"], shown["names"]) == ({"moves": 5, "hold_minutes": 5}, {"pl": "Paszporty"})
    assert shown["own"] == {"booking": {"moves": True}, "names": True}


def test_a_new_service_of_a_template_needs_its_letter_only(office: SampleOffice) -> None:
    act(office, editing.add, PASSPORT, {"title": "Passport", "names": {"pl": "Paszport"}})
    act(office, editing.add, things.service("legnica", "X"), {"template": "passport"})
    assert stated(office, things.service("legnica", "X")) == {
        "names": {"pl": "Paszport"},
        "template": "passport",
    }


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ({"title": "x", "address": {"pl": "x"}}, "address"),
        ({"title": "x", "template": "standard"}, "template"),
        ({"title": "x", "undo_seconds": 0}, "undo_seconds"),
        ({"title": " "}, "title"),
        ({"title": "x", "no_such": 1}, "no_such"),
    ],
)
def test_what_a_template_cannot_be_is_refused(office: SampleOffice, value: Any, key: str) -> None:
    with pytest.raises(SettingError) as told:
        act(office, editing.add, things.template("branch", "new"), value)
    assert told.value.key.partition(".")[0] == key


def test_a_template_or_setting_that_is_not_there_is_refused(following: SampleOffice) -> None:
    for value in ({"template": "nowhere"}, {"own": {"moves": True}}, {"own": {"undo_seconds": 1}}):
        with pytest.raises(SettingError):
            act(following, editing.change_alone, LEGNICA, stated(following, LEGNICA) | value)


def test_the_file_carries_templates_and_what_is_one_s_own(following: SampleOffice, now: datetime) -> None:
    act(following, editing.add, PASSPORT, {"title": "Passport", "names": {"pl": "Paszport"}})
    act(following, editing.follow, SERVICE, "passport", ["names", "walk_in"])
    edit(following, LEGNICA, {"call_lead_minutes": 9})
    file = following.store.read(office_tables)
    assert [each["code"] for each in file["template"]] == ["standard", "passport"]
    assert following.store.write(lambda session: set_up_office(session, now, file)) == []
    file["template"][0]["undo_seconds"] = 33
    changed = following.store.write(lambda session: set_up_office(session, now, file))
    assert [each.name for each in changed[:3]] == ["branch standard", "wroclaw", "legnica"]


def test_every_setting_is_a_template_s_or_a_branch_s_own_by_nature() -> None:
    assert {"opening_hours", "languages", "undo_seconds"} <= set(settings_of(Kind.BRANCH))
    assert {"names", "booking.moves", "information.fees"} <= set(settings_of(Kind.SERVICE))
    assert not {"address", "closures", "archived", "own", "template"} & set(settings_of(Kind.BRANCH))


@pytest.fixture
def now(office: SampleOffice) -> datetime:
    return office.clock.now()
