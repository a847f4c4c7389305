"""Nonsense in: a clear error that names the place, never a crash, and nothing half done."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.api.routes import ROUTES
from server.app import create_app
from server.store.tables import Answer, Reservation, Ticket
from tests.examples import examples
from tests.server.movable_clock import at
from tests.server.sample_office import SampleOffice

DEPTH = 20_000


def test_fields_that_nobody_knows_are_refused_by_name(office: SampleOffice) -> None:
    response = office.kiosk.post("/tickets", {"service": "P", "ordinal": 1})
    assert (response.status_code, response.get_json()["reason"]) == (422, "invalid_body")
    assert response.get_json()["facts"]["field"] == "ordinal"
    office.open_slot("P", at("12:00"))
    for extra in ({"status": "booked"}, {"code": "482910378"}, {"id": 7}):
        wish = office.wish("P", at("12:00")) | extra
        assert office.integrator.post("/reservations", wish).status_code == 422
    wish = office.wish("P", at("12:00"))
    wish["applicant"]["integrator_id"] = 2
    response = office.integrator.post("/reservations", wish)
    assert response.get_json()["facts"]["field"] == "applicant.integrator_id"
    assert office.rows(Ticket) == office.rows(Reservation) == office.rows(Answer) == []


def test_every_body_model_refuses_what_it_does_not_know() -> None:
    models = {each.body for each in ROUTES if each.body is not None}
    assert len(models) > 8
    assert all(model.model_config["extra"] == "forbid" for model in models)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"service": "passport"}, "service"),
        ({"service": "p"}, "service"),
        ({"appointment_at": "2026-11-23T12:00:00"}, "appointment_at"),
        ({"appointment_at": "tomorrow"}, "appointment_at"),
        ({"branch": "../etc"}, "branch"),
        ({"children": [{"name": "M", "birth_year": 1800}]}, "children.0.birth_year"),
        ({"children": [{"name": "M", "birth_year": 2020}] * 13}, "children"),
        ({"applicant": {"name": "   "}}, "applicant.name"),
        ({"applicant": {"name": "x" * 201}}, "applicant.name"),
        ({"applicant": {"name": "x", "language": "polish"}}, "applicant.language"),
        ({"applicant": {"name": "x", "birth_date": "1990-02-30"}}, "applicant.birth_date"),
    ],
)
def test_a_wrong_value_is_refused_with_its_place(
    office: SampleOffice, change: dict[str, Any], field: str
) -> None:
    response = office.integrator.post("/reservations", office.wish("P", at("12:00")) | change)
    assert (response.status_code, response.get_json()["reason"]) == (422, "invalid_body")
    assert response.get_json()["facts"]["field"] == field
    assert "Visitor" not in response.text


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"[" * DEPTH,
        b'{"service":' * DEPTH + b"1" + b"}" * DEPTH,
        b"\xff\xfe",
        b'{"service": "P"} trailing',
        b"\x00",
    ],
    ids=["open", "deep list", "deep object", "no utf-8", "trailing", "nul"],
)
def test_what_is_no_json_is_refused(office: SampleOffice, data: bytes) -> None:
    app = create_app(office.runtime, max_body_bytes=1_000_000)
    response = office.door("kiosk:wroclaw", app).raw("POST", "/tickets", data, Idempotency_Key="k")
    assert response.status_code in (400, 422), response.text
    assert response.get_json()["reason"] in ("malformed_json", "invalid_body")
    assert office.rows(Ticket) == []


@pytest.mark.parametrize("data", [b"[]", b"null", b"1", b'"P"', b"[{}]"])
def test_json_that_is_no_object_is_refused(office: SampleOffice, data: bytes) -> None:
    response = office.kiosk.raw("POST", "/tickets", data, Idempotency_Key="k")
    assert (response.status_code, response.get_json()["reason"]) == (422, "invalid_body")


def test_another_kind_of_body_is_refused(office: SampleOffice) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        response = office.kiosk.raw(
            "POST", "/tickets", b'{"service": "P"}', Content_Type=kind, Idempotency_Key="k"
        )
        assert (response.status_code, response.get_json()["reason"]) == (415, "json_expected")


def test_too_large_a_body_is_refused_before_it_is_parsed(office: SampleOffice) -> None:
    body = b'{"service": "P", "x": "' + b"y" * 70_000 + b'"}'
    response = office.kiosk.raw("POST", "/tickets", body, Idempotency_Key="k")
    assert (response.status_code, response.get_json()["reason"]) == (413, "too_large")


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/nothing",
        "/api/",
        "/api/v1/tickets/x/start",
        "/api/v1/counters/-1",
        "/api/v2/services",
        "/t/",
        "/api/%00",
    ],
)
def test_an_address_that_does_not_exist_is_told_in_the_same_form(office: SampleOffice, path: str) -> None:
    response = office.kiosk.get(f"/{path}")
    assert (response.status_code, response.mimetype) == (404, "application/problem+json")
    assert response.get_json()["reason"] == "not_found"


def test_a_wrong_method_is_told_with_the_right_ones(office: SampleOffice) -> None:
    response = office.kiosk.raw("PUT", "/tickets", b"{}")
    assert (response.status_code, response.get_json()["reason"]) == (405, "method_not_allowed")
    assert "POST" in response.headers["Allow"]
    assert office.door().raw("TRACE", "/services", b"").status_code == 405


@pytest.mark.parametrize("number", [2**31, 2**63 - 1, 2**63, 10**30])
def test_a_number_too_large_for_the_database_is_no_error_of_ours(office: SampleOffice, number: int) -> None:
    assert office.clerk(7).post(f"/tickets/{number}/start").status_code == 404
    assert office.integrator.get(f"/reservations/{number}").status_code == 404
    assert office.integrator.delete(f"/reservations/{number}").status_code in (404, 405)


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\ud800", "ﷺ" * 20, "'; DROP TABLE ticket; --"])
def test_hostile_text_in_a_field_is_kept_as_text_or_refused(office: SampleOffice, text: str) -> None:
    ticket = office.walk_in("P")
    clerk = office.clerk(7)
    clerk.post("/counters/7/call-next")
    body = json.dumps({"note": text}).encode()
    response = clerk.raw("POST", f"/tickets/{ticket['id']}/park", body, Idempotency_Key="k")
    assert response.status_code in (200, 400, 422), response.text
    if response.status_code == 200:
        assert response.get_json()["ticket"]["note"] == text
    assert len(office.rows(Ticket)) == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)


def test_no_json_whatever_crashes_a_route(office: SampleOffice) -> None:
    @settings(max_examples=examples(60), database=None)
    @given(body=JSON | st.fixed_dictionaries({"code": st.text(max_size=300)}), path=st.sampled_from(PATHS))
    def send(body: Any, path: str) -> None:
        response = office.kiosk.raw(
            "POST", path, json.dumps(body).encode("utf-8", "surrogatepass"), Idempotency_Key="k"
        )
        assert response.status_code < 500, response.text

    send()


PATHS = ["/check-ins", "/tickets", "/devices/enrol", "/devices/me/status"]
