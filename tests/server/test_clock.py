"""The clock of a file, for trials: the 15 minutes are decided by what stands in it at each look."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from server.api.authentication import Runtime
from server.app import build_runtime, create_app
from server.clock import ClockError, FileClock, SystemClock
from tests.server.movable_clock import at
from tests.server.sample_office import KEYS, SampleOffice


def test_the_files_instant_is_read_at_each_look(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.write_text("2026-11-23T10:00:00+01:00\n")
    clock = FileClock(file)
    assert clock.now() == at("10:00")
    assert clock.now().utcoffset() == UTC.utcoffset(None)
    file.write_text("2026-11-23T09:15:00Z")
    assert clock.now() == at("10:15")


def test_while_the_file_is_rewritten_the_instant_before_holds(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.write_text("2026-11-23T10:00:00+01:00")
    clock = FileClock(file)
    for half in ("", "2026-11-2", "2026-11-23T10:00:00"):
        file.write_text(half)
        assert clock.now() == at("10:00")
    file.unlink()
    assert clock.now() == at("10:00")


@pytest.mark.parametrize("text", [None, "", "ten o'clock", "2026-11-23T10:00:00"])
def test_a_file_without_an_instant_stops_the_start(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "clock"
    if text is not None:
        file.write_text(text)
    with pytest.raises(ClockError, match="clock"):
        FileClock(file)


def test_the_machines_clock_is_aware() -> None:
    assert abs((SystemClock().now() - datetime.now(UTC)).total_seconds()) < 5


def test_the_fifteen_minutes_follow_the_file(office: SampleOffice, tmp_path: Path) -> None:
    booked = office.book("P", "11:00")
    file = tmp_path / "clock"
    file.write_text(at("10:45:01").isoformat())
    runtime: Runtime = build_runtime(office.store, FileClock(file), KEYS, "https://numerek.test")
    kiosk = office.door("kiosk:wroclaw", create_app(runtime))
    assert kiosk.post("/check-ins", {"code": booked["code"]}).get_json()["reason"] == "too_late"
    file.write_text(at("10:45:00").isoformat())
    response = kiosk.post("/check-ins", {"code": booked["code"]})
    assert response.status_code == 201
    assert response.headers["Numerek-Time"] == "2026-11-23T09:45:00.000+00:00"
