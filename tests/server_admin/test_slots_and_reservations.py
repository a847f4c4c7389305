"""Hours are opened and visits come in from a file, once, whole or not at all."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from server.admin.booking.slots import read_span, starts
from server.admin.installation import Installation
from server.domain.office.hours import WeekHours
from server.domain.office.policies import branch_policy
from server.store.facts import facts_after
from server.store.open_store import open_store
from server.store.tables import Reservation, Slot
from server.workers.sweeper import sweep
from tests.server_admin.conftest import OFFICE, Desk

WARSAW = ZoneInfo("Europe/Warsaw")
HOUR = "2099-01-05T10:00"
HEAD = "branch,service,appointment_at,name,birth_date,document,language"


def slots_add(first: str, last: str, every: int = 30, capacity: int = 2) -> tuple[object, ...]:
    where = ("--branch", "wroclaw", "--service", "P", "--from", first, "--to", last)
    return ("slots", "add", *where, "--every", every, "--capacity", capacity)


def write(desk: Desk, *lines: str, head: str = HEAD) -> Path:
    file = desk.folder / "visits.csv"
    file.write_text("\n".join([head, *lines]), encoding="utf-8")
    return file


def codes(desk: Desk) -> list[dict[str, str]]:
    with (desk.folder / "visits.codes.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def reservations(desk: Desk) -> list[Any]:
    store = desk.store()
    rows = store.read(lambda session: list(session.execute(select(Reservation)).scalars()))
    store.close()
    return rows


@pytest.fixture
def open_desk(either_desk: Desk) -> Desk:
    """Give a desk with two hours of two places each."""
    either_desk.good(*slots_add(HOUR, "2099-01-05T11:00"))
    return either_desk


# --- slots -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        ("2026-03-29", ["01:00", "01:30", "03:00", "03:30"]),
        ("2026-10-25", ["01:00", "01:30", "02:00", "02:30", "02:00", "02:30", "03:00", "03:30"]),
        ("2026-12-01", ["01:00", "01:30", "02:00", "02:30", "03:00", "03:30"]),
    ],
)
def test_no_night_of_a_clock_change_doubles_or_skips_an_hour(day: str, shown: list[str]) -> None:
    found = starts(read_span(f"{day}T01:00", f"{day}T04:00"), timedelta(minutes=30), WARSAW, None)
    assert [f"{at.astimezone(WARSAW):%H:%M}" for at in found] == shown
    assert {later - earlier for earlier, later in pairwise(found)} == {timedelta(minutes=30)}


def test_slots_lie_on_each_day_where_the_branch_is_open() -> None:
    opening: WeekHours | None = branch_policy({"opening_hours": {"mon": ["08:00-09:00"]}}).opening_hours
    found = starts(read_span("2026-12-04 08:30", "2026-12-08 24:00"), timedelta(minutes=15), WARSAW, opening)
    assert [at.astimezone(WARSAW).strftime("%a %H:%M") for at in found] == ["Mon 08:30", "Mon 08:45"]


def test_slots_that_are_there_keep_what_they_have(open_desk: Desk) -> None:
    said = open_desk.good(*slots_add("2099-01-05T10:30", "2099-01-05T11:30", capacity=9))
    assert "1 slots added, 1 were there already" in said
    listed = open_desk.good("slots", "list", "--branch", "wroclaw", "--service", "P", "--on", "2099-01-05")
    assert re.findall(r"(\d\d:\d\d) \S+ +(\d+) +(\d+)", listed) == [
        ("10:00", "0", "2"),
        ("10:30", "0", "2"),
        ("11:00", "0", "9"),
    ]


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-12-01T10:00", "2026-12-01T10:00", "must be later"),
        ("2026-12-02T10:00", "2026-12-01T11:00", "must be later"),
        ("2026-12-01", "2026-12-01T11:00", "is no day and hour"),
        ("2026-13-01T10:00", "2026-12-01T11:00", "is no day and hour"),
        ("2026-12-01T00:00", "2099-12-01T23:59", "take fewer days"),
    ],
)
def test_hours_that_cannot_be_are_refused(desk: Desk, first: str, last: str, said: str) -> None:
    assert said in desk.refused(*slots_add(first, last, every=1))


def test_visits_that_stand_against_the_plan_are_listed(open_desk: Desk) -> None:
    asked = ("slots", "conflicts", "--branch", "wroclaw")
    assert "no visit stands against the plan" in open_desk.good(*asked)
    store = open_desk.store()
    for hour, taken, planned in (("2099-01-05T10:00", 2, 0), ("2099-01-05T10:30", 1, 2)):
        at = datetime.fromisoformat(hour).replace(tzinfo=WARSAW)
        change = update(Slot).where(Slot.starts_at == at).values(taken=taken, planned=planned)
        store.write(lambda session, change=change: session.execute(change) and None)
    store.close()
    shown = [line.split() for line in open_desk.good(*asked).splitlines()]
    assert shown == [
        ["service", "hour", "taken", "planned"],
        ["P", "2099-01-05", "10:00", "+0100", "2", "0"],
    ]
    assert "no visit" in open_desk.good("slots", "conflicts", "--branch", "legnica")


# --- import ------------------------------------------------------------------------------------------


def test_visits_come_in_once_with_their_codes(open_desk: Desk) -> None:
    file = write(
        open_desk,
        "wroclaw,P,2099-01-05 10:00,Jan Nowak,1980-02-03,,pl",
        "wroclaw,P,2099-01-05T10:00:00+01:00,=HYPERLINK(1),,AB 12345,en",
    )
    assert "2 booked, 0 were there already" in open_desk.good("reservation", "import", file)
    told = codes(open_desk)
    assert [line["name"] for line in told] == ["Jan Nowak", "'=HYPERLINK(1)"]
    assert all(re.fullmatch(r"\d{3} \d{3} \d{3}", line["code"]) for line in told)
    assert all(line["qr"].startswith("NQ1:") for line in told)
    assert told[0]["check_in_until"] == "2099-01-05T09:45+01:00"
    assert "0 booked, 2 were there already" in open_desk.good("reservation", "import", file)
    assert codes(open_desk) == told
    assert len(reservations(open_desk)) == 2
    assert (open_desk.folder / "visits.codes.csv").stat().st_mode & 0o077 == 0


def test_one_line_that_cannot_be_booked_leaves_all_out(open_desk: Desk) -> None:
    file = write(
        open_desk,
        "wroclaw,P,2099-01-05 10:00,Jan Nowak,1980-02-03,,",
        "wroclaw,P,2099-01-05 10:00,Ala Nowak,1981-02-03,,",
        "wroclaw,P,2099-01-05 10:00,Ewa Nowak,1982-02-03,,",
        "wroclaw,P,2099-01-05 10:15,Iga Nowak,1983-02-03,,",
        "wroclaw,P,2099-01-05 10:30,Jan Nowak,1980-02-03,,",
        "wroclaw,P,2020-01-05 10:30,Jan Lis,1980-02-03,,",
    )
    said = open_desk.refused("reservation", "import", file)
    assert "line 4: all places of this hour are taken" in said
    assert "line 5: there is no slot at this hour" in said
    assert "line 6: this person has another reservation" in said
    assert "line 7: this hour is over" in said
    assert reservations(open_desk) == []
    assert not (open_desk.folder / "visits.codes.csv").exists()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("wroc,P,2099-01-05 10:00,J,1980-02-03,,", "there is no branch 'wroc'"),
        ("wroclaw,Q,2099-01-05 10:00,J,1980-02-03,,", "wroclaw has no service 'Q'"),
        ("wroclaw,P,2099-01-05,J,1980-02-03,,", "is no hour such as"),
        ("wroclaw,P,2027-03-28 02:30,J,1980-02-03,,", "is skipped that night"),
        ("wroclaw,P,2027-10-31 02:30,J,1980-02-03,,", "comes twice that night"),
        ("wroclaw,P,2099-01-05 10:00,J,1980-99-03,,", "birth_date: "),
        ("wroclaw,P,2099-01-05 10:00,,1980-02-03,,", "name: field required"),
        ("wroclaw,P,2099-01-05 10:00,J,,,", "birth_date or document is needed"),
        ("wroclaw,P,2099-01-05 10:00,J,1980-02-03,,polish", "language: "),
    ],
)
def test_a_wrong_line_is_told_with_its_number(desk: Desk, line: str, said: str) -> None:
    told = desk.refused("reservation", "import", write(desk, line))
    assert f"line 2: {said}" in told or (said in told and "line 2: " in told)


def test_a_wrong_file_is_told_as_a_whole(desk: Desk) -> None:
    assert "did you mean 'birth_date'" in desk.refused("reservation", "import", write(desk, head="birthdate"))
    assert "'name' is missing" in desk.refused(
        "reservation", "import", write(desk, head="branch;service;appointment_at")
    )
    assert "1 to 500 lines" in desk.refused("reservation", "import", write(desk))
    latin = desk.folder / "latin.csv"
    latin.write_bytes("branch,service,appointment_at,name\nx,y,z,Żak".encode("cp1250"))
    assert "is not UTF-8 text" in desk.refused("reservation", "import", latin)
    assert "no such file" in desk.refused("reservation", "import", desk.folder / "none.csv")


# --- reinstate ---------------------------------------------------------------------------------------


def noon_zone() -> str:
    """Name a zone in which the present hour is about noon, so that no test runs over its midnight."""
    ahead = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def test_a_manager_lets_a_lapsed_reservation_stand_again(desk: Desk) -> None:
    office = desk.folder / "office.toml"
    office.write_text(
        OFFICE.read_text().replace('code = "wroclaw"', f'code = "wroclaw"\nzone = "{noon_zone()}"', 1)
    )
    desk.good("office", office)
    zone = ZoneInfo(noon_zone())
    soon = (datetime.now(zone) + timedelta(minutes=10)).replace(second=0, microsecond=0)
    until = soon + timedelta(minutes=1)
    desk.good(*slots_add(f"{soon:%Y-%m-%dT%H:%M}", f"{until:%Y-%m-%dT%H:%M}"))
    file = write(desk, f"wroclaw,P,{soon:%Y-%m-%d %H:%M},Jan Nowak,1980-02-03,,")
    desk.good("reservation", "import", file)
    code = codes(desk)[0]["code"]
    enrolment = desk.good("device", "add", "kiosk", "--branch", "wroclaw", "--hall", "A")
    assert "only a lapsed reservation" in desk.refused(
        "reservation", "reinstate", code, "--reason", "illness"
    )
    store, keys = open_store(desk.settings)
    context = Installation(desk.settings, store, keys).context()
    store.write(lambda session: sweep(session, context))
    store.close()
    running = desk.serve()
    try:
        kiosk = running.enrol(enrolment)
        assert running.post("/check-ins", {"code": code}, kiosk)[1]["reason"] == "too_late"
        assert "small letters" in desk.refused("reservation", "reinstate", code, "--reason", "He was ill")
        assert "stands again" in desk.good("reservation", "reinstate", code, "--reason", "illness")
        status, answer = running.post("/check-ins", {"code": code}, kiosk)
        assert (status, answer["ticket"]["number"]) == (201, "P001")
    finally:
        running.stop()
    assert "there is no such reservation" in desk.refused("reservation", "reinstate", "77", "--reason", "x")
    assert "neither a booking code nor an id" in desk.refused(
        "reservation", "reinstate", "J", "--reason", "x"
    )
    store = desk.store()
    facts = store.read(lambda session: facts_after(session, 0))
    store.close()
    (fact,) = (fact for fact in facts if fact.type == "reservation.reinstated")
    assert fact.data == {"reservation": 1, "reason": "illness"}


def test_what_lapsed_on_an_earlier_day_stays_so(desk: Desk) -> None:
    desk.good(*slots_add(HOUR, "2099-01-05T10:30"))
    desk.good("reservation", "import", write(desk, "wroclaw,P,2099-01-05 10:00,Jan Nowak,1980-02-03,,"))
    store = desk.store()
    past = datetime(2020, 1, 5, 9, tzinfo=UTC)
    store.write(
        lambda session: (
            session.execute(update(Reservation).values(status="lapsed", appointment_at=past)) and None
        )
    )
    store.close()
    assert "day of this reservation is over" in desk.refused("reservation", "reinstate", 1, "--reason", "x")
