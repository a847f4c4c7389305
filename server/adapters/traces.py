"""Sends spans of requests, writes and facts to a collector (OpenTelemetry, OTLP over HTTP).

Nothing here is imported unless `[traces]` names a collector. A span holds names, codes and times, never what
somebody typed: no address, no body, no statement, no text of an error.
"""

from __future__ import annotations

import logging
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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

T = TypeVar("T")
EXPORT_SECONDS = 2
MOST_FACTS = 10_000
"""So many facts are remembered between their commit and the feed."""
Wsgi = Callable[..., Iterable[bytes]]
_PARENT = TraceContextTextMapPropagator()


def to_collector(settings: TracesSettings) -> SpanProcessor:
    """Send spans in the background; what is not taken, or too much for the queue, is lost."""
    # Their own lines would repeat for as long as the collector is away.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    exporter = OTLPSpanExporter(endpoint=settings.endpoint, timeout=EXPORT_SECONDS)
    return BatchSpanProcessor(exporter, export_timeout_millis=EXPORT_SECONDS * 1000)


@contextmanager
def closing_of(parts: Iterable[bytes]) -> Iterator[Iterable[bytes]]:
    """Hold an answer's parts and close them, as PEP 3333 wants it of whoever reads them."""
    try:
        yield parts
    finally:
        if hasattr(parts, "close"):
            parts.close()


class Traces:
    """The spans of one server: a request, its write, the work in the database, and its facts in the feed."""

    def __init__(self, settings: TracesSettings, processor: SpanProcessor) -> None:
        ratio = TraceIdRatioBased(settings.percent / 100)
        # Whoever sends a parent says which trace it is, and not whether it is kept.
        sampler = ParentBased(ratio, remote_parent_sampled=ratio, remote_parent_not_sampled=ratio)
        told = {"service.name": "numerek", "service.version": VERSION}
        resource = Resource(told | {"service.instance.id": secrets.token_hex(8)})
        self._provider = TracerProvider(sampler=sampler, resource=resource)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("numerek")
        self._of_facts: OrderedDict[int, tuple[Any, contexts.Context]] = OrderedDict()

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

    def note_facts(self, facts: Sequence[Any]) -> None:
        """Note that facts stand in the feed, each as a part of the request that made it."""
        for fact in facts:
            found = self._of_facts.pop(id(fact.data), None)
            if found is not None:
                with self._started("feed", found[1]) as span:
                    span.set_attributes({"numerek.feed_number": fact.feed_number, "numerek.fact": fact.type})

    def flush(self) -> bool:
        """Send what waits, as the program's end does too; say whether all of it was handed over in time."""
        return self._provider.force_flush(EXPORT_SECONDS * 1000)

    def _remember(self, facts: Iterable[Any], here: contexts.Context) -> None:
        for fact in facts:
            self._of_facts[id(fact.data)] = (fact.data, here)
        while len(self._of_facts) > MOST_FACTS:
            self._of_facts.popitem(last=False)

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
