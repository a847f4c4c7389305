"""What a monitoring system reads at /metrics, in the form of Prometheus; only for the operator's networks.

Labels are from sets that the office or the programs bound, and never what a visitor sent.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask import Response, abort, request

from server.api import authentication, request_counts
from server.api.authentication import Runtime
from server.services.statistics.watching import Watched, watch
from server.store.durations import SECONDS, Durations
from server.store.errors import StoreUnavailable
from server.store.health import DatabaseHealth, asked, last_backup, look_at_database, look_at_disks
from server.store.store import Store
from wire.version import VERSION

Labels = tuple[str, ...]
_BY_ROUTE = ("application", "method", "route")


def page() -> Response:
    """Write the metrics; from any other network there is no such page."""
    runtime = authentication.runtime()
    if not _is_within((request.remote_addr or "").partition("%")[0], runtime.metrics.networks):
        abort(404)
    # Loaded with the first look: most servers are watched by nobody.
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest

    registry = CollectorRegistry()
    registry.register(_Collector(runtime, *_look(runtime)))
    ProcessCollector(registry=registry)
    response = authentication.respond(200, generate_latest(registry))
    response.headers["Content-Type"] = CONTENT_TYPE_LATEST
    return response


def _look(runtime: Runtime) -> tuple[DatabaseHealth, Watched | None]:
    """Read what the database knows; while it is away the rest is told all the same."""
    try:
        with asked():
            context = runtime.context()
            watched = runtime.store.read(lambda session: watch(session, context))
            return look_at_database(runtime.store), watched
    except StoreUnavailable:
        return DatabaseHealth(is_writable=False), None


class _Collector:
    """Hands over what was read for this one look."""

    def __init__(self, runtime: Runtime, database: DatabaseHealth, watched: Watched | None) -> None:
        self._runtime, self._watched, self._database = runtime, watched, database

    def collect(self) -> Iterator[Any]:
        """Give each metric."""
        kind = "sqlite" if self._runtime.store.sqlite else "postgresql"
        yield _info("numerek", "What runs here", {"version": VERSION, "database": kind})
        yield from self._of_requests()
        yield from self._of_the_store()
        yield from self._of_the_machine()
        leads = int(self._runtime.leadership.leads())
        yield _gauge("numerek_leader", "Whether this server leads", (), {(): leads})
        if self._watched is not None:
            yield from _of_the_office(self._watched)
            yield from _of_the_feed_and_messages(self._watched)

    def _of_requests(self) -> Iterator[Any]:
        counts, taken = request_counts.counts(), request_counts.durations()
        yield _counter("numerek_requests", "Requests answered", (*_BY_ROUTE, "answer"), counts)
        yield _histogram("numerek_request_seconds", "Requests, to their answer", _BY_ROUTE, taken)
        refusals = request_counts.refusals()
        yield _counter("numerek_refusals", "Requests refused", ("application", "reason"), refusals)

    def _of_the_store(self) -> Iterator[Any]:
        store, database = self._runtime.store, self._database
        writes = {(): store.write_times}
        yield _histogram("numerek_write_seconds", "Writes, from their call to their commit", (), writes)
        waiting, most = store.waiting_writes
        yield _gauge("numerek_writes_waiting", "Writes that wait for SQLite's one writer", (), {(): waiting})
        yield _gauge("numerek_writes_waiting_limit", "How many may", (), {(): most})
        used = {(name,): each for name, each in store.connections.items()}
        yield from _used("numerek_connections", "Connections to the database", "pool", used)
        writable, lag = int(database.is_writable), database.lag_seconds
        yield _gauge("numerek_database_writable", "1 while the database takes writes", (), {(): writable})
        yield _gauge("numerek_standbys", "Servers that follow it", (), {(): database.standbys})
        lags = {} if lag is None else {(): lag}
        yield _gauge("numerek_replication_lag_seconds", "How far the last is behind", (), lags)

        yield from _of_the_replica(store)

    def _of_the_machine(self) -> Iterator[Any]:
        disks = look_at_disks(self._runtime.store, self._runtime.data_dir)
        free = {(place,): disk.free for place, disk in disks.items()}
        sizes = {(place,): disk.size for place, disk in disks.items()}
        yield _gauge("numerek_disk_free_bytes", "Free room", ("place",), free)
        yield _gauge("numerek_disk_size_bytes", "All room", ("place",), sizes)
        backup = last_backup(self._runtime.data_dir)
        yield _gauge("numerek_backup_timestamp_seconds", "When the last backup was done", (), {(): backup})
        told = self._runtime.figures.get("streams", dict)()
        streams = {(name,): each for name, each in told.items()}
        yield from _used("numerek_streams", "Open event streams", "kind", streams)
        line = self._runtime.figures.get("line", dict)()
        for name, text in (("waiting", "People in line before the pages"), ("pace", "Let in a second here")):
            yield _gauge(f"numerek_line_{name}", text, (), {(): line[name][0]} if line else {})


def _of_the_replica(store: Store) -> Iterator[Any]:
    replica = store.replica
    reads = {} if replica is None else {(at,): count for at, count in store.recent_reads.items()}
    yield _counter("numerek_recent_reads", "Reads that may be seconds old", ("at",), reads)
    lags = {} if replica is None or replica.lag_seconds is None else {(): replica.lag_seconds}
    yield _gauge("numerek_replica_lag_seconds", "How far the replica is behind", (), lags)
    fit = {} if replica is None else {(): int(replica.state == "ok")}
    yield _gauge("numerek_replica_fit", "1 while the replica is read", (), fit)


def _of_the_office(watched: Watched) -> Iterator[Any]:
    yield _gauge("numerek_waiting", "Visitors who wait", ("branch", "service"), watched.waiting)
    counters = {(branch,): count for branch, count in watched.open_counters.items()}
    yield _gauge("numerek_counters_open", "Open counters", ("branch",), counters)
    yield _gauge("numerek_devices", "Kiosks and boards", ("branch", "role", "state"), watched.devices)


def _of_the_feed_and_messages(watched: Watched) -> Iterator[Any]:
    yield _counter("numerek_facts", "Facts of the event log, sealed", (), {(): watched.facts})
    unsealed, age = watched.facts_unsealed, watched.facts_unsealed_age
    yield _gauge("numerek_facts_unsealed", "Facts without a place in the feed", (), {(): unsealed})
    yield _gauge("numerek_facts_unsealed_age_seconds", "Age of the oldest of them", (), {(): age})
    by_status = {(status,): count for status, count in watched.messages.items()}
    yield _gauge("numerek_messages", "Messages of the outbox", ("status",), by_status)
    overdue, failing = watched.messages_overdue, watched.messages_failing
    yield _gauge("numerek_messages_overdue_seconds", "Since when the longest is due", (), {(): overdue})
    yield _gauge("numerek_messages_failing", "Messages tried in vain so far", (), {(): failing})
    webhooks = {("failing",): watched.webhooks_failing, ("given_up",): watched.webhooks_given_up}
    yield _gauge("numerek_webhooks", "Webhooks in trouble", ("state",), webhooks)


def _info(name: str, text: str, value: dict[str, str]) -> Any:
    from prometheus_client.core import InfoMetricFamily

    return InfoMetricFamily(name, text, value=value)


def _counter(name: str, text: str, labels: Labels, values: Mapping[Any, float]) -> Any:
    from prometheus_client.core import CounterMetricFamily

    return _filled(CounterMetricFamily(name, text, labels=labels), values)


def _gauge(name: str, text: str, labels: Labels, values: Mapping[Any, float]) -> Any:
    from prometheus_client.core import GaugeMetricFamily

    return _filled(GaugeMetricFamily(name, text, labels=labels), values)


def _used(name: str, text: str, label: str, used: Mapping[Any, tuple[int, int]]) -> Iterable[Any]:
    """Give what is in use of something, and as a metric of its own how much of it there may be."""
    yield _gauge(name, text, (label,), {key: each[0] for key, each in used.items()})
    yield _gauge(f"{name}_limit", "How many may be", (label,), {key: each[1] for key, each in used.items()})


def _filled(family: Any, values: Mapping[Any, float]) -> Any:
    for key, value in sorted(values.items()):
        family.add_metric(key, value)
    return family


def _histogram(name: str, text: str, labels: Labels, taken: Mapping[Any, Durations]) -> Any:
    from prometheus_client.core import HistogramMetricFamily

    family = HistogramMetricFamily(name, text, labels=labels)
    for key, durations in sorted(taken.items()):
        counts, total = durations.read()
        family.add_metric(key, _cumulated(counts), total)
    return family


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
