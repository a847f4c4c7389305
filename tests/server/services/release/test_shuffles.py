"""The order of a waiting room: bound before the hour, and computed again on a stranger's side."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from server.services.context import RuleBroken
from server.services.release import shuffles
from server.services.release.shuffles import ShuffleView
from server.store.tables import Shuffle, WaitingRoomEntry
from tests.server.at_once import at_once
from tests.server.movable_clock import at
from tests.server.services.release.crowd import Crowd
from tests.server.services.release.test_publication import recompute

NOON = at("12:00")


def document(crowd: Crowd) -> dict[str, Any]:
    """Return what is published of the one order, as it comes out of the file."""
    context, row = crowd.context, crowd.office.one(Shuffle)
    said = crowd.office.store.read(lambda session: shuffles.document(session, context, row.public_id))
    found: dict[str, Any] = json.loads(json.dumps(said))
    return found


def view(crowd: Crowd) -> ShuffleView:
    context, row = crowd.context, crowd.office.one(Shuffle)
    return crowd.office.store.read(lambda session: shuffles.find(session, context, row.public_id))


@pytest.fixture
def shuffled(crowd: Crowd) -> Crowd:
    """Give a waiting room of 40 that was put in order, and two who came later."""
    crowd.open_daily(per_minute=1)
    crowd.commit()
    crowd.hour("11:45")
    people = crowd.people(42)
    for one in people[:40]:
        crowd.enter(one)
    crowd.hour("12:00")
    crowd.shuffle()
    for one in people[40:]:
        crowd.enter(one)
    return crowd


def test_the_hash_is_told_long_before_the_hour_and_nothing_else(crowd: Crowd) -> None:
    crowd.open_daily()
    assert crowd.commit() == 1
    said, shown = document(crowd), view(crowd)
    assert set(said) == {"draw", "opens_at", "committed_at", "secret_hash"}
    assert said["opens_at"] == NOON.isoformat()
    assert (shown.secret, shown.list_hash, shown.people, shown.is_early) == (None, None, 0, True)
    assert said["draw"].startswith("P-2026-11-23-1200-")
    assert crowd.commit() == 0
    assert document(crowd) == said, "and it is bound once"


def test_jobs_at_once_bind_one_secret(crowd: Crowd) -> None:
    crowd.open_daily()
    at_once(4, lambda _: crowd.commit())
    assert len(crowd.office.rows(Shuffle)) == 1


def test_who_enters_first_binds_the_secret_where_no_job_came(crowd: Crowd) -> None:
    crowd.open_daily()
    crowd.hour("11:45")
    (one,) = crowd.people(1)
    crowd.enter(one)
    assert view(crowd).committed_at == at("11:45")
    before = document(crowd)["secret_hash"]
    crowd.hour("12:00")
    crowd.shuffle()
    assert document(crowd)["secret_hash"] == before


def test_a_stranger_computes_the_order_that_was_given(shuffled: Crowd, tmp_path: Path) -> None:
    said = document(shuffled)
    code, words = recompute(said, tmp_path, said["secret_hash"], said["list_hash"])
    assert (code, words) == (0, "OK: 40 entries, 0 places")
    by_place = {row.place: row.line for row in shuffled.office.rows(WaitingRoomEntry)}
    assert [by_place[place] for place in range(1, 41)] == said["order"]
    assert [by_place[41], by_place[42]] == [None, None], "who came later is in no list"
    shown = view(shuffled)
    assert (shown.people, shown.secret, shown.shuffled_at) == (40, said["secret"], NOON)


def _other_line(said: dict[str, Any]) -> None:
    said["applications"][3][0] = "AAAAAAAAAAAA"


def _dropped(said: dict[str, Any]) -> None:
    line, _ = said["applications"].pop(7)
    said["order"].remove(line)


def _added(said: dict[str, Any]) -> None:
    said["applications"].append(["AAAAAAAAAAAA", []])
    said["order"].insert(0, "AAAAAAAAAAAA")


def _swapped(said: dict[str, Any]) -> None:
    said["order"][0], said["order"][1] = said["order"][1], said["order"][0]


def _other_secret(said: dict[str, Any]) -> None:
    said["secret"] = "00" * 32


def _other_hour(said: dict[str, Any]) -> None:
    said["draw"] = said["draw"].replace("1200", "1300")


@pytest.mark.parametrize(
    ("tamper", "named"),
    [
        (_other_line, "list_hash"),
        (_dropped, "list_hash"),
        (_added, "list_hash"),
        (_swapped, "order"),
        (_other_secret, "secret_hash"),
        (_other_hour, "list_hash"),
    ],
)
def test_a_changed_list_secret_or_order_is_found(
    shuffled: Crowd, tmp_path: Path, tamper: Callable[[dict[str, Any]], None], named: str
) -> None:
    said = copy.deepcopy(document(shuffled))
    tamper(said)
    code, words = recompute(said, tmp_path)
    assert code != 0
    assert words.startswith("DIFFERS: ")
    assert named in words


def test_an_office_that_draws_again_is_found_by_whoever_noted_the_hash(crowd: Crowd, tmp_path: Path) -> None:
    crowd.open_daily()
    crowd.commit()
    noted = document(crowd)["secret_hash"]

    def exchange(session: Any) -> None:
        session.delete(session.get(Shuffle, crowd.office.one(Shuffle).id))

    crowd.office.store.write(exchange)
    crowd.hour("11:45")
    for one in crowd.people(5):
        crowd.enter(one)
    crowd.hour("12:00")
    crowd.shuffle()
    said = document(crowd)
    assert recompute(said, tmp_path)[0] == 0, "the control: by itself it looks right"
    code, words = recompute(said, tmp_path, noted)
    assert (code != 0, words) == (True, "DIFFERS: secret_hash")


def test_a_secret_that_was_drawn_at_the_hour_only_is_told_to_prove_nothing(crowd: Crowd) -> None:
    crowd.open_daily()
    crowd.hour("11:45")
    for one in crowd.people(3):
        crowd.enter(one)
    row = crowd.office.one(Shuffle)
    crowd.office.store.write(lambda session: session.delete(session.get(Shuffle, row.id)))
    crowd.hour("12:00")
    crowd.shuffle()
    assert not view(crowd).is_early


def test_who_comes_to_a_bound_list_stands_behind_it(shuffled: Crowd, tmp_path: Path) -> None:
    """A server whose clock is behind lets somebody in before the hour after another has drawn the order."""
    (late,) = shuffled.people(1)
    before = document(shuffled)
    shuffled.hour("11:59:59")
    shuffled.enter(late)
    shuffled.hour("12:00:01")
    shuffled.shuffle()
    assert document(shuffled) == before
    row = shuffled.office.one(WaitingRoomEntry, WaitingRoomEntry.account_id == late)
    assert row.place == 43


def test_nobody_is_named_and_the_list_outlives_the_room(shuffled: Crowd, tmp_path: Path) -> None:
    from server.services.release.waiting_room import forget_rooms

    shuffled.advance(days=2)
    assert forget_rooms(shuffled.office.store, shuffled.context) == 42
    said = document(shuffled)
    assert recompute(said, tmp_path)[0] == 0
    assert set(said) == {
        *("draw", "opens_at", "committed_at", "secret_hash", "list_hash", "terms", "applications"),
        *("secret", "public_number", "seed", "order", "given"),
    }


def test_another_order_is_not_there(crowd: Crowd) -> None:
    with pytest.raises(RuleBroken):
        crowd.office.store.read(
            lambda session: shuffles.find(session, crowd.context, "P-2026-11-23-1200-ffffff")
        )
