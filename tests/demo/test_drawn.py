"""The demo's decided draw: it can be looked at, and the documented script computes it again."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deploy.demo.drawn import APPLICANTS
from deploy.demo.serve import demo_settings, prepare
from server.app import build_runtime
from server.clock import FileClock
from server.portal.application import create_portal
from server.run import open_store
from tests.server.portal.browser import Browser

URL = "http://127.0.0.1:8080"
WEDNESDAY = datetime(2027, 5, 12, 10, 0, tzinfo=UTC)
DRAWN = re.compile(r"/pl/draws/([0-9a-f]{12})#again")


@pytest.mark.parametrize("now", [WEDNESDAY, WEDNESDAY + timedelta(days=4), WEDNESDAY + timedelta(days=5)])
def test_it_is_listed_and_the_script_of_the_page_computes_it_again(tmp_path: Path, now: datetime) -> None:
    (tmp_path / "clock").write_text(now.isoformat())
    data, clock = tmp_path / "data", FileClock(tmp_path / "clock")
    settings = demo_settings(data, 8080, URL)
    prepare(data, URL, settings, clock)
    store, keys = open_store(settings.server)
    try:
        browser = Browser(create_portal(build_runtime(store, clock, keys, URL)))
        listed = browser.get("/pl/draws")
        (draw,) = {found[1] for link in listed.links if (found := DRAWN.match(link))}
        for name, address in (("draw.py", "draw.py"), (f"draw-{draw}.json", f"{draw}/draw.json")):
            (tmp_path / name).write_bytes(browser.get(f"/pl/draws/{address}").response.data)
    finally:
        store.close()
    said = json.loads((tmp_path / f"draw-{draw}.json").read_text())
    assert said["state"] == "drawn"
    assert len(said["order"]) == APPLICANTS
    assert 8 <= len(said["given"]) < APPLICANTS, "some win, and some do not"
    assert computed(tmp_path, draw, said["list_hash"]) == (
        0,
        f"OK: {APPLICANTS} entries, {len(said['given'])} places",
    )
    assert computed(tmp_path, draw, "0" * 64)[0] == 1


def computed(folder: Path, draw: str, list_hash: str) -> tuple[int, Any]:
    """Run what docs/draws.md says; return the exit code and the words."""
    said = json.loads((folder / f"draw-{draw}.json").read_text())
    command = [sys.executable, "-I", "draw.py", f"draw-{draw}.json", said["secret_hash"], list_hash]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    return ran.returncode, ran.stdout.strip()
