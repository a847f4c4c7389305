"""Calls for help and messages at a counter in the browser: the same as in the installed program."""

from __future__ import annotations

import re

from server.services.queue import attention, steering
from server.services.queue.steering import Supervisor
from server.store.tables import Steering
from tests.server.sample_office import SampleOffice
from tests.server.staff.people import People
from tests.server.staff.queue.web_counter import WebCounter, at_counter
from wire.vocabulary import Role


def key_of(counter: WebCounter, step: str) -> str:
    """Return the key of a step's button; empty for one without a key."""
    found = re.search(f'<button[^>]*value="{step}"[^>]*>', counter.page.text)
    assert found is not None, step
    key = re.search(r'data-key="([^"]*)"', found[0])
    return key[1] if key else ""


def supervisor(office: SampleOffice, people: People) -> Supervisor:
    """Add a supervisor of the branch."""
    branch = office.runtime.context().office.branch_named("wroclaw")
    assert branch is not None
    return Supervisor(people.add(Role.SUPERVISOR), branch)


def test_help_is_called_a_colleague_goes_and_it_is_over(office: SampleOffice, people: People) -> None:
    seven, eight = at_counter(office, people, 7), office.clerk(8)
    assert key_of(seven, "help") == "Ctrl+F8"
    seven.do("help")
    assert "Wezwano pomoc do tego stanowiska." in seven.page.words
    assert not seven.can("help")
    eight.post("/counters/7/help/accept")
    assert "Anna Nowak idzie Ci pomóc." in seven.look().words
    assert key_of(seven, "help-end") == "Ctrl+F8"
    seven.do("help-end")
    assert seven.can("help")
    assert eight.get("/counters/8").get_json()["help"] == []


def test_anothers_call_is_answered_by_one_alone(office: SampleOffice, people: People) -> None:
    seven, eight, by = at_counter(office, people, 7), office.clerk(8), supervisor(office, people)
    context = office.runtime.context()
    eight.post("/counters/8/help")
    assert "Stanowisko 8 wzywa pomocy" in seven.look().words
    assert key_of(seven, "help-accept") == "Ctrl+F7"
    late = seven.form("help-accept")
    office.store.write(lambda session: attention.accept_help(session, context, by.id, by.branch, 8))
    assert "Ktoś inny już idzie pomóc." in seven.send(late).words
    assert not seven.can("help-accept")
    eight.post("/counters/8/help/end")
    assert "To już nieaktualne." in seven.send(late | {"key": "another-key"}).words
    eight.post("/counters/8/help")
    seven.look()
    seven.do("help-accept")
    (call,) = eight.get("/counters/8").get_json()["help"]
    assert call["accepted_by"] == "Anna clerk"


def test_a_message_is_read_once_and_a_call_comes_before_it(office: SampleOffice, people: People) -> None:
    seven, eight = at_counter(office, people, 7), office.clerk(8)
    by, context = supervisor(office, people), office.runtime.context()
    for number, text in ((7, "Proszę <b>otworzyć</b> L"), (8, "nie dla siódmego")):
        office.store.write(
            lambda session, to=number, said=text: steering.tell(session, context, by, to, said)
        )
    seven.look()
    assert "Od koordynatora sali: Proszę <b>otworzyć</b> L" in seven.page.words
    assert "nie dla siódmego" not in seven.page.words
    assert key_of(seven, "read") == "Ctrl+F7"
    eight.post("/counters/8/help")
    seven.look()
    assert (key_of(seven, "help-accept"), key_of(seven, "read")) == ("Ctrl+F7", "")
    seven.do("read")
    assert not seven.can("read")
    rows = {row.counter_id: row for row in office.rows(Steering) if row.kind == "message"}
    assert sorted(row.answered_at is not None for row in rows.values()) == [False, True]


def test_what_is_beside_the_visitor_leaves_the_undo_alone(office: SampleOffice, people: People) -> None:
    office.walk_in("P")
    seven = at_counter(office, people, 7)
    for step in ("call-next", "start", "help", "help-end"):
        seven.do(step)
    assert seven.can("undo")
    seven.do("undo")
    assert not seven.can("undo"), "a control: a step with the visitor ends it"
