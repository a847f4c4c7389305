"""The overview of a hall: right figures, what wants attention, who may see it, and texts that do no harm."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from server.services.queue.views import hall_reading, shared
from server.services.queue.views.hall import AlarmKind, Doing, HallOverview, ServiceShown
from server.store.queries.office import grow_version
from server.store.tables import Counter, Device, Hall, Service, User
from tests.server.sample_office import SampleOffice
from tests.server.staff.people import Colleague
from wire.vocabulary import Refusal, Role

HALL = "/staff/at/wroclaw/hall"


def overview(office: SampleOffice, hall: str = "A") -> HallOverview:
    context = office.runtime.context()
    branch = context.office.branch_named("wroclaw")
    assert branch is not None
    return office.store.read(lambda session: hall_reading.overview(session, context, branch.halls[hall]))


def service(office: SampleOffice, letter: str) -> ServiceShown:
    (found,) = [each for each in overview(office).services if each.letter == letter]
    return found


def kinds(office: SampleOffice) -> list[AlarmKind]:
    return [alarm.kind for alarm in overview(office).alarms]


def change(office: SampleOffice, table: Any, which: dict[str, Any], **values: Any) -> None:
    def work(session: Any) -> None:
        row = session.query(table).filter_by(**which).one()
        for name, value in values.items():
            setattr(row, name, value)

    office.store.write(work)


def close_all(office: SampleOffice) -> None:
    for row in office.rows(Counter):
        change(office, Counter, {"id": row.id}, state="closed")


def test_who_waits_by_lane_and_since_when(office: SampleOffice) -> None:
    office.walk_in("P")
    office.walk_in("P", priority="pregnancy")
    office.clock.advance(minutes=7)
    office.walk_in("P")
    office.arrive("P", office.clock.now() + timedelta(minutes=60))
    shown = service(office, "P")
    assert (shown.booked, shown.walk_in, shown.priority, shown.waiting) == (1, 2, 1, 4)
    assert shown.longest_minutes == 7
    assert service(office, "N").waiting == 0
    assert service(office, "N").longest_minutes is None


def test_a_booked_visitor_waits_from_the_hour_of_the_visit(office: SampleOffice) -> None:
    office.arrive("P", office.clock.now() + timedelta(minutes=20))
    office.clock.advance(minutes=19)
    assert service(office, "P").longest_minutes == 0
    office.clock.advance(minutes=17)
    assert (service(office, "P").longest_minutes, service(office, "P").over_target) == (16, True)


def test_a_newcomer_is_told_what_a_ticket_of_now_would_say(office: SampleOffice) -> None:
    for _ in range(4):
        office.walk_in("P")
    told = service(office, "P").newcomer_minutes
    ticket = office.walk_in("P")
    ranges = [(ticket[name], office.clock.now()) for name in ("expected_from", "expected_until")]
    minutes = tuple(int((datetime.fromisoformat(at) - now) / timedelta(minutes=1)) for at, now in ranges)
    assert told == minutes
    assert service(office, "L").refusal is Refusal.NOT_OFFERED


def test_counters_with_what_they_do_and_since_when(office: SampleOffice) -> None:
    ticket = office.walk_in("P")
    clerk = office.clerk(7)
    clerk.post("/counters/7/state", {"state": "paused"})
    office.clock.advance(minutes=3)
    (seven,) = [each for each in overview(office).counters if each.number == 7]
    assert (seven.doing, seven.clerk, seven.ticket) == (Doing.PAUSED, "Anna Nowak", None)
    assert seven.since == office.clock.now() - timedelta(minutes=3)
    clerk.post("/counters/7/state", {"state": "open"})
    clerk.post("/counters/7/call-next")
    clerk.post(f"/tickets/{ticket['id']}/recall")
    (seven,) = [each for each in overview(office).counters if each.number == 7]
    assert (seven.doing, seven.ticket, seven.call_count) == (Doing.CALLED, "P001", 2)
    clerk.post(f"/tickets/{ticket['id']}/start")
    office.clock.advance(minutes=16)
    assert kinds(office) == [AlarmKind.TAKES_LONG]
    clerk.post(f"/tickets/{ticket['id']}/finish", {"outcome": "served"})
    office.clock.advance(minutes=2)
    (seven,) = [each for each in overview(office).counters if each.number == 7]
    assert (seven.doing, seven.since) == (Doing.FREE, office.clock.now() - timedelta(minutes=2))
    assert kinds(office) == []


@pytest.mark.parametrize(
    ("then", "kind", "bound"),
    [
        ("first", AlarmKind.WAIT, 15),
        ("alarm", AlarmKind.WAIT_AT_MOST, 30),
        ("both", AlarmKind.WAIT_AT_MOST, 30),
    ],
)
def test_the_longest_wait_of_a_service_is_an_alarm_where_that_is_ruled(
    office: SampleOffice, then: str, kind: AlarmKind, bound: int
) -> None:
    office.set_policy("P", maximum_wait_minutes=30, after_maximum_wait=then)
    office.walk_in("P")
    office.clock.advance(minutes=29, seconds=59)
    assert kinds(office) == [AlarmKind.WAIT]
    office.clock.advance(seconds=1)
    (alarm,) = overview(office).alarms
    assert (alarm.kind, alarm.minutes, alarm.target) == (kind, 30, bound)


def test_where_staff_are_only_told_of_a_long_wait_nobody_is_overtaken(office: SampleOffice) -> None:
    office.set_policy("P", maximum_wait_minutes=10, after_maximum_wait="alarm")
    long_ago = office.walk_in("P")["number"]
    booked = office.arrive("P", office.clock.now() + timedelta(minutes=20))["number"]
    office.clock.advance(minutes=20)
    shown = office.clerk(8).get("/counters/8").get_json()
    assert [row["number"] for row in shown["waiting"]] == [booked, long_ago]


def test_a_wait_over_the_target_is_an_alarm_and_one_at_it_is_none(office: SampleOffice) -> None:
    office.walk_in("P")
    office.clock.advance(minutes=15)
    assert kinds(office) == []
    office.clock.advance(minutes=1)
    (alarm,) = overview(office).alarms
    assert (alarm.kind, alarm.service, alarm.minutes, alarm.target) == (AlarmKind.WAIT, "P", 16, 15)


def test_booked_visitors_for_whom_nobody_works_are_an_alarm(office: SampleOffice) -> None:
    hour = office.clock.now() + timedelta(hours=2)
    office.book("L", hour)
    assert service(office, "L").to_come == 1
    assert kinds(office) == []
    close_all(office)
    (alarm,) = overview(office).alarms
    assert (alarm.kind, alarm.service, alarm.count, alarm.at) == (AlarmKind.NOBODY, "L", 1, hour)
    office.clock.advance(hours=2)
    assert service(office, "L").to_come == 0, "it is too late to take the ticket"


def test_devices_say_what_they_lack(office: SampleOffice) -> None:
    kiosk = {"name": "kiosk:wroclaw"}
    for printer, paper, expected in (
        ("ready", "ok", []),
        ("paper_low", "low", [AlarmKind.PAPER_LOW]),
        ("paper_out", "out", [AlarmKind.PAPER_OUT]),
        ("cover_open", "unknown", [AlarmKind.DEVICE_ERROR]),
    ):
        assert (
            office.kiosk.post("/devices/me/status", {"printer": printer, "paper": paper}).status_code == 200
        )
        assert kinds(office) == expected, printer
    cover = AlarmKind.DEVICE_ERROR
    one = AlarmKind.ONE_PRINTER
    for first, paper, roll, second, expected in (
        ("ready", "ok", "ending", "cover_open", [one, AlarmKind.PAPER_LOW]),
        ("ready", "ok", "ok", "cover_open", [one]),
        ("paper_out", "out", "ok", "ready", [one]),
        ("no_answer", "unknown", "ok", "paper_low", [one, AlarmKind.PAPER_LOW]),
        ("paper_out", "out", "ok", "cover_open", [AlarmKind.PAPER_OUT]),
        ("no_answer", "unknown", "ok", "cover_open", [cover, cover]),
    ):
        said = {"printer": first, "paper": paper, "roll": roll, "second_printer": second}
        assert office.kiosk.post("/devices/me/status", said).status_code == 200
        assert kinds(office) == expected, said
        assert all(each.is_grave == (one not in expected) for each in overview(office).alarms), said
    office.kiosk.post("/devices/me/status", {"printer": "no_answer", "paper": "unknown"})
    office.clock.advance(minutes=3)
    assert kinds(office) == [AlarmKind.DEVICE_ERROR]
    office.clock.advance(seconds=1)
    assert kinds(office) == [AlarmKind.DEVICE_AWAY]
    change(office, Device, kiosk, revoked_at=office.clock.now())
    assert kinds(office) == []


def test_each_hall_shows_its_own_counters_and_services(office: SampleOffice) -> None:
    assert [each.number for each in overview(office, "B").counters] == [20]
    assert [each.letter for each in overview(office, "B").services] == ["P"]
    assert [each.letter for each in overview(office).services] == ["P", "L", "N", "T"]


def test_the_page_shows_it_and_its_live_part_is_the_same(
    office: SampleOffice, signed_in: Callable[..., Colleague]
) -> None:
    browser = signed_in(Role.AUDITOR)
    office.walk_in("P")
    page = browser.get(HALL)
    assert (page.status, page.html.problems) == (200, [])
    assert "Usługa P" in page.words or "Service P" in page.words
    live = browser.get(f"{HALL}/A/live")
    assert live.status == 200
    assert "<html" not in live.text
    assert 'id="waiting-P"' in live.text
    assert browser.get(f"{HALL}/B").status == 200
    assert browser.get(f"{HALL}/C").status == 404
    assert browser.get(f"{HALL}/C/live").status == 404
    refresh = [each for each in page.html.named("meta") if each.get("http-equiv") == "refresh"]
    assert [each["content"] for each in refresh] == ["10"]


def test_one_reading_serves_all_who_look(
    office: SampleOffice, signed_in: Callable[..., Colleague], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    made = hall_reading.overview

    def counted(*given: Any) -> HallOverview:
        read.append(1)
        return made(*given)

    monkeypatch.setattr(hall_reading, "overview", counted)
    monkeypatch.setattr(shared, "_REST", 0)  # a slow machine would share it longer
    browsers = [signed_in(Role.SUPERVISOR) for _ in range(5)]
    assert {browser.get(f"{HALL}/A/live").status for browser in browsers} == {200}
    assert len(read) == 1
    office.clock.advance(seconds=5)
    office.walk_in("P")
    assert [browser.get(f"{HALL}/A/live").status for browser in browsers] == [200] * 5
    assert len(read) == 2


def test_a_part_that_took_long_to_make_serves_the_longer(
    office: SampleOffice, signed_in: Callable[..., Colleague], monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = [100.0]
    made = hall_reading.overview

    def slow(*given: Any) -> HallOverview:
        watch[0] += 0.15  # it serves twenty times as long: 3 s
        return made(*given)

    monkeypatch.setattr(shared, "time", SimpleNamespace(monotonic=lambda: watch[0]))
    monkeypatch.setattr(hall_reading, "overview", slow)
    browser = signed_in(Role.SUPERVISOR)

    def shows() -> str:
        return browser.get(f"{HALL}/A/live").text.partition('data-as-of="')[2].partition('"')[0]

    first = shows()
    office.walk_in("P")
    office.clock.advance(seconds=1)
    watch[0] += 2.9
    assert shows() == first
    watch[0] += 0.2
    until = time.monotonic() + 10  # on a busy machine the ticket's fact is sealed late
    while shows() == first and time.monotonic() < until:
        watch[0] += 3.1
    assert shows() != first


def test_hostile_names_are_only_text(office: SampleOffice, signed_in: Callable[..., Colleague]) -> None:
    hostile = '"><script>alert(1)</script><b x="'
    change(office, Device, {"name": "kiosk:wroclaw"}, name=hostile)
    office.kiosk.post("/devices/me/status", {"printer": "paper_out"})
    branch = office.runtime.context().office.branch_named("wroclaw")
    assert branch is not None

    def rename(session: Any) -> None:
        session.query(Hall).filter_by(branch_id=branch.id, code="A").one().name = hostile
        session.query(Service).filter_by(branch_id=branch.id, letter="P").one().names = {"pl": hostile}
        for user in session.query(User):
            user.name = hostile
        grow_version(session)

    office.store.write(rename)
    office.runtime.office.forget()
    office.clerk(7)
    page = signed_in(Role.MANAGER).get(HALL)
    assert page.status == 200
    assert page.html.problems == []
    assert "<script>alert" not in page.text
    assert page.text.count("&lt;script&gt;alert") > 2
