"""What a monitoring system reads at /metrics, in the form of Prometheus; only for the operator's networks."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

from flask import Response, abort, request

from server.api import authentication, request_counts
from server.services.statistics.watching import Watched, watch
from server.store.write_times import SECONDS
from wire.version import VERSION


def page() -> Response:
    """Write the metrics; from any other network there is no such page."""
    runtime = authentication.runtime()
    if not _is_within((request.remote_addr or "").partition("%")[0], runtime.metrics.networks):
        abort(404)
    # Loaded with the first look: most servers are watched by nobody.
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

    office = runtime.office.current()
    watched = runtime.store.read(lambda session: watch(session, office))
    counts, total = runtime.store.write_times.read()
    registry = CollectorRegistry()
    registry.register(_Collector(watched, counts, total))
    response = authentication.respond(200, generate_latest(registry))
    response.headers["Content-Type"] = CONTENT_TYPE_LATEST
    return response


class _Collector:
    """Hands over what was read for this one look."""

    def __init__(self, watched: Watched, writes: list[int], seconds: float) -> None:
        self._watched, self._writes, self._seconds = watched, writes, seconds

    def collect(self) -> Iterator[Any]:
        """Give each metric."""
        from prometheus_client.core import (
            CounterMetricFamily,
            GaugeMetricFamily,
            HistogramMetricFamily,
            InfoMetricFamily,
        )

        yield InfoMetricFamily("numerek", "What runs here", value={"version": VERSION})

        requests = CounterMetricFamily(
            "numerek_requests", "Requests answered", labels=["application", "method", "answer"]
        )
        for key, count in sorted(request_counts.counts().items()):
            requests.add_metric(key, count)
        waiting = GaugeMetricFamily("numerek_waiting", "Visitors who wait", labels=["branch", "service"])
        for place, count in sorted(self._watched.waiting.items()):
            waiting.add_metric(place, count)
        counters = GaugeMetricFamily("numerek_counters_open", "Open counters", labels=["branch"])
        for branch, count in sorted(self._watched.open_counters.items()):
            counters.add_metric([branch], count)
        messages = GaugeMetricFamily("numerek_messages", "Messages of the outbox", labels=["status"])
        for status, count in sorted(self._watched.messages.items()):
            messages.add_metric([status], count)
        writes = HistogramMetricFamily("numerek_write_seconds", "Writes, from their call to their commit")
        writes.add_metric([], _cumulated(self._writes), self._seconds)
        yield from (requests, waiting, counters, messages, writes)


def _cumulated(counts: list[int]) -> list[tuple[str, float]]:
    edges, so_far, found = [*map(str, SECONDS), "+Inf"], 0, []
    for edge, count in zip(edges, counts, strict=True):
        so_far += count
        found.append((edge, float(so_far)))
    return found


def _is_within(address: str, networks: tuple[str, ...]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    found = getattr(found, "ipv4_mapped", None) or found
    return any(found in ipaddress.ip_network(each) for each in networks)
