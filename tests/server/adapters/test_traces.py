"""Traces tell which part took how long, nothing of anybody, and cost nobody an answer."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from server.adapters import traces as traces_module
from server.adapters.traces import Traces, to_collector
from server.api.headers_and_log import listeners
from server.http.dispatch import is_of_the_api
from server.store.facts import facts_after
from tests.server.movable_clock import TEN
from tests.server.sample_office import Door, SampleOffice
from wire.settings import TracesSettings

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
FROM_ELSEWHERE = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
AT = TEN.isoformat()
KNOWN = {
    *("http.request.method", "http.route", "http.response.status_code", "numerek.request_id"),
    *("numerek.reason", "numerek.feed_number", "numerek.fact", "numerek.device", "numerek.clock_off"),
}


@contextmanager
def traced(office: SampleOffice, processor: SpanProcessor, **settings: Any) -> Iterator[Traces]:
    """Trace an office for a while."""
    traces = Traces(TracesSettings(**settings), processor)
    before = office.app.wsgi_app
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(office.app, "wsgi_app", traces.around(before, is_of_the_api))
        patch.setattr(office.store, "tracer", traces)
        listeners.append(traces.note_request)
        yield traces
        listeners.remove(traces.note_request)


@pytest.fixture
def spans(office: SampleOffice) -> Iterator[InMemorySpanExporter]:
    """Give the spans of what an office does."""
    kept = InMemorySpanExporter()
    with traced(office, SimpleSpanProcessor(kept)):
        yield kept


def heard(office: SampleOffice) -> dict[str, str]:
    """Put all facts into a feed; return the last traceparent of each type."""
    office.wait_until_sealed()
    facts = office.store.read(lambda session: facts_after(session, 0))
    assert office.store.tracer is not None
    return {fact.type: office.store.tracer.in_the_feed(fact) for fact in facts}


def named(spans: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    """Return the last span of each name."""
    return {span.name: span for span in spans.get_finished_spans()}


def show(door: Door, **told: str) -> int:
    """Tell when a traced fact was shown; return the status of the answer."""
    return door.post("/devices/me/shown", {"shown": [told]}).status_code


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
    traceparent = heard(office)["ticket.issued"]
    feed = named(spans)["feed"]
    assert feed.parent == found["store.write"].context
    assert (feed.attributes or {})["numerek.fact"] == "ticket.issued"
    assert traceparent == f"00-{TRACE}-{feed.context.span_id:016x}-01"
    assert heard(office)["ticket.issued"] == "", "once only"
    attributes = request.attributes or {}
    assert (attributes["http.route"], attributes["http.response.status_code"]) == ("/api/v1/tickets", 201)
    assert attributes["numerek.request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize(
    ("ago", "ended", "is_off"),
    [
        (0.5, 11.5, False),
        (2, 10, False),
        (2.2, 10, False),
        (60, 10, True),
        (-0.2, 12, False),
        (-60, 12, True),
    ],
)
def test_the_trace_of_a_call_ends_where_its_board_showed_it(
    office: SampleOffice,
    spans: InMemorySpanExporter,
    monkeypatch: pytest.MonkeyPatch,
    ago: float,
    ended: float,
    is_off: bool,
) -> None:
    """The server counts from 10 to 12 seconds between feed and report; a clock that is off is set right."""
    now = [10]
    monkeypatch.setattr(traces_module, "time", SimpleNamespace(time_ns=lambda: now[0] * 10**9))
    office.walk_in("N")
    assert office.clerk(1).post("/counters/1/call-next", **FROM_ELSEWHERE).status_code == 200
    told = heard(office)
    feed = next(span for span in spans.get_finished_spans() if told["ticket.called"][36:52] == id_of(span))
    now[0] = 12
    at = office.clock.now() - timedelta(seconds=ago)
    for door in (office.board, office.board, office.door("counter:wroclaw:1")):
        assert show(door, traceparent=told["ticket.called"], shown_at=at.isoformat()) == 204
    found = [span for span in spans.get_finished_spans() if span.name == "device.shown"]
    assert [(span.start_time, span.end_time) for span in found] == [(10 * 10**9, ended * 10**9)] * 2
    assert all(span.parent == feed.context for span in found)
    off = {"numerek.clock_off": True} if is_off else {}
    assert [dict(span.attributes or {}) for span in found] == [
        {"numerek.device": device, "numerek.fact": "ticket.called"} | off for device in ("board", "counter")
    ]


def id_of(span: ReadableSpan) -> str:
    """Return a span's id as it stands in a traceparent."""
    return f"{span.context.span_id:016x}"


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_the_ends_of_time_are_set_right(one_office: SampleOffice, at: str) -> None:
    kept = InMemorySpanExporter()
    with traced(one_office, SimpleSpanProcessor(kept)):
        one_office.walk_in("N")
        assert show(one_office.board, traceparent=heard(one_office)["ticket.issued"], shown_at=at) == 204
    shown = named(kept)["device.shown"]
    assert 0 <= (shown.end_time or 0) - (shown.start_time or 0) < 60 * 10**9
    assert (shown.attributes or {})["numerek.clock_off"]


GOOD = {"traceparent": FROM_ELSEWHERE["traceparent"], "shown_at": AT}


@pytest.mark.parametrize(
    ("shown", "status"),
    [
        ([GOOD], 204),  # of a trace that was never given out here
        ([GOOD] * 50, 204),
        ([GOOD] * 51, 422),
        ([], 422),
        ([GOOD | {"traceparent": f"ff-{TRACE}-{PARENT}-01"}], 422),
        ([GOOD | {"traceparent": f"00-{TRACE.upper()}-{PARENT}-01"}], 422),
        ([GOOD | {"traceparent": FROM_ELSEWHERE["traceparent"] + "\n"}], 422),
        ([GOOD | {"shown_at": "2026-11-23T10:00:00"}], 422),
        ([GOOD | {"number": "P042"}], 422),
        ({}, 422),
    ],
)
def test_what_was_not_given_out_or_makes_no_sense_is_no_span(
    one_office: SampleOffice, shown: object, status: int
) -> None:
    kept = InMemorySpanExporter()
    with traced(one_office, SimpleSpanProcessor(kept)):
        answer = one_office.board.post("/devices/me/shown", {"shown": shown})
    assert answer.status_code == status
    assert [span.name for span in kept.get_finished_spans()] == ["POST /api/v1/devices/me/shown"]


def test_of_too_many_the_oldest_are_forgotten(
    one_office: SampleOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traces_module, "MOST_FACTS", 2)
    kept = InMemorySpanExporter()
    with traced(one_office, SimpleSpanProcessor(kept)):
        told = []
        for _ in range(3):
            one_office.walk_in("N")
            told.append(heard(one_office)["ticket.issued"])
        for traceparent in told:
            assert show(one_office.board, traceparent=traceparent, shown_at=AT) == 204
    shown = [span for span in kept.get_finished_spans() if span.name == "device.shown"]
    assert [f"{span.parent.span_id:016x}" for span in shown if span.parent] == [
        each[36:52] for each in told[1:]
    ]


def test_nobody_is_in_them(office: SampleOffice, spans: InMemorySpanExporter) -> None:
    booked = office.book("P", "12:00", name="Wanda Tajna")
    office.kiosk.post("/check-ins", {"code": booked["code"]})
    office.kiosk.post("/tickets", {"service": "L"})
    office.door().get("/tickets/99?name=Tajna")
    office.door().get("//t/Tajna")
    for traceparent in filter(None, heard(office).values()):
        assert show(office.board, shown_at=AT, traceparent=traceparent) == 204
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
        office.walk_in("N")
        assert set(heard(office).values()) == {""}
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
