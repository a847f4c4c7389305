"""Reading changes nothing: the whole database is the same before and after every GET; and what snapshots show."""

from __future__ import annotations

import hashlib
import json

import pytest
from sqlalchemy import select

from server.api.routes import ROUTES
from server.store.queries.office import grow_version
from server.store.tables import Hall, Service, Table
from tests.server.movable_clock import at
from tests.server.sample_office import SampleOffice


def hash_of_everything(office: SampleOffice) -> str:
    """Hash every row of every table."""

    def read(session: object) -> str:
        digest = hashlib.sha256()
        for table in Table.metadata.sorted_tables:
            rows = select(table).order_by(*table.primary_key.columns)
            for row in session.execute(rows):  # type: ignore[attr-defined]
                digest.update(repr(tuple(row)).encode())
        return digest.hexdigest()

    return office.store.read(read)


def test_no_get_changes_anything(office: SampleOffice) -> None:
    booked = office.book("P", "10:30")
    ticket = office.arrive("P", "10:40")
    clerk = office.clerk(7)
    clerk.post("/counters/7/call-next")
    office.set_reservation(booked["id"], lapses_at=at("9:00"))
    token = ticket["track_url"].rsplit("/", 1)[1]
    paths = {
        "/devices/me": office.kiosk,
        "/services": office.kiosk,
        "/paperless-codes": office.kiosk,
        "/offline/list": office.kiosk,
        "/offline/line-key": clerk,
        "/counters/<int:number>": clerk,
        "/boards/<hall>": office.board,
        "/track/<token>": office.door(),
        "/reservations/<int:reservation_id>": office.integrator,
        # That a program was here is kept once a minute; it booked just now.
        "/branches/<branch>/queue": office.integrator,
    }
    assert set(paths) == {each.path for each in ROUTES if each.method == "GET"}
    values = {"<int:number>": "7", "<hall>": "A", "<token>": token, "<int:reservation_id>": str(booked["id"])}
    values["<branch>"] = "wroclaw"
    office.kiosk.post("/devices/me/status")
    office.wait_until_sealed()
    before = hash_of_everything(office)
    for path, door in paths.items():
        for name, value in values.items():
            path = path.replace(name, value)
        assert door.get(path).status_code == 200, path
        assert hash_of_everything(office) == before, path
    for path in (f"//t/{token}", "//healthz", "//readyz", "/openapi.json", "/nothing", "//t/nobody"):
        office.door().get(path)
        assert hash_of_everything(office) == before, path
    shown = {"traceparent": f"00-{'a' * 32}-{'b' * 16}-01", "shown_at": at("10:45").isoformat()}
    told = office.board.raw("POST", "/devices/me/shown", json.dumps({"shown": [shown]}).encode())
    assert told.status_code == 204, "it keeps nothing, so it needs no key"
    assert hash_of_everything(office) == before
    clerk.post("/counters/7/state", {"state": "paused"})
    assert hash_of_everything(office) != before


def test_other_methods_do_not_reach_what_reads(office: SampleOffice) -> None:
    for each in ROUTES:
        if each.method == "GET" and "<" not in each.path:
            assert office.kiosk.raw("POST", each.path, b"{}", Idempotency_Key="k").status_code == 405


def test_the_board_shows_the_newest_call_first_and_each_call_once(office: SampleOffice) -> None:
    first, second, waits = (office.walk_in("P") for _ in range(3))
    seven, eight = office.clerk(7), office.clerk(8)
    seven.post("/counters/7/call-next")
    office.clock.advance(seconds=10)
    eight.post("/counters/8/call-next")
    office.clock.advance(seconds=10)
    seven.post(f"/tickets/{first['id']}/recall")
    board = office.board.get("/boards/A").get_json()
    assert [(call["number"], call["counter"]) for call in board["called"]][:2] == [
        (first["number"], 7),
        (second["number"], 8),
    ]
    assert len({call["id"] for call in board["called"]}) == len(board["called"])
    line = next(each for each in board["waiting"] if each["service"] == "P")
    assert (line["numbers"], line["total"]) == ([waits["number"]], 1)
    assert line["names"] == {"pl": "Usługa P", "en": "Service P"}
    office.wait_until_sealed()
    assert office.board.get("/boards/A").get_json()["as_of"] == len(office.facts())


def test_the_phone_follows_its_ticket(office: SampleOffice) -> None:
    office.walk_in("P")
    mine = office.walk_in("P")
    token = mine["track_url"].rsplit("/", 1)[1]
    phone = office.door()
    waiting = phone.get(f"/track/{token}").get_json()
    assert (waiting["number"], waiting["status"], waiting["people_ahead"]) == ("P002", "waiting", 1)
    assert waiting["expected_from"] <= waiting["expected_until"]
    clerk = office.clerk(7)
    clerk.post("/counters/7/call-next")
    office.clerk(8).post("/counters/8/call-next")
    called = phone.get(f"/track/{token}").get_json()
    assert (called["status"], called["counter"]) == ("called", 8)
    assert "people_ahead" not in called


def test_the_phone_asks_again_cheaply(office: SampleOffice) -> None:
    ticket = office.walk_in("P")
    token = ticket["track_url"].rsplit("/", 1)[1]
    clerk = office.clerk(7)
    clerk.post("/counters/7/call-next")
    first = office.door().get(f"/track/{token}")
    assert first.headers["ETag"]
    office.clock.advance(seconds=5)
    again = office.door().get(f"/track/{token}", If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    clerk.post(f"/tickets/{ticket['id']}/start")
    changed = office.door().get(f"/track/{token}", If_None_Match=first.headers["ETag"])
    assert (changed.status_code, changed.get_json()["status"]) == (200, "serving")


@pytest.mark.parametrize("language", ["pl", "en"])
def test_the_page_speaks_the_tickets_language_and_renews_itself(office: SampleOffice, language: str) -> None:
    said = {"pl": "Czekasz na wezwanie", "en": "You are waiting to be called"}
    ticket = office.kiosk.post("/tickets", {"service": "P", "language": language}).get_json()["ticket"]
    page = office.door().get("//t/" + ticket["track_url"].rsplit("/", 1)[1])
    assert page.mimetype == "text/html"
    assert f'<html lang="{language}"' in page.text
    assert said[language] in page.text
    assert ticket["number"] in page.text
    assert 'http-equiv="refresh"' in page.text
    gone = office.door().get("//t/1-aaaaaaaaaaaaaaaaaaaaaaaaaa")
    assert gone.status_code == 404
    assert gone.mimetype == "text/html"


def test_a_page_of_a_visit_that_is_over_no_longer_renews(office: SampleOffice) -> None:
    ticket = office.walk_in("P")
    office.clerk(7).post(f"/tickets/{ticket['id']}/withdraw")
    page = office.door().get("//t/" + ticket["track_url"].rsplit("/", 1)[1])
    assert page.status_code == 200
    assert 'http-equiv="refresh"' not in page.text


HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}"


def test_hostile_names_in_the_set_up_stay_text_on_the_page(office: SampleOffice) -> None:
    office.store.write(lambda s: s.execute(Hall.__table__.update().values(name=HOSTILE[:100])))
    office.store.write(lambda s: s.execute(Service.__table__.update().values(names={"pl": HOSTILE})))
    office.store.write(grow_version)
    office.runtime.office.forget()
    page = office.door().get("//t/" + office.walk_in("P")["track_url"].rsplit("/", 1)[1])
    assert page.status_code == 200
    assert page.text.count("<script") == page.text.count("<script nonce=") == 1
    assert "<img" not in page.text
    assert "{{7*7}}" in page.text
