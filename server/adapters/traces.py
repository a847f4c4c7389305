"""Sends spans of requests, writes, facts and of what devices show to a collector (OpenTelemetry, OTLP over HTTP).

Nothing here is imported unless `[traces]` names a collector. A span holds names, codes and times, never what
somebody typed: no address, no body, no statement, no text of an error.
"""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from wire.settings import TracesSettings
from wire.version import VERSION

K = TypeVar("K")
T = TypeVar("T")
EXPORT_SECONDS = 2
MOST_FACTS = 10_000
"""So many facts are remembered between their commit and the feed, and as many until devices have shown them."""
CLOCK_OFF = timedelta(milliseconds=250)
"""A device whose clock is wrong by more is told so; less is how exactly it hears the server's time."""
Wsgi = Callable[..., Iterable[bytes]]
_PARENT = TraceContextTextMapPropagator()


def to_collector(settings: TracesSettings) -> SpanProcessor:
    """Send spans in the background; what is not taken, or too much for the queue, is lost."""
    # Their own lines would repeat for as long as the collector is away.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    exporter = OTLPSpanExporter(endpoint=settings.endpoint, timeout=EXPORT_SECONDS)
    return BatchSpanProcessor(exporter, export_timeout_millis=EXPORT_SECONDS * 1000)


@dataclass(frozen=True, slots=True)
class _Told:
    """A fact that went out with its traceparent: what it is a part of, from when on, and who has shown it."""

    feed: contexts.Context
    fact: str
    since: int
    by: set[int] = field(default_factory=set)


@contextmanager
def closing_of(parts: Iterable[bytes]) -> Iterator[Iterable[bytes]]:
    """Hold an answer's parts and close them, as PEP 3333 wants it of whoever reads them."""
    try:
        yield parts
    finally:
        if hasattr(parts, "close"):
            parts.close()


class Traces:
    """The spans of one server: a request, its write, the database, its facts in the feed and on the devices."""

    def __init__(self, settings: TracesSettings, processor: SpanProcessor) -> None:
        ratio = TraceIdRatioBased(settings.percent / 100)
        # Whoever sends a parent says which trace it is, and not whether it is kept.
        sampler = ParentBased(ratio, remote_parent_sampled=ratio, remote_parent_not_sampled=ratio)
        told = {"service.name": "numerek", "service.version": VERSION}
        resource = Resource(told | {"service.instance.id": secrets.token_hex(8)})
        self._provider = TracerProvider(sampler=sampler, resource=resource)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("numerek")
        self._of_facts: OrderedDict[tuple[object, ...], contexts.Context] = OrderedDict()
        self._told: OrderedDict[str, _Told] = OrderedDict()

    def around(self, wsgi: Wsgi, is_of_devices: Callable[[str], bool]) -> Wsgi:
        """Note each request; only one of a device or a program takes part in a trace that began elsewhere."""

        def traced(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            parent = {"traceparent": environ.get("HTTP_TRACEPARENT", "")}
            found = _PARENT.extract(parent) if is_of_devices(environ["PATH_INFO"]) else contexts.Context()
            method = environ["REQUEST_METHOD"]
            with self._started(method, found, SpanKind.SERVER):

                def start(status: str, headers: list[tuple[str, str]], error: Any = None) -> Any:
                    sent: dict[str, str] = {}
                    _PARENT.inject(sent)
                    return start_response(status, [*headers, *sent.items()], error)

                with closing_of(wsgi(environ, start)) as parts:
                    return list(parts)

        return traced

    def note_request(self, told: Mapping[str, Any]) -> None:
        """Add what the log keeps of the request that is under way here: its route, status, reason and id."""
        span = trace.get_current_span()
        if not span.is_recording():
            return
        span.update_name(f"{told['method']} {told['route'] or '-'}")
        names = {
            "method": "http.request.method",
            "route": "http.route",
            "status": "http.response.status_code",
        }
        names |= {"reason": "numerek.reason", "id": "numerek.request_id"}
        span.set_attributes({names[key]: told[key] for key in names if told[key] is not None})
        if told["status"] >= 500:
            span.set_status(Status(StatusCode.ERROR))

    @contextmanager
    def span(self, name: str) -> Iterator[None]:
        """Note what is done inside as a part of what is under way in this thread."""
        with self._started(name):
            yield

    def in_the_database(self, work: Callable[[Any], T]) -> Callable[[Any], T]:
        """Note the work as a part of what is under way here, though another thread runs it."""
        here = contexts.get_current()

        def traced(session: Any) -> T:
            with self._started("database", here, SpanKind.CLIENT):
                result = work(session)
            self._remember(session.info.get("noted facts", ()), here)
            return result

        return traced

    def in_the_feed(self, fact: Any) -> str:
        """Note that a fact can be heard from now on, as a part of the request that made it here.

        Returns the traceparent of that, for the devices that hear it; nothing where it is not kept.
        """
        found = self._of_facts.pop(_key(fact), None)
        if found is None:
            return ""
        with self._started("feed", found) as span:
            if not span.is_recording():
                return ""
            span.set_attributes({"numerek.feed_number": fact.feed_number, "numerek.fact": fact.type})
            sent: dict[str, str] = {}
            _PARENT.inject(sent)
            told = _Told(contexts.get_current(), fact.type, time.time_ns())
            _keep(self._told, sent["traceparent"], told)
        return sent["traceparent"]

    def shown(self, traceparent: str, ago: timedelta, device: int, role: str) -> None:
        """Note that a device showed a fact so long ago, once for each; what did not go out here is passed over.

        An instant before it went out, or one that is yet to come, is set right, and said to be wrong.
        """
        told, now = self._told.get(traceparent), time.time_ns()
        if told is None or device in told.by:
            return
        told.by.add(device)
        since = timedelta(microseconds=(now - told.since) // 1000)
        right = min(max(ago, timedelta()), since)
        attributes: dict[str, str | bool] = {"numerek.device": role, "numerek.fact": told.fact}
        if abs(ago - right) > CLOCK_OFF:
            attributes["numerek.clock_off"] = True
        span = self._tracer.start_span(
            "device.shown", told.feed, SpanKind.CONSUMER, attributes, start_time=told.since
        )
        span.end(now - right // timedelta(microseconds=1) * 1000)

    def flush(self) -> bool:
        """Send what waits, as the program's end does too; say whether all of it was handed over in time."""
        return self._provider.force_flush(EXPORT_SECONDS * 1000)

    def _remember(self, facts: Iterable[Any], here: contexts.Context) -> None:
        for fact in facts:
            _keep(self._of_facts, _key(fact), here)

    @contextmanager
    def _started(
        self, name: str, within: contexts.Context | None = None, kind: SpanKind = SpanKind.INTERNAL
    ) -> Iterator[Any]:
        """Begin a span; of an error only that there was one is kept: its text may hold anything."""
        with self._tracer.start_as_current_span(
            name, within, kind, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield span
            except BaseException:
                span.set_status(Status(StatusCode.ERROR))
                raise


def _key(fact: Any) -> tuple[object, ...]:
    """Tell a fact from others, before and after the database gave it its place."""
    return str(fact.type), fact.at, fact.branch_id, json.dumps(fact.data, sort_keys=True)


def _keep(kept: OrderedDict[K, T], key: K, value: T) -> None:
    """Keep what was not taken yet; of too many the oldest are forgotten."""
    kept[key] = value
    while len(kept) > MOST_FACTS:
        kept.popitem(last=False)
