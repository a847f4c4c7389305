"""The board on a real X server without a window manager: it covers all of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.terminal.fake_server import FakeServer
from tests.x_screen import NEEDED, lacking, until, x_screen

LACKS = lacking(*NEEDED)


@pytest.mark.skipif(bool(LACKS), reason=f"not on this machine: {LACKS}")
def test_it_covers_the_whole_screen_and_follows_it(tmp_path: Path) -> None:
    server = FakeServer(lambda exchange: exchange.reply(503))
    (tmp_path / "board.token").write_text("a-token\n")
    config = tmp_path / "config.toml"
    config.write_text(f'[board]\nserver_url = "{server.url}"\ntoken_file = "board.token"\n')
    try:
        with x_screen((960, 960)) as screen:
            board = screen.run_module("display_board", "--config", str(config))
            until(screen.is_covered)
            screen.turn(960, 540)
            until(lambda: screen.picture().size == (960, 540) and screen.is_covered())
            screen.turn(540, 960)
            until(lambda: screen.picture().size == (540, 960) and screen.is_covered())
            screen.hand("key", "alt+F4")
            assert board.poll() is None
    finally:
        server.stop()
