"""Headers on every answer, health and readiness, and the clock that every answer carries."""

from __future__ import annotations

from dataclasses import replace

import pytest
from werkzeug.test import TestResponse

from server.store.errors import StoreUnavailable
from tests.server.sample_office import SampleOffice


def answers(office: SampleOffice, monkeypatch: pytest.MonkeyPatch) -> dict[str, TestResponse]:
    """Collect an answer of every kind."""
    ticket = office.walk_in("P")
    token = ticket["track_url"].rsplit("/", 1)[1]
    found = {
        "json": office.kiosk.get("/services"),
        "created": office.kiosk.post("/tickets", {"service": "P"}),
        "nobody waits": office.clerk(10).post("/counters/10/call-next"),
        "refused": office.kiosk.post("/tickets", {"service": "L"}),
        "no token": office.door().get("/services"),
        "wrong role": office.board.get("/services"),
        "not found": office.kiosk.get("/nothing"),
        "wrong method": office.kiosk.raw("PUT", "/tickets", b"{}"),
        "too large": office.kiosk.raw("POST", "/tickets", b"x" * 70_000),
        "page": office.door().get(f"//t/{token}"),
        "no page": office.door().get("//t/1-x"),
        "health": office.door().get("//healthz"),
        "ready": office.door().get("//readyz"),
        "openapi": office.door().get("/openapi.json"),
    }
    with monkeypatch.context() as patch:
        patch.setattr("server.services.queue.issue.ticket_number", lambda *_: 1 / 0)
        found["bug"] = office.kiosk.post("/tickets", {"service": "P"})
    return found


def test_every_answer_carries_the_safe_headers(office: SampleOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = answers(office, monkeypatch)
    for what, answer in seen.items():
        headers = answer.headers
        assert headers["X-Content-Type-Options"] == "nosniff", what
        assert headers["Referrer-Policy"] == "no-referrer", what
        assert headers["Cache-Control"] == "no-store", what
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", what
        assert "max-age=" in headers["Strict-Transport-Security"], what
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], what
        assert headers["Content-Security-Policy"].startswith("default-src 'none'"), what
        assert "unsafe" not in headers["Content-Security-Policy"], what
        assert len(headers["X-Request-Id"]) == 16, what
        assert headers["Numerek-Time"] == "2026-11-23T09:00:00.000+00:00", what
        assert "Set-Cookie" not in headers, what
        assert "Server" not in headers, what
        assert "X-Powered-By" not in headers, what
    assert len({answer.headers["X-Request-Id"] for answer in seen.values()}) == len(seen)
    assert seen["bug"].status_code == 500


def test_errors_are_problem_json_with_a_reason_and_facts(
    office: SampleOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    for what, answer in answers(office, monkeypatch).items():
        if answer.status_code >= 400 and what != "no page":
            assert answer.mimetype == "application/problem+json", what
            problem = answer.get_json()
            assert problem["status"] == answer.status_code, what
            assert problem["title"], what
            assert problem["reason"] == problem["reason"].lower(), what
            assert isinstance(problem["facts"], dict), what


def test_the_pages_style_has_a_nonce_that_is_new_each_time(office: SampleOffice) -> None:
    token = office.walk_in("P")["track_url"].rsplit("/", 1)[1]
    pages = [office.door().get(f"//t/{token}") for _ in range(2)]
    policies = [page.headers["Content-Security-Policy"] for page in pages]
    assert policies[0] != policies[1]
    nonce = policies[0].split("'nonce-")[1].split("'")[0]
    assert f'<style nonce="{nonce}">' in pages[0].text
    assert f'<script nonce="{nonce}" src="/t/assets/' in pages[0].text
    assert f"script-src 'nonce-{nonce}';" in policies[0]


def test_healthy_is_who_answers_and_ready_is_who_can_work(
    office: SampleOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert office.door().get("//healthz").get_json() == {"status": "ok"}
    assert office.door().get("//readyz").get_json()["status"] == "ready"

    def gone(_: object) -> None:
        raise StoreUnavailable("database_gone")

    with monkeypatch.context() as patch:
        patch.setattr(office.store, "read", gone)
        assert office.door().get("//healthz").status_code == 200
        response = office.door().get("//readyz")
    assert (response.status_code, response.get_json()["facts"]["missing"]) == (503, ["database"])
    assert response.headers["Retry-After"] == "1"


def test_an_office_that_is_not_set_up_is_not_ready(office: SampleOffice) -> None:
    runtime = office.runtime
    runtime.office._office = replace(runtime.office.current(), branches={})
    response = office.door().get("//readyz")
    assert (response.status_code, response.get_json()["facts"]["missing"]) == (503, ["office"])


def test_the_clock_in_the_answers_is_the_servers(office: SampleOffice) -> None:
    office.clock.set("12:34:56")
    assert office.kiosk.get("/services").headers["Numerek-Time"] == "2026-11-23T11:34:56.000+00:00"
    assert office.kiosk.get("/services").get_json()["now"] == "2026-11-23T11:34:56Z"


def test_what_no_route_takes_is_told_as_well(office: SampleOffice) -> None:
    whole = office.kiosk.get("/services")
    head = office.kiosk.raw("HEAD", "/services", b"")
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Length"] == str(len(whole.data))
    permitted = office.kiosk.raw("OPTIONS", "/services", b"")
    assert permitted.status_code == 200
    assert set(permitted.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    refused = office.kiosk.raw("DELETE", "/services", b"")
    assert (refused.status_code, refused.json and refused.json["reason"]) == (405, "method_not_allowed")
    twice = office.kiosk.get("//api/v1//services")
    assert (twice.status_code, twice.headers["Location"].endswith("/api/v1/services")) == (308, True)
