"""What a monitoring system reads, from the operator's networks alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from server.api import request_counts
from server.services.messages.delivery import Result
from server.store.errors import StoreUnavailable
from tests.server.sample_office import SampleOffice
from tests.server.services.messages.test_outbox import begun, message, post, settled, taken
from tests.server_admin.pages import DOCS
from wire.settings import MetricsSettings
from wire.version import VERSION

TABLE = re.compile(r"^\| (`(?:numerek|process)_[^|]+)\|([^|]*)\|[^|]+\|$", re.MULTILINE)


def families(office: SampleOffice) -> list[Metric]:
    """Read the metrics as a monitoring system does."""
    answer = office.door().get("//metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    return list(text_string_to_metric_families(answer.text))


def read(office: SampleOffice) -> dict[tuple[str, ...], float]:
    """Read each sample by its name and the values of its labels, in the order of the labels' names."""
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in families(office)
        for sample in family.samples
    }


def test_lines_counters_writes_and_requests_are_told(office: SampleOffice) -> None:
    before = read(office)
    assert before["numerek_info", "sqlite" if office.store.sqlite else "postgresql", VERSION] == 1
    office.walk_in("N")
    office.walk_in("N")
    office.walk_in("P")
    office.clerk(7).post("/counters/7/state", {"state": "closed"})
    after = read(office)
    assert (after["numerek_waiting", "wroclaw", "N"], after["numerek_waiting", "wroclaw", "P"]) == (2, 1)
    assert after["numerek_waiting", "legnica", "N"] == 0
    assert before["numerek_counters_open", "wroclaw"] - after["numerek_counters_open", "wroclaw"] == 1
    assert after["numerek_write_seconds_count",] - before["numerek_write_seconds_count",] >= 4
    assert after["numerek_write_seconds_bucket", "+Inf"] == after["numerek_write_seconds_count",]
    key = ("numerek_requests_total", "2xx", "server", "POST", "/api/v1/tickets")
    assert after[key] - before.get(key, 0) == 3
    timed = ("numerek_request_seconds_count", "server", "POST", "/api/v1/tickets")
    assert after[timed] - before.get(timed, 0) == 3
    assert after["process_resident_memory_bytes",] > 10_000_000


def test_refusals_are_told_by_their_reason(office: SampleOffice) -> None:
    def told(reason: str) -> float:
        return read(office).get(("numerek_refusals_total", "server", reason), 0)

    before = told("not_offered"), told("token_missing")
    assert office.kiosk.post("/tickets", {"service": "L"}).status_code == 409
    assert office.door().get("/services").status_code == 401
    assert (told("not_offered") - before[0], told("token_missing") - before[1]) == (1, 1)


def test_devices_are_told_by_their_state(office: SampleOffice) -> None:
    def told(state: str) -> float:
        return read(office).get(("numerek_devices", "wroclaw", "kiosk", state), 0)

    fine = told("fine")
    assert (fine > 0, told("trouble"), told("away")) == (True, 0, 0)
    office.kiosk.post("/devices/me/status", {"printer": "cover_open"})
    assert (told("fine"), told("trouble"), told("away")) == (fine - 1, 1, 0)
    office.clock.advance(minutes=4)
    assert (told("trouble"), told("away")) == (0, 1)


def test_messages_that_are_late_are_told(office: SampleOffice) -> None:
    def told() -> tuple[float, float]:
        found = read(office)
        return found["numerek_messages_overdue_seconds",], found["numerek_messages_failing",]

    assert told() == (0, 0)
    post(office, message())
    office.clock.advance(minutes=10)
    assert told() == (600, 0)
    mine = taken(office)
    assert mine is not None
    begun(office, mine)
    settled(office, mine, Result.LATER)
    assert told() == (0, 1)  # it waits for its next turn


def test_facts_are_told_and_how_long_they_wait_for_their_number(office: SampleOffice) -> None:
    office.walk_in("N")
    office.wait_until_sealed()
    after = read(office)
    assert after["numerek_facts_total",] == len(office.facts())
    assert (after["numerek_facts_unsealed",], after["numerek_facts_unsealed_age_seconds",]) == (0, 0)


def test_every_metric_is_in_the_table_and_every_row_is_there(office: SampleOffice) -> None:
    there = {_named(each): each for each in families(office)}
    told = dict(rows_of_the_table())
    assert set(told) == set(there)
    for name, family in there.items():
        found = {label for sample in family.samples for label in sample.labels} - {"le"}
        assert found <= told[name], name


def test_what_anybody_sends_makes_no_label(office: SampleOffice) -> None:
    door = office.door()

    def ask(count: int) -> set[tuple[str, ...]]:
        for each in range(count):
            door.get(f"//nowhere-{each}")
            door.get(f"/no-route-{each}")
            door.get(f"/tickets/{each}")
            door.get(f"//t/token-{each}")
            door.raw(f"STRANGE{each}", "/tickets", b"{}")
            office.kiosk.raw("POST", "/tickets", b"{}", Idempotency_Key=f"not-{each}\x7f")
        return set(read(office))

    few = ask(1)
    assert ask(20) == few


def test_reasons_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_counts, "_refusals", type(request_counts._refusals)())
    monkeypatch.setattr(request_counts, "MOST_REASONS", 3)
    for each in range(9):
        request_counts.count("server", "GET", "/x", 404, None, f"reason_{each}")
    assert len(request_counts.refusals()) == 4
    assert request_counts.refusals()["server", "other"] == 6


def test_who_is_sent_away_on_purpose_counts_as_no_failure(
    office: SampleOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(answer: str) -> float:
        return read(office).get(("numerek_requests_total", answer, "server", "GET", "/api/v1/services"), 0)

    def refuse(reason: str) -> None:
        def read_nothing(*_arguments: object, **_more: object) -> None:
            raise StoreUnavailable(reason)

        with monkeypatch.context() as patched:
            patched.setattr(office.store, "read", read_nothing)
            assert office.kiosk.get("/services").status_code == 503

    before = told("sent_away"), told("5xx")
    refuse("overloaded")
    assert (told("sent_away"), told("5xx")) == (before[0] + 1, before[1])
    refuse("database_busy")
    assert (told("sent_away"), told("5xx")) == (before[0] + 1, before[1] + 1)


@pytest.mark.parametrize("networks", [(), ("10.20.0.0/16",)])
def test_from_elsewhere_there_is_no_such_page(
    office: SampleOffice, monkeypatch: pytest.MonkeyPatch, networks: tuple[str, ...]
) -> None:
    runtime = replace(office.runtime, metrics=MetricsSettings(networks=networks))
    monkeypatch.setitem(office.app.extensions, "numerek", runtime)
    assert office.door().get("//metrics").status_code == 404


def test_nobodys_data_is_in_them(office: SampleOffice) -> None:
    office.book("P", "12:00", name="Wanda Tajna")
    assert "Tajna" not in office.door().get("//metrics").text


def _named(family: Metric) -> str:
    return family.name + {"counter": "_total", "info": "_info"}.get(family.type, "")


def rows_of_the_table() -> Iterator[tuple[str, set[str]]]:
    """Read the table of docs/operations.md: each name with its labels."""
    page = (DOCS / "operations.md").read_text("utf-8")
    for names, labels in TABLE.findall(page):
        for name in re.findall(r"`([a-z_]+)`", names):
            yield name, set(re.findall(r"`([a-z_]+)`", labels))
