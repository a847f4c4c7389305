"""What a monitoring system reads, from the operator's networks alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.server.sample_office import SampleOffice
from wire.settings import MetricsSettings
from wire.version import VERSION


def read(office: SampleOffice) -> dict[tuple[str, ...], float]:
    """Read the metrics as a monitoring system does."""
    answer = office.door().get("//metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    return {
        (each.name, *each.labels.values()): each.value
        for family in text_string_to_metric_families(answer.text)
        for each in family.samples
    }


def test_lines_counters_writes_and_requests_are_told(office: SampleOffice) -> None:
    before = read(office)
    assert before["numerek_info", VERSION] == 1
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
    key = ("numerek_requests_total", "2xx", "server", "POST")
    assert after[key] - before.get(key, 0) == 4


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
