"""How long a call takes from the clerk's key until a board in the hall begins to say it, its voice being free."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.hall import Hall, hall
from bench.streams import Clerk
from bench.table import Row
from deploy.demo.folder import toml_of

CALLS = 15
# The screen holds a call for five seconds, and the voice needs less.
_REST_SECONDS = 5.5
_PATIENCE_SECONDS = 20.0


def run() -> list[Row]:
    """Call so often that the line is free each time; without the chime, so that the words themselves count."""
    with hall(waiting=CALLS + 5, boards=1) as office:
        heard = office.folder / "heard"
        board = _board(office, heard)
        try:
            clerk = Clerk(office, *office.sign_in(0))
            _say(clerk, heard, 1)  # the first one waits for the program to start
            times = sorted(_say(clerk, heard, count) for count in range(2, CALLS + 2))
        finally:
            board.terminate()
            board.wait()
    return [
        Row("call -> the board's voice begins, p50", times[CALLS // 2], "ms"),
        Row("call -> the board's voice begins, worst of 15", times[-1], "ms", "≤ 1 000", times[-1] <= 1_000),
    ]


def _board(office: Hall, heard: Path) -> subprocess.Popen[bytes]:
    token, config = office.folder / "board.token", office.folder / "board.toml"
    token.write_text(office.boards[0])
    tables: dict[str, dict[str, Any]] = {
        "board": {
            "server_url": f"http://127.0.0.1:{office.port}",
            "token_file": str(token),
            "chime": False,
        },
        "board.voice": {"times": 1},
        "speech": {"folder": str(heard)},
    }
    config.write_text(toml_of(tables))
    command = [sys.executable, "-m", "display_board", "--config", str(config), "--window"]
    return subprocess.Popen(command, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"})


def _say(clerk: Clerk, heard: Path, count: int) -> float:
    """Call the next one; return the milliseconds until the count-th text began to be heard."""
    clerk.make_room()
    began = time.time()
    clerk.call()
    journal = heard / "spoken.jsonl"
    until = time.monotonic() + _PATIENCE_SECONDS
    while not journal.exists() or len(lines := journal.read_text("utf-8").splitlines()) < count:
        if time.monotonic() > until:
            raise TimeoutError("the board says nothing")
        time.sleep(0.05)
    at = datetime.fromisoformat(json.loads(lines[-1])["at"]).timestamp()
    time.sleep(_REST_SECONDS)
    return (at - began) * 1e3
