"""The OpenAPI page: valid 3.1, with every route of the map, and the server does what it says."""

from __future__ import annotations

import re
import secrets
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import checks
from schemathesis.specs.openapi import checks as openapi_checks

from tests.examples import examples
from tests.server.sample_office import SampleOffice

CHECKS = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
]


def document(office: SampleOffice) -> dict[str, Any]:
    """Read the page."""
    found: dict[str, Any] = office.door().get("/openapi.json").get_json()
    return found


def test_it_is_valid_openapi_3_1(office: SampleOffice) -> None:
    page = document(office)
    assert page["openapi"].startswith("3.1")
    schemathesis.openapi.from_dict(page).validate()


def test_control_a_page_with_a_wrong_part_is_not_valid(office: SampleOffice) -> None:
    page = document(office)
    page["paths"]["/api/v1/tickets"]["post"]["responses"] = "none"
    with pytest.raises(Exception, match="responses"):
        schemathesis.openapi.from_dict(page).validate()


def test_every_route_of_the_url_map_is_in_it_and_nothing_else(office: SampleOffice) -> None:
    said = {
        (path, method.upper())
        for path, item in document(office)["paths"].items()
        for method in item
        if method in ("get", "post", "put", "patch", "delete")
    }
    there = set()
    for rule in office.app.url_map.iter_rules():
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        there |= {(path, method) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    assert there | {("/api/v1/stream", "GET")} == said


def test_every_operation_says_what_it_does_and_who_may(office: SampleOffice) -> None:
    for path, item in document(office)["paths"].items():
        for operation in item.values():
            assert operation["operationId"], path
            assert operation["summary"], path
            assert operation["responses"], path


def test_the_server_answers_drawn_requests_as_the_page_says(office: SampleOffice) -> None:
    _send_drawn_requests(office, 120)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_the_server_answers_ten_thousand_drawn_requests_as_the_page_says(office: SampleOffice) -> None:
    _send_drawn_requests(office, 10_000)


def _send_drawn_requests(office: SampleOffice, count: int) -> None:
    """Send requests of every operation, fitting its schema, from everybody; no 5xx, and answers that fit."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", office.app)
    operations = [each.ok() for each in schema.get_all_operations()]
    drawn = [each.as_strategy() for each in operations if not each.path.endswith("/stream")]
    for _ in range(5):
        office.walk_in("P")
    tokens = [None, *office.tokens.values(), office.clerk(7).token, office.clerk(1).token]

    @settings(max_examples=examples(count), database=None, suppress_health_check=list(HealthCheck))
    @given(case=st.one_of(drawn), token=st.sampled_from(tokens))
    def send(case: Any, token: str | None) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if case.method != "GET":
            headers["Idempotency-Key"] = secrets.token_hex(8)
        case.call_and_validate(headers=headers, checks=CHECKS)

    send()
