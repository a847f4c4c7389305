"""Alerts and dashboard ask for what the server tells, are read by Prometheus itself, and say what to do."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server.api.test_metrics import rows_of_the_table

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy" / "monitoring"
RULES, TESTS = FOLDER / "numerek.rules.yml", FOLDER / "numerek.rules.test.yml"
METRIC = re.compile(r"\b(?:numerek|process)_[a-z_]+")
OF_A_HISTOGRAM = re.compile(r"_(bucket|sum|count)$")
ALERT = re.compile(r"- alert: (\w+)\n(.*?)(?=\n      - alert|\Z)", re.DOTALL)


@pytest.fixture
def promtool() -> str:
    """Give Prometheus' own checker; CI must have it."""
    found = shutil.which("promtool")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("promtool is not installed, and CI must check the alerts: see apt-test.txt")
        pytest.skip("promtool is not installed: ./numerek setup --test")
    return found


def run(promtool: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the checker in the folder of the files."""
    return subprocess.run(
        [promtool, *arguments], cwd=FOLDER, capture_output=True, text=True, timeout=120, check=False
    )


def alerts() -> dict[str, str]:
    """Read the alerts by name, as their text."""
    return dict(ALERT.findall(RULES.read_text("utf-8")))


def expressions() -> Iterator[str]:
    """Give what the dashboard asks for."""

    def of(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            yield from [value["expr"]] if "expr" in value else []
            value = list(value.values())
        if isinstance(value, list):
            for each in value:
                yield from of(each)

    yield from of(json.loads((FOLDER / "grafana-numerek.json").read_text("utf-8")))


def test_prometheus_takes_the_files_and_every_alert_fires_when_it_should(promtool: str) -> None:
    for arguments in (("check", "config", "prometheus.yml"), ("test", "rules", TESTS.name)):
        done = run(promtool, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr


def test_an_alert_that_never_fires_is_found(promtool: str, tmp_path: Path) -> None:
    shutil.copy(TESTS, tmp_path)
    broken = RULES.read_text("utf-8").replace('up{job="numerek"} == 0', 'up{job="numerek"} == 2')
    (tmp_path / RULES.name).write_text(broken)
    assert run(promtool, "test", "rules", str(tmp_path / TESTS.name)).returncode == 1


def test_prometheus_reads_what_the_dashboard_asks_for(promtool: str, tmp_path: Path) -> None:
    asked = [each.replace("$__rate_interval", "5m").replace("$instance", ".*") for each in expressions()]
    assert len(asked) > 20
    rules = [{"record": f"asked:{place}", "expr": each} for place, each in enumerate(asked)]
    file = tmp_path / "asked.yml"
    file.write_text(json.dumps({"groups": [{"name": "asked", "rules": rules}]}))  # JSON is YAML
    done = run(promtool, "check", "rules", str(file))
    assert done.returncode == 0, done.stderr


def test_alerts_and_dashboard_ask_for_metrics_that_exist() -> None:
    told = {name for name, _ in rows_of_the_table()}
    for text in (*alerts().values(), *expressions()):
        for name in METRIC.findall(re.sub(r"runbook: .*", "", text)):
            assert name in told or OF_A_HISTOGRAM.sub("", name) in told, name


def test_every_alert_is_tried_and_says_what_to_do() -> None:
    tried = set(re.findall(r"alertname: (\w+)", TESTS.read_text("utf-8")))
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    headings = {heading.lower() for heading in re.findall(r"^### (Numerek\w+)$", page, re.MULTILINE)}
    assert tried == set(alerts())
    assert headings == {name.lower() for name in alerts()}
    for name, text in alerts().items():
        assert f"runbook: docs/operations.md#{name.lower()}" in text, name
