"""What is published of a draw: enough to compute it again by our script, which finds whatever was changed."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import server.portal
from server.domain.release.draw import shown_line
from server.services.context import RuleBroken
from server.services.release import publication
from server.services.release.publication import DrawState
from tests.server.services.release.crowd import Crowd

SCRIPT = Path(server.portal.__file__).parent / "static" / "draw.py"
Tamper = Callable[[dict[str, Any]], object]


def recompute(said: dict[str, Any], folder: Path, *noted: str) -> tuple[int, str]:
    file = folder / "draw.json"
    file.write_text(json.dumps(said))
    command = [sys.executable, "-I", str(SCRIPT), str(file), *noted]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return ran.returncode, (ran.stdout + ran.stderr).strip()


@pytest.fixture
def drawn(crowd: Crowd) -> Crowd:
    """Give a draw of a public number with 50 applications for 35 places, of which a day has two only."""
    crowd.open_draw(number={"pl": "Losowanie Dużego Lotka, 26 listopada"})
    wishes = ["2026-12-03", "2026-12-04 08:00-12:00", "any 12:00-24:00", "2026-12-07", "any"]
    for number, one in enumerate(crowd.people(50)):
        crowd.apply(one, wishes[number % 5], wishes[(number + 2) % 5])
    crowd.close()
    crowd.number("7 12 13 29 33 49 – żółw")
    crowd.give()
    return crowd


def test_the_script_is_short_and_needs_nothing_but_python() -> None:
    lines = SCRIPT.read_text().splitlines()
    assert len(lines) <= 30
    imported = {line.split()[1] for line in lines if line.startswith("import ")}
    assert imported <= sys.stdlib_module_names


def test_the_script_computes_the_same(drawn: Crowd, tmp_path: Path) -> None:
    said = drawn.document()
    code, words = recompute(said, tmp_path, said["secret_hash"], said["list_hash"])
    assert (code, words) == (0, f"OK: 50 entries, {len(said['given'])} places")


def _other_wish(said: dict[str, Any]) -> None:
    said["applications"][3][1] = ["2026-12-03"] if said["applications"][3][1] != ["2026-12-03"] else ["any"]


def _dropped(said: dict[str, Any]) -> None:
    line, _ = said["applications"].pop(7)
    said["order"].remove(line)
    said["given"].pop(line, None)


def _added(said: dict[str, Any]) -> None:
    said["applications"].append(["AAAAAAAAAAAA", ["any"]])
    said["order"].insert(0, "AAAAAAAAAAAA")


def _swapped(said: dict[str, Any]) -> None:
    said["order"][0], said["order"][1] = said["order"][1], said["order"][0]


def _moved(said: dict[str, Any]) -> None:
    winner = next(iter(said["given"]))
    loser = next(line for line in said["order"] if line not in said["given"])
    said["given"][loser] = said["given"].pop(winner)


TAMPERED: dict[str, tuple[Tamper, str]] = {
    "another wish": (_other_wish, "list_hash"),
    "a line fewer": (_dropped, "list_hash"),
    "a line more": (_added, "list_hash"),
    "another order": (_swapped, "order"),
    "another winner": (_moved, "given"),
    "another secret": (lambda said: said.update(secret="00" * 32), "secret_hash"),
    "another number": (lambda said: said.update(public_number="1 2 3 4 5 6"), "seed"),
    "another seed": (lambda said: said.update(seed="00" * 32), "seed"),
    "a place fewer": (lambda said: said["terms"]["places"].pop(), "list_hash"),
    "other words": (lambda said: said["terms"]["number"].clear(), "list_hash"),
    "a line twice": (lambda said: said["applications"].append(said["applications"][0]), "list_hash"),
    "another hash": (lambda said: said.update(list_hash="00" * 32), "list_hash"),
}


@pytest.mark.parametrize("what", list(TAMPERED))
def test_the_script_finds_what_was_changed(drawn: Crowd, tmp_path: Path, what: str) -> None:
    tamper, found = TAMPERED[what]
    said = copy.deepcopy(drawn.document())
    tamper(said)
    code, words = recompute(said, tmp_path)
    assert code == 1
    assert words.startswith("DIFFERS: ")
    assert found in words


def test_a_whole_other_draw_differs_from_the_hashes_that_were_noted(drawn: Crowd, tmp_path: Path) -> None:
    said = drawn.document()
    code, words = recompute(said, tmp_path, "00" * 32, said["list_hash"])
    assert (code, words) == (1, "DIFFERS: secret_hash")
    code, words = recompute(said, tmp_path, said["secret_hash"], "00" * 32)
    assert (code, words) == (1, "DIFFERS: list_hash")


def test_nothing_personal_is_published(drawn: Crowd) -> None:
    text = json.dumps(drawn.document(), ensure_ascii=False).lower()
    for word in ("ivan", "number1", "1990-05", "fe00000", "example.org", "account"):
        assert word not in text


def test_each_state_tells_no_more_than_it_may(crowd: Crowd) -> None:
    crowd.open_draw(number={"en": "the lottery"})
    (one,) = crowd.people(1)
    crowd.apply(one)
    assert set(crowd.document()) & {"applications", "list_hash", "secret", "order"} == set()
    assert _state(crowd) == DrawState.OPEN
    crowd.office.clock.set(crowd.draw_row.closes_at)
    assert _state(crowd) == DrawState.CLOSING
    crowd.close()
    assert _state(crowd) == DrawState.WAITS_FOR_NUMBER
    assert set(crowd.document()) & {"applications", "list_hash", "secret", "order"} == {
        "applications",
        "list_hash",
    }
    crowd.number("1")
    assert _state(crowd) == DrawState.GIVING
    crowd.give()
    assert _state(crowd) == DrawState.DRAWN


def test_everybody_finds_their_line(drawn: Crowd) -> None:
    context, row, said = drawn.context, drawn.draw_row, drawn.document()
    line = said["order"][17]
    found = drawn.office.store.read(
        lambda session: publication.line_at(session, context, row.public_id, shown_line(line).lower())
    )
    assert found == 17
    some = drawn.office.store.read(lambda session: publication.lines(session, context, row.public_id, 17, 2))
    assert (some.first, some.total, len(some.lines)) == (17, 50, 2)
    assert (some.lines[0].public_id, some.lines[0].order) == (line, 18)
    assert some.lines[0].given == said["given"].get(line)
    assert (
        drawn.office.store.read(lambda session: publication.line_at(session, context, row.public_id, "?"))
        is None
    )


def test_there_is_no_other_draw(drawn: Crowd) -> None:
    with pytest.raises(RuleBroken) as refused:
        drawn.office.store.read(lambda session: publication.find(session, drawn.context, "0"))
    assert refused.value.status == 404


def _state(crowd: Crowd) -> DrawState:
    context, row = crowd.context, crowd.draw_row
    return crowd.office.store.read(lambda session: publication.find(session, context, row.public_id)).state
