"""The stream of a counter in a browser: its clerk hears the hall as long as the session at the counter lasts."""

from __future__ import annotations

import pytest

from server.domain.access.roles import Held
from server.services.access import sign_in, users
from server.store.keyring import token_hash
from server.store.queries.access.principals import clerk_by_token
from server.store.tables import User
from tests.server.sample_office import PASSWORD
from tests.server.served.conftest import Served
from tests.server.served.listener import Listener
from tests.server.staff.people import Colleague, People
from tests.server.staff.queue.web_counter import COUNTER, enrol
from wire.vocabulary import Role

_COOKIES = ("__Secure-numerek-counter", "__Secure-numerek-clerk")


def listen(served: Served, browser: Colleague, branch: str = "wroclaw", *names: str) -> Listener:
    path = f"/staff/stream?branch={branch}&topics=hall:A,counter:7"
    cookies = "; ".join(f"{name}={browser.cookie_named(name)}" for name in names or _COOKIES)
    listener = Listener(served.port, None, path=path, Cookie=cookies)
    served._listeners.append(listener)
    return listener


@pytest.fixture
def seated(served: Served) -> Colleague:
    """Give a browser that is counter 7, with a clerk at it and nothing else."""
    people = People(served.office)
    people.add(Role.CLERK, login="ewa")
    browser = people.nobody()
    enrol(served.office, browser, 7)
    browser.post(f"{COUNTER}/sign-in", {"login": "ewa", "password": PASSWORD})
    return browser


def test_a_clerk_at_a_counter_hears_the_hall_until_the_session_ends(
    served: Served, seated: Colleague
) -> None:
    served.settle()
    stream = listen(served, seated)
    assert stream.status == 200
    served.office.walk_in("P")
    (heard,) = stream.facts(1)
    assert heard.event == "ticket.issued"
    office, context = served.office, served.office.runtime.context()
    digest = token_hash(seated.cookie_named(_COOKIES[1]) or "")
    clerk = office.store.read(lambda session: clerk_by_token(session, digest, context.now))
    assert clerk is not None
    office.store.write(lambda session: sign_in.sign_out(session, context, clerk))
    with pytest.raises(EOFError):
        stream.facts(1000)
    assert listen(served, seated).status == 401


def test_one_cookie_alone_another_branch_or_a_lost_role_hears_nothing(
    served: Served, seated: Colleague
) -> None:
    for name in _COOKIES:
        assert listen(served, seated, "wroclaw", name).status == 401, name
    assert listen(served, seated, "legnica").status == 401
    assert listen(served, seated).status == 200, "a control"
    office, context = served.office, served.office.runtime.context()
    branch = context.office.branch_named("wroclaw")
    assert branch is not None
    held = {Held(Role.AUDITOR, branch.id)}
    user_id = office.one(User, User.login == "ewa").id
    office.store.write(lambda session: users.set_roles(session, context, user_id, held))
    assert listen(served, seated).status == 401
