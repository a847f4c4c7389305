"""The order that an hour draws in the line in front of the pages: bound before it, computed again by anybody."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import server.portal
from server.domain.release.arrivals import turn_of
from server.services.release import shuffles
from server.store.tables import Shuffle
from tests.server.http.test_arrivals_together import come
from tests.server.http.visitors import Site
from tests.server.sample_office import SampleOffice
from tests.server.services.release.crowd import Crowd

SCRIPT = Path(server.portal.__file__).parent / "static" / "line.py"


@pytest.fixture
def crowd(one_office: SampleOffice) -> Crowd:
    """Give an office whose places are released at noon; the secret's hash is told."""
    made = Crowd(one_office)
    made.open_daily()
    made.commit()
    return made


def told(crowd: Crowd) -> dict[str, Any]:
    """Read what everybody may read of the order."""
    store, context = crowd.office.store, crowd.context
    name = crowd.office.one(Shuffle).public_id
    return store.read(lambda session: shuffles.document(session, context, name))


def held(crowd: Crowd) -> Site:
    """Let more come before the hour than can be let in until then."""
    crowd.hour("11:59:50")
    site = Site(crowd.office, 1)
    come([site], 41)
    site.tick()
    assert site.line.seen.held_until is not None
    return site


def script(folder: Path, said: dict[str, Any], *words: object) -> subprocess.CompletedProcess[str]:
    """Run the script that everybody can have."""
    (folder / "draw.json").write_text(json.dumps(said))
    command = [sys.executable, "-I", str(SCRIPT), "draw.json", *map(str, words)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def test_a_stranger_computes_the_place_that_a_number_drew(crowd: Crowd, tmp_path: Path) -> None:
    bound = told(crowd)["secret_hash"]
    site = held(crowd)
    assert "secret" not in told(crowd)
    site.tick(15)
    said = told(crowd)
    (drawn,) = site.line.seen.drawn
    first, last = said["line"]["first"], said["line"]["last"]
    assert (first, last) == (drawn.first, drawn.last)
    for number in (first + 1, (first + last) // 2, last):
        place = turn_of(number, site.line.seen.drawn) - first
        ran = script(tmp_path, said, number, bound)
        assert (ran.stdout.strip(), ran.stderr) == (
            f"OK: number {number} has place {place} of {last - first}",
            "",
        )
    assert script(tmp_path, said, last + 1, bound).returncode == 1
    # The control: neither another secret, nor another hash than the one that was noted, is taken.
    assert "DIFFERS" in script(tmp_path, said, last, "00" * 32).stderr
    assert "DIFFERS" in script(tmp_path, said | {"secret": "00" * 32}, last, bound).stderr


def test_the_secret_is_kept_until_the_end_of_the_line_is_bound(crowd: Crowd) -> None:
    site = held(crowd)
    crowd.enter(crowd.people(1)[0])
    crowd.hour("12:00:01")
    crowd.shuffle()
    # Who knew it now could choose whether to take one more number.
    assert "secret" not in told(crowd)
    site.tick()
    assert told(crowd)["line"]["last"] >= 40
    assert len(told(crowd)["secret"]) == 64


def test_where_no_line_was_held_the_secret_is_told_with_the_list(crowd: Crowd) -> None:
    crowd.hour("11:45")
    crowd.enter(crowd.people(1)[0])
    crowd.hour("12:00:01")
    crowd.shuffle()
    assert len(told(crowd)["secret"]) == 64
    assert "line" not in told(crowd)


def test_a_line_whose_end_is_never_bound_hides_the_secret_for_a_minute_only(crowd: Crowd) -> None:
    held(crowd)
    crowd.enter(crowd.people(1)[0])
    crowd.hour("12:00:01")
    crowd.shuffle()
    crowd.hour("12:01:00")
    assert len(told(crowd)["secret"]) == 64
    assert "line" not in told(crowd)
