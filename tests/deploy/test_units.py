"""The units for systemd are confined as far as promised, and start what is there."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

UNITS = Path(__file__).resolve().parents[2] / "deploy/systemd"
MOST_EXPOSED = {"server": 1.5, "backup": 1.5, "kiosk": 2.5, "board": 2.5}  # docs: quality, item 7


def exposure(unit: Path) -> float:
    """Ask systemd how exposed a unit is: 0 is confined, 10 is not at all."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not on this machine")
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--no-pager", str(unit)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert found, done.stdout
    return float(found[1])


def test_every_service_has_its_limit() -> None:
    assert {unit.stem for unit in UNITS.glob("*.service")} == {f"numerek-{name}" for name in MOST_EXPOSED}


@pytest.mark.parametrize("name", MOST_EXPOSED)
def test_a_service_is_confined(name: str) -> None:
    assert exposure(UNITS / f"numerek-{name}.service") <= MOST_EXPOSED[name]


def test_a_service_without_its_limits_is_found_exposed(tmp_path: Path) -> None:
    bare = tmp_path / "numerek-server.service"
    kept = [
        line
        for line in (UNITS / "numerek-server.service").read_text().splitlines()
        if not re.match(r"Protect|Private|Restrict|SystemCall|Capability|IPAddress", line)
    ]
    bare.write_text("\n".join(kept))
    assert exposure(bare) > 5


@pytest.mark.parametrize("unit", sorted(UNITS.glob("*.service")), ids=lambda unit: unit.stem)
def test_a_service_starts_a_program_that_is_there(unit: Path) -> None:
    (module,) = re.findall(r"(?m)^ExecStart=.*/\.venv/bin/python -m ([\w.]+)", unit.read_text())
    place = UNITS.parents[1] / module.replace(".", "/")
    assert place.with_suffix(".py").is_file() or (place / "__main__.py").is_file()


def test_every_timer_has_its_service() -> None:
    assert all(timer.with_suffix(".service").is_file() for timer in UNITS.glob("*.timer"))


@pytest.mark.parametrize("name", ["server", "kiosk", "board"])
def test_a_program_that_hangs_is_started_again(name: str) -> None:
    unit = (UNITS / f"numerek-{name}.service").read_text().splitlines()
    assert {"Type=notify", "WatchdogSec=30", "Restart=always"} <= set(unit)
    # Who is not the first process of its unit is heard only so.
    assert ("NotifyAccess=all" in unit) == any(line.startswith("ExecStart=/usr/bin/cage ") for line in unit)


@pytest.mark.parametrize("name", ["kiosk", "board"])
def test_no_other_console_can_be_had(name: str) -> None:
    assert "ExecStart=/usr/bin/cage -- " in (UNITS / f"numerek-{name}.service").read_text()


@pytest.mark.parametrize("unit", sorted(UNITS.glob("numerek-*.*")), ids=lambda unit: unit.name)
def test_systemd_reads_every_word_of_a_unit(unit: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not on this machine")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(unit)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    # Programs and accounts are not on a machine of tests; what systemd does not understand is what counts.
    said = [
        line
        for line in done.stderr.splitlines()
        if re.search(r"Unknown|Failed to parse|ignoring|Invalid", line)
    ]
    assert said == []


def test_a_word_that_systemd_does_not_know_is_found(tmp_path: Path) -> None:
    unit = tmp_path / "numerek-server.service"
    unit.write_text(
        (UNITS / "numerek-server.service").read_text().replace("WatchdogSec=", "WatchDogSeconds=")
    )
    with pytest.raises(AssertionError):
        test_systemd_reads_every_word_of_a_unit(unit)
