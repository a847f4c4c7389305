"""What is personal stays where it belongs: not in logs, facts, boards and phones, nor readable at rest."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from server.app import JsonLines
from server.push.feed import Audience, Event
from server.store.facts import SealedFact, facts_after
from server.store.tables import Table
from tests.server.movable_clock import at
from tests.server.sample_office import PASSWORD, SampleOffice

NAME, CHILD, DOCUMENT = "Zdzisława Markerowa", "Marko Markerek", "MKR987654"
EMAIL, PHONE = "marker@example.org", "+48600700800"
MARKS = ("Marker", "MKR987654", "marker@", "600700800", "1981-02-03")


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Keep everything that is logged, as the server writes it."""
    kept = io.StringIO()
    handler = logging.StreamHandler(kept)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield kept
    root.removeHandler(handler)
    root.setLevel(level)


def a_whole_visit(office: SampleOffice) -> tuple[dict[str, str], dict[str, str]]:
    """Book with everything that is personal, check in, be called and served; return reservation and ticket."""
    office.open_slot("P", at("10:30"))
    wish = office.wish("P", at("10:30"), name=NAME, document=DOCUMENT, email=EMAIL, phone=PHONE)
    wish["applicant"]["birth_date"] = "1981-02-03"
    wish["children"] = [{"name": CHILD, "birth_year": 2019}]
    booked = office.integrator.post("/reservations", wish).get_json()
    office.kiosk.post("/check-ins", {"code": "123456789"})
    ticket = office.kiosk.post("/check-ins", {"code": booked["code"]}).get_json()["ticket"]
    clerk = office.clerk(7)
    called = clerk.post("/counters/7/call-next").get_json()["ticket"]
    assert called["reservation"]["applicant"] == NAME
    assert called["reservation"]["children"] == [{"name": CHILD, "birth_year": 2019}]
    clerk.post(f"/tickets/{ticket['id']}/verify-confirmation", {"code": booked["code"]})
    clerk.post(f"/tickets/{ticket['id']}/start")
    return booked, ticket


def test_logs_tell_routes_and_reasons_and_nobodys_name_code_or_token(
    office: SampleOffice, logged: io.StringIO
) -> None:
    booked, ticket = a_whole_visit(office)
    track = ticket["track_url"].rsplit("/", 1)[1]
    office.door().get(f"//t/{track}")
    office.door().get(f"/track/{track}")
    office.door("counter:wroclaw:8").post("/sessions", {"login": "wroclaw8", "password": PASSWORD})
    office.door("counter:wroclaw:8").post("/sessions", {"login": "Markerlogin", "password": "MarkerSecret"})
    lines = logged.getvalue()
    requests = [json.loads(line) for line in lines.splitlines() if '"event": "request"' in line]
    assert {"/api/v1/check-ins", "/t/<token>", "/api/v1/track/<token>"} <= {
        each["route"] for each in requests
    }
    digits = booked["code"].replace(" ", "")
    for mark in (*MARKS, digits, booked["code"], booked["qr"], track, PASSWORD, *office.tokens.values()):
        assert mark not in lines, mark


def test_facts_stream_board_and_phone_tell_numbers_only(office: SampleOffice) -> None:
    booked, ticket = a_whole_visit(office)
    track = ticket["track_url"].rsplit("/", 1)[1]
    facts = office.store.read(lambda session: facts_after(session, 0))
    rows = [SealedFact(1, f.type, f.at, f.branch_id, f.data, b"") for f in office.facts()]
    outputs = {
        "facts": str([fact.data for fact in office.facts()]),
        "stream": "".join(Event(fact).sent(each).decode() for fact in [*facts, *rows] for each in Audience),
        "board": office.board.get("/boards/A").text,
        "page": office.door().get(f"//t/{track}").text,
        "phone": office.door().get(f"/track/{track}").text,
        "kiosk": office.kiosk.post("/check-ins", {"code": booked["code"]}).text,
        "device": office.door("counter:wroclaw:7").get("/counters/7").text,
    }
    for what, output in outputs.items():
        assert ticket["number"] in output, what
        for mark in (*MARKS, booked["code"], booked["qr"].removeprefix("NQ1:")):
            assert mark not in output, (what, mark)
    for what in ("board", "page", "phone", "stream"):
        assert "priority" not in outputs[what]


def test_at_rest_neither_names_nor_codes_nor_tokens_can_be_read(office: SampleOffice) -> None:
    booked, ticket = a_whole_visit(office)
    secrets = [NAME, CHILD, DOCUMENT, EMAIL, PHONE, booked["code"], booked["qr"].removeprefix("NQ1:")]
    secrets += [*office.tokens.values(), ticket["track_url"].rsplit("/", 1)[1], PASSWORD]
    kept = everything(office)
    assert ticket["number"].encode() in kept
    for secret in secrets:
        assert secret.encode() not in kept
        assert secret.encode().hex().encode() not in kept


def everything(office: SampleOffice) -> bytes:
    """Return every byte of the database: the files of SQLite, or all rows of PostgreSQL as text."""
    if office.store.sqlite:
        file = Path(office.store.engine.url.database or "")
        return b"".join(part.read_bytes() for part in file.parent.glob(f"{file.name}*"))
    with office.store.engine.connect() as connection:
        rows = [
            str(row)
            for table in Table.metadata.sorted_tables
            for row in connection.execute(text(f'SELECT "{table.name}"::text FROM "{table.name}"'))
        ]
    return "\n".join(rows).encode()


def test_a_finished_visit_leaves_no_readable_code(office: SampleOffice) -> None:
    booked, ticket = a_whole_visit(office)
    clerk = office.clerk(7)
    assert office.reservation(booked["id"]).sealed_codes is not None
    clerk.post(f"/tickets/{ticket['id']}/finish", {"outcome": "served"})
    assert office.reservation(booked["id"]).sealed_codes is None
    shown = office.integrator.get(f"/reservations/{booked['id']}").get_json()
    assert "code" not in shown
    assert "qr" not in shown


@pytest.mark.parametrize("as_json", [True, False])
def test_no_value_can_begin_a_line_of_its_own_in_the_log(as_json: bool) -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "event\nlevel=error\r\x1b[31m", None, None)
    record.fields = {"reason": 'line\nlevel=error "quoted"', "principal": "a\u2028b\x85c"}
    written = JsonLines(as_json=as_json).format(record)
    assert len(written.splitlines()) == 1
    assert "\x1b" not in written


def test_an_error_of_ours_is_logged_on_one_line_with_the_requests_id(
    office: SampleOffice, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("server.services.queue.issue.ticket_number", lambda *_: 1 / 0)
        response = office.kiosk.post("/tickets", {"service": "P"})
    (bug,) = [json.loads(line) for line in logged.getvalue().splitlines() if '"event": "bug"' in line]
    assert bug["id"] == response.headers["X-Request-Id"]
    assert "ZeroDivisionError" in bug["trace"]


def test_an_error_about_a_body_does_not_repeat_what_it_held(
    office: SampleOffice, logged: io.StringIO
) -> None:
    for body in ({"code": 5, "Marker": NAME}, {"code": [NAME]}):
        response = office.kiosk.post("/check-ins", body)
        assert response.status_code == 422
        assert NAME not in response.text
    assert NAME not in logged.getvalue()
