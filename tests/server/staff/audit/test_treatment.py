"""The auditor's page: who may see it, what it shows, its choices, its file."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from sqlalchemy import select, update

from server.services.access import users
from server.store.tables import Fact, Service, User
from tests.server.sample_office import SampleOffice
from tests.server.staff.people import Colleague, People
from wire.vocabulary import FactType, Role

PAGE = "/staff/at/wroclaw/special-treatment"
TODAY = "?period=today"
HOSTILE = '=HYPERLINK("http://x","<b>&\'")'


def auditor(office: SampleOffice, people: People, role: Role = Role.AUDITOR) -> Colleague:
    found = people.signed_in(role)
    office.store.write(lambda session: users.speak(session, found.user_id, "en"))
    return found


def hand_call(office: SampleOffice, reason: str = "health") -> tuple[str, str]:
    """Call the second of two by hand, and another by the line; return their numbers, that by hand first."""
    first, second = office.walk_in("P"), office.walk_in("P")
    clerk = office.clerk(7)
    assert clerk.post(f"/tickets/{second['id']}/call", {"reason": reason}).status_code == 200
    assert office.clerk(8).post("/counters/8/call-next").status_code == 200
    return second["number"], first["number"]


@pytest.mark.parametrize(
    ("role", "status"),
    [
        *((Role.AUDITOR, 200), (Role.MANAGER, 200)),
        *((Role.SUPERVISOR, 403), (Role.CLERK, 403), (Role.ADMINISTRATOR, 403)),
    ],
)
def test_auditors_and_managers_see_it(office: SampleOffice, people: People, role: Role, status: int) -> None:
    reader = auditor(office, people, role)
    for path in (PAGE, f"{PAGE}.csv"):
        assert reader.get(path).status == status
    assert reader.get("/staff/at/legnica/special-treatment").status == 404


def test_a_period_in_which_nobody_decided_says_so(office: SampleOffice, people: People) -> None:
    office.walk_in("P")
    office.clerk(7).post("/counters/7/call-next")
    assert "Nobody was treated specially" in auditor(office, people).get(PAGE + TODAY).text


def test_a_call_by_hand_stands_with_who_why_and_where_and_one_by_the_line_does_not(
    office: SampleOffice, people: People
) -> None:
    by_hand, by_line = hand_call(office)
    text = auditor(office, people).get(PAGE + TODAY).text
    row = re.search(rf'<tr><th scope="row">[^<]*</th><td[^>]*>{by_hand}</td>.*?</tr>', text)
    assert row is not None
    for said in ("P – Service P", "called by hand before others", "Poor health", "Anna Nowak", ">7<"):
        assert said in row.group(), said
    assert f">{by_line}<" not in text
    assert "no reason given" not in text


def test_priority_stands_with_its_kind_and_whose_step_it_was(office: SampleOffice, people: People) -> None:
    own = office.walk_in("P", priority="elderly")["number"]
    given = office.clerk(7).post("/tickets", {"service": "P", "priority": "pregnancy"}).get_json()["ticket"]
    reader = auditor(office, people)
    text = reader.get(PAGE + TODAY).text
    for number, kind, who in (
        (own, "Elderly", "the visitor, at the kiosk"),
        (given["number"], "Pregnancy", "Anna Nowak"),
    ):
        row = re.search(rf'<tr><th scope="row">[^<]*</th><td[^>]*>{number}</td>.*?</tr>', text)
        assert row is not None
        for said in ("ticket with priority<", kind, who):
            assert said in row.group(), said
    assert f">{own}<" not in reader.get(f"{PAGE}{TODAY}&kind=withdrawn").text
    assert f">{own}<" in reader.get(f"{PAGE}{TODAY}&kind=priority").text


def test_what_lacks_its_reason_is_marked(office: SampleOffice, people: People) -> None:
    hand_call(office)

    def strip(session: Any) -> None:
        fact = session.execute(
            select(Fact).where(Fact.type == FactType.TICKET_CALLED).order_by(Fact.id).limit(1)
        ).scalar_one()
        fact.data = {name: value for name, value in fact.data.items() if name != "reason"}

    office.store.write(strip)
    reader = auditor(office, people)
    text = reader.get(PAGE + TODAY).text
    assert text.count('<strong class="staff-tag staff-tag--bad">no reason given</strong>') == 2
    assert "1 case has no reason, though it needs one." in text
    rows = list(csv.reader(io.StringIO(reader.get(f"{PAGE}.csv{TODAY}").response.data.decode("utf-8-sig"))))
    assert rows[1][-1] == "missing"


def test_the_choices_narrow_it(office: SampleOffice, people: People) -> None:
    by_hand, _ = hand_call(office)
    reader = auditor(office, people)
    for more, is_there in (
        ("&kind=by_hand", True),
        ("&kind=urgent", False),
        ("&kind=nonsense", True),
        ("&who=999999", False),
        ("&who=x", True),
        ("&page=1", False),
        ("&page=-1", True),
    ):
        assert (f">{by_hand}<" in reader.get(PAGE + TODAY + more).text) is is_there, more
    assert "Nobody was treated" in reader.get(PAGE + "?period=yesterday").text
    own = reader.get(f"{PAGE}?period=own&first=2026-11-20&last=2026-11-23").text
    assert f">{by_hand}<" in own


def test_the_file_has_the_same_cases_and_no_formula(office: SampleOffice, people: People) -> None:
    names = {"pl": HOSTILE, "en": HOSTILE}
    office.store.write(
        lambda session: session.execute(update(Service).where(Service.letter == "P").values(names=names))
    )
    office.runtime.office.forget()
    by_hand, _ = hand_call(office)
    reader = auditor(office, people)
    context = office.runtime.context()
    clerk = office.one(User, User.login == "wroclaw7")
    office.store.write(lambda session: users.rename(session, context, clerk.id, "=1+1"))
    answer = reader.get(f"{PAGE}.csv{TODAY}")
    rows = list(csv.reader(io.StringIO(answer.response.data.decode("utf-8-sig"))))
    assert rows[0][:3] == ["Time", "Ticket", "Service"]
    assert len(rows) == 2
    assert "'=1+1" in rows[1]
    assert rows[1][:3] == ["2026-11-23 10:00:00", by_hand, f"P – {HOSTILE}"]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "<b>&'" not in reader.get(PAGE + TODAY).text
