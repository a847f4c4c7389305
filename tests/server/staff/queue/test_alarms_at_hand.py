"""What an alarm of the hall's page has at hand: a counter that could open, a message, the place it is about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from server.services.queue.views.hall import Alarm, AlarmKind
from tests.server.sample_office import SampleOffice
from tests.server.staff.people import Colleague
from tests.server.staff.queue.test_hall import HALL, close_all, overview
from wire.vocabulary import Role


def nobody(office: SampleOffice) -> Alarm:
    (found,) = [each for each in overview(office).alarms if each.kind is AlarmKind.NOBODY]
    return found


def test_a_counter_on_a_break_is_opened_where_nobody_serves_booked_visitors(
    office: SampleOffice, signed_in: Callable[..., Colleague]
) -> None:
    close_all(office)
    office.arrive("P", office.clock.now() + timedelta(minutes=30))
    alarm = nobody(office)
    assert (alarm.opens, alarm.could_serve) == (None, None), "nobody is signed in anywhere"
    clerk = office.clerk(7)
    clerk.post("/counters/7/state", {"state": "paused"})
    assert nobody(office).opens == 7
    browser = signed_in(Role.SUPERVISOR)
    page = browser.get(HALL)
    assert "Otwórz stanowisko 7" in page.words
    token = page.fields["csrf_token"]
    browser.send("POST", f"{HALL}/A/counters/7/state", {"csrf_token": token, "on": "1"})
    assert clerk.get("/counters/7").get_json()["state"] == "open"
    assert [each.kind for each in overview(office).alarms] == []
    assert "Otwórz stanowisko" not in signed_in(Role.AUDITOR).get(HALL).words


def test_else_the_way_leads_to_a_counter_that_could_serve_it(
    office: SampleOffice, signed_in: Callable[..., Colleague]
) -> None:
    close_all(office)
    office.arrive("L", office.clock.now() + timedelta(minutes=30))
    clerk = office.clerk(7)
    clerk.post("/counters/7/state", {"state": "open"})
    assert "L" not in [each["code"] for each in clerk.get("/counters/7").get_json()["services"]]
    alarm = nobody(office)
    assert (alarm.service, alarm.opens, alarm.could_serve) == ("L", None, 7)
    page = signed_in(Role.SUPERVISOR).get(HALL)
    assert 'href="#serves-7"' in page.text
    assert 'id="serves-7"' in page.text


def test_a_visit_that_takes_long_has_the_message_at_hand(
    office: SampleOffice, signed_in: Callable[..., Colleague]
) -> None:
    office.walk_in("P")
    clerk = office.clerk(7)
    ticket = clerk.post("/counters/7/call-next").get_json()["ticket"]
    clerk.post(f"/tickets/{ticket['id']}/start")
    office.clock.advance(minutes=40)
    page = signed_in(Role.SUPERVISOR).get(HALL)
    assert 'href="#message-7"' in page.text
    assert 'id="message-7"' in page.text
    assert 'href="#message-7"' not in signed_in(Role.AUDITOR).get(HALL).text


def test_a_device_leads_to_the_devices_for_those_who_set_up(
    office: SampleOffice, signed_in: Callable[..., Colleague]
) -> None:
    office.kiosk.post("/devices/me/status", {"printer": "cover_open"})
    manager, supervisor = signed_in(Role.MANAGER).get(HALL), signed_in(Role.SUPERVISOR).get(HALL)
    alarms = [
        page.text.partition('id="alarms"')[2].partition("</section>")[0] for page in (manager, supervisor)
    ]
    assert ["/staff/at/wroclaw/devices" in each for each in alarms] == [True, False]
