"""The page on how true expected times were: what slips promised, kept with the call that came."""

from __future__ import annotations

from collections.abc import Callable

from server.store.tables import Ticket
from tests.server.sample_office import SampleOffice
from tests.server.staff.people import Colleague
from wire.vocabulary import Role

AT = "/staff/at/wroclaw/expected-times"


def test_a_promise_is_what_the_slip_says(office: SampleOffice) -> None:
    place = office.walk_in("P")
    (row,) = office.rows(Ticket)
    assert row.promised_from.isoformat() == place["expected_from"].replace("Z", "+00:00")
    assert row.promised_until.isoformat() == place["expected_until"].replace("Z", "+00:00")


def test_managers_see_what_came_of_promises_by_service(
    office: SampleOffice, signed_in: Callable[..., Colleague]
) -> None:
    browser = signed_in(Role.MANAGER)
    assert "Nie wezwano jeszcze nikogo, komu podano przewidywany czas." in browser.get(AT).text
    clerk = office.clerk(7)
    ids = [office.walk_in("P")["id"] for _ in range(2)]
    for ticket_id in ids:
        assert clerk.post("/counters/7/call-next").get_json()["ticket"]["id"] == ticket_id
        office.clock.advance(minutes=30)
        assert clerk.post(f"/tickets/{ticket_id}/start").status_code == 200
        finished = clerk.post(f"/tickets/{ticket_id}/finish", {"outcome": "served"})
        assert finished.status_code == 200
    browser = signed_in(Role.MANAGER)
    page = browser.get(AT)
    assert (page.status, page.html.problems) == (200, [])
    first, second = (office.ticket(each) for each in ids)
    inside = [each.promised_from <= each.called_at <= each.promised_until for each in (first, second)]
    assert f"{50 * sum(inside)}%" in page.text
    assert "Wszystkie usługi razem" in page.text
    assert page.text.count('<tr><th scope="row">') == 2
    assert AT in browser.get("/staff/at/wroclaw/hall").text
    office.clock.advance(days=29)
    assert "Nie wezwano jeszcze nikogo" in signed_in(Role.MANAGER).get(AT).text


def test_a_clerk_does_not_see_it(signed_in: Callable[..., Colleague]) -> None:
    assert signed_in(Role.CLERK).get(AT).status == 403
