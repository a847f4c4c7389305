"""Traces tell which part took how long, nothing of anybody, and cost nobody an answer."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from server.adapters.traces import Traces, to_collector
from server.api.headers_and_log import listeners
from server.http.dispatch import is_of_the_api
from tests.server.sample_office import SampleOffice
from wire.settings import TracesSettings

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
FROM_ELSEWHERE = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
KNOWN = {
    *("http.request.method", "http.route", "http.response.status_code", "numerek.request_id"),
    *("numerek.reason", "numerek.feed_number", "numerek.fact"),
}


@contextmanager
def traced(office: SampleOffice, processor: SpanProcessor, **settings: Any) -> Iterator[Traces]:
    """Trace an office for a while."""
    traces = Traces(TracesSettings(**settings), processor)
    before = office.app.wsgi_app
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(office.app, "wsgi_app", traces.around(before, is_of_the_api))
        patch.setattr(office.store, "tracer", traces)
        office.store.on_facts(traces.note_facts)
        listeners.append(traces.note_request)
        yield traces
        listeners.remove(traces.note_request)


@pytest.fixture
def spans(office: SampleOffice) -> Iterator[InMemorySpanExporter]:
    """Give the spans of what an office does."""
    kept = InMemorySpanExporter()
    with traced(office, SimpleSpanProcessor(kept)):
        yield kept


def named(spans: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    """Return the last span of each name."""
    return {span.name: span for span in spans.get_finished_spans()}


def test_a_ticket_is_one_trace_from_the_kiosk_to_the_feed(
    office: SampleOffice, spans: InMemorySpanExporter
) -> None:
    answer = office.kiosk.post("/tickets", {"service": "N"}, **FROM_ELSEWHERE)
    assert answer.status_code == 201
    found = named(spans)
    request = found["POST /api/v1/tickets"]
    assert request.parent is not None
    assert (f"{request.parent.trace_id:032x}", f"{request.parent.span_id:016x}") == (TRACE, PARENT)
    assert answer.headers["traceparent"] == f"00-{TRACE}-{request.context.span_id:016x}-01"
    assert found["store.write"].parent == request.context
    assert found["database"].parent == found["store.write"].context
    attributes = request.attributes or {}
    assert (attributes["http.route"], attributes["http.response.status_code"]) == ("/api/v1/tickets", 201)
    assert attributes["numerek.request_id"] == answer.headers["X-Request-Id"]
    if office.store.sqlite:  # PostgreSQL's facts are sealed later, by whichever server
        assert f"{found['feed'].context.trace_id:032x}" == TRACE
        assert (found["feed"].attributes or {})["numerek.fact"] == "ticket.issued"


def test_nobody_is_in_them(office: SampleOffice, spans: InMemorySpanExporter) -> None:
    booked = office.book("P", "12:00", name="Wanda Tajna")
    office.kiosk.post("/check-ins", {"code": booked["code"]})
    office.kiosk.post("/tickets", {"service": "L"})
    office.door().get("/tickets/99?name=Tajna")
    office.door().get("//t/Tajna")
    told = spans.get_finished_spans()
    assert len(told) > 6
    text = "\n".join(span.to_json() for span in told)
    assert all(word not in text for word in ("Tajna", booked["code"], *office.tokens.values()))
    assert {name for span in told for name in span.attributes or {}} <= KNOWN
    assert not any(span.events for span in told)


def test_an_error_is_told_without_its_words(
    office: SampleOffice, spans: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoilt(*_: object) -> None:
        raise ValueError("Wanda Tajna")

    with pytest.raises(ValueError, match="Tajna"):
        office.store.write(spoilt)
    text = "\n".join(span.to_json() for span in spans.get_finished_spans())
    assert '"ERROR"' in text
    assert "Tajna" not in text


def test_a_page_begins_its_own_trace_whatever_a_browser_says(
    office: SampleOffice, spans: InMemorySpanExporter
) -> None:
    office.door().get("//en/", **FROM_ELSEWHERE)
    (page,) = spans.get_finished_spans()
    assert page.parent is None
    assert f"{page.context.trace_id:032x}" != TRACE


def test_of_no_percent_nothing_is_traced_even_if_somebody_asks(office: SampleOffice) -> None:
    kept = InMemorySpanExporter()
    with traced(office, SimpleSpanProcessor(kept), percent=0):
        assert office.kiosk.get("/services", **FROM_ELSEWHERE).status_code == 200
    assert kept.get_finished_spans() == ()


def test_a_collector_takes_them(one_office: SampleOffice) -> None:
    taken: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *words: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Collector) as http:
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        settings = TracesSettings(endpoint=f"http://127.0.0.1:{http.server_port}/v1/traces")
        with traced(one_office, to_collector(settings), endpoint=settings.endpoint) as traces:
            one_office.walk_in("N")
            assert traces.flush()
        http.shutdown()
        thread.join()
    assert b"POST /api/v1/tickets" in b"".join(taken)


def test_a_collector_that_is_away_harms_nobody(one_office: SampleOffice) -> None:
    settings = TracesSettings(endpoint="http://127.0.0.1:9/v1/traces")
    with traced(one_office, to_collector(settings), endpoint=settings.endpoint) as traces:
        for _ in range(20):
            assert one_office.walk_in("N")["number"]
        traces.flush()
        assert one_office.walk_in("N")["number"] == "N021"


def test_without_a_collector_nothing_is_loaded() -> None:
    loaded = "import sys, server.run; sys.exit(any(each.startswith('opentelemetry') for each in sys.modules))"
    assert subprocess.run([sys.executable, "-c", loaded], timeout=120, check=False).returncode == 0
