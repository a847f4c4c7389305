"""All branches on one page: right figures and sums, only what the reader may see, one look at each table."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import event

from server.services.office.set_up import set_up_office
from server.services.queue.views.branches import AllBranches, all_branches
from server.store.tables import Counter
from server.workers.forecaster import Forecaster
from tests.server import sample_office as sample
from tests.server.sample_office import SampleOffice
from tests.server.staff.people import Colleague
from wire.vocabulary import Role

PAGE = "/staff/office/branches"
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def seen(office: SampleOffice) -> AllBranches:
    return seen_with_statements(office)[0]


def seen_with_statements(office: SampleOffice) -> tuple[AllBranches, int]:
    office.runtime.office.forget()
    Forecaster(office.store, office.runtime.context).look()  # as beside a server: a page only looks
    context = office.runtime.context()
    branches = list(context.office.branches.values())
    with statements(office) as made:
        found = office.store.read(lambda session: all_branches(session, context, branches))
    return found, len(made)


def add_branches(office: SampleOffice, count: int) -> None:
    more = [sample._branch(f"b{n}", "PLNTK", sample._COUNTERS | {20: "P"}, "AB") for n in range(count)]
    office.store.write(lambda session: set_up_office(session, office.clock.now(), {"branch": more}))

    def open_all(session: Any) -> None:
        for row in session.query(Counter):
            row.state = "open"

    office.store.write(open_all)


@contextmanager
def statements(office: SampleOffice) -> Iterator[list[str]]:
    """Gather the statements that this thread makes meanwhile, but for the prepared ones."""
    made: list[str] = []
    own = threading.get_ident()

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        # On PostgreSQL facts are sealed beside it.
        if threading.get_ident() == own:
            made.append(statement)

    event.listen(office.store.engine, "before_cursor_execute", note)
    try:
        yield made
    finally:
        event.remove(office.store.engine, "before_cursor_execute", note)


def test_each_branch_tells_who_waits_and_what_is_wrong(office: SampleOffice) -> None:
    office.walk_in("P")
    office.walk_in("N", priority="pregnancy")
    office.arrive("P", office.clock.now() + timedelta(minutes=60))
    office.clock.advance(minutes=20)
    wroclaw, legnica = seen(office).branches
    assert (wroclaw.branch.code, legnica.branch.code) == ("wroclaw", "legnica")
    # P is served in both halls, and its people are one line.
    assert (wroclaw.booked, wroclaw.walk_in, wroclaw.priority, wroclaw.waiting) == (1, 1, 1, 3)
    assert (wroclaw.longest and wroclaw.longest.longest_minutes) == 20
    assert wroclaw.longest is not None
    assert wroclaw.longest.over_target
    assert (wroclaw.open_counters, wroclaw.counters) == (6, 6)
    assert sorted((each.kind, each.service) for each in wroclaw.alarms) == [("wait", "N"), ("wait", "P")]
    assert wroclaw.is_in_trouble
    assert (legnica.waiting, legnica.longest, len(legnica.alarms)) == (0, None, 0)
    whole = seen(office)
    assert (whole.sum_of("walk_in"), whole.sum_of("counters"), whole.alarms) == (1, 7, 2)
    assert whole.longest == 20


def test_open_and_closed_are_told_by_the_branch_s_own_clock(office: SampleOffice) -> None:
    # 10:00 in Wrocław on Monday, 23 November 2026, is 09:00 in Lisbon.
    office.set_policy(opening_hours={"mon": ["08:00-15:30"]})
    office.set_policy(
        branch="legnica", zone="Europe/Lisbon", opening_hours={"mon": ["09:30-15:00"], "tue": ["09:00-15:00"]}
    )
    wroclaw, legnica = seen(office).branches
    assert wroclaw.is_open
    assert wroclaw.next_change_at is not None
    assert (wroclaw.next_change_at - office.clock.now()) == timedelta(hours=5, minutes=30)
    assert (legnica.is_open, legnica.next_change_at) == (False, office.clock.now() + timedelta(minutes=30))
    office.set_policy(closures=[{"first": "2026-11-23", "last": "2026-11-23"}])
    wroclaw, _ = seen(office).branches
    assert (wroclaw.is_open, wroclaw.next_change_at) == (False, None)


def test_what_is_to_verify_and_devices_that_are_away(office: SampleOffice) -> None:
    office.book("K", office.clock.now() + timedelta(days=1))
    office.kiosk.post("/devices/me/status", {"printer": "ready"})
    office.clock.advance(minutes=4)
    wroclaw, legnica = seen(office).branches
    assert (wroclaw.to_verify, wroclaw.devices_away) == (1, 1)
    assert (legnica.to_verify, legnica.devices_away) == (0, 0)


def test_a_reader_sees_the_branches_whose_halls_are_theirs(
    office: SampleOffice, signed_in: Callable[..., Colleague]
) -> None:
    everywhere, here = signed_in(Role.AUDITOR, branch=None), signed_in(Role.MANAGER)
    page = everywhere.get(PAGE)
    assert (page.status, page.html.problems) == (200, [])
    assert "Urząd wroclaw" in page.words
    assert "Urząd legnica" in page.words
    assert [each["content"] for each in page.html.named("meta") if each.get("http-equiv") == "refresh"] == [
        "10"
    ]
    own = here.get(PAGE)
    assert "Urząd wroclaw" in own.words
    assert "Urząd legnica" not in own.words
    assert "Urząd legnica" not in here.get(f"{PAGE}/live").text
    assert signed_in(Role.CLERK).get(PAGE).status == 403
    assert PAGE in everywhere.get("/staff/").text
    assert everywhere.get("/staff/at/legnica/hall").status == 200


def test_a_branch_that_is_put_away_is_left_out(
    office: SampleOffice, signed_in: Callable[..., Colleague]
) -> None:
    office.set_policy(branch="legnica", archived=True)
    assert "Urząd legnica" not in signed_in(Role.AUDITOR, branch=None).get(PAGE).words


def test_twenty_branches_take_as_many_statements_as_two(office: SampleOffice) -> None:
    few, of_few = seen_with_statements(office)
    add_branches(office, 18)
    many, of_many = seen_with_statements(office)
    assert (len(few.branches), len(many.branches)) == (2, 20)
    assert 0 < of_many == of_few


def test_twenty_branches_are_one_page_in_good_time(
    office: SampleOffice, signed_in: Callable[..., Colleague]
) -> None:
    add_branches(office, 18)
    office.set_policy(opening_hours={day: ["00:00-24:00"] for day in WEEK})
    browser = signed_in(Role.AUDITOR, branch=None)
    assert browser.get(PAGE).status == 200
    took = []
    for _ in range(5):
        office.walk_in("P")
        began = time.perf_counter()
        assert browser.get(PAGE).status == 200
        took.append(time.perf_counter() - began)
    print(f"{office.store.engine.name}: {min(took) * 1000:.0f} ms")
    assert min(took) < 3, "ten times what is wanted of a machine that does nothing else"


def test_hostile_names_are_only_text(office: SampleOffice, signed_in: Callable[..., Colleague]) -> None:
    hostile = '"><script>alert(1)</script><b x="'

    def rename(session: Any) -> None:
        session.query(sample.Branch).filter_by(code="legnica").one().name = hostile
        sample.grow_version(session)

    office.store.write(rename)
    office.runtime.office.forget()
    page = signed_in(Role.AUDITOR, branch=None).get(PAGE)
    assert page.html.problems == []
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert" in page.text
