"""The server tells systemd that it is ready, that its event loop runs, and that it ends."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from server.run import _beat
from tests.server_admin.conftest import Desk
from tests.server_admin.running import start
from tests.systemd import Listening, listening

ALLOWED_SECONDS = 0.2


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Give a listener that wants beats."""
    with listening(tmp_path / "notify", ALLOWED_SECONDS) as listener:
        for name, value in listener.environment.items():
            monkeypatch.setenv(name, value)
        yield listener


def test_a_server_is_ready_beats_and_ends(systemd: Listening, desk: Desk) -> None:
    server = start(desk.config)
    end = time.monotonic() + 20
    while systemd.heard().count("WATCHDOG=1") < 3 and time.monotonic() < end:
        time.sleep(0.05)
    assert server.stop() == 0
    words = systemd.heard()
    assert words.count("READY=1") == 1
    assert words.count("WATCHDOG=1") >= 3
    assert words.index("READY=1") < words.index("WATCHDOG=1") < words.index("STOPPING=1")


def test_a_loop_that_hangs_beats_no_more(systemd: Listening) -> None:
    async def hang() -> tuple[int, int, int]:
        _beat(asyncio.get_running_loop(), ALLOWED_SECONDS / 2)
        await asyncio.sleep(ALLOWED_SECONDS)
        before = len(systemd.heard())
        time.sleep(3 * ALLOWED_SECONDS)
        hanging = len(systemd.heard())
        await asyncio.sleep(2 * ALLOWED_SECONDS)
        return before, hanging, len(systemd.heard())

    before, hanging, after = asyncio.run(hang())
    assert 0 < before == hanging < after
