"""The stream in a browser of the staff: by its cookie, for those who may see the hall, as long as they may."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from server.domain.access.roles import Held
from server.push import stream as push
from server.services.access import users
from server.store.tables import ClerkSession, Counter
from server.workers.sweeper import close_deserted
from tests.server.served.conftest import Served
from tests.server.served.listener import Listener
from tests.server.served.test_stream import is_cut
from tests.server.staff.people import COOKIE, Colleague, People
from wire.vocabulary import Role


@pytest.fixture
def listen(served: Served) -> Callable[..., Listener]:
    """Open a stream with the cookie of a browser."""

    def opened(browser: Colleague | None, branch: str | None = "wroclaw", topics: str = "hall:A") -> Listener:
        at = "" if branch is None else f"branch={branch}&"
        path = f"/staff/stream?{at}topics={topics}"
        cookie = {"Cookie": f"{COOKIE}={browser.cookie_named(COOKIE)}"} if browser else {}
        listener = Listener(served.port, None, path=path, **cookie)
        served._listeners.append(listener)
        return listener

    return opened


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.MANAGER, Role.ADMINISTRATOR, Role.AUDITOR])
def test_who_sees_the_hall_hears_what_happens_there(
    role: Role, served: Served, listen: Callable[..., Listener]
) -> None:
    stream = listen(People(served.office).signed_in(role))
    assert stream.status == 200
    served.office.walk_in("P")
    (heard,) = stream.facts(1)
    assert (heard.event, heard.data["number"]) == ("ticket.issued", "P001")


def test_nobody_else_does(served: Served, listen: Callable[..., Listener]) -> None:
    people = People(served.office)
    clerk, supervisor = people.signed_in(Role.CLERK), people.signed_in(Role.SUPERVISOR)
    elsewhere = people.signed_in(Role.SUPERVISOR, branch="legnica")
    assert listen(None).status == 401
    assert listen(clerk).status == 403
    assert listen(elsewhere).status == 404
    assert listen(supervisor, branch="nowhere").status == 404
    assert listen(supervisor, topics="hall:C").status == 404
    assert listen(supervisor, topics="ticket:1").status == 422
    supervisor.take_cookie(COOKIE, f"{supervisor.cookie_named(COOKIE)}x", "/staff")
    assert listen(supervisor).status == 401


def test_a_session_that_ends_ends_its_stream_and_no_other(
    served: Served, listen: Callable[..., Listener]
) -> None:
    people = People(served.office)
    gone, stays = people.signed_in(Role.SUPERVISOR), people.signed_in(Role.SUPERVISOR)
    ending, going_on = listen(gone), listen(stays)
    assert ending.next().event == going_on.next().event == "ping"
    context = served.office.runtime.context()
    served.office.store.write(lambda session: users.disable(session, context, gone.user_id))
    with pytest.raises(EOFError):
        ending.facts(1)
    served.office.walk_in("P")
    assert going_on.facts(1)[0].event == "ticket.issued"
    assert listen(gone).status == 401


def test_without_a_branch_all_are_heard_that_the_reader_may_see(
    served: Served, listen: Callable[..., Listener]
) -> None:
    people = People(served.office)
    everywhere, here = people.signed_in(Role.AUDITOR, branch=None), people.signed_in(Role.SUPERVISOR)
    clerk = people.signed_in(Role.CLERK, branch=None)
    served.settle()
    whole, own = (listen(each, branch=None, topics="halls") for each in (everywhere, here))
    assert (whole.status, own.status) == (200, 200)
    assert listen(clerk, branch=None, topics="halls").status == 403
    assert served.office.door("kiosk:legnica").post("/tickets", {"service": "P"}).status_code == 201
    assert whole.facts(1)[0].data["number"] == "P001"
    served.office.walk_in("N")
    assert whole.facts(1)[0].data["number"] == "N001"
    assert [each.data["number"] for each in own.facts(1)] == ["N001"]


def become(served: Served, user_id: int, *held: tuple[Role, str | None]) -> None:
    """Give somebody other roles."""
    context = served.office.runtime.context()
    places = {name: context.office.branch_named(name) for _, name in held if name}
    roles = {Held(role, getattr(places.get(name), "id", None)) for role, name in held}
    served.office.store.write(lambda session: users.set_roles(session, context, user_id, roles))


def test_a_role_taken_away_ends_the_stream_and_no_other(
    served: Served, listen: Callable[..., Listener]
) -> None:
    people = People(served.office)
    lower, elsewhere, stays = (people.signed_in(Role.SUPERVISOR) for _ in range(3))
    streams = [listen(each) for each in (lower, elsewhere, stays)]
    assert [each.next().event for each in streams] == ["ping"] * 3
    become(served, lower.user_id, (Role.CLERK, "wroclaw"))
    assert is_cut(streams[0])
    become(served, elsewhere.user_id, (Role.SUPERVISOR, "legnica"))
    assert is_cut(streams[1])
    become(served, stays.user_id, (Role.AUDITOR, None))
    served.office.walk_in("P")
    assert streams[2].facts(1)[0].event == "ticket.issued", "another role that sees the hall is enough"
    assert (listen(lower).status, listen(elsewhere).status) == (403, 404)


def test_a_stream_of_several_branches_ends_when_one_of_them_is_lost(
    served: Served, listen: Callable[..., Listener]
) -> None:
    browser = People(served.office).signed_in(Role.SUPERVISOR)
    become(served, browser.user_id, (Role.SUPERVISOR, "wroclaw"), (Role.SUPERVISOR, "legnica"))
    both = listen(browser, branch=None, topics="halls")
    assert both.next().event == "ping"
    become(served, browser.user_id, (Role.SUPERVISOR, "wroclaw"))
    assert is_cut(both)
    again = listen(browser, branch=None, topics="halls")
    served.office.door("kiosk:legnica").post("/tickets", {"service": "P"})
    served.office.walk_in("N")
    assert [each.data["number"] for each in again.facts(1)] == ["N001"]


def test_a_clerk_who_may_not_serve_any_more_is_out_at_once(served: Served) -> None:
    door = served.office.clerk(7)
    served.office.tokens["clerk:7"] = door.token or ""
    stream = served.listen("clerk:7", "counter:7")
    assert stream.next().event in ("ping", "clerk.signed_in")
    assert door.get("/counters/7").status_code == 200
    (session,) = served.office.rows(ClerkSession)
    become(served, session.clerk_id, (Role.SUPERVISOR, "wroclaw"))
    assert door.get("/counters/7").status_code == 200, "a control: supervisors serve, too"
    become(served, session.clerk_id, (Role.CLERK, "legnica"))
    assert door.post("/counters/7/call-next").status_code == 401
    assert is_cut(stream)
    context = served.office.runtime.context()
    place = context.office.branch_named("wroclaw")
    assert place is not None
    served.office.store.write(lambda open_now: close_deserted(open_now, context))
    left = served.office.one(Counter, Counter.number == 7, Counter.branch_id == place.id)
    assert (left.clerk_id, left.state) == (None, "closed")


def test_what_comes_soon_after_is_gathered_and_the_latest_of_each_kind_told(
    served: Served, listen: Callable[..., Listener], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "GATHER_SECONDS", 4.0)
    page = listen(People(served.office).signed_in(Role.SUPERVISOR))
    board = served.listen()
    first = served.office.walk_in("P")["id"]
    assert page.facts(1)[0].data["ticket"] == first
    between, last = (served.office.walk_in("P")["id"] for _ in range(2))
    assert page.facts(1)[0].data["ticket"] == last
    assert [each.data["ticket"] for each in board.facts(3)] == [first, between, last]
