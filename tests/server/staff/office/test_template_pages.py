"""Templates on pages: made, changed after a look at what changes, followed and differed from field by field."""

from __future__ import annotations

from typing import Any

import pytest

from server.services.access import users
from server.services.office import things
from server.store.tables import Template
from tests.server.sample_office import SampleOffice
from tests.server.staff.office.forms import save, typed
from tests.server.staff.people import Colleague, People
from wire.vocabulary import Role

AT, OFFICE = "/staff/at/wroclaw/settings", "/staff/office/templates"


def english(office: SampleOffice, browser: Colleague) -> Colleague:
    office.store.write(lambda session: users.speak(session, browser.user_id, "en"))
    return browser


@pytest.fixture
def head(office: SampleOffice, people: People) -> Colleague:
    """Sign an administrator of all branches in who reads English."""
    return english(office, people.signed_in(Role.ADMINISTRATOR, branch=None))


@pytest.fixture
def manager(office: SampleOffice, people: People) -> Colleague:
    """Sign a manager in who reads English."""
    return english(office, people.signed_in(Role.MANAGER))


def stated(office: SampleOffice, thing: Any) -> Any:
    return office.store.read(lambda session: things.stated(session, thing))


def press(browser: Colleague, page: str, address: str = "", **sent: Any) -> Any:
    token = browser.get(page).fields["csrf_token"]
    return browser.send("POST", address or page, {"csrf_token": token} | sent)


def make(head: Colleague) -> None:
    assert save(head, f"{OFFICE}/branch/new", code="standard", title="Standard").status == 303
    assert save(head, f"{OFFICE}/branch/standard/calling", call_lead_minutes="5").status == 303


def test_a_manager_sees_what_would_change_and_keeps_some_of_it(
    office: SampleOffice, head: Colleague, manager: Colleague
) -> None:
    make(head)
    save(manager, f"{AT}/calling", undo_seconds="15")
    assert "The head office has made no template" not in manager.get(f"{AT}/template").words
    shown = manager.get(f"{AT}/template?template=standard")
    assert shown.html.problems == []
    assert "Booked visitors are due (minutes before the hour)" in shown.words
    assert "A clerk can take a step back for (seconds)" in shown.words
    assert press(manager, f"{AT}/template", template="standard", keep=["undo_seconds"]).status == 303
    now = stated(office, things.branch("wroclaw"))
    assert (now["call_lead_minutes"], now["undo_seconds"]) == (5, 15)
    assert now["own"] == {"undo_seconds": True}


def test_each_field_says_what_it_follows_and_can_follow_again(
    office: SampleOffice, head: Colleague, manager: Colleague
) -> None:
    make(head)
    press(manager, f"{AT}/template", template="standard")
    page = manager.get(f"{AT}/calling")
    assert "as template: Standard" in page.words
    assert "own value" not in page.words
    assert save(manager, f"{AT}/calling", call_lead_minutes="9").status == 303
    page = manager.get(f"{AT}/calling")
    assert "own value" in page.words
    assert "as template" not in manager.get(f"{AT}/branch").words.partition("Address")[2].partition("map")[0]
    assert press(manager, f"{AT}/calling", follow="call_lead_minutes").status == 303
    assert stated(office, things.branch("wroclaw"))["call_lead_minutes"] == 5
    assert "own value" not in manager.get(f"{AT}/calling").words


def test_an_own_value_stands_beside_what_the_template_says(
    office: SampleOffice, head: Colleague, manager: Colleague
) -> None:
    make(head)
    press(manager, f"{AT}/template", template="standard")
    assert "The template says" not in manager.get(f"{AT}/calling").words
    save(manager, f"{AT}/calling", call_lead_minutes="9", undo_seconds="15", transfer_keeps_place="on")
    words = manager.get(f"{AT}/calling").words
    assert words.count("The template says:") == 3
    for said in ("The template says: 5", "The template says: 10", "The template says: no"):
        assert said in words
    save(head, f"{OFFICE}/branch/standard/calling", call_lead_minutes="6")
    assert "The template says: 6" in manager.get(f"{AT}/calling").words
    assert "The template says" not in head.get(f"{OFFICE}/branch/standard/calling").words


def test_a_template_is_made_from_a_branch_and_changes_nothing_there(
    office: SampleOffice, head: Colleague, manager: Colleague
) -> None:
    hostile = "<script>alert(1)</script>"
    save(manager, f"{AT}/calling", undo_seconds="15")
    save(manager, f"{AT}/branch", address__pl="ul. Mostowa 1", phone=hostile)
    before = stated(office, things.branch("wroclaw"))
    made_from = f"{OFFICE}/branch/new?made_from=wroclaw"
    links = {each.get("href") for each in head.get(f"{AT}/template").html.named("a")}
    assert made_from in links
    assert "made from: Urząd wroclaw" in head.get(made_from).words
    assert save(head, made_from, code="copy", title="As in Wrocław").status == 303
    assert stated(office, things.branch("wroclaw")) == before
    template = stated(office, things.template("branch", "copy"))
    assert (template["title"], template["undo_seconds"]) == ("As in Wrocław", 15)
    assert {"address", "phone", "name"} & {*template} == set()
    # Who follows it keeps every value, with none of its own.
    assert press(manager, f"{AT}/template", template="copy").status == 303
    assert stated(office, things.branch("wroclaw")) == before | {"template": "copy"}
    twice = save(head, made_from, code="copy", title="Again")
    assert (twice.status, len(twice.mistakes)) == (422, 1)


def test_a_template_is_made_from_a_service(
    office: SampleOffice, head: Colleague, manager: Colleague, people: People
) -> None:
    row_id = office.service_id("P")
    made_from = f"{OFFICE}/service/new?made_from=wroclaw&letter=P"
    links = {each.get("href") for each in head.get(f"{AT}/service/{row_id}/template").html.named("a")}
    assert made_from in links
    assert save(head, made_from, code="passport", title="Passports").status == 303
    service = stated(office, things.service("wroclaw", "P"))
    template = stated(office, things.template("service", "passport"))
    assert template == {"title": "Passports"} | service
    here = english(office, people.signed_in(Role.ADMINISTRATOR))
    for browser in (manager, here):
        assert "Make a template from this" not in browser.get(f"{AT}/template").words
        assert browser.get(made_from).status == 403
    for nowhere in (
        "branch/new?made_from=nowhere",
        "service/new?made_from=wroclaw&letter=Z",
        "service/new?made_from=wroclaw",
    ):
        assert head.get(f"{OFFICE}/{nowhere}").status == 404


def test_a_change_for_all_is_shown_before_it_is_saved(
    office: SampleOffice, head: Colleague, manager: Colleague
) -> None:
    make(head)
    press(manager, f"{AT}/template", template="standard")
    group = f"{OFFICE}/branch/standard/calling"
    shown = save(head, group, call_lead_minutes="8")
    assert shown.status == 200
    assert "Nothing is saved yet: 1 other changes with this template." in shown.words
    assert "Urząd wroclaw" in shown.words
    assert stated(office, things.branch("wroclaw"))["call_lead_minutes"] == 5
    # Whoever changes their mind on that page is asked again.
    again = head.send("POST", group, typed(shown, call_lead_minutes="7"))
    assert again.status == 200
    assert stated(office, things.branch("wroclaw"))["call_lead_minutes"] == 5
    assert head.send("POST", group, typed(again)).status == 303
    assert stated(office, things.branch("wroclaw"))["call_lead_minutes"] == 7
    assert "Template of branches: standard" in head.get("/staff/office/records").words
    assert "Branch wroclaw" in manager.get("/staff/at/wroclaw/records").words


def test_what_does_not_fit_a_follower_is_said_with_its_name(
    office: SampleOffice, head: Colleague, manager: Colleague
) -> None:
    make(head)
    press(manager, f"{AT}/template", template="standard")
    save(manager, f"{AT}/arrival", check_in_lead_minutes="40")
    refused = save(head, f"{OFFICE}/branch/standard/arrival", check_in_earliest_minutes="30")
    assert refused.status == 422
    assert "Urząd wroclaw: This must be more than the shortest time before the hour" in refused.words


def test_a_template_in_use_is_put_away_or_dissolved(
    office: SampleOffice, head: Colleague, manager: Colleague
) -> None:
    make(head)
    press(manager, f"{AT}/template", template="standard")
    one = f"{OFFICE}/branch/standard"
    refused = press(head, one, f"{one}/remove")
    assert refused.status == 409
    assert "It is followed by: Urząd wroclaw." in refused.words
    assert press(head, one, f"{one}/archive").status == 303
    assert "standard" not in manager.get(f"{AT}/template").text.partition("<select")[2]
    assert press(head, one, f"{one}/dissolve").status == 303
    assert office.rows(Template) == []
    now = stated(office, things.branch("wroclaw"))
    assert (now["call_lead_minutes"], now.get("template")) == (5, None)


def test_a_new_service_takes_its_name_from_a_template(
    office: SampleOffice, head: Colleague, manager: Colleague
) -> None:
    assert "template" not in typed(manager.get(f"{AT}/services/new"))
    save(head, f"{OFFICE}/service/new", code="passport", title="Passports")
    assert save(head, f"{OFFICE}/service/passport/service", names__pl="Paszport", walk_in="on").status == 303
    assert save(manager, f"{AT}/services/new", letter="X", template="passport").status == 303
    service = things.service("wroclaw", "X")
    assert stated(office, service) == {"names": {"pl": "Paszport"}, "walk_in": True, "template": "passport"}
    row_id = office.service_id("X")
    assert "Follows: Passports" in manager.get(f"{AT}/service/{row_id}/template").words
    assert press(manager, f"{AT}/service/{row_id}/template", leave="1").status == 303
    assert stated(office, service) == {"names": {"pl": "Paszport"}, "walk_in": True}


def test_templates_are_the_head_office_s_and_hostile_titles_only_text(
    office: SampleOffice, head: Colleague, manager: Colleague, people: People
) -> None:
    hostile = "<script>alert(1)</script>"
    save(head, f"{OFFICE}/branch/new", code="x", title=hostile)
    press(manager, f"{AT}/template", template="x")
    for browser, path in ((head, OFFICE), (head, f"{OFFICE}/branch/x"), (manager, f"{AT}/calling")):
        page = browser.get(path)
        assert (page.status, page.html.problems) == (200, [])
        assert hostile not in page.text
    assert manager.get(OFFICE).status == 403
    assert head.get(f"{OFFICE}/branch/nowhere").status == 404
    assert head.get(f"{OFFICE}/hall/new").status == 404
    assert head.get(f"{OFFICE}/branch/x/nowhere").status == 404
    assert people.signed_in(Role.CLERK).get(f"{AT}/template").status in (403, 404)


def test_every_page_of_a_template_opens_and_saves_nothing_new(office: SampleOffice, head: Colleague) -> None:
    for kind in ("branch", "service"):
        save(head, f"{OFFICE}/{kind}/new", code="all", title="All")
        page = head.get(f"{OFFICE}/{kind}/all")
        links = [each["href"] for each in page.html.named("a") if f"/{kind}/all/" in (each.get("href") or "")]
        assert len(links) > 4
        for link in links:
            assert save(head, link).status == 303, link
    assert {row.version for row in office.rows(Template)} == {1}
