"""Who calls whom: clerks call what they may serve, languages give a head start, out of order is a right ⚙."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from server.services.access import colleagues
from server.services.office.settings import Skills
from server.store.tables import Call, User
from tests.server.sample_office import Door, SampleOffice
from tests.server.services.queue.test_expected_times import tell
from tests.server.staff.people import People
from wire.vocabulary import Role


def give(office: SampleOffice, *, languages: str = "", services: str = "", branch: str = "wroclaw") -> None:
    """Say what every clerk of the office speaks (codes with blanks) and may serve (letters)."""
    by = People(office).add(Role.ADMINISTRATOR, branch=None)
    context = office.runtime.context()
    ids = frozenset(office.service_id(letter, branch) for letter in services)
    skills = Skills(frozenset(languages.split()), ids)

    def work(session: object) -> None:
        for user_id in session.execute(select(User.id)).scalars():  # type: ignore[attr-defined]
            where = list(context.office.branches)
            colleagues.set_skills(session, context, by, user_id, where, skills)  # type: ignore[arg-type]

    office.store.write(work)
    office.runtime.office.forget()


def called(clerk: Door, counter: int) -> str | None:
    """Call the next at a counter; return the number."""
    answer = clerk.post(f"/counters/{counter}/call-next")
    return None if answer.status_code == 204 else answer.get_json()["ticket"]["number"]


def test_a_clerk_calls_only_what_they_may_serve(office: SampleOffice) -> None:
    passport = office.walk_in("P")
    office.clock.advance(minutes=1)
    other = office.walk_in("N")["number"]
    clerk = office.clerk(7)
    give(office, services="N")
    shown = clerk.get("/counters/7").get_json()
    assert [each["code"] for each in shown["services"]] == ["N"]
    assert [row["number"] for row in shown["waiting"]] == [other]
    refused = clerk.post(f"/tickets/{passport['id']}/call", {"reason": "other"})
    assert (refused.status_code, refused.get_json()["reason"]) == (403, "service_not_yours")
    assert called(clerk, 7) == other
    assert office.rows(Call)[0].reason is None


def test_control_who_may_serve_nothing_in_particular_serves_all(office: SampleOffice) -> None:
    passport = office.walk_in("P")["number"]
    office.clock.advance(minutes=1)
    office.walk_in("N")
    clerk = office.clerk(7)
    give(office, languages="pl")
    assert called(clerk, 7) == passport


def test_services_of_another_branch_say_nothing_here(office: SampleOffice) -> None:
    passport = office.walk_in("P")["number"]
    clerk = office.clerk(7)
    give(office, services="N", branch="legnica")
    assert called(clerk, 7) == passport


def test_who_was_sent_to_this_very_counter_is_called_there(office: SampleOffice) -> None:
    sent = office.walk_in("P")
    other = office.clerk(8)
    other.post(f"/tickets/{sent['id']}/call", {"reason": "other"})
    assert other.post(f"/tickets/{sent['id']}/transfer", {"counter": 7}).status_code == 200
    clerk = office.clerk(7)
    give(office, services="N")
    assert called(clerk, 7) == sent["number"]


def test_what_nobody_there_may_serve_is_expected_by_nobody(office: SampleOffice) -> None:
    clerk = office.clerk(8)
    for number in (1, 2, 7, 20):
        office.clerk(number).post(f"/counters/{number}/state", {"state": "closed"})
    assert clerk.post("/counters/8/state", {"state": "open"}).status_code == 200
    passport = office.walk_in("P")
    assert tell(office, passport)[0]["expected_from"]
    give(office, services="N")
    assert "expected_from" not in tell(office, passport)[0]


@pytest.mark.parametrize(("minutes", "first"), [(0, "pl"), (4, "pl"), (5, "uk"), (20, "uk")])
def test_a_language_that_the_clerk_speaks_gives_a_head_start(
    office: SampleOffice, minutes: int, first: str
) -> None:
    office.set_policy(languages=["pl", "en", "uk"], language_head_start_minutes=minutes)
    numbers = {"pl": office.walk_in("P", language="pl")["number"]}
    office.clock.advance(minutes=4, seconds=30)
    numbers["uk"] = office.walk_in("P", language="uk")["number"]
    clerk = office.clerk(8)
    give(office, languages="uk")
    shown = clerk.get("/counters/8").get_json()
    assert shown["waiting"][0]["number"] == numbers[first]
    assert (shown.get("order") is None) == (minutes > 0)
    assert called(clerk, 8) == numbers[first]


def test_control_to_a_clerk_of_whom_nothing_is_said_all_languages_are_alike(office: SampleOffice) -> None:
    office.set_policy(languages=["pl", "en", "uk"], language_head_start_minutes=20)
    number = office.walk_in("P", language="pl")["number"]
    office.clock.advance(minutes=4)
    office.walk_in("P", language="uk")
    assert called(office.clerk(8), 8) == number


def test_where_only_supervisors_may_call_out_of_order_clerks_are_not_offered_it(office: SampleOffice) -> None:
    office.set_policy(out_of_order="supervisors")
    ticket = office.walk_in("P")
    clerk = office.clerk(7)
    shown = clerk.get("/counters/7").get_json()
    assert shown["waiting"][0]["actions"] == ["withdraw"]
    assert shown.get("order") is None, "the counter asks what may be done with a newcomer"
    refused = clerk.post(f"/tickets/{ticket['id']}/call", {"reason": "other"})
    assert (refused.status_code, refused.get_json()["reason"]) == (403, "out_of_order_refused")
    supervisor = office.supervisor(8)
    assert supervisor.get("/counters/8").get_json()["waiting"][0]["actions"] == ["call", "withdraw"]
    assert supervisor.post(f"/tickets/{ticket['id']}/call", {"reason": "health"}).status_code == 200


def test_a_parked_ticket_is_no_call_out_of_order(office: SampleOffice) -> None:
    office.set_policy(out_of_order="supervisors")
    ticket = office.walk_in("P")
    clerk = office.clerk(7)
    called(clerk, 7)
    clerk.post(f"/tickets/{ticket['id']}/park")
    assert clerk.post(f"/tickets/{ticket['id']}/call", {"reason": "parked"}).status_code == 200


def test_the_reason_is_one_of_the_list_and_stands_in_the_fact(office: SampleOffice) -> None:
    ticket = office.walk_in("P")
    clerk = office.clerk(7)
    refused = clerk.post(f"/tickets/{ticket['id']}/call", {"reason": "my friend"})
    assert (refused.status_code, refused.get_json()["reason"]) == (422, "invalid_body")
    assert clerk.post(f"/tickets/{ticket['id']}/call", {"reason": "health"}).status_code == 200
    (fact,) = office.facts("ticket.called")
    assert (fact.data["out_of_order"], fact.data["reason"]) == (True, "health")
