"""The queue for everybody: figures as they are, nobody's data, and no work for those who ask again."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from server.services.queue.views import public_queue as views
from server.store.tables import Service
from tests.server.sample_office import SampleOffice

AT = "/open/wroclaw/queue"


def get(office: SampleOffice, path: str = f"{AT}.json", **headers: str) -> TestResponse:
    return office.door().get(f"/{path}", **headers)


def line(office: SampleOffice, letter: str) -> dict[str, Any]:
    """Return what is told of a service."""
    (found,) = [each for each in get(office).get_json()["services"] if each["letter"] == letter]
    return found


def on(office: SampleOffice, seconds: int = 6) -> None:
    """Let the figures grow old."""
    office.clock.advance(seconds=seconds)


def test_it_tells_who_waits_and_what_a_newcomer_has_to_expect(office: SampleOffice) -> None:
    before = line(office, "P")
    assert (before["waiting"], before["counters_open"], before["walk_ins"]) == (0, 3, True)
    assert not {"last_called", "last_called_at"} & set(before)
    office.arrive("P", "10:20")
    for _ in range(6):
        office.walk_in("P")
    on(office)
    after = line(office, "P")
    assert (after["waiting"], after["waiting_booked"], after["waiting_walk_in"]) == (7, 1, 6)
    assert after["names"] == {"pl": "Usługa P", "en": "Service P"}
    assert 0 <= after["wait_from_minutes"] <= after["wait_until_minutes"]
    assert after["wait_until_minutes"] > before["wait_until_minutes"]
    assert get(office).get_json()["at"] == office.clock.now().isoformat().replace("+00:00", "Z")


def test_it_tells_the_last_number_called_unless_the_call_was_taken_back(office: SampleOffice) -> None:
    first, second = office.walk_in("P"), office.walk_in("P")
    clerk = office.clerk(7)
    assert clerk.post("/counters/7/call-next").get_json()["ticket"]["id"] == first["id"]
    clerk.post(f"/tickets/{first['id']}/start")
    clerk.post(f"/tickets/{first['id']}/finish", {"outcome": "served"})
    on(office, 60)
    clerk.post("/counters/7/call-next")
    on(office)
    assert line(office, "P")["last_called"] == second["number"]
    clerk.post(f"/tickets/{second['id']}/put-back")
    on(office)
    assert line(office, "P")["last_called"] == first["number"]


def test_where_no_ticket_is_given_no_wait_is_told(office: SampleOffice) -> None:
    assert "wait_from_minutes" in line(office, "P")
    told = line(office, "L")
    assert (told["walk_ins"], "wait_from_minutes" in told) == (False, False)
    assert told["counters_open"] == 1


def test_csv_tells_the_same(office: SampleOffice) -> None:
    office.walk_in("P")
    response = get(office, f"{AT}.csv")
    assert response.content_type == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(response.text)))
    told = get(office).get_json()["services"]
    assert [row["letter"] for row in rows] == [each["letter"] for each in told]
    for row, each in zip(rows, told, strict=True):
        assert (row["name_pl"], row["name_en"]) == (each["names"]["pl"], each["names"]["en"])
        assert row["waiting"] == str(each["waiting"])
        assert row["walk_ins"] == ("true" if each["walk_ins"] else "false")
        assert row["wait_until_minutes"] == str(each.get("wait_until_minutes", ""))


def test_a_name_is_no_formula(office: SampleOffice) -> None:
    names = {"pl": '=HYPERLINK("http://evil.example","x")', "en": 'a,"b"\r\nc'}
    table: Any = Service.__table__
    office.store.write(lambda session: session.execute(table.update().values(names=names)))
    office.set_policy()
    rows = list(csv.DictReader(io.StringIO(get(office, f"{AT}.csv").text, newline="")))
    assert rows[0]["name_pl"] == "'" + names["pl"]
    assert rows[0]["name_en"] == names["en"]
    assert line(office, "P")["names"] == names


def test_nobody_is_in_it(office: SampleOffice) -> None:
    office.arrive("P", "10:20")
    office.walk_in("P", priority="disability")
    told = get(office).text + get(office, f"{AT}.csv").text
    for word in ("Visitor", "Nowak", "disability", "priority", "track", "ticket"):
        assert word not in told
    assert line(office, "P")["waiting"] == 2


def test_caches_and_pages_of_others_may_use_it(office: SampleOffice) -> None:
    for kind in ("json", "csv"):
        first = get(office, f"{AT}.{kind}")
        assert first.headers["Access-Control-Allow-Origin"] == "*"
        assert first.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert first.headers["Cache-Control"] == "public, max-age=2"
        assert not {"Set-Cookie", "Vary"} & set(first.headers.keys())
        again = get(office, f"{AT}.{kind}", If_None_Match=first.headers["ETag"])
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["Access-Control-Allow-Origin"] == "*"
    office.walk_in("P")
    on(office)
    changed = get(office, If_None_Match=get(office, f"{AT}.csv").headers["ETag"])
    assert changed.status_code == 200
    assert get(office, If_None_Match=first.headers["ETag"]).status_code == 200


def test_time_alone_makes_no_new_answer(office: SampleOffice) -> None:
    first = get(office)
    on(office, 60)
    assert get(office, If_None_Match=first.headers["ETag"]).status_code == 304
    assert get(office).get_json()["at"] != first.get_json()["at"]


def test_however_many_ask_it_is_worked_out_once_a_second(
    office: SampleOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    real = views._read

    def counted(*given: Any) -> views.PublicQueue:
        made.append(1)
        return real(*given)

    monkeypatch.setattr(views, "_read", counted)
    for _ in range(20):
        assert get(office).status_code == 200
        office.walk_in("P")
    assert len(made) == 1
    on(office, 1)
    for _ in range(5):
        get(office)
    assert len(made) == 2


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_an_office_can_switch_it_off(office: SampleOffice, kind: str) -> None:
    office.set_policy(public_queue=False)
    response = get(office, f"{AT}.{kind}")
    assert (response.status_code, response.get_json()["reason"]) == (404, "queue_not_public")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Cache-Control"] == "no-store"
    assert get(office, f"/open/legnica/queue.{kind}").status_code == 200
    for code in ("nowhere", "WROCLAW", "x" * 300, "%2e"):
        other = get(office, f"/open/{code}/queue.{kind}")
        assert (other.status_code, other.get_json()["reason"]) == (404, "unknown_branch")


def test_those_who_ask_are_limited_apart_from_those_who_book(
    office: SampleOffice, portal_with: Callable[..., Flask]
) -> None:
    client = portal_with(block_requests_per_minute=3, newcomers_per_ten_minutes=1).test_client(
        use_cookies=False
    )
    assert [client.get(f"{AT}.json").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert int(client.get(f"{AT}.csv").headers["Retry-After"]) >= 1
    assert client.get("/en/").status_code == 200
