"""The event stream over HTTP: nothing missed, nothing doubled, and only what was asked for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, MutableMapping
from typing import Any

import pytest
from sqlalchemy import update

from server.http.asgi import Limits
from server.push import feed, stream
from server.push.feed import Feed
from server.push.stream import Streams, Wish
from server.services.access import devices
from server.store.errors import StoreUnavailable
from server.store.tables import Device, User
from tests.server.at_once import at_once
from tests.server.sample_office import Door, SampleOffice
from tests.server.served.conftest import Served
from tests.server.served.listener import Listener
from wire.settings import Settings


def test_a_call_is_heard_with_its_number_counter_and_own_id(served: Served) -> None:
    board = served.listen()
    ticket = served.office.walk_in("P")
    clerk = served.office.clerk(7)
    clerk.post("/counters/7/call-next")
    clerk.post(f"/tickets/{ticket['id']}/recall")
    heard = board.facts(4)
    assert [each.event for each in heard] == [
        "ticket.issued",
        "clerk.signed_in",
        "ticket.called",
        "ticket.recalled",
    ]
    called, recalled = heard[2], heard[3]
    assert (called.data["number"], called.data["counter"], called.data["language"]) == ("P001", 7, "pl")
    assert called.data["call"] != recalled.data["call"]
    assert called.data["at"] == "2026-11-23T09:00:00+00:00"
    assert "clerk" not in called.data
    snapshot = served.office.board.get("/boards/A").get_json()
    assert snapshot["as_of"] == recalled.id


def test_a_listener_that_comes_back_misses_nothing_and_hears_nothing_twice(served: Served) -> None:
    board = served.listen()
    for _ in range(5):
        served.office.walk_in("P")
    first = board.facts(3)
    board.close()
    for _ in range(4):
        served.office.walk_in("P")
    again = served.listen(Last_Event_ID=str(first[-1].id))
    rest = again.facts(6)
    numbers = [each.data["number"] for each in first + rest]
    assert numbers == [f"P{ordinal:03d}" for ordinal in range(1, 10)]
    served.office.walk_in("P")
    assert again.facts(1)[0].data["number"] == "P010"


def test_the_place_of_a_snapshot_continues_without_a_gap(served: Served) -> None:
    served.office.walk_in("P")
    served.settle()
    as_of = served.office.board.get("/boards/A").get_json()["as_of"]
    served.office.walk_in("P")
    listener = served.listen(topics=f"hall:A&after={as_of}")
    assert listener.facts(1)[0].data["number"] == "P002"


def test_facts_arrive_in_the_order_of_the_feed_while_many_write(served: Served) -> None:
    board = served.listen()
    kiosk = served.office.kiosk
    at_once(6, lambda _: [kiosk.post("/tickets", {"service": "P"}) for _ in range(5)])
    heard = board.facts(30)
    ids = [each.id or 0 for each in heard]
    assert ids == list(range(ids[0], ids[0] + 30))
    assert {each.data["number"] for each in heard} == {f"P{ordinal:03d}" for ordinal in range(1, 31)}


def test_only_the_topics_and_the_branch_asked_for_are_heard(served: Served) -> None:
    office = served.office
    counter = served.listen("counter:wroclaw:7", "counter:7")
    other_hall = served.listen("counter:wroclaw:20", "hall:B")
    elsewhere = served.listen("board:legnica", "hall:A,counter:1")
    office.walk_in("P")
    office.clerk(8).post("/counters/8/call-next")
    office.walk_in("P")
    office.clerk(7).post("/counters/7/call-next")
    assert [each.event for each in counter.facts(2)] == ["clerk.signed_in", "ticket.called"]
    office.clerk(20).post("/counters/20/state", {"state": "paused"})
    assert [each.data["counter"] for each in other_hall.facts(2)] == [20, 20]
    office.door("kiosk:legnica").post("/tickets", {"service": "N"})
    assert elsewhere.facts(1)[0].data["number"] == "N001"


def test_only_counters_hear_who_is_booked_and_for_which_hour(served: Served) -> None:
    screens = [served.listen(name, "hall:A") for name in ("board:wroclaw", "kiosk:wroclaw")]
    counter = served.listen("counter:wroclaw:7", "hall:A")
    served.office.arrive("P", "10:30")
    (told,) = (each.data for each in counter.facts(1))
    assert (told["lane"], told["appointment_at"]) == ("booked", "2026-11-23T09:30:00+00:00")
    for screen in screens:
        (heard,) = (each.data for each in screen.facts(1))
        assert set(heard) == {"hall", "ticket", "number", "service", "ahead", "at"}


@pytest.mark.parametrize("topics", ["hall:C", "counter:99", "counter:07", "hall:A,counter:99"])
def test_who_asks_for_a_topic_that_is_not_there_is_told_so(served: Served, topics: str) -> None:
    listener = served.listen("board:wroclaw", topics)
    assert (listener.status, listener.problem()["reason"]) == (404, "not_found")


def test_another_branch_has_no_topics_here(served: Served) -> None:
    listener = served.listen("board:legnica", "hall:B")
    assert (listener.status, listener.problem()["facts"]) == (404, {"what": "hall:B"})


@pytest.mark.parametrize("place", ["999999", "5000000000"])
def test_a_place_in_the_future_is_gone(served: Served, place: str) -> None:
    listener = served.listen(Last_Event_ID=place)
    assert (listener.status, listener.problem()["reason"]) == (410, "too_far_behind")


def test_a_place_too_far_behind_is_gone(
    office: SampleOffice, serve: Callable[..., Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "KEPT", 5)
    served = serve()
    board = served.listen()
    last = 0
    for _ in range(8):  # one by one: more than five at once would be too many for the open stream, too
        office.walk_in("P")
        last = board.facts(1)[0].id or 0
    assert served.listen(Last_Event_ID=str(last - 7)).status == 410
    near = served.listen(Last_Event_ID=str(last - 3))
    assert [each.id for each in near.facts(3)] == [last - 2, last - 1, last]


@pytest.mark.parametrize(
    ("topics", "place"),
    [
        ("", "1"),
        ("hall:", "1"),
        ("ticket:1", "1"),
        ("hall:A" + ",hall:A" * 10, "1"),
        ("hall:A", "x"),
        ("hall:A", "-1"),
    ],
)
def test_a_wrong_query_is_told(served: Served, topics: str, place: str) -> None:
    listener = served.listen(topics=topics, Last_Event_ID=place)
    assert (listener.status, listener.problem()["reason"]) == (422, "invalid_query")


def test_only_devices_and_clerks_may_listen(served: Served) -> None:
    assert served.listen(None).problem()["reason"] == "token_missing"
    refused = served.listen("integrator")
    assert (refused.status, refused.problem()["reason"]) == (403, "wrong_role")


def test_a_revoked_device_cannot_listen(served: Served) -> None:
    office = served.office
    device = office.one(Device, Device.name == "board:wroclaw")
    office.store.write(lambda session: devices.revoke(session, office.runtime.context(), device.id))
    refused = served.listen()
    assert (refused.status, refused.problem()["reason"]) == (401, "token_unknown")


def test_a_quiet_stream_is_pinged_with_the_servers_time(
    serve: Callable[..., Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stream.PING_SECONDS <= 5
    monkeypatch.setattr(stream, "PING_SECONDS", 0.05)
    board = serve().listen()
    # On PostgreSQL the fact of the set-up may be sealed only now; after it nothing happens.
    events = [board.next() for _ in range(4)]
    pings = [each for each in events if each.event != "office.changed"]
    assert len(pings) >= 3
    assert {each.event for each in pings} == {"ping"}
    assert pings[0].data == {"now": "2026-11-23T09:00:00.000+00:00"}
    assert pings[0].id is None


def test_one_listener_too_many_is_told_to_come_later(serve: Callable[..., Served]) -> None:
    served = serve(streams=2)
    served.listen("kiosk:wroclaw"), served.listen("counter:wroclaw:7")
    refused = served.listen()
    assert (refused.status, refused.problem()["reason"]) == (503, "too_many_streams")
    assert refused.response.headers["Retry-After"] == "5"


# The watch looks each second, so that a stream ends within two; a busy machine is given more.
CUT_WITHIN = 10.0


def is_cut(listener: Listener, within: float = CUT_WITHIN) -> bool:
    """Tell whether a stream ends in time; pings are passed over."""
    until = time.monotonic() + within
    try:
        while time.monotonic() < until:
            listener.next()
    except EOFError:
        return time.monotonic() < until
    return False


def test_of_a_devices_streams_the_newest_win_and_others_are_not_touched(
    serve: Callable[..., Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "PING_SECONDS", 0.05)
    served = serve(streams_each=3, streams=20)
    board = served.listen()
    many = [served.listen("kiosk:wroclaw") for _ in range(40)]
    assert all(is_cut(listener) for listener in many[:-3])
    served.office.walk_in("P")
    for listener in (*many[-3:], board):
        assert listener.facts(1)[0].data["number"] == "P001"


def test_a_device_comes_back_though_all_places_are_taken_by_itself(serve: Callable[..., Served]) -> None:
    served = serve(streams=2)
    first = served.listen()
    served.listen("kiosk:wroclaw")
    again = served.listen()
    assert again.status == 200
    assert is_cut(first)


def test_eight_streams_are_a_holders_by_default() -> None:
    assert Limits().streams_each == Settings().server.max_streams_each == 8


def _revoke(office: SampleOffice, name: str) -> None:
    device = office.one(Device, Device.name == name)
    office.store.write(lambda session: devices.revoke(session, office.runtime.context(), device.id))


def test_a_revoked_devices_stream_is_cut_and_no_other(served: Served) -> None:
    board, kiosk = served.listen(), served.listen("kiosk:wroclaw")
    _revoke(served.office, "board:wroclaw")
    assert is_cut(board)
    served.office.walk_in("P")
    assert kiosk.facts(1)[0].data["number"] == "P001"


def test_a_stream_by_a_token_that_was_replaced_is_cut(served: Served) -> None:
    board = served.listen()
    device = served.office.one(Device, Device.name == "board:wroclaw")
    context = served.office.runtime.context()
    served.office.store.write(lambda session: devices.give_token(session, context, device.id))
    assert is_cut(board)


def _clerks_stream(served: Served) -> tuple[Door, Listener]:
    door = served.office.clerk(7)
    served.office.tokens["clerk:7"] = door.token or ""
    return door, served.listen("clerk:7", "counter:7")


def test_a_clerks_stream_is_cut_after_they_signed_out(served: Served) -> None:
    door, listener = _clerks_stream(served)
    door.delete("/sessions/me")
    assert is_cut(listener)


def test_a_clerks_stream_is_cut_when_the_session_is_too_old_or_the_clerk_removed(served: Served) -> None:
    _, listener = _clerks_stream(served)
    served.office.clock.advance(hours=12, seconds=1)
    assert is_cut(listener)
    _, listener = _clerks_stream(served)
    served.office.store.write(
        lambda session: session.execute(update(User).values(disabled_at=served.office.clock.now()))
    )
    assert is_cut(listener)


def test_streams_stay_while_the_database_cannot_be_asked(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "PING_SECONDS", 0.05)
    board = served.listen()

    def gone(*_: object) -> None:
        raise StoreUnavailable("database_gone")

    with monkeypatch.context() as patch:
        patch.setattr("server.store.queries.access.principals.listeners", gone)
        assert not is_cut(board, within=2.0)


def test_a_listener_that_hung_up_makes_room(serve: Callable[..., Served]) -> None:
    served = serve(streams=1)
    served.listen("kiosk:wroclaw").close()
    until = time.monotonic() + 5
    while time.monotonic() < until:
        listener = served.listen()
        if listener.status == 200:
            return
        listener.problem()
    raise AssertionError("the place of a listener that hung up stays taken")


def test_a_stop_ends_the_streams_and_a_restart_resumes_them(
    office: SampleOffice, serve: Callable[..., Served]
) -> None:
    served = serve()
    board = served.listen()
    office.walk_in("P")
    last = board.facts(1)[0].id
    served._loop.call_soon_threadsafe(served.front.close_streams)
    with pytest.raises(EOFError):
        board.facts(99)
    office.walk_in("P")
    again = serve().listen(Last_Event_ID=str(last))
    assert again.facts(1)[0].data["number"] == "P002"


def test_a_listener_that_stopped_reading_is_dropped(
    office: SampleOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "STALLED_SECONDS", 0.05)

    async def play() -> float:
        async def send(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.body":
                await asyncio.Event().wait()

        async def receive() -> MutableMapping[str, Any]:
            await asyncio.Event().wait()
            return {}

        streams = Streams(Feed(office.store), office.clock, 10)
        began = time.monotonic()
        await asyncio.wait_for(
            streams.serve(Wish(frozenset({1}), frozenset({"hall:A"}), None), b"token", receive, send), 10
        )
        assert not streams._open
        return time.monotonic() - began

    assert asyncio.run(play()) < 5


def test_a_database_that_is_gone_is_told_to_a_listener(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise StoreUnavailable("database_gone", 2)

    with monkeypatch.context() as patch:
        patch.setattr("server.http.stream_admission.identify", gone)
        refused = served.listen()
    assert (refused.status, refused.problem()["reason"]) == (503, "database_gone")
    assert refused.response.headers["Retry-After"] == "2"


def test_nothing_goes_on_in_the_event_loop_when_the_last_stream_is_over(office: SampleOffice) -> None:
    async def play() -> set[str]:
        streams = Streams(Feed(office.store), office.clock, 10)
        gone = asyncio.Event()

        async def receive() -> MutableMapping[str, Any]:
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: MutableMapping[str, Any]) -> None:
            gone.set()

        await streams.serve(Wish(frozenset({1}), frozenset(), None), b"board", receive, send)
        await asyncio.sleep(0)
        return {task.get_name() for task in asyncio.all_tasks() - {asyncio.current_task()}}

    assert asyncio.run(play()) == set()
