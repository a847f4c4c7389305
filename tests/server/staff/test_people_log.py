"""What is on record about people: whose, for whom, and in which words."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from server.domain.access.roles import Held
from server.services.access import staff_sessions, users
from server.store.facts import NewFact, note
from server.store.tables import Fact
from tests.server.sample_office import SampleOffice
from tests.server.staff.people import People
from wire.vocabulary import FactType, Role

LOG = "/staff/office/people-log"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def told(office: SampleOffice, people: People) -> dict[str, int]:
    """Let somebody sign in at each of two branches, and be changed; and let a sign-in be refused."""
    found = {}
    context = office.runtime.context()
    for code, name in (("wroclaw", "Jan Wrocławski"), ("legnica", "Ola Legnicka")):
        user_id = people.add(Role.CLERK, branch=code)
        office.store.write(lambda session, u=user_id, n=name: users.rename(session, context, u, n))
        people.sign_in(user_id)
        found[code] = user_id
    office.store.write(
        lambda session: staff_sessions.note_refused(session, context, "wrong_login_or_password")
    )
    return found


def test_a_manager_reads_of_the_own_branch_and_an_auditor_of_the_office_of_all(
    people: People, told: dict[str, int]
) -> None:
    manager = people.signed_in(Role.MANAGER).get(LOG)
    assert "Jan Wrocławski" in manager.words
    assert "logowanie kodem z aplikacji" in manager.words
    assert "Ola Legnicka" not in manager.words
    assert "odmowa logowania" not in manager.words
    everything = people.signed_in(Role.AUDITOR, branch=None).get(LOG)
    assert "Jan Wrocławski" in everything.words
    assert "Ola Legnicka" in everything.words
    assert "odmowa logowania: zły login lub hasło" in everything.words


@pytest.mark.parametrize("role", [Role.CLERK, Role.SUPERVISOR])
def test_others_read_nothing(people: People, role: Role) -> None:
    assert people.signed_in(role).get(LOG).status == 403


def test_a_change_at_several_branches_stands_there_once_and_names_are_texts(
    office: SampleOffice, people: People
) -> None:
    context = office.runtime.context()
    ids = list(context.office.branches)[:2]
    held = {Held(Role.CLERK, each) for each in ids}
    office.store.write(lambda session: users.add(session, context, "x", HOSTILE, held))
    page = people.signed_in(Role.ADMINISTRATOR, branch=None).get(LOG)
    assert page.text.count("&lt;script&gt;alert(1)") == 1
    assert HOSTILE not in page.text
    for each in ids:
        assert context.office.branches[each].name in page.words


def test_the_latest_come_first_and_at_most_two_hundred(office: SampleOffice, people: People) -> None:
    context = office.runtime.context()

    def many(session: object) -> None:
        for number in range(230):
            data = {"device": None, "reason": f"reason_{number}"}
            note(session, NewFact(FactType.SIGN_IN_REFUSED, context.now, data=data))  # type: ignore[arg-type]

    auditor = people.signed_in(Role.AUDITOR, branch=None)
    office.store.write(many)
    page = auditor.get(LOG)
    assert page.text.count("reason_") == 200
    assert page.text.index("reason_229") < page.text.index("reason_30")
    assert "reason_29<" not in page.text


def test_the_latest_are_found_quickly_among_a_hundred_thousand_facts(
    office: SampleOffice, people: People, told: dict[str, int]
) -> None:
    row = {"at": office.clock.now(), "type": "ticket.issued", "branch_id": 1, "data": {"hall": "A"}}

    def fill(session: Session) -> None:
        for _ in range(100):
            session.execute(insert(Fact), [row] * 1000)

    office.store.write(fill)
    for person in (people.signed_in(Role.AUDITOR, branch=None), people.signed_in(Role.MANAGER)):
        took = []
        for _ in range(3):
            began = time.perf_counter()
            assert "Jan Wrocławski" in person.get(LOG).words
            took.append(time.perf_counter() - began)
        print(f"{office.store.engine.name}: {min(took) * 1000:.0f} ms")
        assert min(took) < 1


def test_both_records_lead_to_each_other(people: People) -> None:
    auditor = people.signed_in(Role.AUDITOR, branch=None)
    log = auditor.get(LOG)
    assert '"/staff/office/records"' in log.text
    assert '"/staff/at/legnica/records"' in log.text
    assert f'"{LOG}"' in auditor.get("/staff/at/legnica/records").text
    manager = people.signed_in(Role.MANAGER).get(LOG)
    assert '"/staff/at/wroclaw/records"' in manager.text
    assert "/staff/office/records" not in manager.text
    assert "/staff/at/legnica/records" not in manager.text
