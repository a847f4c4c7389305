"""An office in each language that was set up on the pages alone, once for the stories of a file."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from server.app import create_app
from server.http.asgi import Limits
from tests.server.movable_clock import MovableClock
from tests.server.portal.chromium import chromium
from tests.server.served.conftest import Served
from tests.server.staff.journeys.founded import Founded
from tests.server.staff.office.empty_office import empty_office


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a browser."""
    with chromium() as started:
        yield started


class RunningClock(MovableClock):
    """A clock that begins at ten on a Monday and runs."""

    def __init__(self) -> None:
        super().__init__()
        self._began = time.monotonic()

    def now(self) -> datetime:
        """Return the present instant."""
        return super().now() + timedelta(seconds=time.monotonic() - self._began)


@pytest.fixture(scope="module", params=["pl", "en"])
def founded(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    migrated_file: Path,
    browser: Browser,
) -> Iterator[Founded]:
    """Serve an empty database, and let its first administrator set the office up."""
    file = tmp_path_factory.mktemp("founded") / "numerek.db"
    file.write_bytes(migrated_file.read_bytes())
    clock = RunningClock()
    with empty_office(f"sqlite:///{file}", clock, "http://127.0.0.1") as fresh:
        # Its own application: that of other tests may know cookies of https alone.
        fresh.app = create_app(fresh.runtime)
        served = Served(fresh, Limits())  # type: ignore[arg-type]
        served.wait()
        try:
            office = Founded(fresh, f"http://127.0.0.1:{served.port}", browser, request.param)
            office.found()
            yield office
        finally:
            served.stop()
