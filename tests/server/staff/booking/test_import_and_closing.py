"""Visits come in by a file, all or none; a closed day's visits are cancelled and everybody is told."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest

from server.services.access import users
from server.store.tables import Branch
from tests.server.sample_office import SampleOffice
from tests.server.staff.booking.scene import DAY, DESK, HOSTILE, TOMORROW_TEN, Scene
from tests.server.staff.people import Colleague, People
from wire.vocabulary import Role

HEAD = "branch,service,appointment_at,name,birth_date,document"
CLOSE = f"{DESK}/close?day={DAY}"


@pytest.fixture
def desk(people: People) -> Colleague:
    """Sign a manager in."""
    return people.signed_in(Role.MANAGER)


def send(desk: Colleague, *lines: str, head: str = HEAD) -> Any:
    path = f"{DESK}/import"
    file = (io.BytesIO("\n".join([head, *lines]).encode()), "visits.csv")
    return desk.send("POST", path, desk.get(path).fields | {"file": file})


def test_a_file_is_booked_as_a_whole_and_again_changes_nothing(scene: Scene, desk: Colleague) -> None:
    scene.office.open_slot("L", TOMORROW_TEN, 5)
    lines = ("wroclaw,L,2026-11-24 10:00,Jan Nowak,1980-02-03,", "wroclaw,L,2026-11-24 10:00,Ewa Maj,,AB 12")
    page = send(desk, *lines)
    assert page.status == 200
    assert "2 visits of the file stand" in page.words
    assert len(scene.reservations()) == 2
    assert send(desk, *lines).status == 200
    assert len(scene.reservations()) == 2


def test_while_a_line_is_wrong_nothing_is_booked_and_all_are_told(scene: Scene, desk: Colleague) -> None:
    scene.office.open_slot("L", TOMORROW_TEN, 1)
    page = send(
        desk,
        "wroclaw,L,2026-11-24 10:00,Jan Nowak,1980-02-03,",
        "wroclaw,X,2026-11-24 10:00,Ewa Maj,1980-02-03,",
        "legnica,P,2026-11-24 10:00,Ewa Maj,1980-02-03,",
        f"wroclaw,L,{HOSTILE.replace(',', '')},Ewa Maj,1980-02-03,",
        "wroclaw,L,2026-11-24 10:00,Ewa Maj,,",
    )
    assert page.status == 422
    assert [number for number in range(2, 7) if f"Line {number}:" in page.words] == [3, 4, 5, 6]
    assert "<script>alert(1)" not in page.text
    full = send(
        desk,
        "wroclaw,L,2026-11-24 10:00,Jan Nowak,1980-02-03,",
        "wroclaw,L,2026-11-24 10:00,Ewa Maj,1980-02-03,",
    )
    assert (full.status, "Line 3: All places of this hour are taken" in full.words) == (422, True)
    assert scene.reservations() == []
    assert scene.slots("L", TOMORROW_TEN)[0].taken == 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("wroclaw,Q,2026-11-24 10:00,J,1980-02-03,", "Oddział wroclaw nie ma usługi „Q”"),
        ("legnica,P,2026-11-24 10:00,J,1980-02-03,", "Oddziałem musi być tutaj wroclaw"),
        ("wroclaw,L,2026-11-24,J,1980-02-03,", "„2026-11-24” nie jest godziną"),
        ("wroclaw,L,2027-03-28 02:30,J,1980-02-03,", "tej nocy zegar pomija"),
        ("wroclaw,L,2027-10-31 02:30,J,1980-02-03,", "tej nocy wypada dwa razy"),
        ("wroclaw,L,2026-11-24 10:00,,1980-02-03,", "„name” jest puste"),
        ("wroclaw,L,2026-11-24 10:00,J,1980-99-03,", "nie można odczytać „birth_date”"),
        ("wroclaw,L,2026-11-24 10:00,J,,", "potrzebna jest data urodzenia"),
        ("wroclaw,L,2020-01-05 10:30,J,1980-02-03,", "Ta godzina już minęła"),
        ("wroclaw,L,2026-11-24 23:45,J,1980-02-03,", "O tej godzinie nie ma wizyt"),
    ],
)
def test_a_wrong_line_is_told_in_the_language_of_the_page(
    scene: Scene, people: People, line: str, said: str
) -> None:
    manager = people.signed_in(Role.MANAGER)
    scene.office.store.write(lambda session: users.speak(session, manager.user_id, "pl"))
    page = send(manager, line)
    assert page.status == 422
    assert said.casefold() in page.words.casefold()
    assert scene.reservations() == []


@pytest.mark.parametrize("head", ["", "name", "branch;service", HOSTILE.replace(",", "")])
def test_a_file_that_is_none_is_told_as_a_whole(desk: Colleague, head: str) -> None:
    page = send(desk, "x", head=head)
    assert page.status == 422
    assert "Nothing was booked" in page.words
    assert "<script>alert(1)" not in page.text


def test_a_closed_days_visits_are_cancelled_and_their_owners_offered_the_next_hours(
    scene: Scene, desk: Colleague, office: SampleOffice
) -> None:
    scene.rule("K", verification_required=True)
    scene.rule("P", "legnica")
    numbers = [scene.book(), scene.book("K")]
    silent = scene.book(name="Ewa Maj", birth_date="1980-01-01", document="ZZ 1", email="", phone="")
    elsewhere = scene.book("P", branch="legnica")
    after = scene.book(
        hour=TOMORROW_TEN + timedelta(days=1), name="Adam Lis", birth_date="1981-01-01", document="Q 1"
    )
    page = desk.get(CLOSE)
    assert "3 visits stand on this day" in page.words
    assert "1 of them cannot be told" in page.words
    assert desk.submit(page, f"{DESK}/close").status == 303
    assert [scene.row(number).status for number in (*numbers, silent)] == ["cancelled"] * 3
    assert [scene.row(number).status for number in (elsewhere, after)] == ["booked"] * 2
    (letter, _) = scene.letters("cancellation", numbers[0])
    assert letter.facts["reason"] == "office_closed"
    assert letter.facts["places"] == (TOMORROW_TEN + timedelta(days=1)).isoformat()
    assert scene.fact("reservation.cancelled")["user"] == desk.user_id
    closures = office.one(Branch, Branch.code == "wroclaw").policy["closures"]
    assert closures == [{"first": DAY, "last": DAY}]
    again = desk.get(CLOSE)
    assert "0 visits stand on this day" in again.words
    assert "This is a closed day already" in again.words


def test_looking_closes_nothing_and_a_day_that_is_over_cannot_be_closed(
    scene: Scene, desk: Colleague, people: People, office: SampleOffice
) -> None:
    number = scene.book()
    assert desk.get(CLOSE).status == 200
    assert scene.row(number).status == "booked"
    assert desk.get(f"{DESK}/close?day=2026-11-22").status == 409
    assert people.signed_in(Role.CLERK).get(CLOSE).status == 403
    assert "closures" not in office.one(Branch, Branch.code == "wroclaw").policy


def test_a_service_is_stopped_for_the_day_and_those_who_come_today_are_told(
    scene: Scene, office: SampleOffice, people: People
) -> None:
    scene.rule()
    later = office.clock.now() + timedelta(hours=2)
    today = [scene.book(hour=later), scene.book("P", hour=later, name="Jan Lis", document="Z 3")]
    silent = scene.book(
        hour=later, name="Ewa Maj", birth_date="1980-01-01", document="Z 1", email="", phone=""
    )
    tomorrow = scene.book(name="Adam Lis", birth_date="1981-01-01", document="Q 1")
    supervisor = people.signed_in(Role.SUPERVISOR)
    hall = "/staff/at/wroclaw/hall"
    close = f"{hall}/A/services/L/close"
    assert close in supervisor.get(hall).links
    page = supervisor.get(close)
    assert "2 booked visitors are still expected today" in page.words
    assert "1 of them cannot be told" in page.words
    assert supervisor.submit(page, close, {"tell": "1"}).status == 303
    assert [scene.row(number).status for number in (today[0], silent)] == ["cancelled"] * 2
    assert [scene.row(number).status for number in (today[1], tomorrow)] == ["booked"] * 2
    (letter, _) = scene.letters("cancellation", today[0])
    assert letter.facts["reason"] == "service_stopped"
    assert letter.facts["places"].startswith(TOMORROW_TEN.date().isoformat())
    assert scene.fact("reservation.cancelled")["user"] == supervisor.user_id
    assert office.runtime.context().office.services[office.service_id("L")].is_closed


def test_a_service_is_stopped_without_a_word_where_that_is_wanted(
    scene: Scene, office: SampleOffice, people: People
) -> None:
    scene.rule()
    number = scene.book(hour=office.clock.now() + timedelta(hours=2))
    supervisor, close = people.signed_in(Role.SUPERVISOR), "/staff/at/wroclaw/hall/A/services/L/close"
    assert supervisor.submit(supervisor.get(close), close).status == 303
    assert scene.row(number).status == "booked"
    assert scene.letters("cancellation", number) == []
    assert supervisor.get("/staff/at/wroclaw/hall/A/services/X/close").status == 404
