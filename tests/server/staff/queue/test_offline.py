"""Staff see what a kiosk gave while it was alone, and end each conflict on record."""

from __future__ import annotations

import pytest

from server.services.access import users
from server.store.tables import OfflineEntry, Ticket
from tests.server.movable_clock import at
from tests.server.portal.browser import Page
from tests.server.sample_office import SampleOffice
from tests.server.services.queue.test_offline_entries import line, other_kiosk, said, send
from tests.server.staff.people import Colleague, People
from tests.server.staff.queue.web_counter import at_counter
from wire.vocabulary import Role

PAGE = "/staff/at/wroclaw/offline"
HALL = "/staff/at/wroclaw/hall/A"


def supervisor(people: People) -> Colleague:
    """Sign a supervisor in who reads English."""
    somebody = people.signed_in(Role.SUPERVISOR)
    people.office.store.write(lambda session: users.speak(session, somebody.user_id, "en"))
    return somebody


@pytest.fixture
def boss(people: People) -> Colleague:
    """Give a supervisor."""
    return supervisor(people)


def decide(somebody: Colleague, entry: int, how: str, branch: str = "wroclaw") -> Page:
    """Send the form of a conflict; its token is that of a page whose form anybody has."""
    token = somebody.get(HALL.replace("wroclaw", branch)).fields["csrf_token"]
    values = {"csrf_token": token, "how": how}
    return somebody.send("POST", f"/staff/at/{branch}/offline/{entry}", values)


def cancelled(office: SampleOffice, ordinal: int = 1) -> int:
    """Bring the conflict of a cancelled visit; return its entry's id."""
    booked = office.book("P", f"10:{30 + ordinal}")
    office.integrator.delete(f"/reservations/{booked['id']}")
    send(office, said(ordinal, "10:00", booked["id"]))
    entry: int = office.rows(OfflineEntry)[-1].id
    return entry


def test_a_conflict_is_loud_in_the_hall_and_at_the_counters(
    office: SampleOffice, boss: Colleague, people: People
) -> None:
    assert "without the server" not in boss.get(HALL).text
    cancelled(office)
    office.wait_until_sealed()
    page = boss.get(HALL).text
    assert "kiosk:wroclaw: 1 number that it gave without the server needs a decision" in page
    assert f'href="{PAGE}"' in page
    [trouble] = office.clerk(7).get("/counters/7").get_json()["troubles"]
    assert (trouble["part"], trouble["state"]) == ("offline", "conflict")
    in_a_browser = at_counter(office, people, 8).page.words
    assert "numery wydane bez serwera wymagają decyzji" in in_a_browser
    assert office.clerk(20).get("/counters/20").get_json()["troubles"] == []  # another hall


def test_a_visitor_is_let_into_the_line_with_that_number(office: SampleOffice, boss: Colleague) -> None:
    office.walk_in("P")
    entry = cancelled(office)
    assert "Let wait" in boss.get(PAGE).text
    assert decide(boss, entry, "let_wait").status == 303
    assert line(office) == ["P001", "PX01"]
    row = office.one(OfflineEntry)
    assert (row.resolution, row.ticket_id) == ("let_wait", office.rows(Ticket)[-1].id)
    [fact] = office.facts("offline.resolved")
    assert (fact.data["number"], fact.data["reason"]) == ("PX01", "let_wait")
    assert decide(boss, entry, "left").status == 409
    page = boss.get(PAGE).text
    assert "waits with this number" in page
    assert "Nothing needs a decision." in page


def test_an_open_conflict_is_listed_before_all_that_came_after_it(
    office: SampleOffice, boss: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.services.queue.offline_conflicts.MOST", 3)
    cancelled(office)
    for ordinal in range(2, 6):
        send(office, said(ordinal, "10:00"))
    page = boss.get(PAGE).text
    assert "PX01" in page
    assert "Let wait" in page
    assert [number for number in ("PX02", "PX03", "PX04", "PX05") if number in page] == ["PX04", "PX05"]


def test_who_has_another_number_is_not_let_in_twice(office: SampleOffice, boss: Colleague) -> None:
    other, booked = other_kiosk(office), office.book("P", "10:30")
    send(office, said(1, "10:00", booked["id"], letter="Y"), door=other)
    send(office, said(1, "10:00", booked["id"]))
    page = boss.get(PAGE).text
    assert "PX01" in page
    assert '<span class="staff-tag staff-tag--warn">PY01</span>' in page
    assert "Let wait" not in page
    entry = office.rows(OfflineEntry)[-1].id
    assert decide(boss, entry, "let_wait").status == 409
    assert decide(boss, entry, "has_number").status == 303
    assert [row.number for row in office.rows(Ticket)] == ["PY01"]


def test_yesterdays_number_is_not_let_into_todays_line(office: SampleOffice, boss: Colleague) -> None:
    entry = cancelled(office)
    office.clock.advance(hours=20)
    boss = supervisor(People(office))
    page = boss.get(PAGE).text
    assert "PX01" in page
    assert "Let wait" not in page
    assert decide(boss, entry, "let_wait").status == 409


def test_a_choice_is_needed_and_a_supervisor(office: SampleOffice, boss: Colleague, people: People) -> None:
    entry = cancelled(office)
    assert decide(boss, entry, "?").status == 303
    assert office.one(OfflineEntry).resolved_at is None
    clerk = people.signed_in(Role.CLERK)
    assert decide(clerk, entry, "left").status == 403


def test_another_branchs_is_as_good_as_none(office: SampleOffice, people: People) -> None:
    entry = cancelled(office)
    elsewhere = people.signed_in(Role.SUPERVISOR, branch="legnica")
    assert decide(elsewhere, entry, "left", "legnica").status == 404


def test_the_page_lists_what_became_of_the_others(office: SampleOffice, boss: Colleague) -> None:
    office.kiosk.post("/tickets", {"service": "P"}, "lost")
    send(office, said(1, at("9:40"), unanswered="lost"))
    page = boss.get(PAGE).text
    assert "PX01" in page
    assert "in place of P001" in page
    assert "waiting" in page
