"""Streams that wish the same share what is worked out for them, and nothing else."""

from __future__ import annotations

import pytest

from server.push.feed import Audience, Event
from tests.server.served.conftest import Served


def test_an_event_is_written_once_for_all_who_wish_the_same(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []
    write = Event.sent

    def counted(event: Event, audience: Audience) -> bytes:
        written.append((event.number, audience))
        return write(event, audience)

    monkeypatch.setattr(Event, "sent", counted)
    boards = [served.listen() for _ in range(6)]
    for number in ("P001", "P002", "P003"):
        served.office.walk_in("P")
        assert {board.facts(1)[0].data["number"] for board in boards} == {number}
    assert len(written) == 3


def test_who_is_behind_hears_what_the_others_had_and_they_hear_it_once(served: Served) -> None:
    ahead = served.listen()
    served.settle()
    as_of = served.office.board.get("/boards/A").get_json()["as_of"]
    served.office.walk_in("P")
    served.office.walk_in("P")
    assert [each.data["number"] for each in ahead.facts(2)] == ["P001", "P002"]
    behind = served.listen(topics=f"hall:A&after={as_of}")
    served.office.walk_in("P")
    assert [each.data["number"] for each in behind.facts(3)] == ["P001", "P002", "P003"]
    assert ahead.facts(1)[0].data["number"] == "P003"
